//! Guards the parser's stack: a bound on how deep a text's syntax tree can be, from one pass over its characters.
//!
//! Depth comes from brackets, and from operators in a row within one pair of brackets (`a + b + c`, `!!x`, `a ? b : c ? d : e`,
//! `x => y => z`, `else if`), which trees nest one in the other. The scan knows strings, templates, comments and regular expressions
//! well enough not to count inside of them; where it cannot know (an apostrophe in JSX text), a string ends with its line. It is
//! a bound for the stack, not a parser: it never says that a text is well formed.

/// The deepest sum of open brackets and operators in a row that is parsed. The component's stack of 512 KiB holds every shape at this depth, parentheses
/// as the costliest; a test of the host's drives them through it.
pub const LIMIT: u32 = 400;

/// How deep a text may nest. Above the limit the scan ends: what it says then is only that.
pub(crate) fn of(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let mut level = Level::default();
    // For each open bracket the run outside of it, and whether it is a template's `${`.
    let mut open: Vec<(u32, bool)> = Vec::with_capacity(32);
    // Whether the last token was an operand: it tells a division from a regular expression and an operator from the start of a statement.
    let mut after_operand = false;
    let mut at = 0;
    while level.deepest <= LIMIT
        && let Some(&byte) = bytes.get(at)
    {
        let start = at;
        at += 1;
        if IS_WORD[usize::from(byte)] {
            at = word_end(bytes, at);
            // Two operands in a row: a label, a declaration, or a statement after one without a semicolon.
            after_operand = !nests(&bytes[start..at]);
            if !after_operand {
                level.operator();
            }
            // Most words are followed by a blank, which is not worth a round of its own.
            at += usize::from(bytes.get(at) == Some(&b' '));
            continue;
        }
        match byte {
            b' ' | b'\t' => at = skip(bytes, at, |byte| matches!(byte, b' ' | b'\t')),
            b'\n' | b'\r' => {
                at = skip(bytes, at, |byte| byte.is_ascii_whitespace());
                if after_operand && begins_statement(&bytes[at..]) {
                    level.run = 0;
                }
            }
            b'"' | b'\'' => {
                let is_in_word =
                    after_operand && start > 0 && bytes[start - 1].is_ascii_alphabetic();
                // What does not end with its line is an apostrophe in JSX text.
                if !is_in_word && let Some(end) = string_end(bytes, at, byte) {
                    at = end;
                    after_operand = true;
                }
            }
            // Nothing nests behind these; in JSX they give an attribute its value.
            b'=' if matches!(bytes.get(at), Some(b'"' | b'\'' | b'{')) => after_operand = false,
            b'(' | b'[' | b'{' => {
                // A call or an index on an operand is a link of a chain of its own.
                if byte != b'{' && after_operand {
                    level.operator();
                }
                open.push((level.run, false));
                level.enter();
                after_operand = false;
            }
            b')' | b']' => {
                if let Some((run, _)) = open.pop() {
                    level.leave(run);
                }
                after_operand = true;
            }
            b'}' if matches!(open.last(), Some((_, true))) => {
                let (run, _) = open.pop().unwrap_or_default();
                level.leave(run);
                (at, after_operand) = template(bytes, at, &mut level, &mut open);
            }
            b'}' => {
                if let Some((run, _)) = open.pop() {
                    level.leave(run);
                }
                after_operand = true;
                at = skip(bytes, at, |byte| byte.is_ascii_whitespace());
                // A block ends its statement, unless the next word or sign goes on with it.
                let goes_on = match &bytes[at..] {
                    rest @ [b'e', ..] => rest.starts_with(b"else"),
                    [next, ..] => b".?([`+*&|=<>-%^".contains(next),
                    [] => false,
                };
                if !goes_on {
                    level.run = 0;
                }
            }
            b'`' => (at, after_operand) = template(bytes, at, &mut level, &mut open),
            b',' => {
                level.run = 0;
                after_operand = false;
                at += usize::from(bytes.get(at) == Some(&b' '));
            }
            b';' => {
                at = skip(bytes, at, |byte| byte.is_ascii_whitespace());
                // `if (a) b; else if (c) d; else ...` is one statement, each part inside of the one before.
                if !bytes[at..].starts_with(b"else") {
                    level.run = 0;
                }
                after_operand = false;
            }
            b'/' => match bytes.get(at) {
                Some(b'/') => {
                    at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end)
                }
                Some(b'*') => at = comment_end(bytes, at + 1),
                Some(b'>') => {
                    level.run = level.run.saturating_sub(2);
                    at += 1;
                    after_operand = true;
                }
                _ if after_operand => {
                    level.operator();
                    after_operand = false;
                }
                _ => {
                    at = regular_expression_end(bytes, at);
                    after_operand = true;
                }
            },
            b'<' if bytes.get(at) == Some(&b'/') => {
                // A closing tag undoes its opening one.
                level.run = level.run.saturating_sub(3);
                at += 1;
                after_operand = true;
            }
            _ => {
                level.operator();
                after_operand = false;
                at += usize::from(bytes.get(at) == Some(&b' '));
            }
        }
    }
    level.deepest
}

