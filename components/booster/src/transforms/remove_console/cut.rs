//! The edit that takes a statement out of a text: with its line where it has one of its own, and without joining what stood around it.

use oxc_ast::ast::{ArrowFunctionExpression, Statement};
use oxc_semantic::Semantic;
use oxc_span::{GetSpan as _, Span};

use super::place::List;
use crate::edit;
use crate::{Edit, count};

/// How comments begin that tell a tool what to do.
const TOOLS: [&str; 12] = [
    "@ts-",
    "biome-",
    "c8 ",
    "deno-",
    "eslint-",
    "istanbul ",
    "jscs:",
    "jshint ",
    "oxlint-",
    "prettier-",
    "tslint:",
    "v8 ",
];

/// What such a comment says if it is about one line or one node; others are about the rest of the file.
const SCOPES: [&str; 3] = ["-line", "ignore", "expect-error"];

/// Takes a statement out of its list, or leaves one semicolon or two in its place; [`widen`] sees to the space around it.
pub(super) fn listed(text: &str, span: Span, list: &List<'_>) -> Edit {
    edit::replace(span.start, span.end, semicolons(text, list))
}

/// Takes the space around what is taken out too: whole lines where nothing else stands on them. Several pieces with nothing but space
/// between them count as one.
pub(super) fn widen(text: &str, edits: &mut [&mut Edit]) {
    let mut rest = edits;
    while let Some(first) = rest.first() {
        let mut run = 1;
        while first.replacement.is_empty()
            && let (Some(one), Some(next)) = (rest.get(run - 1), rest.get(run))
            && next.replacement.is_empty()
            && is_space(&text[one.span.end as usize..next.span.start as usize])
        {
            run += 1;
        }
        let (pieces, others) = rest.split_at_mut(run);
        rest = others;
        widen_run(text, pieces);
    }
}

fn widen_run(text: &str, pieces: &mut [&mut Edit]) {
    let (Some(start), Some(end)) = (
        pieces.first().map(|first| first.span.start as usize),
        pieces.last().map(|last| last.span.end as usize),
    ) else {
        return;
    };
    if pieces.iter().any(|piece| !piece.replacement.is_empty()) {
        return;
    }
    let before = text[..start].trim_end_matches([' ', '\t']).len();
    let after = text.len() - text[end..].trim_start_matches([' ', '\t']).len();
    let line_break = line_break(&text[after..]);
    let is_first = is_line_start(&text[..before]);
    let is_last = line_break > 0 || after == text.len();
    let (start, end) = match (is_first, is_last) {
        (true, true) => (before, after + line_break),
        (true, false) => (start, after),
        (false, true) => (before, after),
        (false, false) => (before, end),
    };
    let mut from = start;
    for piece in pieces.iter_mut() {
        piece.span.start = count(from);
        from = piece.span.end as usize;
    }
    if let Some(last) = pieces.last_mut() {
        last.span.end = count(end);
    }
}

fn is_space(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t'))
}

/// What has to stay, so that what stands before and behind is not read as one, and no string becomes a directive.
fn semicolons(text: &str, list: &List<'_>) -> &'static str {
    let Some(next) = list.next() else {
        return "";
    };
    let is_open = || list.is_closed_before(text) == Some(false);
    let is_string = |statement: &Statement<'_>| {
        matches!(statement, Statement::ExpressionStatement(only)
            if matches!(text.as_bytes().get(only.span.start as usize), Some(b'"' | b'\'')))
    };
    if let Statement::EmptyStatement(_) = next {
        // The one empty statement before a string is taken for the end of what stands before.
        let after = list.statements.get(list.at + 2);
        return if after.is_some_and(is_string) && is_open() {
            ";"
        } else {
            ""
        };
    }
    let first = text.as_bytes().get(next.span().start as usize).copied();
    match first {
        // An empty statement comes before the string; a first semicolon may belong to the directive before.
        _ if is_string(next) => {
            if is_open() {
                ";;"
            } else {
                ";"
            }
        }
        Some(b'(' | b'[' | b'`' | b'/' | b'+' | b'-' | b'<') if is_open() => ";",
        _ => "",
    }
}

