//! What need not be parsed again of a declaration of which only the first word is edited.
//!
//! Its names and initialisers, and what a loop's head holds besides it, parsed before. The grammar asks for the same there, with the same
//! parameters (`in`, `yield`, `await`), whether the word is `var`, `let` or `const`; the text around it is the same, and no edit lies
//! at its borders. So the declaration is one with any other plain name or expression in that place if it is one with its own, and the
//! other way round: the shortest one stands in. That it is there is still seen: a `const` and a pattern ask for an initialiser, and a loop
//! over keys forbids it. A pattern and a type stand for themselves, and so does a name that may not be one behind every word.
//!
//! Where the declaration has no semicolon, what follows goes on with the initialiser or does not, as it did before. Edits within
//! an expression lie in statements of functions in it, which are pieces of their own: a statement list holds the one as it
//! holds the other, so that the expression is one still.

use oxc_ast::AstKind;
use oxc_ast::ast::{
    BindingPattern, Declaration, Expression, ForStatementInit, ForStatementLeft,
    VariableDeclaration,
};
use oxc_span::{GetSpan as _, Span};

use super::begins_alike;
use crate::Edit;
use crate::words::Words;

/// A part of a declaration, and what is parsed in its place.
#[derive(Clone, Copy)]
pub(super) struct StandIn {
    pub(super) span: Span,
    pub(super) text: &'static str,
}

const NAME: &str = "_";

/// The blank keeps it apart from a word before it; behind an expression stand only signs, blanks and the words of a loop.
const EXPRESSION: &str = " 0";

/// Names that mean something else at the beginning of some declaration, or somewhere in it.
static AMBIGUOUS: Words = Words::new(&[
    "as",
    "is",
    "of",
    "get",
    "let",
    "set",
    "enum",
    "type",
    "async",
    "await",
    "using",
    "yield",
    "static",
    "declare",
    "satisfies",
]);

/// Collects what stands in for parts of a statement, ascending; says whether the edit replaces the first word of the statement's
/// declaration, as it has to.
pub(super) fn collect(
    text: &str,
    statement: AstKind<'_>,
    edit: &Edit,
    found: &mut Vec<StandIn>,
) -> bool {
    let Some(declaration) = declaration(statement) else {
        return false;
    };
    let start = declaration.span.start;
    let end = start + crate::count(declaration.kind.as_str().len());
    let is_word = edit.span.start == start && edit.span.end == end;
    if !is_word || !begins_alike(edit) || declaration.declare {
        return false;
    }
    for declarator in &declaration.declarations {
        if let BindingPattern::BindingIdentifier(name) = &declarator.id {
            let (span, name) = (name.span, name.name.as_bytes());
            // A name that is written with an escape is longer in the text.
            if span.size() as usize == name.len() && !AMBIGUOUS.has(name) {
                found.push(StandIn { span, text: NAME });
            }
        }
        found.extend(declarator.init.as_ref().map(expression));
    }
    // A loop may go without these, unless parentheses stand around them.
    let optional = |part: &Expression<'_>| {
        let span = part.span();
        let is_enclosed = text.as_bytes()[..span.start as usize].ends_with(b"(");
        StandIn {
            span,
            text: if is_enclosed { EXPRESSION } else { "" },
        }
    };
    match statement {
        AstKind::ForStatement(statement) => {
            found.extend(statement.test.as_ref().map(optional));
            found.extend(statement.update.as_ref().map(optional));
        }
        AstKind::ForInStatement(statement) => found.push(expression(&statement.right)),
        AstKind::ForOfStatement(statement) => found.push(expression(&statement.right)),
        _ => {}
    }
    true
}

fn expression(part: &Expression<'_>) -> StandIn {
    StandIn {
        span: part.span(),
        text: EXPRESSION,
    }
}

/// The declaration that a statement is, exports, or begins with.
fn declaration<'a>(statement: AstKind<'a>) -> Option<&'a VariableDeclaration<'a>> {
    match statement {
        AstKind::VariableDeclaration(declaration) => Some(declaration),
        AstKind::ExportDeclaration(export) => match &export.declaration {
            Declaration::VariableDeclaration(declaration) => Some(declaration),
            _ => None,
        },
        AstKind::ForStatement(statement) => match statement.init.as_ref()? {
            ForStatementInit::VariableDeclaration(declaration) => Some(declaration),
            _ => None,
        },
        AstKind::ForInStatement(statement) => of_left(&statement.left),
        AstKind::ForOfStatement(statement) => of_left(&statement.left),
        _ => None,
    }
}

fn of_left<'s, 'a>(left: &'s ForStatementLeft<'a>) -> Option<&'s VariableDeclaration<'a>> {
    match left {
        ForStatementLeft::VariableDeclaration(declaration) => Some(declaration),
        _ => None,
    }
}
