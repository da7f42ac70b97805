//! From what a person said to its words: quotations, code and logs are told apart. It does not weigh words.

use std::ops::Range;

use crate::bytes::{
    BLOCK, CLASSES, Class, Counts, first_eight, hash_of, is_ascii, is_letter, letters_and_marks,
};
use crate::lexicon::{ENDS_NEGATION, Flags, HAS_SIGNS, IS_NEGATION, IS_ONLY, Reader};
use crate::noise::Plain;

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

struct LineReader<'a> {
    /// All lines in lower case, with room behind them.
    padded: &'a str,
    words: Vec<Word<'a>>,
    sentence: u32,
    lexicon: Reader,
    /// What the lexicon says of any of the words.
    said: Flags,
    /// All lines are ASCII.
    is_ascii: bool,
}

impl<'a> LineReader<'a> {
    /// Reads a line, which begins at `from`, unless it is none of the person's: `original` as it was written, `line` in lower case.
    fn line(&mut self, original: &str, from: usize, line: &str, in_fence: &mut bool) {
        let trimmed = original.trim_start();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            *in_fence = !*in_fence;
            return;
        }
        if *in_fence || is_material(trimmed) {
            return;
        }
        let to = from + line.strip_suffix('\r').unwrap_or(line).len();
        if self.is_ascii || is_ascii(&self.padded.as_bytes()[from..to]) {
            self.read_ascii(from, to);
        } else {
            self.read_any(from, to);
        }
        self.sentence += 1;
    }

    /// Takes words in.
    #[inline(never)]
    fn take(&mut self, places: &[Place], signs: Flags) {
        // In places of their own, not in what is behind a pointer.
        let (padded, mut said) = (self.padded, 0);
        let bytes = padded.as_bytes();
        self.words.extend(places.iter().map(|place| {
            let &Place { start, end, .. } = place;
            let first = first_eight(bytes, start, end);
            let text = &padded[start..end];
            let hash = hash_of(text.as_bytes(), first);
            let flags = self.lexicon.flags(hash) | signs;
            said |= flags;
            Word {
                text,
                sentence: place.sentence,
                in_code: place.in_code,
                negated: false,
                first,
                hash,
                flags,
            }
        }));
        self.said |= said;
    }

    /// A line of ASCII alone, a block at a time: first the few marks in it, then the words between them.
    ///
    /// A function of its own, as the other loops over words and bytes are: what is inlined into one large function spills its registers.
    #[inline(never)]
    fn read_ascii(&mut self, from: usize, to: usize) {
        // No block has more words than these, with the one that goes on; those of several are taken in together. So a place is always there, and the
        // remainder only spares a look at the bounds.
        const MOST: usize = BLOCK / 2 + 1;
        const ROOM_FOR: usize = 2 * MOST;
        let mut places = [Place::default(); ROOM_FOR];
        let mut count = 0;
        let mut sentence = self.sentence;
        let bytes = self.padded.as_bytes();
        // What goes on from the block before: a word, and that it is in code; and where the last quotation ends.
        let mut open: Option<Place> = None;
        let mut in_code = false;
        let mut quoted_to = from;
        for block in (from..to).step_by(BLOCK) {
            let Some(own) = bytes[block..].first_chunk::<BLOCK>() else {
                break;
            };
            let within = low_bits(to - block);
            let (letters, marks) = letters_and_marks(own);
            let (mut letters, mut marks) = (letters & within, marks & within);
            // A bit for each byte that stands in a quotation, for each that stands in code, and for each that ends a sentence.
            let mut quoted = low_bits(quoted_to.saturating_sub(block));
            let mut code = if in_code { u64::MAX } else { 0 };
            let mut ends = 0;
            marks &= !quoted;
            while marks != 0 {
                let bit = marks.trailing_zeros();
                marks &= marks - 1;
                let at = block + bit as usize;
                let next = at + 1;
                let next_is_letter = next < to && bytes[next].is_ascii_alphanumeric();
                match bytes[at] {
                    b'`' => {
                        in_code = !in_code;
                        code ^= u64::MAX << bit;
                    }
                    // Within a word it is a part of it.
                    b'\'' => {
                        let joins = next_is_letter && at > from && is_letter(bytes[at - 1]);
                        letters |= u64::from(joins) << bit;
                    }
                    b'"' => {
                        // One alone is a sign of inches, not a quotation.
                        if let Some(end) = self.padded[next..to].find('"') {
                            quoted_to = next + end + 1;
                            quoted |= low_bits(quoted_to - block) & u64::MAX << bit;
                            marks &= !quoted;
                        }
                    }
                    _ => ends |= u64::from(!next_is_letter) << bit,
                }
            }
            letters &= !quoted;
            let before = letters << 1 | u64::from(open.is_some());
            let (mut starts, mut stops) = (letters & !before, before & !letters);
            // One that goes on into the next block ends with this one, for now.
            let mut next_stop = || {
                let stop = stops.trailing_zeros() as usize;
                stops &= stops.wrapping_sub(1);
                block + stop
            };
            let first = count;
            if let Some(place) = open.take() {
                places[count % ROOM_FOR] = Place {
                    end: next_stop(),
                    ..place
                };
                count += 1;
            }
            while starts != 0 {
                let bit = starts.trailing_zeros() as usize;
                starts &= starts - 1;
                places[count % ROOM_FOR] = Place {
                    start: block + bit,
                    end: next_stop(),
                    sentence: sentence + (ends & low_bits(bit)).count_ones(),
                    in_code: code >> bit & 1 == 1,
                };
                count += 1;
            }
            sentence += ends.count_ones();
            if count > first && places[(count - 1) % ROOM_FOR].end == block + BLOCK {
                count -= 1;
                open = Some(places[count % ROOM_FOR]);
            }
            if count + MOST > ROOM_FOR {
                self.take(&places[..count], 0);
                count = 0;
            }
        }
        if let Some(last) = open {
            places[count % ROOM_FOR] = Place { end: to, ..last };
            count += 1;
        }
        self.take(&places[..count], 0);
        self.sentence = sentence;
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
                self.push_any((from + start, from + at), in_code);
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
            self.push_any((from + start, to), in_code);
        }
    }

    fn push_any(&mut self, (start, end): (usize, usize), in_code: bool) {
        let bytes = &self.padded.as_bytes()[start..end];
        let has_signs = bytes.iter().any(|byte| *byte >= 0xe3);
        let place = Place {
            start,
            end,
            sentence: self.sentence,
            in_code,
        };
        self.take(&[place], if has_signs { HAS_SIGNS } else { 0 });
    }
}

