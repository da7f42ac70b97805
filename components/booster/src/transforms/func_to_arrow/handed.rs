//! Functions that get the `this` around them for their own: `(function () { ... }).call(this)`, `[1].map(function () { ... }, this)`.
//!
//! An arrow function has that `this` by itself. It is the same value, not boxed: sloppy code around a function has an object for its
//! `this` already, and code in a strict function is strict. Where `this` is not there yet, reading it for the call fails either way.

use oxc_ast::AstKind;
use oxc_ast::ast::{Argument, Expression};
use oxc_semantic::NodeId;
use oxc_span::GetSpan as _;

use super::callees::{Callees, has_spread_before};

/// Methods of arrays that call their first argument with the second one for its `this`.
const WITH_THIS: [&str; 10] = [
    "every",
    "filter",
    "find",
    "findIndex",
    "findLast",
    "findLastIndex",
    "flatMap",
    "forEach",
    "map",
    "some",
];

impl Callees<'_, '_, '_> {
    /// Whether a function is only ever called with the `this` around it.
    pub(super) fn is_handed_this(&self, function: NodeId) -> bool {
        let nodes = self.parsed.semantic.nodes();
        let own = nodes.kind(function).span();
        let parent = nodes.parent_id(function);
        if let AstKind::StaticMemberExpression(_) = nodes.kind(parent) {
            return self.rebound(parent).is_some_and(|call| {
                matches!(
                    nodes.kind(call),
                    AstKind::CallExpression(call)
                        if matches!(call.arguments.first(), Some(Argument::ThisExpression(_)))
                )
            });
        }
        let AstKind::CallExpression(call) = nodes.kind(parent) else {
            return false;
        };
        let Expression::StaticMemberExpression(member) = &call.callee else {
            return false;
        };
        let Some(place) = call
            .arguments
            .iter()
            .position(|argument| argument.span() == own)
        else {
            return false;
        };
        let this = call.arguments.get(place + 1);
        if member.optional
            || call.optional
            || !matches!(this, Some(Argument::ThisExpression(_)))
            || has_spread_before(&call.arguments, place)
        {
            return false;
        }
        let method = member.property.name.as_str();
        match (method, place) {
            ("from", 1) => self.is_from(&member.object),
            ("call", 1) => {
                self.natives.is_method_intact("Function", "call")
                    && self
                        .array_method(&member.object)
                        .is_some_and(|method| WITH_THIS.contains(&method))
            }
            (_, 0) => WITH_THIS.contains(&method) && self.is_own_method(&member.object, method),
            _ => false,
        }
    }
}
