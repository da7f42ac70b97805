//! From what a person said to its words: quotations, code and logs are told apart. It does not weigh words.

mod lines;

use std::ops::Range;

use crate::bytes::{BLOCK, Counts};
use crate::lexicon::{ENDS_NEGATION, Flags, IS_NEGATION, IS_ONLY, Reader};
use crate::noise::Plain;
use lines::LineReader;

/// A word as it counts.
#[derive(Debug, PartialEq)]
pub(crate) struct Word<'a> {
    /// In lower case.
    pub(crate) text: &'a str,
    /// Which sentence or line it stands in, from 0.
    pub(crate) sentence: u32,
    /// It stands in inline code.
    pub(crate) in_code: bool,
    /// A negation stands close before it in its sentence.
    pub(crate) negated: bool,
    /// Its first eight bytes, the first one lowest; zeros behind a shorter word.
    pub(crate) first: u64,
    /// The hash of its bytes.
    pub(crate) hash: u64,
    /// What the lexicon says of it.
    pub(crate) flags: Flags,
}

impl Word<'_> {
    /// Whether it is in one of the lexicon's lists.
    pub(crate) fn is(&self, list: Flags) -> bool {
        self.flags & list != 0
    }
}

/// What a person said, and its words.
#[derive(Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) text: &'a str,
    pub(crate) counts: Counts,
    pub(crate) words: &'a [Word<'a>],
    /// What the lexicon says of any of the words.
    pub(crate) flags: Flags,
}

/// The words of a text.
pub(crate) struct Words<'a> {
    pub(crate) list: Vec<Word<'a>>,
    /// What the lexicon says of any of them.
    flags: Flags,
}

impl Words<'_> {
    /// The words with the text that they are of.
    pub(crate) fn of<'s>(&'s self, plain: &'s Plain<'_>) -> Said<'s> {
        Said {
            text: &plain.text,
            counts: plain.counts,
            words: &self.list,
            flags: self.flags,
        }
    }
}

/// The words outside of fenced code, quotations and traces, in order. `lowered` is the text in lower case: the words are pieces of it.
pub(crate) fn words<'a>(plain: &Plain<'_>, lowered: &'a Lowered) -> Words<'a> {
    let mut reader = LineReader {
        padded: &lowered.padded,
        words: Vec::with_capacity(lowered.length / 5 + 8),
        sentence: 0,
        lexicon: Reader::new(),
        said: 0,
        is_ascii: plain.counts.is_ascii,
    };
    let (text, low) = (&*plain.text, lowered.text());
    if plain.counts.newlines == 0 {
        reader.line(text, 0, low, &mut false);
    } else {
        let mut in_fence = false;
        let mut from = 0;
        // What a log writes in capitals is known by them, so both texts are looked at.
        for (original, line) in text.split('\n').zip(low.split('\n')) {
            let original = original.strip_suffix('\r').unwrap_or(original);
            reader.line(original, from, line, &mut in_fence);
            from += line.len() + 1;
        }
    }
    if reader.said & IS_NEGATION != 0 {
        mark_negated(&mut reader.words);
    }
    Words {
        list: reader.words,
        flags: reader.said,
    }
}

/// A line of a log, a stack trace, a diff or a quotation.
fn is_material(line: &str) -> bool {
    let starts = |prefix: &str| line.starts_with(prefix);
    starts("> ")
        || starts("at ") && line.contains('(')
        || starts("Traceback ")
        || starts("File \"")
        || starts("+++ ")
        || starts("--- ")
        || starts("@@ ")
        || (line.len() > 10
            && line.as_bytes()[..4].iter().all(u8::is_ascii_digit)
            && line.as_bytes()[4] == b'-')
        || [
            "ERROR ", "WARN ", "INFO ", "DEBUG ", "[ERROR]", "[WARN]", "[INFO]",
        ]
        .iter()
        .any(|level| starts(level))
}

/// A text in lower case, with room behind it, so that whole blocks and whole words of eight bytes can be read at each of its places.
pub(crate) struct Lowered {
    padded: String,
    length: usize,
}

impl Lowered {
    /// The text in lower case. Most texts are ASCII throughout, which takes no table.
    pub(crate) fn new(plain: &Plain<'_>) -> Lowered {
        let text = &*plain.text;
        let mut padded = String::with_capacity(text.len() + ROOM.len());
        if plain.counts.is_ascii {
            padded.push_str(text);
            padded.make_ascii_lowercase();
        } else {
            padded.push_str(&text.to_lowercase());
        }
        let length = padded.len();
        padded.push_str(ROOM);
        Lowered { padded, length }
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.padded[..self.length]
    }
}

/// What stands behind a text in lower case: as much as a block has.
const ROOM: &str = match str::from_utf8(&[0; BLOCK]) {
    Ok(room) => room,
    Err(_) => "",
};

/// How far a negation reaches, in words.
const REACH: usize = 5;

fn mark_negated(words: &mut [Word<'_>]) {
    // Few words deny.
    const LOOKED_AT: usize = 8;
    for from in (0..words.len()).step_by(LOOKED_AT) {
        let some = from..words.len().min(from + LOOKED_AT);
        let flags = words[some.clone()]
            .iter()
            .fold(0, |flags, word| flags | word.flags);
        if flags & IS_NEGATION != 0 {
            mark_after(words, some);
        }
    }
}

fn mark_after(words: &mut [Word<'_>], some: Range<usize>) {
    for at in some {
        // "not only" denies nothing, and "but" ends what was denied.
        if words[at].is(IS_NEGATION)
            && !words[at].is(ENDS_NEGATION)
            && !words.get(at + 1).is_some_and(|next| next.is(IS_ONLY))
        {
            let sentence = words[at].sentence;
            for word in words[at + 1..].iter_mut().take(REACH) {
                if word.sentence != sentence {
                    break;
                }
                word.negated = true;
                if word.is(ENDS_NEGATION) {
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::without_noise;

    fn said(text: &str) -> Vec<String> {
        let plain = without_noise(text);
        let lowered = Lowered::new(&plain);
        let words = words(&plain, &lowered);
        (words.list.iter())
            .filter(|word| !word.negated && !word.in_code)
            .map(|word| word.text.to_owned())
            .collect()
    }

    #[test]
    fn quotations_code_and_traces_are_not_words_of_the_person() {
        assert_eq!(said("Rename \"security audit\" to `x`"), ["rename", "to"]);
        assert_eq!(
            said("Fix it:\n```\nthreat model\n```\nat foo (a.js:1)\nthanks"),
            ["fix", "it", "thanks"]
        );
    }

    #[test]
    fn a_quotation_of_several_blocks_is_none_of_the_persons_words() {
        let quoted = format!("a \"{}\" b", "c. ".repeat(70));
        assert_eq!(said(&quoted), ["a", "b"]);
    }

    #[test]
    fn a_line_of_a_log_is_one_by_its_length_without_its_end() {
        assert_eq!(
            said("fix it\r\n2024-01-01\r\nthanks"),
            said("fix it\n2024-01-01\nthanks")
        );
    }

    #[test]
    fn negation_reaches_a_few_words_within_its_sentence() {
        assert_eq!(
            said("do not convert var. Format it"),
            ["do", "not", "format", "it"]
        );
        assert_eq!(said("not only format it"), ["not", "only", "format", "it"]);
    }
}
