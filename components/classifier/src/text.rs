//! From an instruction to the words of a person: harness noise, quotations and code are told apart. It does not weigh words.

use std::borrow::Cow;

use crate::bytes::{
    BLOCK, CLASSES, Class, first_eight, hash_of, is_ascii, is_letter, letters_and_marks,
};
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

/// The beginning of a summary of the conversation so far.
const SUMMARY: &str = "this session is being continued from a previous conversation";

/// Beginnings of messages that a harness wrote in a person's name.
const HARNESS: [&str; 5] = [
    SUMMARY,
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
    pub(crate) words: &'a [Word<'a>],
}

/// What a person said last: the instruction without noise or, where nothing is left of it, the newest words in the conversation. Where the only text
/// is a summary that a harness goes on from, that says what is to be done.
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
        .unwrap_or_else(|| {
            if begins_with(&task.instruction, SUMMARY) {
                without_blocks(cap(&task.instruction))
            } else {
                own
            }
        })
}

/// Whether a message begins so, in any case.
fn begins_with(message: &str, known: &str) -> bool {
    message
        .trim_start()
        .get(..known.len())
        .is_some_and(|own| own.eq_ignore_ascii_case(known))
}

/// A message without the blocks that a program added to it; empty when a program wrote it all.
pub(crate) fn without_noise(message: &str) -> Cow<'_, str> {
    if HARNESS.iter().any(|known| begins_with(message, known)) {
        return Cow::Borrowed("");
    }
    without_blocks(cap(message))
}

fn without_blocks(capped: Cow<'_, str>) -> Cow<'_, str> {
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

/// How many bytes are so. Counted in bytes, as many at a time as vector instructions take in whole sixteens without a sum passing 255.
#[inline(never)]
pub(crate) fn count(bytes: &[u8], is_so: impl Fn(u8) -> bool) -> usize {
    bytes
        .chunks(240)
        .map(|run| {
            usize::from(
                run.iter()
                    .fold(0_u8, |sum, byte| sum + u8::from(is_so(*byte))),
            )
        })
        .sum()
}

/// The words outside of fenced code, quotations and traces, in order. `lowered` is the text in lower case: the words are pieces of it.
pub(crate) fn words<'a>(text: &str, lowered: &'a Lowered) -> Vec<Word<'a>> {
    let mut reader = LineReader {
        padded: &lowered.padded,
        words: Vec::with_capacity(lowered.length / 5 + 8),
        sentence: 0,
        lexicon: Reader::new(),
        said: 0,
    };
    let mut in_fence = false;
    let mut next = 0;
    // What a log writes in capitals is known by them, so both texts are looked at.
    for (original, whole) in text.lines().zip(lowered.text().split_inclusive('\n')) {
        let from = next;
        next += whole.len();
        let trimmed = original.trim_start();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            in_fence = !in_fence;
            continue;
        }
        if in_fence || is_material(trimmed) {
            continue;
        }
        let line = whole
            .strip_suffix('\n')
            .map_or(whole, |line| line.strip_suffix('\r').unwrap_or(line));
        reader.read(from, from + line.len());
        reader.sentence += 1;
    }
    let mut words = reader.words;
    if reader.said & IS_NEGATION != 0 {
        mark_negated(&mut words);
    }
    words
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
    pub(crate) fn new(text: &str) -> Lowered {
        let mut padded = String::with_capacity(text.len() + ROOM.len());
        if is_ascii(text.as_bytes()) {
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

struct LineReader<'a> {
    /// All lines in lower case, with room behind them.
    padded: &'a str,
    words: Vec<Word<'a>>,
    sentence: u32,
    lexicon: Reader,
    /// What the lexicon says of any of the words.
    said: Flags,
}

impl<'a> LineReader<'a> {
    /// Takes a word in.
    #[inline(always)]
    fn push(&mut self, start: usize, end: usize, in_code: bool, is_ascii: bool) {
        let text = &self.padded[start..end];
        let first = first_eight(self.padded.as_bytes(), start, end);
        let hash = hash_of(text.as_bytes(), first);
        let has_signs = !is_ascii && text.bytes().any(|byte| byte >= 0xe3);
        let flags = self.lexicon.flags(hash) | if has_signs { HAS_SIGNS } else { 0 };
        self.said |= flags;
        self.words.push(Word {
            text,
            sentence: self.sentence,
            in_code,
            negated: false,
            first,
            hash,
            flags,
        });
    }

    /// Reads the line from `from` to `to`.
    fn read(&mut self, from: usize, to: usize) {
        if is_ascii(&self.padded.as_bytes()[from..to]) {
            self.read_ascii(from, to);
        } else {
            self.read_any(from, to);
        }
    }

    /// A line of ASCII alone: a block is read at once, and only where words begin and end and where marks stand is anything done.
    ///
    /// A function of its own, as the other loops over words and bytes are: what is inlined into one large function spills its registers.
    #[inline(never)]
    fn read_ascii(&mut self, from: usize, to: usize) {
        let bytes = self.padded.as_bytes();
        let mut start: Option<usize> = None;
        let mut in_code = false;
        let mut block = from;
        'blocks: while block < to {
            let Some(own) = bytes[block..].first_chunk::<BLOCK>() else {
                break;
            };
            let within = u64::MAX >> (BLOCK - (to - block).min(BLOCK));
            let (letters, marks) = letters_and_marks(own);
            let (letters, marks) = (letters & within, marks & within);
            // Where a word goes on from the block before, its first letter here begins none.
            let goes_on = block > from && is_letter(bytes[block - 1]);
            let borders = (letters ^ (letters << 1 | u64::from(goes_on))) & within;
            let mut open = borders | marks;
            while open != 0 {
                let bit = open.trailing_zeros() as usize;
                open &= open - 1;
                let at = block + bit;
                if letters >> bit & 1 == 1 {
                    start.get_or_insert(at);
                    continue;
                }
                if marks >> bit & 1 == 0 {
                    if let Some(start) = start.take() {
                        self.push(start, at, in_code, true);
                    }
                    continue;
                }
                let mark = bytes[at];
                let next = at + 1;
                let next_is_letter = next < to && bytes[next].is_ascii_alphanumeric();
                if mark == b'\'' && start.is_some() && next_is_letter {
                    continue;
                }
                if let Some(start) = start.take() {
                    self.push(start, at, in_code, true);
                }
                match mark {
                    b'`' => in_code = !in_code,
                    b'\'' => {}
                    b'"' => {
                        // One alone is a sign of inches, not a quotation.
                        if let Some(end) = self.padded[next..to].find('"') {
                            block = next + end + 1;
                            continue 'blocks;
                        }
                    }
                    _ => self.sentence += u32::from(!next_is_letter),
                }
            }
            block += BLOCK;
        }
        if let Some(start) = start {
            self.push(start, to, in_code, true);
        }
    }

    /// A line with other characters than ASCII.
    fn read_any(&mut self, from: usize, to: usize) {
        let line = &self.padded[from..to];
        let bytes = line.as_bytes();
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
                self.push(from + start, from + at, in_code, false);
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
            self.push(from + start, to, in_code, false);
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
        let lowered = Lowered::new(text);
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
    fn noise_around_a_persons_words_is_dropped() {
        assert_eq!(
            without_noise("<system-reminder>audit</system-reminder>commit it").trim(),
            "commit it"
        );
        assert_eq!(without_noise("a <tool_result>never closed").trim(), "a");
    }
}