/// How deep the scan is.
#[derive(Default)]
struct Level {
    /// Operators in a row at this level.
    run: u32,
    /// The sum of the runs and brackets around.
    below: u32,
    deepest: u32,
}

impl Level {
    fn operator(&mut self) {
        self.run += 1;
        self.deepest = self.deepest.max(self.below + self.run);
    }

    fn enter(&mut self) {
        self.below += self.run + 1;
        self.run = 0;
        self.deepest = self.deepest.max(self.below);
    }

    /// Leaves a bracket, outside of which the run was this one.
    fn leave(&mut self, run: u32) {
        self.below = self.below.saturating_sub(run + 1);
        self.run = run;
    }
}

/// The bytes that words are made of.
const IS_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let one = byte as u8;
        table[byte] = one.is_ascii_alphanumeric() || one == b'_' || one == b'$' || one >= 0x80;
        byte += 1;
    }
    table
};

/// Whether a word nests what follows it.
fn nests(word: &[u8]) -> bool {
    matches!(
        word,
        b"in"
            | b"of"
            | b"as"
            | b"if"
            | b"do"
            | b"new"
            | b"for"
            | b"else"
            | b"void"
            | b"with"
            | b"case"
            | b"await"
            | b"yield"
            | b"while"
            | b"keyof"
            | b"infer"
            | b"throw"
            | b"typeof"
            | b"delete"
            | b"return"
            | b"extends"
            | b"readonly"
            | b"instanceof"
    )
}

/// The first byte from a place on that is not so.
fn skip(bytes: &[u8], from: usize, is_so: impl Fn(u8) -> bool) -> usize {
    let mut at = from;
    while bytes.get(at).is_some_and(|&byte| is_so(byte)) {
        at += 1;
    }
    at
}

/// The first byte from a place on that is not of a word. Eight bytes are looked at together: most words are letters, and end within them.
fn word_end(bytes: &[u8], from: usize) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    // The high bit of each byte, of which the low seven bits are given, says whether it is at least so much.
    let at_least = |low: u64, least: u8| low + ONES * u64::from(0x80 - least);
    let mut at = from;
    while let Some((next, _)) = bytes[at..].split_first_chunk() {
        let next = u64::from_le_bytes(*next);
        let low = next & !HIGH | ONES << 5;
        let letters = at_least(low, b'a') & !at_least(low, b'z' + 1) & !next;
        let others = !letters & HIGH;
        if others == 0 {
            at += 8;
            continue;
        }
        at += others.trailing_zeros() as usize / 8;
        if !IS_WORD[usize::from(bytes[at])] {
            return at;
        }
        at += 1;
    }
    skip(bytes, at, |byte| IS_WORD[usize::from(byte)])
}

/// Whether what follows a line that ends with an operand begins a statement: neither side of the line's end asks for more.
fn begins_statement(rest: &[u8]) -> bool {
    let next = rest.first().copied().unwrap_or(b';');
    let begins =
        IS_WORD[usize::from(next)] || matches!(next, b'"' | b'\'' | b'}' | b'/' | b'@' | b'#');
    begins && !rest.starts_with(b"else") && !rest.starts_with(b"in")
}

/// The byte behind a string, from the one behind its opening quote; none where it does not end with its line.
fn string_end(bytes: &[u8], from: usize, quote: u8) -> Option<usize> {
    let mut at = from;
    loop {
        match *bytes.get(at)? {
            b'\\' => at += 2,
            b'\n' => return None,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// The byte behind a comment, from the one behind its `/*`.
fn comment_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    // In most comments a slash is rarer than an asterisk.
    while let Some(slash) = memchr::memchr(b'/', &bytes[at..]) {
        at += slash + 1;
        if at >= from + 2 && bytes[at - 2] == b'*' {
            return at;
        }
    }
    bytes.len()
}

/// Goes over the text of a template, up to the byte behind its end or its next `${`; whether an operand ends there.
fn template(
    bytes: &[u8],
    from: usize,
    level: &mut Level,
    open: &mut Vec<(u32, bool)>,
) -> (usize, bool) {
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'`' => return (at + 1, true),
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                open.push((level.run, true));
                level.enter();
                return (at + 2, false);
            }
            _ => at += 1,
        }
    }
    (bytes.len(), true)
}

/// The byte behind a regular expression, from the one behind its opening slash.
fn regular_expression_end(bytes: &[u8], from: usize) -> usize {
    let mut in_class = false;
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'/' if !in_class => return at + 1,
            b'\n' => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_ends_at_the_first_byte_that_is_of_none() {
        for byte in 0..=255 {
            for place in 0..20 {
                let mut text = [b'a'; 21];
                text[place] = byte;
                let expected = skip(&text, 0, |byte| IS_WORD[usize::from(byte)]);
                assert_eq!(word_end(&text, 0), expected, "{byte} at {place}");
            }
        }
    }

    #[test]
    fn a_comment_ends_behind_its_own_opening() {
        for (text, end) in [
            ("/*/ a */ b", 8),
            ("/**/ b", 4),
            ("/* a", 4),
            ("/* / * */", 9),
        ] {
            assert_eq!(comment_end(text.as_bytes(), 2), end, "{text}");
        }
    }
}
