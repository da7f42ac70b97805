//! Byte places in a text as people count them: line and column from 1, the column in characters.

use serde::Serialize;

/// A place in a text. Both count from 1; the column counts characters (Unicode scalar values), not bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// Where the lines of a text begin: made once, asked often.
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// How many characters begin before each multiple of [`STEP`]: a line may be as long as the text.
    before: Vec<usize>,
}

/// Bytes that are counted anew for each place.
const STEP: usize = 256;

impl<'a> Lines<'a> {
    pub(crate) fn of(text: &'a str) -> Lines<'a> {
        let after_breaks = text
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(at, _)| at + 1);
        Lines {
            text,
            starts: std::iter::once(0).chain(after_breaks).collect(),
            before: text
                .as_bytes()
                .chunks(STEP)
                .scan(0, |sum, step| {
                    let before = *sum;
                    *sum += characters(step);
                    Some(before)
                })
                .collect(),
        }
    }

    /// How many characters begin before a byte.
    fn characters_before(&self, byte: usize) -> usize {
        let bytes = self.text.as_bytes();
        match self.before.get(byte / STEP) {
            Some(before) => before + characters(&bytes[byte / STEP * STEP..byte]),
            // The end of a text that is a number of whole steps long.
            None => (self.before.last()).map_or(0, |before| {
                before + characters(&bytes[bytes.len() - STEP..])
            }),
        }
    }

    /// The place of a byte. One past the end is the text's end; one within a character is that character's.
    pub(crate) fn place(&self, byte: u32) -> Place {
        let byte = (byte as usize).min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= byte);
        // The first line begins at 0, so there is one at or before every byte.
        let start = self.starts[line - 1];
        let characters = self.characters_before(byte) - self.characters_before(start);
        let within = usize::from(!self.text.is_char_boundary(byte));
        Place {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(characters + 1 - within).unwrap_or(u32::MAX),
        }
    }
}

/// How many characters begin in a piece of a text.
fn characters(piece: &[u8]) -> usize {
    let first = piece
        .iter()
        .filter(|byte| **byte & 0b1100_0000 != 0b1000_0000);
    first.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let lines = Lines::of("ab\nü😀x\r\n\nend");
        for (byte, line, column) in [
            (0, 1, 1),
            (2, 1, 3),
            (3, 2, 1),
            (5, 2, 2),
            (7, 2, 2),
            (9, 2, 3),
            (12, 3, 1),
            (13, 4, 1),
            (16, 4, 4),
            (99, 4, 4),
        ] {
            assert_eq!(lines.place(byte), Place { line, column }, "byte {byte}");
        }
        assert_eq!(Lines::of("").place(0), Place { line: 1, column: 1 });
    }

    #[test]
    fn a_column_in_a_long_line_is_counted_from_its_start() {
        for text in [
            "ab".repeat(STEP),
            "aüb😀".repeat(STEP),
            format!("{}\nü", "a".repeat(STEP - 1)),
        ] {
            let lines = Lines::of(&text);
            for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
                let place = lines.place(u32::try_from(at).unwrap());
                assert_eq!(place.column as usize, text[line..at].chars().count() + 1);
            }
        }
    }
}
