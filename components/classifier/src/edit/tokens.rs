//! Cuts a request into sentences of words and signs. It knows no word's meaning.

use crate::bytes::is_ascii;

/// A word or a sign of a request, or what ends a clause or a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// In lower case; an arrow of ASCII or of Unicode counts as a word.
    Word(&'a str),
    /// The name of a file, a ticket or a person: says where or who, not what.
    Name,
    /// A comma, a colon, a dash, a parenthesis.
    Clause,
    /// The end of a sentence, and whether it asks.
    Sentence { asks: bool },
}

/// The tokens of a text in lower case. `piece` is asked for the length of the known piece that a text without blanks begins with.
pub(crate) fn tokens<'a>(
    lowered: &'a str,
    piece: impl Fn(&str) -> Option<usize>,
) -> Vec<Token<'a>> {
    let mut tokens = Vec::with_capacity(lowered.len() / 4);
    for line in lowered.lines() {
        let mut state = State::default();
        let mut take = |chunk| run(chunk, &piece, &mut state, &mut tokens);
        if is_ascii(line.as_bytes()) {
            // The blanks of ASCII; the standard library's own leaves one out.
            let chunks = line.split(|sign: char| matches!(sign, '\t'..='\r' | ' '));
            chunks.filter(|chunk| !chunk.is_empty()).for_each(&mut take);
        } else {
            line.split_whitespace().for_each(&mut take);
        }
        tokens.push(Token::Sentence { asks: false });
    }
    tokens
}

/// The tokens of a run without blanks.
fn run<'a>(
    chunk: &'a str,
    piece: &impl Fn(&str) -> Option<usize>,
    state: &mut State,
    tokens: &mut Vec<Token<'a>>,
) {
    // Most runs are a word and nothing else.
    if chunk.bytes().all(|byte| is_plain(&byte)) {
        if !state.in_parameters {
            tokens.push(Token::Word(chunk));
        }
        return;
    }
    if !state.in_code && is_name(chunk) {
        tokens.push(Token::Name);
        if chunk.ends_with([',', ':', ')', ';']) {
            tokens.push(Token::Clause);
        } else if chunk.ends_with('.') {
            tokens.push(Token::Sentence { asks: false });
        } else if chunk.ends_with('?') {
            tokens.push(Token::Sentence { asks: true });
        }
    } else if matches!(chunk, "-" | "--" | "\u{2013}" | "\u{2014}" | "|" | "*") {
        tokens.push(Token::Clause);
    } else {
        pieces(chunk, piece, state, tokens);
    }
}