/// Where a word stands.
#[derive(Clone, Copy, Default)]
struct Place {
    start: usize,
    end: usize,
    sentence: u32,
    in_code: bool,
}

/// So many of the lowest bits, or all.
fn low_bits(count: usize) -> u64 {
    match count {
        // A shift by 64 is none.
        0 => 0,
        count => u64::MAX >> (BLOCK - count.min(BLOCK)),
    }
}

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
    use proptest::prelude::*;

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

    /// What both ways of reading a line make of it.
    fn read_both_ways(line: &str) -> [Vec<(String, u32, bool)>; 2] {
        let plain = without_noise(line);
        let lowered = Lowered::new(&plain);
        let reader = || LineReader {
            padded: &lowered.padded,
            words: Vec::new(),
            sentence: 0,
            lexicon: Reader::new(),
            said: 0,
            is_ascii: true,
        };
        let (mut masks, mut characters) = (reader(), reader());
        masks.read_ascii(0, line.len());
        characters.read_any(0, line.len());
        [masks, characters].map(|reader| {
            let words = reader.words.into_iter();
            words
                .map(|word| (word.text.to_owned(), word.sentence, word.in_code))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn a_line_of_ascii_is_read_alike_by_blocks_and_by_characters(line in "[ab _'`\".;]{0,300}") {
            let [blocks, characters] = read_both_ways(&line);
            prop_assert_eq!(blocks, characters);
        }
    }

    #[test]
    fn words_marks_and_quotations_go_on_over_the_border_of_a_block() {
        for before in 56..72 {
            for piece in ["ab'cd", "abcdefghijkl", "a `b c` d", "a \"b. c\" d", "a. b"] {
                for end in ["", ".", " e", &" e".repeat(99)] {
                    let line = format!("{}{piece}{end}", "x ".repeat(36).split_at(before).0);
                    let [blocks, characters] = read_both_ways(&line);
                    assert_eq!(blocks, characters, "{line}");
                }
            }
        }
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
