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
}

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
        }
    }

    /// The place of a byte. One past the end is the text's end; one within a character is that character's.
    pub(crate) fn place(&self, byte: u32) -> Place {
        let byte = (byte as usize).min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= byte);
        // The first line begins at 0, so there is one at or before every byte.
        let start = self.starts[line - 1];
        let characters = self.text.as_bytes()[start..byte]
            .iter()
            .filter(|byte| **byte & 0b1100_0000 != 0b1000_0000)
            .count();
        let within = usize::from(!self.text.is_char_boundary(byte));
        Place {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(characters + 1 - within).unwrap_or(u32::MAX),
        }
    }
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
}
