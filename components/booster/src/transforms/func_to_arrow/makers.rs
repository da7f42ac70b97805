//! Where the language itself uses a function as a constructor. What a caller vouches for others does not change that.

use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, CallExpression, Expression, MethodDefinitionKind, NewExpression, PropertyKey,
    PropertyKind,
};
use oxc_semantic::NodeId;

use super::callees::Callees;
use super::codes;
use super::flow::Flow;

/// Static methods of the language's classes that make an object by the constructor that is their `this`.
const BY_THIS: [&str; 11] = [
    "all",
    "allSettled",
    "any",
    "from",
    "fromAsync",
    "of",
    "race",
    "reject",
    "resolve",
    "try",
    "withResolvers",
];

impl Callees<'_, '_, '_> {
    /// Whether a call makes an object by the argument at a place: `Reflect.construct(a, b, f)`, `Array.from.call(f, a)`.
    pub(super) fn is_constructing(&self, call: &CallExpression<'_>, place: usize) -> bool {
        let Expression::StaticMemberExpression(member) = &call.callee else {
            return false;
        };
        match member.property.name.as_str() {
            "construct" => {
                member.object.is_specific_id("Reflect") && self.is_global(&member.object)
            }
            "revocable" => {
                place == 0
                    && member.object.is_specific_id("Proxy")
                    && self.is_global(&member.object)
            }
            "call" | "apply" => {
                let Expression::StaticMemberExpression(method) = &member.object else {
                    return false;
                };
                place == 0 && BY_THIS.contains(&method.property.name.as_str())
            }
            _ => false,
        }
    }

    /// Whether an argument is what a proxy stands for: `new` makes an object by a proxy only where it can by that.
    pub(super) fn is_proxied(&self, call: &NewExpression<'_>, place: usize) -> bool {
        place == 0 && call.callee.is_specific_id("Proxy") && self.is_global(&call.callee)
    }

    /// Whether a property stands in the description of `Symbol.species`: `Object.defineProperty(a, Symbol.species, { value: f })`.
    fn describes_species(&self, property: NodeId) -> bool {
        let nodes = self.parsed.semantic.nodes();
        let object = nodes.parent_id(property);
        let is_species = |argument: &Argument<'_>| {
            argument
                .as_expression()
                .is_some_and(|argument| self.is_species(argument))
        };
        matches!(nodes.kind(object), AstKind::ObjectExpression(_))
            && matches!(nodes.parent_kind(object), AstKind::CallExpression(call) if call.arguments.iter().any(is_species))
    }

    /// Whether the value of a property is a constructor by which natives make their results.
    pub(super) fn is_species_value(&self, property: NodeId, key: &PropertyKey<'_>) -> bool {
        let is_key = key.as_expression().is_some_and(|key| self.is_species(key));
        is_key || !is_getter(key) && self.describes_species(property)
    }

    /// Whether a computed key is `Symbol.species`: natives make their results by what is there.
    pub(super) fn is_species(&self, key: &Expression<'_>) -> bool {
        let Expression::StaticMemberExpression(member) = key else {
            return false;
        };
        member.property.name == "species"
            && member.object.is_specific_id("Symbol")
            && self.is_global(&member.object)
    }

    /// Whether a function is the getter of `Symbol.species`.
    pub(super) fn is_species_getter(&self, function: NodeId) -> bool {
        let is_species = |key: &PropertyKey<'_>| {
            key.as_expression()
                .is_some_and(|expression| self.is_species(expression))
        };
        let nodes = self.parsed.semantic.nodes();
        let parent = nodes.parent_id(function);
        match nodes.kind(parent) {
            AstKind::ObjectProperty(property) => {
                property.kind == PropertyKind::Get && is_species(&property.key)
                    || is_getter(&property.key) && self.describes_species(parent)
            }
            AstKind::MethodDefinition(method) => {
                method.kind == MethodDefinitionKind::Get && is_species(&method.key)
            }
            _ => false,
        }
    }
}

/// Whether a key is that of a getter in the description of a property.
fn is_getter(key: &PropertyKey<'_>) -> bool {
    key.static_name().as_deref() == Some("get")
}

impl Flow<'_, '_, '_, '_> {
    /// Natives make their results by it.
    pub(super) fn species(&mut self) {
        let words = "is the constructor by which natives make their results";
        self.fatal(&codes::CONSTRUCTIBLE, words);
    }
}
