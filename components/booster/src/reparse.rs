//! Parses a result again, as little of it as shows that the whole parses.
//!
//! A grammar's statement list holds a statement wherever it holds another one that begins and ends in the same way. So where every edit lies
//! inside of a statement that parsed, the result parses if each such statement, with its edits made, is still one statement from
//! its first to its last byte, in the same kind of function. Anything else, edits that begin or end a statement above all, has the
//! whole result parsed. It checks syntax, not meaning.

mod stand_in;
#[cfg(test)]
mod tests;

use std::ops::Range;

use oxc_allocator::Allocator;
use oxc_ast::AstKind;
use oxc_ast::ast::Statement;
use oxc_semantic::NodeId;
use oxc_span::GetSpan as _;

use crate::depth;
use crate::edit::Moves;
use crate::parse::{self, Parsed};
use crate::{Edit, Span};
use stand_in::StandIn;

/// What the parser must know of the function around a statement.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    /// No function: the top of the text, or a block of it.
    Top,
    Function {
        is_async: bool,
        generates: bool,
    },
}

/// A statement that an edit lies in, or a loop's head: the loop up to its body.
struct Piece {
    span: Span,
    is_head: bool,
    within: Within,
    /// Where only the first word of its declaration is edited, the parts that something else stands in for; edits in those are
    /// other pieces'. None where all its edits are its own.
    stand_ins: Option<Range<usize>>,
    /// The number of the edit that it was made for.
    edit: usize,
}

/// With so many shapes of declarations before it one is compared.
const SHAPES: usize = 8;

/// The pieces of a text that edits lie in, each once.
pub(crate) struct Touched {
    /// By their starts. One holds others only in what something else stands in for.
    pieces: Vec<Piece>,
    /// What something else stands in for, by pieces.
    stand_ins: Vec<StandIn>,
}

impl Touched {
    /// Finds the pieces around ascending edits; none where an edit lies in no statement, where the pieces are most of the text, or where the
    /// text nests so deep that the result may pass the limit: an arrow counts as a level more than the word `function`.
    pub(crate) fn by(parsed: &Parsed<'_>, edits: &[Edit]) -> Option<Touched> {
        if parsed.depth > depth::LIMIT / 2 {
            return None;
        }
        let (nodes, text) = (parsed.semantic.nodes(), parsed.semantic.source_text());
        let mut innermost: Vec<Option<NodeId>> = vec![None; edits.len()];
        // Ascending, so that an inner statement comes after those around it.
        let mut first = 0;
        for &id in &parsed.outline.statements {
            let span = nodes.kind(id).span();
            let is_before = |edit: &Edit| edit.span.start < span.start;
            while edits.get(first).is_some_and(is_before) {
                first += 1;
            }
            for (edit, innermost) in edits[first..].iter().zip(&mut innermost[first..]) {
                if edit.span.end >= span.end {
                    break;
                }
                if edit.span.start > span.start || begins_alike(edit) {
                    *innermost = Some(id);
                }
            }
        }
        let mut pieces: Vec<Piece> = Vec::with_capacity(edits.len());
        let mut stand_ins: Vec<StandIn> = Vec::new();
        let mut bytes = 0;
        for (number, (id, edit)) in innermost.into_iter().zip(edits).enumerate() {
            let id = id?;
            let kind = nodes.kind(id);
            let (span, is_head) = piece(kind, edit);
            // What an edit before this one lies in may hold this one, or lie in the same statement.
            let holds = |last: &Piece| last.stand_ins.is_none() && last.span.end >= span.end;
            if pieces.last().is_some_and(holds) {
                continue;
            }
            let is_first = pieces
                .last()
                .is_none_or(|last| last.span.start < span.start);
            while let Some(inner) = pieces.pop_if(|last| last.span.start >= span.start) {
                bytes -= inner.bytes(&stand_ins);
            }
            let first = stand_ins.len();
            let piece = Piece {
                span,
                is_head,
                within: within(parsed, id),
                stand_ins: (is_first && stand_in::collect(text, kind, edit, &mut stand_ins))
                    .then_some(first..stand_ins.len()),
                edit: number,
            };
            bytes += piece.bytes(&stand_ins);
            pieces.push(piece);
        }
        (bytes as usize <= text.len() / 3 * 2).then_some(Touched { pieces, stand_ins })
    }

