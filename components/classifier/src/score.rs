//! From words, code and fields to the complexity: a sum of named factors.

mod act;
pub(crate) mod choice;
mod fields;
mod problem;

use act::{base, kind, retelling};
use fields::fields;

use crate::code::CodeFacts;
use crate::cues::{Group, SIGNS};
use crate::learned::{self, Read};
use crate::lexicon::GOES_ON;
use crate::noise;
use crate::stems::{Found, tables};
use crate::text::{self, Said};
use crate::{Factor, Role, Task};

/// What the score says.
pub(crate) struct Scored {
    pub(crate) complexity: u8,
    pub(crate) factors: Vec<Factor>,
    pub(crate) security: bool,
    pub(crate) kind: String,
    /// Of the answers to choose from, if there are any.
    pub(crate) form: choice::Form,
}

// The bases stand in the middle of the range that their tier serves: below 20, from 20, from 45, from 70.
const LIGHT: i32 = 8;
/// A question with answers to choose from, or a word problem: long ones reach the second tier's range by their reading load.
const PUZZLE: i32 = 16;
const ORDINARY: i32 = 28;
const UNKNOWN: i32 = 28;
/// The first cue of reasoning lifts an ordinary act into the third tier's range; further ones add less, and never reach the fourth.
const REASONING: (i32, i32, i32) = (26, 3, 31);
/// The first cue of stakes lifts an ordinary act into the fourth tier's range.
const STAKES: (i32, i32, i32) = (52, 6, 64);
/// What closing a known hole adds, and the factor's name.
const CLOSING: i32 = 10;
const SECURITY_FIX: &str = "security-fix";
/// The factor of what was said before; the model reads no more of it than a few words.
const MOMENTUM: &str = "momentum";
/// From this share on the model is taken not to rule the fourth tier out; chosen on tasks of sittings that it had not seen.
const DEAR: f32 = 0.1;

