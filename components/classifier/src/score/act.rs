//! What a task asks to be done: the act that stands first, and its kind.

use super::{LIGHT, ORDINARY, UNKNOWN, add};
use crate::code::CodeFacts;
use crate::cues::Group;
use crate::lexicon::{IS_ASKING, IS_FUNCTION, IS_ONE, IS_POLITE, IS_TEST, IS_UNIT, NAMES_WORK};
use crate::stems::tables;
use crate::text::{Said, Word};
use crate::{Factor, Task};

const DEEP: i32 = 34;

const QUESTION: i32 = 12;

pub(super) fn kind(task: &Task, words: &[Word<'_>]) -> String {
    if task.kind.is_empty() {
        kind_of(words)
    } else {
        task.kind.clone()
    }
}

/// The head act of the instruction and its base. `signs` are those that are looked for in it.
pub(super) fn base(
    task: &Task,
    said: Said<'_>,
    code: &CodeFacts,
    kind: &str,
    signs: &[(Group, &str)],
    factors: &mut Vec<Factor>,
) -> Option<Group> {
    let words = said.words;
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
    let light_sign = signs
        .iter()
        .any(|(group, sign)| *group == Group::Light && said.text.contains(sign));
    let act = if light_sign { Some(Group::Light) } else { act };
    let words_of =
        |place: Option<usize>| place.map_or_else(Vec::new, |at| vec![words[at].text.to_owned()]);
    // A test of one small function is one step.
    let small_test =
        task.kind.contains("test") && code.callable && code.lines <= 40 || is_small_test(said);
    match act {
        Some(Group::Light) => add(factors, "light-act", LIGHT, words_of(place)),
        Some(Group::Deep) => add(factors, "deep-act", DEEP, words_of(place)),
        Some(_) if small_test => add(factors, "one-step", LIGHT + 4, words_of(place)),
        Some(_) => add(factors, "act", ORDINARY, words_of(place)),
        None if is_question(said) => add(
            factors,
            "question",
            QUESTION,
            vec![words[0].text.to_owned()],
        ),
        None if small_test => add(factors, "one-step", LIGHT + 4, Vec::new()),
        None => add(factors, "nothing-known", UNKNOWN, Vec::new()),
    }
    act.or_else(|| (words.len() < 25 && is_question(said)).then_some(Group::Ordinary))
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
            .of(word)
            .iter()
            .filter(|stem| stem.fits(word))
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

/// Where the verb stands by which a text that follows is only to be told otherwise: "Summarise the following postmortem", "Turn this paragraph into
/// bullets:". What the text is about makes that no harder.
pub(super) fn retelling(said: Said<'_>) -> Option<usize> {
    let words = said.words;
    const FEW: usize = 40;
    const LEAD: usize = 160;
    const VERBS: [&str; 15] = [
        "summari",
        "translat",
        "paraphras",
        "shorten",
        "proofread",
        "rephrase",
        "reword",
        "tldr",
        "condense",
        "übersetz",
        "zusammenfass",
        "résume",
        "resumir",
        "tradui",
        "traduc",
    ];
    const TURNS: [&str; 4] = ["turn", "rewrite", "put", "make"];
    const TEXTS: [&str; 8] = [
        "paragraph",
        "text",
        "passage",
        "notes",
        "minutes",
        "email",
        "transcript",
        "article",
    ];
    if words.len() <= FEW {
        return None;
    }
    let at = words.iter().take(4).position(|word| !word.is(IS_POLITE))?;
    let verb = &words[at];
    let turns = TURNS.contains(&verb.text)
        && words[at + 1..]
            .iter()
            .take(3)
            .any(|word| TEXTS.contains(&word.text));
    let tells = VERBS.iter().any(|stem| verb.text.starts_with(stem));
    let leads = || {
        let mut lead = said.text.chars().take(LEAD);
        lead.any(|c| matches!(c, ':' | '\n'))
    };
    ((turns || tells) && !verb.negated && !verb.in_code && leads()).then_some(at)
}

fn is_small_test(said: Said<'_>) -> bool {
    let all_in = |flags| {
        [IS_UNIT, IS_TEST, IS_FUNCTION, IS_ONE]
            .iter()
            .all(|list| flags & list != 0)
    };
    let asked = said.words.iter().filter(|word| !word.negated);
    all_in(said.flags) && all_in(asked.fold(0, |flags, word| flags | word.flags))
}

fn is_question(said: Said<'_>) -> bool {
    let words = said.words;
    words.len() < 25 && words[0].is(IS_ASKING) && said.text.contains(['?', '？'])
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
