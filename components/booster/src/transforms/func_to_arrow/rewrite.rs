//! How a function is written as an arrow function. Its parameters and its body stay as they are.

use oxc_ast::AstKind;
use oxc_ast::ast::{CallExpression, Function};
use oxc_semantic::NodeId;
use oxc_span::{GetSpan as _, Span};

use crate::parse::Parsed;
use crate::{Edit, edit, words};

/// The first edit and those behind it, or none where a comment would be lost.
///
/// `bound` is the call of `.bind(this)` on it, which goes away; `value` is the node that becomes the arrow function: that call, or
/// the function.
pub(super) fn edits(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    bound: Option<&CallExpression<'_>>,
    value: NodeId,
) -> Option<(Edit, Vec<Edit>)> {
    let text = parsed.semantic.source_text();
    let head = function
        .type_parameters
        .as_ref()
        .map_or(function.params.span, |types| types.span);
    if has_comment(parsed, function.span.start, head.start) {
        return None;
    }
    let whole = parsed.semantic.nodes().kind(value).span();
    let own = &text[function.span.start as usize..function.span.end as usize];
    // Cheap, and often true: then parentheses stand that are not always needed.
    let has_in = words::mentions(own, "in");
    let wraps = (needs_parentheses(parsed, value) || has_in && is_in_head_of_for(parsed, value))
        && !is_parenthesised(parsed, whole)
        && !(bound.is_some() && is_parenthesised(parsed, function.span));
    let mut edits = Vec::with_capacity(3);
    let open = if wraps { "(" } else { "" };
    let word = if function.r#async { "async " } else { "" };
    let start = format!("{open}{word}");
    let first = edit::replace(function.span.start, head.start, &start);
    if let Some(types) = &function.type_parameters {
        // In a file with JSX, `<T>` alone would open an element; files named .mts and .cts do not allow it either.
        if let [only] = &types.params[..]
            && only.constraint.is_none()
            && !text[only.span.end as usize..types.span.end as usize].contains(',')
        {
            edits.push(edit::insert(only.span.end, ","));
        }
    }
    // No line may end between the parameters and the arrow.
    let sign = function
        .return_type
        .as_ref()
        .map_or(function.params.span.end, |types| types.span.end);
    let is_close = text.as_bytes().get(sign as usize) == Some(&b'{');
    edits.push(edit::insert(sign, if is_close { " => " } else { " =>" }));
    let close = if wraps { ")" } else { "" };
    match bound {
        None if wraps => edits.push(edit::insert(function.span.end, close)),
        None => {}
        Some(call) => {
            if has_comment(parsed, function.span.end, call.span.end) {
                return None;
            }
            let tail = &text[function.span.end as usize..call.span.end as usize];
            let dot = tail.find('.')?;
            let cut = tail[..dot].rfind(')').map_or(0, |at| at + 1);
            let start = function.span.end + crate::count(cut);
            edits.push(edit::replace(start, call.span.end, close));
        }
    }
    Some((first, edits))
}

/// Whether a comment stands in a piece of the text.
fn has_comment(parsed: &Parsed<'_>, start: u32, end: u32) -> bool {
    let comments = parsed.semantic.comments();
    let first = comments.partition_point(|comment| comment.span.start < start);
    comments
        .get(first)
        .is_some_and(|comment| comment.span.start < end)
}

/// Whether an arrow function can stand in a node's place only in parentheses. Where in doubt it gets them.
fn needs_parentheses(parsed: &Parsed<'_>, value: NodeId) -> bool {
    let nodes = parsed.semantic.nodes();
    let own = nodes.kind(value).span();
    match nodes.parent_kind(value) {
        AstKind::CallExpression(call) => call.callee.span() == own,
        AstKind::NewExpression(call) => call.callee.span() == own,
        AstKind::ComputedMemberExpression(member) => member.object.span() == own,
        AstKind::AssignmentExpression(assignment) => assignment.right.span() != own,
        AstKind::ArrayExpression(_)
        | AstKind::ArrowFunctionExpression(_)
        | AstKind::AssignmentPattern(_)
        | AstKind::AssignmentTargetWithDefault(_)
        | AstKind::ExportDefaultDeclaration(_)
        | AstKind::ExpressionStatement(_)
        | AstKind::JSXExpressionContainer(_)
        | AstKind::ObjectProperty(_)
        | AstKind::PropertyDefinition(_)
        | AstKind::ReturnStatement(_)
        | AstKind::SequenceExpression(_)
        | AstKind::SpreadElement(_)
        | AstKind::TemplateLiteral(_)
        | AstKind::ThrowStatement(_)
        | AstKind::VariableDeclarator(_)
        | AstKind::YieldExpression(_) => false,
        _ => true,
    }
}

/// Whether a node stands in the first part of a `for`'s head, where `in` is no operator outside of parentheses. In the body of an arrow function it is
/// one again (ECMA-262, 15.3), which the parser here, oxc, does not know.
fn is_in_head_of_for(parsed: &Parsed<'_>, value: NodeId) -> bool {
    let nodes = parsed.semantic.nodes();
    let mut within = nodes.kind(value).span();
    for kind in nodes.ancestor_kinds(value) {
        match kind {
            AstKind::ForStatement(head)
                if head.init.as_ref().is_some_and(|init| init.span() == within) =>
            {
                return true;
            }
            // `for (var f = function () {} in a)` is sloppy code of old (annex B.3.5).
            AstKind::ForInStatement(head) if head.left.span() == within => return true,
            AstKind::Function(_) | AstKind::Class(_) => return false,
            _ => {}
        }
        within = kind.span();
    }
    false
}

/// Whether parentheses stand around a piece of the text. Those of a call's arguments count too; no caller asks about them.
fn is_parenthesised(parsed: &Parsed<'_>, piece: Span) -> bool {
    let bytes = parsed.semantic.source_text().as_bytes();
    let before = before(parsed, piece.start);
    let after = after(parsed, piece.end);
    before > 0 && bytes[before as usize - 1] == b'(' && bytes.get(after as usize) == Some(&b')')
}

/// The byte behind the last token before a place.
fn before(parsed: &Parsed<'_>, mut at: u32) -> u32 {
    let text = parsed.semantic.source_text();
    let comments = parsed.semantic.comments();
    loop {
        at = crate::count(text[..at as usize].trim_end().len());
        let behind = comments.partition_point(|comment| comment.span.end < at);
        match comments.get(behind) {
            Some(comment) if comment.span.end == at && comment.span.start < at => {
                at = comment.span.start
            }
            _ => return at,
        }
    }
}

/// The first byte of the next token from a place on.
fn after(parsed: &Parsed<'_>, mut at: u32) -> u32 {
    let text = parsed.semantic.source_text();
    let comments = parsed.semantic.comments();
    loop {
        let rest = &text[at as usize..];
        at += crate::count(rest.len() - rest.trim_start().len());
        let next = comments.partition_point(|comment| comment.span.start < at);
        match comments.get(next) {
            Some(comment) if comment.span.start == at && comment.span.end > at => {
                at = comment.span.end
            }
            _ => return at,
        }
    }
}
