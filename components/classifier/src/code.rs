//! Facts about the code of a task, by looking at its characters: language, length, whether anything in it can be called. It does not
//! parse: a string that holds a keyword is skipped, a macro that makes functions is not seen.

use crate::Task;
use crate::bytes::{Counts, count};
use crate::noise::Plain;

/// What is known of a task's code.
pub(crate) struct CodeFacts {
    pub(crate) has_code: bool,
    /// Something in it can be called: a function, a class, a method.
    pub(crate) callable: bool,
    pub(crate) lines: usize,
    /// In lower case; empty when there is no code or it is not known.
    pub(crate) language: &'static str,
    /// About how many tokens a model would read of the whole task.
    pub(crate) tokens: u32,
}

/// So much of each text is looked at for callables; lines and tokens are counted over all of it.
const LOOKED_AT: usize = 16 << 10;

pub(crate) fn facts(task: &Task, instruction: &Plain<'_>) -> CodeFacts {
    let mut facts = CodeFacts {
        has_code: false,
        callable: false,
        lines: 0,
        language: "",
        tokens: 0,
    };
    let said_before = task.history.iter().map(|message| {
        let said = message.content.as_bytes();
        prose_tokens(said.len(), &Counts::of(said))
    });
    let mut tokens =
        prose_tokens(instruction.text.len(), &instruction.counts) + said_before.sum::<u64>();
    for file in task
        .files
        .iter()
        .filter(|file| !file.text.trim().is_empty())
    {
        facts.has_code = true;
        facts.lines += count(file.text.as_bytes(), |byte| byte == b'\n') + 1;
        // Code has more tokens to the byte than prose: some 3 bytes each in public tokenizers' figures.
        tokens += file.text.len() as u64 / 3 + 1;
        let mut end = LOOKED_AT.min(file.text.len());
        while !file.text.is_char_boundary(end) {
            end -= 1;
        }
        let text = &file.text[..end];
        let known = by_extension(&file.path);
        let found = walk(
            text.as_bytes(),
            known.is_empty() && facts.language.is_empty(),
        );
        facts.callable |= found.callable;
        if facts.language.is_empty() {
            facts.language = if known.is_empty() {
                found.language
            } else {
                known
            };
        }
    }
    facts.tokens = u32::try_from(tokens).unwrap_or(u32::MAX);
    facts
}

/// Some 4 bytes of English to a token; other scripts have about one token to a character.
fn prose_tokens(bytes: usize, counts: &Counts) -> u64 {
    let (bytes, wide) = (bytes as u64, counts.wide as u64);
    (bytes - wide.min(bytes / 3) * 3) / 4 + wide + u64::from(bytes > 0)
}

fn by_extension(path: &str) -> &'static str {
    const BY_EXTENSION: [(&str, &str); 34] = [
        ("js", "javascript"),
        ("mjs", "javascript"),
        ("cjs", "javascript"),
        ("jsx", "javascript"),
        ("ts", "typescript"),
        ("tsx", "typescript"),
        ("mts", "typescript"),
        ("cts", "typescript"),
        ("py", "python"),
        ("rs", "rust"),
        ("go", "go"),
        ("java", "java"),
        ("kt", "kotlin"),
        ("c", "c"),
        ("h", "c"),
        ("cc", "c++"),
        ("cpp", "c++"),
        ("hpp", "c++"),
        ("cs", "c#"),
        ("rb", "ruby"),
        ("php", "php"),
        ("swift", "swift"),
        ("scala", "scala"),
        ("sh", "shell"),
        ("bash", "shell"),
        ("sql", "sql"),
        ("html", "html"),
        ("css", "css"),
        ("json", "json"),
        ("yaml", "yaml"),
        ("yml", "yaml"),
        ("toml", "toml"),
        ("md", "markdown"),
        ("ex", "elixir"),
    ];
    let extension = path
        .rsplit(['/', '\\'])
        .next()
        .and_then(|name| name.rsplit_once('.'))
        .map_or("", |(_, extension)| extension);
    BY_EXTENSION
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(extension))
        .map_or("", |(_, language)| *language)
}

/// So many bytes are looked at for the language.
const SHAPES_IN: usize = 2 << 10;

/// What a walk over a text finds.
struct Found {
    /// A word or sign that makes something callable.
    callable: bool,
    /// The language that the most telling shape is of; empty where there is none or nobody asked.
    language: &'static str,
}

