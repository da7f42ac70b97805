//! Questions with answers to choose from.
//!
//! What such a question is about is no work to be done, so its words say nothing of its tier. The form of its answers says a little of what a dearer
//! model would gain: more where they are nearly alike, so that a small difference has to be seen; less where they are the results of sums or
//! are formulae, which both models get or neither. That is no complexity: it does not say how well one model alone does. The form of the question
//! (its first word, negation, a sentence left open, a story, a passage to read) is not read: it tells subjects apart, and what
//! was learned from 71 such features made the order worse where whole subjects were left out.

use crate::bytes::MIX;
use crate::text::Said;

/// So many answers at least, by which it is told.
const FEWEST: usize = 3;
/// So many answers are compared with each other, and so many words of each.
const COMPARED: usize = 8;
const WORDS: usize = 64;
/// How much alike the two closest answers usually are.
const USUAL: f32 = 0.35;

/// How the answers to choose from are put.
#[derive(Clone, Copy, Default)]
pub(crate) struct Form {
    /// The largest share of words that two answers have in common, around what is usual.
    pub(crate) alike: f32,
    /// The share of answers with numbers in them, where the question has numbers to reckon with; else they are facts to be known, and it is 0.
    pub(crate) sums: f32,
    /// The share of answers with signs of formulae in them.
    pub(crate) formulae: f32,
}

/// The form of a text that is such a question: lines that begin with `A.`, `B.` and so on.
pub(crate) fn form(said: Said<'_>) -> Option<Form> {
    let text = said.text;
    if said.counts.newlines < 2 {
        return None;
    }
    let mut answers: Vec<&str> = Vec::new();
    let mut question = "";
    let mut next = b'a';
    let mut before = 0;
    for line in text.split_inclusive('\n') {
        let own = line.trim_start().trim_start_matches('(');
        if let &[letter, b'.' | b')', ..] = own.as_bytes()
            && letter.to_ascii_lowercase() == next
        {
            if answers.is_empty() {
                question = &text[..before];
            }
            answers.push(&own[2..]);
            next += 1;
        }
        before += line.len();
    }
    (answers.len() >= FEWEST).then(|| read(question, &answers))
}

fn read(question: &str, answers: &[&str]) -> Form {
    let has_number = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    let share = |is_such: &dyn Fn(&str) -> bool| {
        let such = answers.iter().filter(|answer| is_such(answer)).count();
        such as f32 / answers.len() as f32
    };
    let is_sign = |byte| matches!(byte, b'=' | b'^' | b'<' | b'>' | b'\\');
    Form {
        alike: most_alike(answers) - USUAL,
        sums: if has_number(question) {
            share(&has_number)
        } else {
            0.0
        },
        formulae: share(&|answer| answer.bytes().any(is_sign)),
    }
}

/// The share of words that the two closest answers have in common, of all that they have (Jaccard 1901).
fn most_alike(answers: &[&str]) -> f32 {
    let sets: Vec<Vec<u64>> = answers
        .iter()
        .take(COMPARED)
        .map(|answer| {
            let mut set: Vec<u64> = answer
                .split(|sign: char| !sign.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .take(WORDS)
                .map(hash)
                .collect();
            set.sort_unstable();
            set.dedup();
            set
        })
        .collect();
    let pairs = (0..sets.len()).flat_map(|at| sets[at + 1..].iter().map(move |other| (at, other)));
    pairs
        .map(|(at, other)| in_common(&sets[at], other))
        .fold(0.0, f32::max)
}

/// Of words in whatever case.
fn hash(word: &str) -> u64 {
    word.bytes().fold(0, |hash: u64, byte| {
        (hash.rotate_left(5) ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(MIX)
    })
}

fn in_common(a: &[u64], b: &[u64]) -> f32 {
    let both = a
        .iter()
        .filter(|word| b.binary_search(word).is_ok())
        .count();
    let all = a.len() + b.len() - both;
    if all == 0 {
        0.0
    } else {
        both as f32 / all as f32
    }
}
