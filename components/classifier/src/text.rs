//! From an instruction to the words of a person: harness noise, quotations and code are told apart. It does not weigh words.

use std::borrow::Cow;

use crate::features::hash;
use crate::lexicon::{ENDS_NEGATION, Flags, HAS_SIGNS, IS_NEGATION, IS_ONLY, Reader};
use crate::{Role, Task};

/// How much of an instruction is read: its beginning and its end. What a person asks for stands there; what lies between is material.
const HEAD: usize = 3 << 10;
const TAIL: usize = 1 << 10;

/// Blocks that programs put around a person's words.
const NOISE: [&str; 9] = [
    "system-reminder",
    "system_reminder",
    "tool_result",
    "tool-result",
    "function_results",
    "command-output",
    "local-command-stdout",
    "environment_details",
    "context",
];

/// Beginnings of messages that a harness wrote in a person's name.
const HARNESS: [&str; 5] = [
    "this session is being continued from a previous conversation",
    "[request interrupted",
    "your todo list",
    "caveat: the messages below",
    "<command-name>",
];

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

/// What a person said last: the instruction without noise or, where nothing is left of it, the newest words in the conversation.
pub(crate) fn persons_words(task: &Task) -> Cow<'_, str> {
    let own = without_noise(&task.instruction);
    if !own.trim().is_empty()
        || !task.kind.is_empty()
        || !task.files.is_empty() && task.history.is_empty()
    {
        return own;
    }
    task.history
        .iter()
        .rev()
        .filter(|message| message.role == Role::User)
        .map(|message| without_noise(&message.content))
        .find(|words| !words.trim().is_empty())
        .unwrap_or(own)
}

/// A message without the blocks that a program added to it; empty when a program wrote it all.
pub(crate) fn without_noise(message: &str) -> Cow<'_, str> {
    let capped = cap(message);
    let start = capped.trim_start();
    if HARNESS.iter().any(|known| {
        start
            .get(..known.len())
            .is_some_and(|own| own.eq_ignore_ascii_case(known))
    }) {
        return Cow::Borrowed("");
    }
    if count(capped.as_bytes(), |byte| byte == b'<') == 0 {
        return capped;
    }
    let mut text = capped.into_owned();
    for name in NOISE {
        let (open, close) = (format!("<{name}"), format!("</{name}>"));
        while let Some(from) = text.find(&open) {
            // A block that is not closed goes to the end: what was cut off is noise too.
            let to = text[from..]
                .find(&close)
                .map_or(text.len(), |at| from + at + close.len());
            text.replace_range(from..to, " ");
        }
    }
    Cow::Owned(text)
}

fn cap(text: &str) -> Cow<'_, str> {
    if text.len() <= HEAD + TAIL {
        return Cow::Borrowed(text);
    }
    let (mut head, mut tail) = (HEAD, text.len() - TAIL);
    while !text.is_char_boundary(head) {
        head -= 1;
    }
    while !text.is_char_boundary(tail) {
        tail += 1;
    }
    Cow::Owned(format!("{}\n{}", &text[..head], &text[tail..]))
}

/// How many bytes are so. Counted in bytes, runs of 255 at a time, which vector instructions do sixteen at once.
pub(crate) fn count(bytes: &[u8], is_so: impl Fn(u8) -> bool) -> usize {
    bytes
        .chunks(255)
        .map(|run| {
            usize::from(
                run.iter()
                    .fold(0_u8, |sum, byte| sum + u8::from(is_so(*byte))),
            )
        })
        .sum()
}

/// The text in lower case. Most texts are ASCII throughout, which takes no table.
pub(crate) fn lowered(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        text.to_lowercase()
    }
}

/// The words outside of fenced code, quotations and traces, in order. `lowered` is the text in lower case: the words are pieces of it.
pub(crate) fn words<'a>(text: &str, lowered: &'a str) -> Vec<Word<'a>> {
    let mut reader = LineReader {
        words: Vec::with_capacity(lowered.len() / 5 + 8),
        sentence: 0,
        lexicon: Reader::new(),
        is_ascii: true,
    };
    let mut in_fence = false;
    // What a log writes in capitals is known by them, so both texts are looked at.
    for (original, line) in text.lines().zip(lowered.lines()) {
        let trimmed = original.trim_start();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            in_fence = !in_fence;
            continue;
        }
        if in_fence || is_material(trimmed) {
            continue;
        }
        reader.read(line);
        reader.sentence += 1;
    }
    let mut words = reader.words;
    mark_negated(&mut words);
    words
}

