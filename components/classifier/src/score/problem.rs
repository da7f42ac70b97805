//! Word problems: a story with quantities in it that ends by asking for one more.
//!
//! What such a story is about makes it no harder; how much there is to hold together while reading does, and that the router reads from the
//! features. They are told by their form, in English alone; nothing here knows how one is solved.

use crate::Task;
use crate::bytes::count;
use crate::lexicon::{IS_MEASURE, IS_NUMBER, IS_QUANTITY, IS_STATE, WANTS_REASONS};
use crate::text::{Said, Word};

/// Longer texts, in bytes, are material with a question, not a story.
const LONGEST: usize = 1_500;
/// So many quantities are told at least; a question of fact tells none or one.
const FEWEST: usize = 2;
/// What may stand behind the question, in bytes with its brackets: "(Round to the nearest integer.)"
const ASIDE: usize = 120;

/// The words that ask for a quantity, where the instruction is a word problem.
pub(super) fn asks(task: &Task, said: Said<'_>) -> Option<Vec<String>> {
    let words = said.words;
    let text = said.text.trim();
    if text.len() > LONGEST || !task.files.is_empty() {
        return None;
    }
    let story = without_aside(text);
    let told = words
        .len()
        .checked_sub(words_within(&text[story.len()..]))?;
    let last = words[..told].last()?;
    let from = words.partition_point(|word| word.sentence < last.sentence);
    let question = &words[from..told];
    let (asks, measure) = asked(question)?;
    // Who wants reasons has other work than a sum, and so has who speaks of "our" things.
    let is_other = words.iter().any(|word| word.is(WANTS_REASONS));
    let signs = |byte| matches!(byte, b'`' | b'{' | b'}' | b'<' | b'>' | b'_' | b'=' | b';');
    let numbers = words.iter().filter(|word| is_number(word)).count();
    let ends = story.ends_with('?') || question[asks].text == CALCULATE;
    (ends
        && !is_other
        && numbers >= FEWEST
        && said.counts.questions <= 1
        && count(text.as_bytes(), signs) == 0)
        .then(|| {
            [asks, measure]
                .map(|at| question[at].text.to_owned())
                .into()
        })
}

const CALCULATE: &str = "calculate";

/// The text without what stands in brackets at its end.
fn without_aside(text: &str) -> &str {
    match text.strip_suffix(')').and_then(|text| text.rfind('(')) {
        Some(at) if text.len() - at <= ASIDE => text[..at].trim_end(),
        _ => text,
    }
}

/// How many words a short text has.
fn words_within(aside: &str) -> usize {
    aside
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .count()
}

/// Where the sentence asks for a quantity and nothing else: "how many", "how much more", "what is the total", "calculate the number".
fn asked(question: &[Word<'_>]) -> Option<(usize, usize)> {
    let measured = |at: usize| {
        (at + 1..=at + 2).find(|next| question.get(*next).is_some_and(|word| word.is(IS_MEASURE)))
    };
    let asks_more = question
        .iter()
        .enumerate()
        .any(|(at, word)| match word.text {
            "which" | "where" | "where's" => true,
            "how" => measured(at).is_none(),
            _ => false,
        });
    if asks_more {
        return None;
    }
    let quantity = |from: usize| {
        let after = question.get(from..)?;
        Some(from + after.iter().position(|word| word.is(IS_QUANTITY))?)
    };
    question.iter().enumerate().find_map(|(at, word)| {
        let measure = match word.text {
            "how" => measured(at)?,
            "what" if question.get(at + 1)?.is(IS_STATE) => quantity(at + 1)?,
            "what's" | CALCULATE => quantity(at + 1)?,
            _ => return None,
        };
        // "The difference between the two" may be any.
        let is_vague = question[measure].text == "difference"
            && question
                .get(measure + 1)
                .is_some_and(|word| word.text == "between");
        (!is_vague).then_some((at, measure))
    })
}

fn is_number(word: &Word<'_>) -> bool {
    word.is(IS_NUMBER) || word.text.as_bytes()[0].is_ascii_digit()
}