/// The body of an arrow function, with its parentheses.
pub(super) fn arrow_body(
    text: &str,
    call: Span,
    arrow: &ArrowFunctionExpression<'_>,
) -> Option<Span> {
    let head = &text[arrow.span.start as usize..call.start as usize];
    let sign = head.rfind("=>")? + 2;
    let space = head[sign..].len() - head[sign..].trim_start().len();
    let start = arrow.span.start + count(sign + space);
    Some(Span::new(start, arrow.span.end))
}

/// Whether a comment would be lost with a piece of the text, or belongs to it. `is_listed` says that the piece is a statement that
/// goes with its line.
pub(super) fn has_comment(
    semantic: &Semantic<'_>,
    span: Span,
    call: Span,
    is_listed: bool,
) -> bool {
    let (text, comments) = (semantic.source_text(), semantic.comments());
    let first = comments.partition_point(|comment| comment.span.end <= span.start);
    if let Some(next) = comments.get(first) {
        if next.span.start < span.end {
            return true;
        }
        // The first comment behind, on the same line.
        let between = &text[span.end as usize..next.span.start as usize];
        if is_one_line(between) && is_directive(text, next.span) {
            return true;
        }
    }
    let Some(previous) = first.checked_sub(1).map(|place| comments[place].span) else {
        return false;
    };
    let between = &text[previous.end as usize..span.start as usize];
    if !between.trim().is_empty() {
        return false;
    }
    if is_one_line(between) {
        return is_listed || is_directive(text, previous);
    }
    let is_near = line_breaks(between) == 1;
    let own_line = text[..previous.start as usize].trim_end_matches([' ', '\t']);
    is_near
        && is_line_start(own_line)
        && (is_directive(text, previous) || (is_listed && is_end_of_paragraph(text, call.end)))
}

/// Whether nothing but the statement is below a comment: an empty line follows, or the block ends. The statement's semicolon may stand
/// anywhere behind.
fn is_end_of_paragraph(text: &str, end: u32) -> bool {
    let rest = text[end as usize..].trim_start_matches([' ', '\t', ')', ';']);
    let below = &rest[line_break(rest)..];
    if below.len() == rest.len() {
        // Something follows on the line.
        return rest.is_empty();
    }
    let below = below.trim_start_matches([' ', '\t']);
    below.is_empty() || below.starts_with('}') || line_break(below) > 0
}

/// Whether a comment tells a tool what to do with the line or the node that it stands by.
fn is_directive(text: &str, comment: Span) -> bool {
    let words = &text[comment.start as usize..comment.end as usize];
    let words = words.trim_start_matches(['/', '*', '!', '#', ' ', '\t']);
    TOOLS.iter().any(|tool| words.starts_with(tool))
        && SCOPES.iter().any(|scope| words.contains(scope))
}

fn is_one_line(text: &str) -> bool {
    !text.contains(['\n', '\r', '\u{2028}', '\u{2029}'])
}

fn line_breaks(text: &str) -> usize {
    let ends = text.matches(['\n', '\r', '\u{2028}', '\u{2029}']).count();
    ends - text.matches("\r\n").count()
}

/// How many bytes a text's line break takes, if it starts with one.
fn line_break(text: &str) -> usize {
    if text.starts_with("\r\n") {
        2
    } else {
        let first = text.chars().next();
        first
            .filter(|first| matches!(first, '\n' | '\r' | '\u{2028}' | '\u{2029}'))
            .map_or(0, char::len_utf8)
    }
}

/// Whether a line starts behind a text.
fn is_line_start(before: &str) -> bool {
    before.is_empty() || before.ends_with(['\n', '\r', '\u{2028}', '\u{2029}', '\u{feff}'])
}
