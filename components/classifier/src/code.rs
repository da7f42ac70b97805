//! Facts about the code of a task, by looking at its characters: language, length, whether anything in it can be called. It does not
//! parse: a string that holds a keyword is skipped, a macro that makes functions is not seen.

use crate::Task;

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

/// So much of each text is looked at for its language and for callables; lines and tokens are counted over all of it.
const LOOKED_AT: usize = 16 << 10;

pub(crate) fn facts(task: &Task, instruction: &str) -> CodeFacts {
    let mut facts = CodeFacts {
        has_code: false,
        callable: false,
        lines: 0,
        language: "",
        tokens: 0,
    };
    let mut tokens = prose_tokens(instruction)
        + task
            .history
            .iter()
            .map(|message| prose_tokens(&message.content))
            .sum::<u64>();
    for file in task
        .files
        .iter()
        .filter(|file| !file.text.trim().is_empty())
    {
        facts.has_code = true;
        facts.lines += file
            .text
            .as_bytes()
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        // Code has more tokens to the byte than prose: some 3 bytes each in public tokenizers' figures.
        tokens += file.text.len() as u64 / 3 + 1;
        let mut end = LOOKED_AT.min(file.text.len());
        while !file.text.is_char_boundary(end) {
            end -= 1;
        }
        let text = &file.text[..end];
        facts.callable |= is_callable(text);
        if facts.language.is_empty() {
            facts.language = language(&file.path, text);
        }
    }
    facts.tokens = u32::try_from(tokens).unwrap_or(u32::MAX);
    facts
}

/// Some 4 bytes of English to a token; other scripts have about one token to a character.
fn prose_tokens(text: &str) -> u64 {
    let wide = text.as_bytes().iter().filter(|byte| **byte >= 0xe0).count() as u64;
    (text.len() as u64 - wide.min(text.len() as u64 / 3) * 3) / 4
        + wide
        + u64::from(!text.is_empty())
}

fn language(path: &str, text: &str) -> &'static str {
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
    // The first shape that is found names the language; the most telling ones come first.
    const BY_SHAPE: [(&str, &str); 14] = [
        ("#include", "c"),
        ("fn main", "rust"),
        ("let mut ", "rust"),
        ("package main", "go"),
        ("func ", "go"),
        ("public class", "java"),
        ("def ", "python"),
        ("import numpy", "python"),
        ("interface ", "typescript"),
        (": string", "typescript"),
        ("function", "javascript"),
        ("const ", "javascript"),
        ("var ", "javascript"),
        ("=>", "javascript"),
    ];
    let extension = path
        .rsplit(['/', '\\'])
        .next()
        .and_then(|name| name.rsplit_once('.'))
        .map_or("", |(_, extension)| extension);
    let known = BY_EXTENSION
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(extension));
    known
        .or_else(|| BY_SHAPE.iter().find(|(shape, _)| text.contains(shape)))
        .map_or("", |(_, language)| *language)
}

/// Whether a text outside of strings and comments has a word or sign that makes something callable.
fn is_callable(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'' | b'`') => at = after_string(bytes, at, quote),
            b'/' if bytes.get(at + 1) == Some(&b'/') => at = line_end(bytes, at),
            b'#' if bytes.get(at + 1) == Some(&b' ') => at = line_end(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = bytes[at + 2..]
                    .windows(2)
                    .position(|pair| pair == b"*/")
                    .map_or(bytes.len(), |end| at + end + 4);
            }
            b'=' if bytes.get(at + 1) == Some(&b'>') => return true,
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                let start = at;
                while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_') {
                    at += 1;
                }
                let is_member = start > 0 && bytes[start - 1] == b'.';
                let word = &bytes[start..at];
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
                if bytes.get(at) == Some(&b'(')
                    && opens_block(&bytes[at..])
                    && !matches!(
                        word,
                        b"if" | b"for" | b"while" | b"switch" | b"catch" | b"with" | b"return"
                    )
                {
                    return true;
                }
            }
            _ => at += 1,
        }
    }
    false
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
