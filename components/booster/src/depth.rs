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
    Scan {
        bytes: text.as_bytes(),
        at: 0,
        open: Vec::new(),
        run: 0,
        below: 0,
        deepest: 0,
        previous: Previous::Operator,
    }
    .run()
}

/// What the last token was: it tells a division from a regular expression and an operator from the start of a statement.
#[derive(Clone, Copy, PartialEq)]
enum Previous {
    Operator,
    Operand,
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    /// For each open bracket the run outside of it, and whether it is a template's `${`.
    open: Vec<(u32, bool)>,
    /// Operators in a row at this level.
    run: u32,
    /// The sum of the runs and brackets around.
    below: u32,
    deepest: u32,
    previous: Previous,
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

/// The words that nest what follows them, by their length.
const NESTING: [&[&[u8]]; 11] = [
    &[],
    &[],
    &[b"in", b"of", b"as", b"if", b"do"],
    &[b"new", b"for"],
    &[b"else", b"void", b"with", b"case"],
    &[b"await", b"yield", b"while", b"keyof", b"infer", b"throw"],
    &[b"typeof", b"delete", b"return"],
    &[b"extends"],
    &[b"readonly"],
    &[],
    &[b"instanceof"],
];

/// The first letters of these words, by their length, a bit for each.
const FIRST: [u32; 11] = {
    let mut first = [0; 11];
    let mut length = 0;
    while length < first.len() {
        let mut at = 0;
        while at < NESTING[length].len() {
            first[length] |= 1 << (NESTING[length][at][0] & 31);
            at += 1;
        }
        length += 1;
    }
    first
};

/// Whether a word nests what follows it. The scan meets every word of a text, and most are ruled out by length and first letter.
fn nests(word: &[u8]) -> bool {
    FIRST
        .get(word.len())
        .is_some_and(|first| first >> (word[0] & 31) & 1 == 1)
        && NESTING[word.len()].contains(&word)
}

impl Scan<'_> {
    fn run(mut self) -> u32 {
        while let Some(&byte) = self.bytes.get(self.at).filter(|_| self.deepest <= LIMIT) {
            self.token(byte);
        }
        self.deepest
    }

    fn token(&mut self, byte: u8) {
        match byte {
            b'\n' | b'\r' => self.line_end(),
            b' ' | b'\t' => self.skip_blanks(),
            b'"' | b'\'' => self.string(byte),
            // Nothing nests behind these; in JSX they give an attribute its value.
            b'=' if self
                .bytes
                .get(self.at + 1)
                .is_some_and(|next| matches!(next, b'"' | b'\'' | b'{')) =>
            {
                self.at += 1;
                self.previous = Previous::Operator;
            }
            b'`' => {
                self.at += 1;
                self.template();
            }
            b'/' => self.slash(),
            b'(' | b'[' | b'{' => {
                // A call or an index on an operand is a link of a chain of its own.
                if byte != b'{' && self.previous == Previous::Operand {
                    self.operator(0);
                }
                self.enter(false);
                self.at += 1;
                self.previous = Previous::Operator;
            }
            b')' | b']' => {
                self.leave();
                self.at += 1;
                self.previous = Previous::Operand;
            }
            b'}' => self.close_brace(),
            b',' => {
                self.at += 1;
                self.run = 0;
                self.previous = Previous::Operator;
            }
            b';' => {
                self.at += 1;
                self.skip_white_space();
                // `if (a) b; else if (c) d; else ...` is one statement, each part inside of the one before.
                if !self.rest().starts_with(b"else") {
                    self.run = 0;
                }
                self.previous = Previous::Operator;
            }
            b'<' if self.bytes.get(self.at + 1) == Some(&b'/') => {
                // A closing tag undoes its opening one.
                self.run = self.run.saturating_sub(3);
                self.at += 2;
                self.previous = Previous::Operand;
            }
            _ if IS_WORD[usize::from(byte)] => self.word(),
            _ => self.operator(1),
        }
    }

