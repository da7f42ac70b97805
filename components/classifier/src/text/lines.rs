//! Cuts a line into words: by blocks where it is ASCII alone, by characters elsewhere.

use super::{Word, is_material};
use crate::bytes::{
    BLOCK, CLASSES, Class, first_eight, hash_of, is_ascii, is_letter, letters_and_marks,
};
use crate::lexicon::{Flags, HAS_SIGNS, Reader};

/// Reads a text line by line.
pub(super) struct LineReader<'a> {
    /// All lines in lower case, with room behind them.
    pub(super) padded: &'a str,
    pub(super) words: Vec<Word<'a>>,
    pub(super) sentence: u32,
    pub(super) lexicon: Reader,
    /// What the lexicon says of any of the words.
    pub(super) said: Flags,
    /// All lines are ASCII.
    pub(super) is_ascii: bool,
}

impl<'a> LineReader<'a> {
    /// Reads a line, which begins at `from`, unless it is none of the person's: `original` as it was written, `line` in lower case.
    pub(super) fn line(&mut self, original: &str, from: usize, line: &str, in_fence: &mut bool) {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::noise::without_noise;
    use crate::text::Lowered;

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
    }
}