/// Whether it is a question with answers to choose from: lines that begin with `A.`, `B.` and so on.
pub(crate) fn is_multiple_choice(text: &str) -> bool {
    if count(text.as_bytes(), |byte| byte == b'\n') < 2 {
        return false;
    }
    let mut next = b'a';
    for line in text.lines() {
        let line = line.trim_start().trim_start_matches('(').as_bytes();
        if line.len() > 1 && line[0].to_ascii_lowercase() == next && matches!(line[1], b'.' | b')')
        {
            next += 1;
        }
        if next > b'c' {
            return true;
        }
    }
    false
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

/// What a byte does to the word that it stands in.
#[derive(Clone, Copy, PartialEq)]
enum Class {
    /// Part of a word.
    Letter,
    /// Ends a word and does no more.
    Gap,
    /// Ends a word and does more: a quotation mark, the end of a sentence.
    Mark,
    /// The first byte of a character that takes several.
    Wide,
}

/// The class of each byte.
const CLASSES: [Class; 256] = {
    let mut classes = [Class::Gap; 256];
    let mut byte = 0;
    while byte < 256 {
        let value = byte as u8;
        if value.is_ascii_alphanumeric() || value == b'_' {
            classes[byte] = Class::Letter;
        } else if !value.is_ascii() {
            classes[byte] = Class::Wide;
        } else if matches!(value, b'\'' | b'`' | b'"' | b'.' | b'!' | b'?' | b';') {
            classes[byte] = Class::Mark;
        }
        byte += 1;
    }
    classes
};

struct LineReader<'a> {
    words: Vec<Word<'a>>,
    sentence: u32,
    lexicon: Reader,
    /// The line has no other characters than ASCII.
    is_ascii: bool,
}

impl<'a> LineReader<'a> {
    fn push(&mut self, text: &'a str, in_code: bool) {
        let hash = hash(text.as_bytes());
        let has_signs = !self.is_ascii && text.bytes().any(|byte| byte >= 0xe3);
        self.words.push(Word {
            text,
            sentence: self.sentence,
            in_code,
            negated: false,
            hash,
            flags: self.lexicon.flags(hash) | if has_signs { HAS_SIGNS } else { 0 },
        });
    }

    fn read(&mut self, line: &'a str) {
        let bytes = line.as_bytes();
        self.is_ascii = line.is_ascii();
        let mut start: Option<usize> = None;
        let mut in_code = false;
        let mut at = 0;
        while at < bytes.len() {
            let class = CLASSES[usize::from(bytes[at])];
            if class == Class::Letter {
                start.get_or_insert(at);
                at += 1;
                while at < bytes.len() && CLASSES[usize::from(bytes[at])] == Class::Letter {
                    at += 1;
                }
                continue;
            }
            let character = match class {
                Class::Wide => line[at..].chars().next().unwrap_or(' '),
                _ => char::from(bytes[at]),
            };
            let next = at + character.len_utf8();
            if class == Class::Wide && character.is_alphanumeric() {
                start.get_or_insert(at);
                at = next;
                continue;
            }
            let next_is_letter = class != Class::Gap
                && line[next..]
                    .chars()
                    .next()
                    .is_some_and(char::is_alphanumeric);
            if matches!(character, '\'' | '\u{2019}') && start.is_some() && next_is_letter {
                at = next;
                continue;
            }
            if let Some(start) = start.take() {
                self.push(&line[start..at], in_code);
            }
            let closing = match character {
                '`' => {
                    in_code = !in_code;
                    None
                }
                // One alone is a sign of inches, not a quotation.
                '"' if line[next..].contains('"') => Some('"'),
                '\u{201c}' => Some('\u{201d}'),
                '\u{ab}' => Some('\u{bb}'),
                '\u{201e}' => Some('\u{201c}'),
                '.' | '!' | '?' | ';' | '\u{3002}' | '\u{ff01}' | '\u{ff1f}' => {
                    if !next_is_letter {
                        self.sentence += 1;
                    }
                    None
                }
                _ => None,
            };
            at = match closing {
                None => next,
                // A quotation that is not closed goes to the end of its line.
                Some(closing) => line[next..]
                    .find(closing)
                    .map_or(bytes.len(), |end| next + end + closing.len_utf8()),
            };
        }
        if let Some(start) = start {
            self.push(&line[start..], in_code);
        }
    }
}

/// How far a negation reaches, in words.
const REACH: usize = 5;

fn mark_negated(words: &mut [Word<'_>]) {
    let mut last: Option<(usize, u32)> = None;
    for at in 0..words.len() {
        if let Some((from, sentence)) = last {
            words[at].negated = at - from <= REACH && sentence == words[at].sentence;
        }
        // "not only" denies nothing, and "but" ends what was denied.
        if words[at].is(ENDS_NEGATION) {
            last = None;
        } else if words[at].is(IS_NEGATION)
            && !words.get(at + 1).is_some_and(|next| next.is(IS_ONLY))
        {
            last = Some((at, words[at].sentence));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        let lowered = text.to_lowercase();
        words(text, &lowered)
            .into_iter()
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
    fn negation_reaches_a_few_words_within_its_sentence() {
        assert_eq!(
            said("do not convert var. Format it"),
            ["do", "not", "format", "it"]
        );
        assert_eq!(said("not only format it"), ["not", "only", "format", "it"]);
    }

    #[test]
    fn lettered_answers_make_a_multiple_choice_question() {
        assert!(is_multiple_choice(
            "Which one?\nA. threat model\nB. audit\nC. race\nAnswer:"
        ));
        assert!(is_multiple_choice(
            "Which one?\n(a) one\n(b) two\n(c) three"
        ));
        assert!(!is_multiple_choice("A. Write a threat model\nand then B"));
    }

    #[test]
    fn noise_around_a_persons_words_is_dropped() {
        assert_eq!(
            without_noise("<system-reminder>audit</system-reminder>commit it").trim(),
            "commit it"
        );
        assert_eq!(without_noise("a <tool_result>never closed").trim(), "a");
    }
}
