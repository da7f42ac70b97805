//! From words, code and fields to the complexity: a sum of named factors.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::code::CodeFacts;
use crate::cues::{ACTS, Group, MATTERS, POLITE, SIGNS};
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
const DEEP: i32 = 38;
const QUESTION: i32 = 12;
const UNKNOWN: i32 = 30;
/// The first cue of reasoning lifts an ordinary act into the third tier's range; further ones add less, and never reach the fourth.
const REASONING: (i32, i32, i32) = (20, 4, 28);
/// The first cue of stakes lifts an ordinary act into the fourth tier's range.
const STAKES: (i32, i32, i32) = (44, 6, 60);
/// How many words apart the stems of one cue may stand.
const WINDOW: usize = 6;

/// A stem of the tables and the cues that it is part of.
struct Stem {
    text: &'static str,
    whole: bool,
    id: u16,
}

impl Stem {
    fn fits(&self, word: &str) -> bool {
        if self.whole {
            word == self.text
        } else {
            word.starts_with(self.text)
        }
    }
}

struct Tables {
    /// By first byte.
    /// By first byte: a place for each of the 256.
    stems: Vec<Vec<Stem>>,
    /// The act that a stem stands for, by the stem's number.
    acts: Vec<Option<Group>>,
    matters: Vec<(Group, Vec<u16>)>,
    count: usize,
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut ids: BTreeMap<&'static str, u16> = BTreeMap::new();
        let mut id = |stem: &'static str| {
            let next = u16::try_from(ids.len()).unwrap_or(u16::MAX);
            *ids.entry(stem).or_insert(next)
        };
        let listed: Vec<(Group, u16)> = ACTS
            .iter()
            .flat_map(|(group, list)| list.split(' ').map(|stem| (*group, stem)))
            .map(|(group, stem)| (group, id(stem)))
            .collect();
        let matters = MATTERS
            .iter()
            .flat_map(|(group, list)| list.split(' ').map(|cue| (*group, cue)))
            .map(|(group, cue)| (group, cue.split('+').map(&mut id).collect()))
            .collect();
        let mut acts = vec![None; ids.len()];
        // Where a stem is listed twice the first listing counts.
        for (group, id) in listed.into_iter().rev() {
            acts[usize::from(id)] = Some(group);
        }
        let mut stems: Vec<Vec<Stem>> = (0..256).map(|_| Vec::new()).collect();
        for (&written, &id) in &ids {
            let (whole, text) = written
                .strip_prefix('=')
                .map_or((false, written), |text| (true, text));
            let first = text.as_bytes().first().copied().unwrap_or(0);
            stems[usize::from(first)].push(Stem { text, whole, id });
        }
        Tables {
            stems,
            acts,
            matters,
            count: ids.len(),
        }
    })
}

/// Where each stem stands among the words.
struct Found {
    places: Vec<Vec<u32>>,
}