/// Says how hard a task is. `edit` tells that it is one of the booster's edits, or code alone.
pub(crate) fn score(task: &Task, said: Said<'_>, code: &CodeFacts, edit: bool) -> Scored {
    let words = said.words;
    let mut factors = Vec::new();
    let mut security = false;
    let mut form = choice::Form::default();
    let kind = kind(task, words);
    if edit {
        add(&mut factors, "source-edit", 2, Vec::new());
    } else if let Some(found) = choice::form(said) {
        add(&mut factors, "multiple-choice", PUZZLE, Vec::new());
        form = found;
    } else if let Some(asked) = problem::asks(task, said) {
        add(&mut factors, "word-problem", PUZZLE, asked);
    } else if let Some(at) = retelling(said) {
        add(
            &mut factors,
            "light-act",
            LIGHT,
            vec![words[at].text.to_owned()],
        );
    } else {
        let act;
        (act, security) = by_rules(task, said, code, &kind, &mut factors);
        if !words.is_empty() && learned::is_known(words) {
            let (shares, spoke) = learned::shares(&Read {
                task,
                kind: &kind,
                said,
                code,
            });
            let rules: i32 = factors.iter().map(|factor| factor.points).sum();
            let points = learned::complexity(&shares, act == Some(Group::Light)) - rules;
            // Where the rules see work of two tiers above and the model does not rule the highest out, a mistake would be dear: they are met halfway.
            let follows = factors.iter().any(|factor| factor.name == MOMENTUM);
            // A known hole is never the smallest model's to close.
            let points = if factors.iter().any(|factor| factor.name == SECURITY_FIX) {
                points.max(ORDINARY - rules)
            } else {
                points
            };
            let points = if points <= -35 && (shares[3] >= DEAR || follows) {
                points / 2
            } else {
                points
            };
            add(&mut factors, "learned", points, spoke);
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
        form,
    }
}

/// The factors of the rules over words; the act, and whether it touches security.
fn by_rules(
    task: &Task,
    said: Said<'_>,
    code: &CodeFacts,
    kind: &str,
    factors: &mut Vec<Factor>,
) -> (Option<Group>, bool) {
    // Signs of scripts without spaces are no ASCII: most instructions need no search for them.
    let signs = if said.counts.is_ascii { &[][..] } else { SIGNS };
    let act = base(task, said, code, kind, signs, factors);
    let security = matters(said, act, signs, factors);
    momentum(task, said.words, factors);
    (act, security)
}

/// The model's places for a task, of the text and hand-made, or none where it is not asked.
#[cfg(feature = "training")]
pub(crate) fn places(
    task: &Task,
    said: Said<'_>,
    code: &CodeFacts,
) -> Option<crate::training::Places> {
    let words = said.words;
    if words.is_empty() || choice::form(said).is_some() || problem::asks(task, said).is_some() {
        return None;
    }
    let read = Read {
        task,
        kind: &kind(task, words),
        said,
        code,
    };
    let mut places = crate::training::Places {
        text: Vec::new(),
        hand: Vec::new(),
        words: learned::read_words(words)
            .map(|word| learned::known_bit(word.hash))
            .collect(),
    };
    read.text(&mut places);
    read.hand(|place| places.hand.push(place));
    Some(places)
}

#[cfg(feature = "training")]
impl learned::Takes for crate::training::Places {
    fn place(&mut self, place: u32) {
        self.text.push(place);
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

/// What the task is about: reasoning, stakes, breadth. A light act is light whatever it is about.
fn matters(
    said: Said<'_>,
    act: Option<Group>,
    signs: &[(Group, &str)],
    factors: &mut Vec<Factor>,
) -> bool {
    let words = said.words;
    let tables = tables();
    let found = Found::new(words, tables);
    let mut by_group: [Vec<String>; 5] = Default::default();
    let slot = |group: Group| match group {
        Group::Reasoning => Some(0),
        Group::Stakes => Some(1),
        Group::Security => Some(2),
        Group::Breadth => Some(3),
        Group::Hole => Some(4),
        _ => None,
    };
    let mut used = std::collections::BTreeSet::new();
    // The matters whose first stem stands there, in the order of the tables.
    let mut begun: Vec<u16> = Vec::new();
    for stem in found.stems() {
        begun.extend(&tables.begins[stem]);
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
        let cue: Vec<&str> = places.iter().map(|at| words[*at].text).collect();
        if let Some(slot) = slot(*group) {
            by_group[slot].push(cue.join(" "));
        }
    }
    for (group, sign) in signs {
        if let Some(slot) = slot(*group).filter(|_| said.text.contains(sign)) {
            by_group[slot].push((*sign).to_owned());
        }
    }
    if act == Some(Group::Light) {
        return false;
    }
    let [reasoning, stakes, security, breadth, holes] = by_group;
    let is_security = !security.is_empty();
    let closes = !is_security && !holes.is_empty();
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
    if closes {
        add(factors, SECURITY_FIX, CLOSING, holes);
    }
    add(
        factors,
        "breadth",
        if breadth.is_empty() { 0 } else { 14 },
        breadth,
    );
    is_security || closes
}

/// "commit it" after hard work is part of the hard work.
fn momentum(task: &Task, words: &[text::Word<'_>], factors: &mut Vec<Factor>) {
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
        .map(|message| noise::without_noise(&message.content))
        .filter(|before| before.text.split_whitespace().count() > 6)
        .take(LOOKED_BACK)
        .map(|before| {
            let lowered = text::Lowered::new(&before);
            let words = text::words(&before, &lowered);
            let said = words.of(&before);
            let earlier = Task {
                history: Vec::new(),
                files: Vec::new(),
                ..task.clone()
            };
            let mut factors = Vec::new();
            by_rules(
                &earlier,
                said,
                &code,
                &kind(&earlier, said.words),
                &mut factors,
            );
            let sum: i32 = factors.iter().map(|factor| factor.points).sum();
            sum.clamp(0, 100)
        })
        .max();
    let Some(weight) = heaviest else { return };
    let now: i32 = factors.iter().map(|factor| factor.points).sum();
    add(factors, MOMENTUM, (weight - now).max(0), Vec::new());
}
