//! Which calls are calls of the console, by their look alone.

use oxc_ast::AstKind;
use oxc_ast::ast::{
    CallExpression, ChainElement, Expression, IdentifierReference, MemberExpression, Statement,
};
use oxc_semantic::NodeId;

use crate::parse::Parsed;

/// Names of the global object, of which the console is a property.
pub(super) const GLOBALS: [&str; 4] = ["globalThis", "global", "self", "window"];

/// A call of the console.
pub(super) struct Call<'a> {
    pub(super) node: NodeId,
    pub(super) call: &'a CallExpression<'a>,
    /// The method; none where only the running program knows it.
    pub(super) method: Option<&'a str>,
    /// The name that leads to the console: `console`, or one of the global object.
    pub(super) root: &'a IdentifierReference<'a>,
}

/// Every call of the console, in the order of the text; a call comes before those in its arguments.
pub(super) fn all<'a>(parsed: &Parsed<'a>) -> Vec<Call<'a>> {
    let nodes = parsed.semantic.nodes().iter_enumerated();
    nodes
        .filter_map(|(node, found)| match found.kind() {
            AstKind::CallExpression(call) => of(node, call),
            _ => None,
        })
        .collect()
}

fn of<'a>(node: NodeId, call: &'a CallExpression<'a>) -> Option<Call<'a>> {
    let member = member(&call.callee)?;
    if matches!(member, MemberExpression::PrivateFieldExpression(_)) {
        return None;
    }
    Some(Call {
        node,
        call,
        method: member.static_property_name(),
        root: root(member.object())?,
    })
}

/// The name that leads to the console, if an expression means the console.
pub(super) fn root<'a>(expression: &'a Expression<'a>) -> Option<&'a IdentifierReference<'a>> {
    match expression.get_inner_expression() {
        Expression::Identifier(name) => (name.name == "console").then_some(&**name),
        other => of_global(member(other)?),
    }
}

/// The name of the global object, if an expression is the global object's `console`.
pub(super) fn of_global<'a>(
    member: &'a MemberExpression<'a>,
) -> Option<&'a IdentifierReference<'a>> {
    if member.static_property_name()? != "console" {
        return None;
    }
    match member.object().get_inner_expression() {
        Expression::Identifier(name) if GLOBALS.contains(&name.name.as_str()) => Some(name),
        _ => None,
    }
}

/// Whether an expression is a name of the global object.
pub(super) fn is_global(expression: &Expression<'_>) -> bool {
    matches!(expression.get_inner_expression(), Expression::Identifier(name)
        if GLOBALS.contains(&name.name.as_str()))
}

/// Whether a node lies in a call of the console.
pub(super) fn is_in_one(parsed: &Parsed<'_>, node: NodeId) -> bool {
    let mut around = parsed.semantic.nodes().ancestor_kinds(node);
    around.any(|kind| match kind {
        AstKind::CallExpression(call) => {
            member(&call.callee).is_some_and(|member| root(member.object()).is_some())
        }
        _ => false,
    })
}

/// A member that is read or called, past what only matters to types and chains.
pub(super) fn member<'a>(expression: &'a Expression<'a>) -> Option<&'a MemberExpression<'a>> {
    expression.get_inner_expression().get_member_expr()
}

/// Whether a statement is a call of the console and nothing else.
pub(super) fn is_statement(statement: &Statement<'_>) -> bool {
    let Statement::ExpressionStatement(statement) = statement else {
        return false;
    };
    let call = match &statement.expression {
        Expression::CallExpression(call) => call,
        Expression::ChainExpression(chain) => match &chain.expression {
            ChainElement::CallExpression(call) => call,
            _ => return false,
        },
        _ => return false,
    };
    member(&call.callee).is_some_and(|member| root(member.object()).is_some())
}
