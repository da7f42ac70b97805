//! From words, code and fields to the complexity: a sum of named factors.

use crate::code::CodeFacts;
use crate::cues::{Group, SIGNS};
use crate::learned::{self, Read};
use crate::lexicon::{
    GOES_ON, IS_ASKING, IS_FUNCTION, IS_ONE, IS_POLITE, IS_TEST, IS_UNIT, NAMES_WORK,
};
use crate::stems::{Found, tables};
use crate::text::{self, Word};
use crate::{Factor, Priority, Role, Task};

/// What the score says.
pub(crate) struct Scored {
    pub(crate) complexity: u8,
    pub(crate) factors: Vec<Factor>,
    pub(crate) security: bool,
    pub(crate) kind: String,
}

// The bases stand in the middle of the range that their tier serves: below 20, from 20, from 45, from 70.
const LIGHT: i32 = 8;
const ORDINARY: i32 = 28;
const DEEP: i32 = 34;
const QUESTION: i32 = 12;
const CHOICE: i32 = 16;
const UNKNOWN: i32 = 28;
/// The first cue of reasoning lifts an ordinary act into the third tier's range; further ones add less, and never reach the fourth.
const REASONING: (i32, i32, i32) = (26, 3, 31);
/// The first cue of stakes lifts an ordinary act into the fourth tier's range.
const STAKES: (i32, i32, i32) = (52, 6, 64);
/// The factor of what was said before; the model reads no more of it than a few words.
const MOMENTUM: &str = "momentum";
/// From this share on the model is taken not to rule the fourth tier out; chosen on tasks of sittings that it had not seen.
const DEAR: f32 = 0.1;
/// Says how hard a task is. `edit` tells that it is one of the booster's edits, or code alone.
pub(crate) fn score(task: &Task, words: &[Word<'_>], code: &CodeFacts, edit: bool) -> Scored {
    let mut factors = Vec::new();
    let mut security = false;
    let kind = kind(task, words);
    if edit {
        add(&mut factors, "source-edit", 2, Vec::new());
    } else if text::is_multiple_choice(&task.instruction) {
        // What such a question is about is no work to be done.
        add(&mut factors, "multiple-choice", CHOICE, Vec::new());
    } else {
        let act;
        (act, security) = by_rules(task, words, code, &kind, &mut factors);
        if !words.is_empty() && learned::is_known(words) {
            let (shares, said) = learned::shares(&Read {
                task,
                kind: &kind,
                words,
                code,
            });
            let rules: i32 = factors.iter().map(|factor| factor.points).sum();
            let points = learned::complexity(&shares, act == Some(Group::Light)) - rules;
            // Where the rules see work of two tiers above and the model does not rule the highest out, a mistake would be dear: they are met halfway.
            let follows = factors.iter().any(|factor| factor.name == MOMENTUM);
            let points = if points <= -35 && (shares[3] >= DEAR || follows) {
                points / 2
            } else {
                points
            };
            add(&mut factors, "learned", points, said);
        }
        fields(task, words, act, code, &mut factors, &mut security);
    }
    factors.sort_by(|a, b| {
        b.points
            .abs()
            .cmp(&a.points.abs())
            .then_with(|| a.name.cmp(&b.name))
    });
    let sum: i32 = factors.iter().map(|factor| factor.points).sum();
    Scored {
        complexity: u8::try_from(sum.clamp(0, 100)).unwrap_or(100),
        factors,
        security,
        kind,
    }
}

/// The factors of the rules over words; the act, and whether it touches security.
fn by_rules(
    task: &Task,
    words: &[Word<'_>],
    code: &CodeFacts,
    kind: &str,
    factors: &mut Vec<Factor>,
) -> (Option<Group>, bool) {
    let act = base(task, words, code, kind, factors);
    let security = matters(task, words, act, factors);
    momentum(task, words, factors);
    (act, security)
}

/// The model's places for a task, of the text and hand-made, or none where it is not asked.
#[cfg(feature = "training")]
pub(crate) fn places(
    task: &Task,
    words: &[Word<'_>],
    code: &CodeFacts,
) -> Option<crate::training::Places> {
    if words.is_empty() || text::is_multiple_choice(&task.instruction) {
        return None;
    }
    let read = Read {
        task,
        kind: &kind(task, words),
        words,
        code,
    };
    let mut places = crate::training::Places {
        text: Vec::new(),
        hand: Vec::new(),
        words: words
            .iter()
            .map(|word| learned::known_bit(word.hash))
            .collect(),
    };
    read.text(|_, place| places.text.push(place));
    read.hand(|place| places.hand.push(place));
    Some(places)
}

fn kind(task: &Task, words: &[Word<'_>]) -> String {
    if task.kind.is_empty() {
        kind_of(words)
    } else {
        task.kind.clone()
    }
}

fn add(factors: &mut Vec<Factor>, name: &str, points: i32, words: Vec<String>) {
    if points != 0 {
        factors.push(Factor {
            name: name.to_owned(),
            points,
            words,
        });
    }
}

/// The head act of the instruction and its base.
fn base(
    task: &Task,
    words: &[Word<'_>],
    code: &CodeFacts,
    kind: &str,
    factors: &mut Vec<Factor>,
) -> Option<Group> {
    if words.is_empty() {
        let points = kind_base(kind, code);
        add(
            factors,
            if kind.is_empty() {
                "nothing-known"
            } else {
                "kind"
            },
            points,
            if kind.is_empty() {
                vec![]
            } else {
                vec![kind.to_owned()]
            },
        );
        return None;
    }
    let (act, place) = head_act(words);
    let light_sign = !task.instruction.is_ascii()
        && SIGNS
            .iter()
            .any(|(group, sign)| *group == Group::Light && task.instruction.contains(sign));
    let act = if light_sign { Some(Group::Light) } else { act };
    let words_of =
        |place: Option<usize>| place.map_or_else(Vec::new, |at| vec![words[at].text.to_owned()]);
    // A test of one small function is one step.
    let small_test =
        task.kind.contains("test") && code.callable && code.lines <= 40 || is_small_test(words);
    match act {
        Some(Group::Light) => add(factors, "light-act", LIGHT, words_of(place)),
        Some(Group::Deep) => add(factors, "deep-act", DEEP, words_of(place)),
        Some(_) if small_test => add(factors, "one-step", LIGHT + 4, words_of(place)),
        Some(_) => add(factors, "act", ORDINARY, words_of(place)),
        None if is_question(task, words) => add(
            factors,
            "question",
            QUESTION,
            vec![words[0].text.to_owned()],
        ),
        None if small_test => add(factors, "one-step", LIGHT + 4, Vec::new()),
        None => add(factors, "nothing-known", UNKNOWN, Vec::new()),
    }
    act.or_else(|| (words.len() < 25 && is_question(task, words)).then_some(Group::Ordinary))
}

fn head_act(words: &[Word<'_>]) -> (Option<Group>, Option<usize>) {
    const LOOKED_AT: usize = 14;
    let tables = tables();
    // An act that is denied is none; the first that is meant counts, and a light noun right behind a general verb names the work:
    // "write a limerick", "add a docstring", "fix the typo".
    let mut head: Option<(Group, usize)> = None;
    let spoken = words
        .iter()
        .enumerate()
        .filter(|(_, word)| !word.in_code && !word.is(IS_POLITE));
    for (place, (at, word)) in spoken.take(LOOKED_AT).enumerate() {
        if word.negated {
            continue;
        }
        let act = tables
            .of(word.text)
            .iter()
            .filter(|stem| stem.fits(word.text))
            .find_map(|stem| tables.acts[usize::from(stem.id)]);
        match (act, head) {
            // A light act is one where it is asked for: at the beginning, not in the course of a description.
            (Some(Group::Light), None) if place > 7 && !word.is(NAMES_WORK) => {}
            (Some(group), None) => head = Some((group, at)),
            (Some(Group::Light), Some((Group::Ordinary, first)))
                if at - first <= 4 && word.is(NAMES_WORK) =>
            {
                head = Some((Group::Light, at));
            }
            _ => {}
        }
        if head.is_some_and(|(_, first)| at > first + 4) {
            break;
        }
    }
    (head.map(|(group, _)| group), head.map(|(_, at)| at))
}

fn is_small_test(words: &[Word<'_>]) -> bool {
    let said = words
        .iter()
        .filter(|word| !word.negated)
        .fold(0, |said, word| said | word.flags);
    [IS_UNIT, IS_TEST, IS_FUNCTION, IS_ONE]
        .iter()
        .all(|list| said & list != 0)
}

fn is_question(task: &Task, words: &[Word<'_>]) -> bool {
    words.len() < 25 && words[0].is(IS_ASKING) && task.instruction.contains(['?', '？'])
        || words.len() < 12 && ["what", "which", "who", "where", "when"].contains(&words[0].text)
}

/// What a kind alone says, where there are no words.
fn kind_base(kind: &str, code: &CodeFacts) -> i32 {
    let has = |part: &str| kind.contains(part);
    if has("security") || has("threat") || has("penetration") || has("vulnerab") {
        55
    } else if has("test") {
        if code.callable && code.lines <= 40 {
            LIGHT + 4
        } else {
            24
        }
    } else if has("format") || has("lint") || has("rename") || has("doc") || has("summar") {
        LIGHT
    } else if has("architect") || has("migrat") || has("incident") {
        60
    } else if has("refactor") || has("review") || has("debug") {
        ORDINARY + 4
    } else {
        UNKNOWN
    }
}

/// The kind that the first words show, the most telling first.
fn kind_of(words: &[Word<'_>]) -> String {
    const KINDS: [(&str, &[&str]); 5] = [
        ("generate-tests", &["test"]),
        ("review", &["review"]),
        ("refactor", &["refactor"]),
        ("document", &["docstring", "document", "readme"]),
        ("fix", &["fix", "bug", "debug"]),
    ];
    words
        .iter()
        .take(20)
        .filter(|word| !word.negated && !word.in_code)
        .filter(|word| matches!(word.text.as_bytes()[0], b't' | b'r' | b'd' | b'f' | b'b'))
        .filter_map(|word| {
            KINDS
                .iter()
                .position(|(_, stems)| stems.iter().any(|stem| word.text.starts_with(stem)))
        })
        .min()
        .map_or_else(String::new, |at| KINDS[at].0.to_owned())
}

/// What the task is about: reasoning, stakes, breadth. A light act is light whatever it is about.
fn matters(task: &Task, words: &[Word<'_>], act: Option<Group>, factors: &mut Vec<Factor>) -> bool {
    let tables = tables();
    let found = Found::new(words, tables);
    let mut by_group: [Vec<String>; 4] = Default::default();
    let slot = |group: Group| match group {
        Group::Reasoning => Some(0),
        Group::Stakes => Some(1),
        Group::Security => Some(2),
        Group::Breadth => Some(3),
        _ => None,
    };
    let mut used = std::collections::BTreeSet::new();
    // The matters whose first stem stands there, in the order of the tables.
    let mut begun: Vec<u16> = Vec::new();
    let mut last = None;
    for (stem, _) in &found.places {
        if last.replace(*stem) != Some(*stem) {
            begun.extend(&tables.begins[usize::from(*stem)]);
        }
    }
    begun.sort_unstable();
    for (group, stems) in begun.iter().map(|at| &tables.matters[usize::from(*at)]) {
        let Some(places) = found.cue(stems, words) else {
            continue;
        };
        // One place is one cue: "race condition" is not also "race".
        if !places.iter().all(|at| used.insert((*group as u8, *at))) {
            continue;
        }
        let said: Vec<&str> = places.iter().map(|at| words[*at].text).collect();
        if let Some(slot) = slot(*group) {
            by_group[slot].push(said.join(" "));
        }
    }
    // Those signs are no ASCII: most instructions need no search for them.
    let signs = if task.instruction.is_ascii() {
        &[][..]
    } else {
        SIGNS
    };
    for (group, sign) in signs {
        if let Some(slot) = slot(*group).filter(|_| task.instruction.contains(sign)) {
            by_group[slot].push((*sign).to_owned());
        }
    }
    if act == Some(Group::Light) {
        return false;
    }
    let [reasoning, stakes, security, breadth] = by_group;
    let is_security = !security.is_empty();
    let points = |(first, more, most): (i32, i32, i32), cues: usize| match cues {
        0 => 0,
        cues => (first + more * i32::try_from(cues - 1).unwrap_or(most)).min(most),
    };
    add(
        factors,
        "reasoning",
        points(REASONING, reasoning.len()),
        reasoning,
    );
    let dear = security.len() + stakes.len();
    if is_security {
        add(
            factors,
            "security",
            points(STAKES, dear),
            security.into_iter().chain(stakes).collect(),
        );
    } else {
        add(factors, "stakes", points(STAKES, dear), stakes);
    }
    add(
        factors,
        "breadth",
        if breadth.is_empty() { 0 } else { 14 },
        breadth,
    );
    is_security
}

/// "commit it" after hard work is part of the hard work.
fn momentum(task: &Task, words: &[Word<'_>], factors: &mut Vec<Factor>) {
    let short = !words.is_empty() && words.len() <= 6;
    if !short || !words.iter().any(|word| word.is(GOES_ON)) {
        return;
    }
    // What is agreed to is the heaviest of what was said last.
    const LOOKED_BACK: usize = 4;
    let code = CodeFacts {
        has_code: false,
        callable: false,
        lines: 0,
        language: "",
        tokens: 0,
    };
    let heaviest = task
        .history
        .iter()
        .rev()
        .filter(|message| matches!(message.role, Role::User | Role::Assistant))
        .map(|message| text::without_noise(&message.content))
        .filter(|said| said.split_whitespace().count() > 6)
        .take(LOOKED_BACK)
        .map(|before| {
            let lowered = text::lowered(&before);
            let said = text::words(&before, &lowered);
            let earlier = Task {
                instruction: before.clone().into_owned(),
                history: Vec::new(),
                files: Vec::new(),
                ..task.clone()
            };
            let mut factors = Vec::new();
            by_rules(&earlier, &said, &code, &kind(&earlier, &said), &mut factors);
            let sum: i32 = factors.iter().map(|factor| factor.points).sum();
            sum.clamp(0, 100)
        })
        .max();
    let Some(weight) = heaviest else { return };
    let now: i32 = factors.iter().map(|factor| factor.points).sum();
    add(factors, MOMENTUM, (weight - now).max(0), Vec::new());
}

/// What the caller says in fields, by the points of the system that this one follows. Beside words, a domain weighs half.
fn fields(
    task: &Task,
    words: &[Word<'_>],
    act: Option<Group>,
    code: &CodeFacts,
    factors: &mut Vec<Factor>,
    security: &mut bool,
) {
    let files = task
        .file_count
        .max(u32::try_from(task.files.len()).unwrap_or(u32::MAX));
    let light = act == Some(Group::Light);
    add(
        factors,
        "file-count",
        match files {
            0..=5 => 0,
            6..=10 => 10,
            11..=20 => 20,
            _ => 25,
        },
        Vec::new(),
    );
    let domain = match task.domain.as_str() {
        "security-compliance" | "chaos-resilience" | "defect-intelligence" => 30,
        "code-intelligence"
        | "contract-testing"
        | "quality-assessment"
        | "learning-optimization" => 15,
        _ => 0,
    };
    let domain = if light {
        0
    } else if words.is_empty() {
        domain
    } else {
        domain / 3
    };
    add(factors, "domain", domain, vec![task.domain.clone()]);
    const HARD: [&str; 8] = [
        "sast",
        "dast",
        "vulnerability",
        "owasp",
        "chaos-testing",
        "resilience",
        "fault-injection",
        "mutation-testing",
    ];
    let hard: Vec<String> = task
        .capabilities
        .iter()
        .filter(|own| HARD.contains(&own.as_str()))
        .cloned()
        .collect();
    let points = i32::try_from(hard.len().min(2)).unwrap_or(2) * 10;
    *security |= hard.iter().any(|own| HARD[..4].contains(&own.as_str()))
        || words.is_empty()
            && (task.kind.contains("security") || task.domain == "security-compliance");
    add(factors, "capabilities", points, hard);
    add(
        factors,
        "priority",
        match task.priority {
            Priority::Critical => 20,
            Priority::High => 10,
            _ => 0,
        },
        Vec::new(),
    );
    add(
        factors,
        "cross-component",
        if task.cross_component { 20 } else { 0 },
        Vec::new(),
    );
    add(
        factors,
        "external-apis",
        if task.external_apis { 10 } else { 0 },
        Vec::new(),
    );
    add(
        factors,
        "database",
        if task.database { 10 } else { 0 },
        Vec::new(),
    );
    add(
        factors,
        "time-sensitive",
        if task.time_sensitive { 5 } else { 0 },
        Vec::new(),
    );
    let lines = match code.lines {
        0..=200 => 0,
        201..=500 => 10,
        _ => 15,
    };
    add(
        factors,
        "code-length",
        if light { 0 } else { lines },
        Vec::new(),
    );
}