impl Found {
    fn new(words: &[Word<'_>], tables: &Tables) -> Found {
        let mut places = vec![Vec::new(); tables.count];
        for (at, word) in words
            .iter()
            .enumerate()
            .filter(|(_, word)| !word.negated && !word.in_code)
        {
            let Some(stems) = word
                .text
                .as_bytes()
                .first()
                .map(|first| &tables.stems[usize::from(*first)])
            else {
                continue;
            };
            for stem in stems {
                if stem.fits(word.text) {
                    places[usize::from(stem.id)].push(u32::try_from(at).unwrap_or(u32::MAX));
                }
            }
        }
        Found { places }
    }

    /// The places of a cue's stems, close to each other in one sentence.
    fn cue(&self, stems: &[u16], words: &[Word<'_>]) -> Option<Vec<usize>> {
        let first = self.places.get(usize::from(*stems.first()?))?;
        first.iter().map(|&at| at as usize).find_map(|start| {
            let mut at = vec![start];
            for stem in &stems[1..] {
                let next = self.places[usize::from(*stem)]
                    .iter()
                    .map(|&at| at as usize)
                    .find(|&next| {
                        next != start
                            && next.abs_diff(start) <= WINDOW
                            && words[next].sentence == words[start].sentence
                    })?;
                at.push(next);
            }
            Some(at)
        })
    }
}

/// Says how hard a task is. `edit` tells that it is one of the booster's edits, or code alone.
pub(crate) fn score(task: &Task, words: &[Word<'_>], code: &CodeFacts, edit: bool) -> Scored {
    let mut factors = Vec::new();
    let mut security = false;
    let kind = if task.kind.is_empty() {
        kind_of(words)
    } else {
        task.kind.clone()
    };
    if edit {
        add(&mut factors, "source-edit", 2, Vec::new());
    } else {
        let act = base(task, words, code, &kind, &mut factors);
        security = matters(task, words, act, &mut factors);
        momentum(task, words, &mut factors);
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
        .filter(|(_, word)| !word.in_code && !POLITE.contains(&word.text));
    for (at, word) in spoken.take(LOOKED_AT) {
        if word.negated {
            continue;
        }
        let Some(stems) = word
            .text
            .as_bytes()
            .first()
            .map(|first| &tables.stems[usize::from(*first)])
        else {
            continue;
        };
        let act = stems
            .iter()
            .filter(|stem| stem.fits(word.text))
            .find_map(|stem| tables.acts[usize::from(stem.id)]);
        match (act, head) {
            (Some(group), None) => head = Some((group, at)),
            (Some(Group::Light), Some((Group::Ordinary, first)))
                if at - first <= 4 && names_work(word.text) =>
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

/// Nouns that are the whole work of the verb before them.
fn names_work(word: &str) -> bool {
    const NOUNS: &[&str] = &[
        "limerick",
        "poem",
        "haiku",
        "joke",
        "summary",
        "tldr",
        "docstring",
        "docstrings",
        "typo",
        "typos",
        "regex",
        "regexp",
        "comment",
        "changelog",
        "readme",
        "jsdoc",
        "slogan",
        "tweet",
        "email",
        "translation",
    ];
    NOUNS.contains(&word)
}

fn is_small_test(words: &[Word<'_>]) -> bool {
    let has = |text: &str| words.iter().any(|word| word.text == text && !word.negated);
    (has("unit") && (has("test") || has("tests")))
        && (has("function") || has("helper") || has("method"))
        && (has("one") || has("this") || has("pure") || has("a") || has("the"))
}

fn is_question(task: &Task, words: &[Word<'_>]) -> bool {
    const ASKING: &[&str] = &[
        "what", "what's", "which", "who", "when", "where", "is", "are", "does", "do", "how", "can",
        "was", "wer", "wie", "why", "warum", "qué", "quel", "quelle", "cuál",
    ];
    words.len() < 25 && ASKING.contains(&words[0].text) && task.instruction.contains(['?', '？'])
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

fn kind_of(words: &[Word<'_>]) -> String {
    let has = |stem: &str| {
        words
            .iter()
            .take(20)
            .any(|word| !word.negated && !word.in_code && word.text.starts_with(stem))
    };
    let kind = if has("test") {
        "generate-tests"
    } else if has("review") {
        "review"
    } else if has("refactor") {
        "refactor"
    } else if has("docstring") || has("document") || has("readme") {
        "document"
    } else if has("fix") || has("bug") || has("debug") {
        "fix"
    } else {
        ""
    };
    kind.to_owned()
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
    for (group, stems) in &tables.matters {
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
    const GO_ON: &[&str] = &[
        "continue",
        "it",
        "that",
        "this",
        "yes",
        "ok",
        "okay",
        "next",
        "again",
        "proceed",
        "go",
        "weiter",
        "ja",
        "oui",
        "sí",
        "sigue",
        "continúa",
        "same",
    ];
    const HALF: i32 = 2;
    let short = !words.is_empty() && words.len() <= 6;
    if !short || !words.iter().any(|word| GO_ON.contains(&word.text)) {
        return;
    }
    let before = task
        .history
        .iter()
        .rev()
        .filter(|message| message.role == Role::User)
        .map(|message| text::without_noise(&message.content))
        .find(|said| said.split_whitespace().count() > 6);
    let Some(before) = before else { return };
    let lowered = before.to_lowercase();
    let said = text::words(&before, &lowered);
    let earlier = Task {
        instruction: before.into_owned(),
        history: Vec::new(),
        ..task.clone()
    };
    let code = CodeFacts {
        has_code: false,
        callable: false,
        lines: 0,
        language: "",
        tokens: 0,
    };
    let weight = i32::from(score(&earlier, &said, &code, false).complexity);
    let now: i32 = factors.iter().map(|factor| factor.points).sum();
    add(
        factors,
        "momentum",
        ((weight - now) / HALF).max(0),
        Vec::new(),
    );
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