    /// Whether each piece is one still. `edits` led to `text`.
    pub(crate) fn still_parse(
        &self,
        allocator: &Allocator,
        text: &str,
        edits: &[Edit],
        reading: parse::Reading,
    ) -> bool {
        let moves = Moves::of(edits);
        let mut own = String::with_capacity(text.len());
        // Where the statements are expected, and how many of them each list of pieces has.
        let mut expected: Vec<(u32, u32)> = Vec::with_capacity(self.pieces.len() * 2);
        let mut lists: Vec<(Within, usize)> = Vec::new();
        for list in self.pieces.chunk_by(|one, next| one.within == next.within) {
            let within = list[0].within;
            let first = expected.len();
            let (before, after) = within.frame();
            own.push_str(before);
            let mut shapes: Vec<Range<usize>> = Vec::new();
            for (place, piece) in list.iter().enumerate() {
                let start = own.len();
                if piece
                    .push(&mut own, text, &moves, &self.stand_ins)
                    .is_none()
                {
                    return false;
                }
                if piece.is_head {
                    own.push(';');
                }
                if piece.stand_ins.is_some() {
                    // Pieces that read alike are parsed once. Most texts have a few shapes of declarations.
                    let last = shapes.iter().rev().take(SHAPES);
                    if last.clone().any(|known| own[known.clone()] == own[start..]) {
                        own.truncate(start);
                        continue;
                    }
                    shapes.push(start..own.len());
                }
                let mut end = |own: &mut String, start: usize| {
                    expected.push((crate::count(start), crate::count(own.len())));
                    own.push('\n');
                };
                // What has no semicolon of its own ends where its line does only if what follows cannot go on with it.
                let is_ended = own.ends_with(';') || place + 1 == list.len();
                end(&mut own, start);
                if !is_ended {
                    let start = own.len();
                    own.push_str("{}");
                    end(&mut own, start);
                }
            }
            own.push_str(after);
            lists.push((within, expected.len() - first));
        }
        parse::statements(allocator, &own, reading, |program| {
            let mut expected = &expected[..];
            let mut statements = program.body.iter();
            let is_as_expected = lists.iter().all(|&(within, count)| {
                let (own, rest) = expected.split_at(count);
                expected = rest;
                match within {
                    Within::Top => are_at(statements.by_ref().take(count), own),
                    Within::Function { .. } => statements
                        .next()
                        .and_then(framed)
                        .is_some_and(|framed| are_at(framed.iter(), own)),
                }
            });
            program.directives.is_empty() && is_as_expected && statements.next().is_none()
        })
    }
}

impl Piece {
    /// How many of its bytes are parsed again.
    fn bytes(&self, stand_ins: &[StandIn]) -> u32 {
        let gone = self.parts(stand_ins).iter().map(|part| part.span.size());
        self.span.end - self.span.start - gone.sum::<u32>()
    }

    /// Adds it to a text as the edits, which led to `text`, have changed it.
    fn push(
        &self,
        own: &mut String,
        text: &str,
        moves: &Moves,
        stand_ins: &[StandIn],
    ) -> Option<()> {
        if self.stand_ins.is_none() {
            let span = moves.forth(self.span);
            own.push_str(text.get(span.start as usize..span.end as usize)?);
            return Some(());
        }
        // Its edit is the first one in it, and no edit lies at its end.
        let place = |border| moves.behind(self.edit, border) as usize;
        let mut at = moves.ahead(self.edit, self.span.start) as usize;
        for part in self.parts(stand_ins) {
            own.push_str(text.get(at..place(part.span.start))?);
            own.push_str(part.text);
            at = place(part.span.end);
        }
        own.push_str(text.get(at..place(self.span.end))?);
        Some(())
    }

    /// The parts that something else stands in for.
    fn parts<'s>(&self, stand_ins: &'s [StandIn]) -> &'s [StandIn] {
        let own = self.stand_ins.clone().and_then(|own| stand_ins.get(own));
        own.unwrap_or_default()
    }
}

/// The statements of a function that a frame made; none where it is anything else.
fn framed<'s, 'a>(statement: &'s Statement<'a>) -> Option<&'s [Statement<'a>]> {
    let Statement::FunctionDeclaration(function) = statement else {
        return None;
    };
    let body = function.body.as_deref()?;
    body.directives.is_empty().then_some(&body.statements[..])
}

/// Whether statements begin and end at these bytes, all of them.
fn are_at<'s, 'a: 's>(
    mut statements: impl Iterator<Item = &'s Statement<'a>>,
    expected: &[(u32, u32)],
) -> bool {
    let is_at = |&expected: &(u32, u32)| {
        statements
            .next()
            .is_some_and(|statement| (statement.span().start, statement.span().end) == expected)
    };
    expected.iter().all(is_at) && statements.next().is_none()
}

impl Within {
    /// The function around statements that stand in a text of their own.
    fn frame(self) -> (&'static str, &'static str) {
        let Within::Function {
            is_async,
            generates,
        } = self
        else {
            return ("", "");
        };
        let before = match (is_async, generates) {
            (false, false) => "function _(){",
            (true, false) => "async function _(){",
            (false, true) => "function*_(){",
            (true, true) => "async function*_(){",
        };
        (before, "}\n")
    }
}

/// The part of a statement that an edit changes, and whether it is a loop's head.
fn piece(statement: AstKind<'_>, edit: &Edit) -> (Span, bool) {
    let span = statement.span();
    let body = match statement {
        AstKind::ForStatement(statement) => Some(statement.body.span()),
        AstKind::ForInStatement(statement) => Some(statement.body.span()),
        AstKind::ForOfStatement(statement) => Some(statement.body.span()),
        _ => None,
    };
    let (start, end) = (span.start, span.end);
    match body.filter(|body| edit.span.end <= body.start) {
        Some(body) => (
            Span {
                start,
                end: body.start,
            },
            true,
        ),
        None => (Span { start, end }, false),
    }
}

/// Whether what an edit puts at the beginning of a statement can, like what stood there, not go on with the statement before.
fn begins_alike(edit: &Edit) -> bool {
    matches!(edit.replacement.as_str(), "const" | "let")
}

/// Which function a statement stands in. A static block and a namespace are as good as a plain function: neither awaits nor yields.
fn within(parsed: &Parsed<'_>, statement: NodeId) -> Within {
    let (is_async, generates) = match parsed
        .semantic
        .nodes()
        .kind(parsed.outline.around(statement).scope)
    {
        AstKind::Program(_) => return Within::Top,
        AstKind::Function(function) => (function.r#async, function.generator),
        AstKind::ArrowFunctionExpression(arrow) => (arrow.r#async, false),
        _ => (false, false),
    };
    Within::Function {
        is_async,
        generates,
    }
}