/// A path, a ticket's number, a place in a file, somebody's handle.
fn is_name(chunk: &str) -> bool {
    const ENDINGS: [&str; 10] = [
        ".js", ".ts", ".jsx", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".html",
    ];
    // Most words have no sign in them.
    if !chunk
        .bytes()
        .any(|byte| matches!(byte, b'.' | b':' | b'-' | b'#' | b'@'))
    {
        return false;
    }
    let bare = chunk.trim_matches(|c: char| !c.is_alphanumeric() && c != '@' && c != '#');
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_place = bare
        .split_once(':')
        .is_some_and(|(line, column)| number(line) && number(column));
    let is_ticket = bare.split_once('-').is_some_and(|(project, ticket)| {
        number(ticket)
            && !project.is_empty()
            && project.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    ENDINGS
        .iter()
        .any(|ending| bare.len() > ending.len() && bare.ends_with(ending))
        || is_place
        || is_ticket
        || bare.strip_prefix('#').is_some_and(number)
        || bare.strip_prefix('@').is_some_and(|name| !name.is_empty())
}

#[derive(Default)]
struct State {
    /// Between two backticks.
    in_code: bool,
    /// Between the parentheses of a function in such code: a parameter's name is no word of the person.
    in_parameters: bool,
}

/// The words and signs of a run that is no name.
fn pieces<'a>(
    chunk: &'a str,
    piece: &impl Fn(&str) -> Option<usize>,
    state: &mut State,
    tokens: &mut Vec<Token<'a>>,
) {
    let mut rest = chunk;
    while let Some(first) = rest.chars().next() {
        if let Some(end) = sign_end(first, rest) {
            tokens.push(Token::Word(&rest[..end]));
            rest = &rest[end..];
            continue;
        }
        if first.is_alphanumeric() || first == '_' || first == '$' {
            let end = if is_without_blanks(first) {
                piece(rest).unwrap_or(first.len_utf8())
            } else {
                word_end(rest)
            };
            if !state.in_parameters {
                tokens.push(Token::Word(&rest[..end]));
            }
            rest = &rest[end..];
            continue;
        }
        // What stands between parentheses without a blank is a list of parameters, empty or not.
        if first == '('
            && let Some(end) = rest.find(')').filter(|end| is_parameters(&rest[1..*end]))
        {
            rest = &rest[end + 1..];
            continue;
        }
        // Dots that stand for something left out.
        if rest.starts_with("..") {
            rest = rest.trim_start_matches('.');
            tokens.push(Token::Clause);
            continue;
        }
        let after = &rest[first.len_utf8()..];
        match first {
            '`' => {
                state.in_code = !state.in_code;
                state.in_parameters = false;
            }
            '(' | ')' if state.in_code => state.in_parameters = first == '(',
            _ if state.in_code => {}
            // "bzw." and "e.g." end no sentence, and neither does "etc.".
            '.' if matches!(
                tokens.last(),
                Some(Token::Word(
                    "bzw" | "e.g" | "i.e" | "etc" | "vs" | "resp" | "ca" | "z.b" | "p.ex" | "incl"
                ))
            ) => {}
            '.' | '!' | '?' | ';' | '\u{2026}' | '\u{3002}' | '\u{ff01}' | '\u{ff1f}' => {
                tokens.push(Token::Sentence {
                    asks: matches!(first, '?' | '\u{ff1f}'),
                });
            }
            ',' | ':' | '(' | ')' | '\u{2013}' | '\u{2014}' | '\u{3001}' | '\u{ff0c}'
            | '\u{ff1a}' => tokens.push(Token::Clause),
            // "var/let" are two things, as with "and".
            '/' if matches!(tokens.last(), Some(Token::Word("var" | "vars"))) => {
                tokens.push(Token::Word("&"))
            }
            '&' | '+' => tokens.push(Token::Word("&")),
            _ => {}
        }
        rest = after;
    }
}

/// Where the arrow ends that a text begins with, if it does.
fn sign_end(first: char, text: &str) -> Option<usize> {
    match first {
        '\u{2192}' | '\u{21d2}' | '\u{279c}' | '\u{2794}' => Some(first.len_utf8()),
        '-' | '=' | '>' => ["-->", "->", "=>", ">>", ">"]
            .iter()
            .find(|sign| text.starts_with(**sign))
            .map(|sign| sign.len()),
        _ => None,
    }
}

fn is_parameters(between: &str) -> bool {
    between.len() <= 1
        || between
            .chars()
            .all(|c| matches!(c, '.' | ',' | '\u{2026}' | '{' | '}'))
}

/// Whether a byte is part of a word whatever stands beside it.
fn is_plain(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}

/// Where the word at the beginning of a text ends: letters, digits, and an apostrophe or a dot between them.
fn word_end(text: &str) -> usize {
    let plain = text.bytes().take_while(is_plain).count();
    // Most words end at a blank.
    if matches!(text.as_bytes().get(plain), None | Some(b' ' | b',')) {
        return plain;
    }
    let mut end = 0;
    let mut left = text.char_indices().peekable();
    while let Some((at, c)) = left.next() {
        let next = left.peek().map(|(_, next)| *next);
        let joins = match c {
            '\'' | '\u{2019}' => next.is_some_and(char::is_alphanumeric),
            '.' => next.is_some_and(|next| next.is_alphanumeric() || next == '*'),
            '*' => text[..at].ends_with('.'),
            _ => false,
        };
        if is_without_blanks(c) || !(c.is_alphanumeric() || c == '_' || c == '$' || joins) {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

/// A sign of Japanese or Chinese.
pub(crate) fn is_without_blanks(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}')
}