/// Languages by shapes that stand at a word's beginning or a sign. The first that is found anywhere names the language; the most telling ones come first.
const BY_SHAPE: [(&[u8], &str); 14] = [
    (b"#include", "c"),
    (b"fn main", "rust"),
    (b"let mut ", "rust"),
    (b"package main", "go"),
    (b"func ", "go"),
    (b"public class", "java"),
    (b"def ", "python"),
    (b"import numpy", "python"),
    (b"interface ", "typescript"),
    (b": string", "typescript"),
    (b"function", "javascript"),
    (b"const ", "javascript"),
    (b"var ", "javascript"),
    (b"=>", "javascript"),
];

/// What a byte is to the walk.
#[derive(Clone, Copy, PartialEq)]
enum Class {
    Other,
    /// Goes on with a word.
    Digit,
    /// Begins a word or goes on with it.
    Letter,
    /// A quotation mark, or what may begin a comment or a shape.
    Sign,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        let value = byte as u8;
        classes[byte] = match value {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            b'"' | b'\'' | b'`' | b'/' | b'#' | b'=' | b':' => Class::Sign,
            _ => Class::Other,
        };
        byte += 1;
    }
    classes
};

/// The shapes that begin with a byte, a bit for each.
const BEGUN_BY: [u16; 256] = {
    let mut begun = [0; 256];
    let mut at = 0;
    while at < BY_SHAPE.len() {
        begun[BY_SHAPE[at].0[0] as usize] |= 1 << at;
        at += 1;
    }
    begun
};

/// Looks outside of strings and comments, and no further than it has to.
fn walk(bytes: &[u8], want_language: bool) -> Found {
    let class = |at: usize| CLASSES[usize::from(bytes[at])];
    let mut found = None;
    let mut more_telling = if want_language { u16::MAX } else { 0 };
    let mut callable = false;
    let mut at = 0;
    while at < bytes.len() && !(callable && (more_telling == 0 || at >= SHAPES_IN)) {
        let byte = bytes[at];
        // Only a shape that tells more than the one that was found is looked for.
        let mut begun = BEGUN_BY[usize::from(byte)] & more_telling;
        while begun != 0 {
            let shape = begun.trailing_zeros() as usize;
            if bytes[at..].starts_with(BY_SHAPE[shape].0) {
                found = Some(shape);
                more_telling = (1 << shape) - 1;
                break;
            }
            begun &= begun - 1;
        }
        match class(at) {
            Class::Other | Class::Digit => at += 1,
            Class::Sign => match (byte, bytes.get(at + 1)) {
                (b'"' | b'\'' | b'`', _) => at = after_string(bytes, at, byte),
                (b'/', Some(b'/')) | (b'#', Some(b' ')) => at = line_end(bytes, at),
                (b'/', Some(b'*')) => {
                    at = bytes[at + 2..]
                        .windows(2)
                        .position(|pair| pair == b"*/")
                        .map_or(bytes.len(), |end| at + end + 4);
                }
                (sign, next) => {
                    callable |= sign == b'=' && next == Some(&b'>');
                    at += 1;
                }
            },
            Class::Letter => {
                let start = at;
                while at < bytes.len() && matches!(class(at), Class::Letter | Class::Digit) {
                    at += 1;
                }
                callable = callable || makes_callable(bytes, start, at);
            }
        }
    }
    Found {
        callable,
        language: found.map_or("", |shape| BY_SHAPE[shape].1),
    }
}

/// Whether the word at these bytes, or what follows it, makes something callable.
fn makes_callable(bytes: &[u8], start: usize, end: usize) -> bool {
    let word = &bytes[start..end];
    let is_member = start > 0 && bytes[start - 1] == b'.';
    if !is_member
        && matches!(
            word,
            b"function"
                | b"class"
                | b"def"
                | b"fn"
                | b"func"
                | b"lambda"
                | b"sub"
                | b"proc"
                | b"impl"
                | b"trait"
        )
    {
        return true;
    }
    // C, Java and their kin: a type, a name, parentheses, a block.
    bytes.get(end) == Some(&b'(')
        && opens_block(&bytes[end..])
        && !matches!(
            word,
            b"if" | b"for" | b"while" | b"switch" | b"catch" | b"with" | b"return"
        )
}

/// Whether a closed pair of parentheses is followed by an opening brace.
fn opens_block(bytes: &[u8]) -> bool {
    let mut depth = 0_usize;
    for (at, byte) in bytes.iter().take(400).enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return bytes[at + 1..]
                        .iter()
                        .find(|byte| !byte.is_ascii_whitespace())
                        == Some(&b'{');
                }
            }
            _ => {}
        }
    }
    false
}

fn after_string(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\n' if quote != b'`' => return at,
            byte if byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

fn line_end(bytes: &[u8], start: usize) -> usize {
    bytes[start..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(bytes.len(), |end| start + end)
}