    fn operator(&mut self, width: usize) {
        self.run += 1;
        self.deepest = self.deepest.max(self.below + self.run);
        self.at += width;
        self.previous = Previous::Operator;
    }

    fn enter(&mut self, template: bool) {
        self.open.push((self.run, template));
        self.below += self.run + 1;
        self.run = 0;
        self.deepest = self.deepest.max(self.below);
    }

    fn leave(&mut self) -> bool {
        let Some((run, template)) = self.open.pop() else {
            return false;
        };
        self.below = self.below.saturating_sub(run + 1);
        self.run = run;
        template
    }

    fn close_brace(&mut self) {
        self.at += 1;
        if self.leave() {
            self.template();
            return;
        }
        self.previous = Previous::Operand;
        self.skip_white_space();
        // A block ends its statement, unless the next word or sign goes on with it.
        let goes_on = match self.rest() {
            [b'e', ..] => self.rest().starts_with(b"else"),
            [next, ..] => b".?([`+*&|=<>-%^".contains(next),
            [] => false,
        };
        if !goes_on {
            self.run = 0;
        }
    }

    fn rest(&self) -> &[u8] {
        &self.bytes[self.at..]
    }

    fn skip_blanks(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn skip_white_space(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// A line ends a statement when neither side of it asks for more.
    fn line_end(&mut self) {
        self.skip_white_space();
        if self.previous == Previous::Operand {
            let rest = self.rest();
            let next = rest.first().copied().unwrap_or(b';');
            let starts = IS_WORD[usize::from(next)]
                || matches!(next, b'"' | b'\'' | b'}' | b'/' | b'@' | b'#');
            if starts && !rest.starts_with(b"else") && !rest.starts_with(b"in") {
                self.run = 0;
            }
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let rest = &self.bytes[start..];
        let length = rest
            .iter()
            .position(|&byte| !IS_WORD[usize::from(byte)])
            .unwrap_or(rest.len());
        self.at += length;
        if nests(&rest[..length]) {
            self.operator(0);
        } else {
            // Two operands in a row: a label, a declaration, or a statement after one without a semicolon.
            self.previous = Previous::Operand;
        }
    }

    fn string(&mut self, quote: u8) {
        let start = self.at;
        let in_word = start > 0
            && self.bytes[start - 1].is_ascii_alphabetic()
            && self.previous == Previous::Operand;
        let mut at = start + 1;
        while !in_word && let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\\' => at += 2,
                b'\n' => break,
                _ if byte == quote => {
                    self.at = at + 1;
                    self.previous = Previous::Operand;
                    return;
                }
                _ => at += 1,
            }
        }
        // What does not end with its line is an apostrophe in JSX text.
        self.at = start + 1;
    }

    /// The text of a template, up to its end or to the next `${`.
    fn template(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\\' => self.at += 2,
                b'`' => {
                    self.at += 1;
                    break;
                }
                b'$' if self.bytes.get(self.at + 1) == Some(&b'{') => {
                    self.at += 2;
                    self.enter(true);
                    self.previous = Previous::Operator;
                    return;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.at.min(self.bytes.len());
        self.previous = Previous::Operand;
    }

    fn slash(&mut self) {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(b"//") {
            self.at += rest
                .iter()
                .position(|byte| *byte == b'\n')
                .unwrap_or(rest.len());
        } else if rest.starts_with(b"/*") {
            let end = rest
                .windows(2)
                .skip(2)
                .position(|pair| pair == b"*/")
                .map_or(rest.len(), |at| at + 4);
            self.at += end;
        } else if rest.starts_with(b"/>") {
            self.run = self.run.saturating_sub(2);
            self.at += 2;
            self.previous = Previous::Operand;
        } else if self.previous == Previous::Operand {
            self.operator(1);
        } else {
            self.regular_expression();
        }
    }

    fn regular_expression(&mut self) {
        let mut in_class = false;
        self.at += 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\\' => self.at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => {
                    self.at += 1;
                    break;
                }
                b'\n' => break,
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.at.min(self.bytes.len());
        self.previous = Previous::Operand;
    }
}
