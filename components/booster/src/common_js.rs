//! Whether a text is CommonJS code, by its own evidence.
//!
//! It reads one text. What a package's manifest or its loader says is the caller's to know (`SourceFile::module`).

use oxc_ast::AstKind;
use oxc_ast::ast::{Expression, Ident};
use oxc_semantic::{NodeId, Semantic};
use oxc_span::GetSpan as _;

/// The names that only a CommonJS loader gives, and `define`, whose mention means that the text runs elsewhere too.
const NAMES: [&str; 4] = ["require", "module", "exports", "define"];

/// The parameters of the function that a CommonJS loader wraps around a file.
pub(crate) const WRAPPER: [&str; 5] = ["exports", "require", "module", "__filename", "__dirname"];

/// Whether the text shows that it is CommonJS code.
///
/// The names that only a CommonJS loader gives are used for what they are there for, either where every run comes by (anywhere else
/// the text would throw at once), or without the text ever asking whether they are there, as code does that runs in browsers too.
pub(crate) fn is_shown(semantic: &Semantic<'_>) -> bool {
    let mut used = false;
    let mut asked = false;
    for name in NAMES {
        for node in unresolved(semantic, name) {
            match role(semantic, node, name) {
                Role::Use if is_unconditional(semantic, node) => return true,
                Role::Use => used = true,
                Role::Question => asked = true,
                Role::Other => {}
            }
        }
    }
    used && !asked
}

/// Whether the text loads CommonJS modules in any way.
pub(crate) fn mentions_require(semantic: &Semantic<'_>) -> bool {
    unresolved(semantic, "require").next().is_some()
}

/// What a mention of a loader's name is for.
enum Role {
    /// `require("x")`, `module.exports`, `exports.x`.
    Use,
    /// `typeof module`, `if (exports)`.
    Question,
    Other,
}

fn role(semantic: &Semantic<'_>, node: NodeId, name: &str) -> Role {
    let nodes = semantic.nodes();
    let own = nodes.kind(node).span();
    match nodes.parent_kind(node) {
        AstKind::UnaryExpression(unary) if unary.operator.is_typeof() => Role::Question,
        AstKind::IfStatement(_)
        | AstKind::LogicalExpression(_)
        | AstKind::ConditionalExpression(_) => Role::Question,
        AstKind::CallExpression(call) if name == "require" && call.callee.span() == own => {
            match call
                .arguments
                .first()
                .and_then(|argument| argument.as_expression())
            {
                Some(Expression::StringLiteral(_)) => Role::Use,
                _ => Role::Other,
            }
        }
        AstKind::StaticMemberExpression(member) if member.object.span() == own => {
            if name == "exports" || (name == "module" && member.property.name == "exports") {
                Role::Use
            } else {
                Role::Other
            }
        }
        _ => Role::Other,
    }
}

/// Whether every run of the text comes by: nothing around it chooses, and no function holds it back.
fn is_unconditional(semantic: &Semantic<'_>, node: NodeId) -> bool {
    let nodes = semantic.nodes();
    let mut from = nodes.kind(node).span();
    nodes.ancestor_kinds(node).all(|kind| {
        let child = std::mem::replace(&mut from, kind.span());
        match kind {
            AstKind::Function(_)
            | AstKind::ArrowFunctionExpression(_)
            | AstKind::Class(_)
            | AstKind::TryStatement(_)
            | AstKind::ForStatement(_)
            | AstKind::ForInStatement(_)
            | AstKind::ForOfStatement(_)
            | AstKind::WhileStatement(_)
            | AstKind::SwitchStatement(_)
            | AstKind::LabeledStatement(_)
            | AstKind::AssignmentPattern(_)
            | AstKind::ChainExpression(_) => false,
            AstKind::IfStatement(choice) => choice.test.span() == child,
            AstKind::ConditionalExpression(choice) => choice.test.span() == child,
            AstKind::LogicalExpression(choice) => choice.left.span() == child,
            AstKind::AssignmentExpression(assignment) => !assignment.operator.is_logical(),
            _ => true,
        }
    })
}

fn unresolved<'s>(
    semantic: &'s Semantic<'_>,
    name: &'static str,
) -> impl Iterator<Item = NodeId> + 's {
    let scoping = semantic.scoping();
    let references = scoping.root_unresolved_references().get(&Ident::from(name));
    references
        .into_iter()
        .flatten()
        .map(|&reference| scoping.get_reference(reference).node_id())
}
