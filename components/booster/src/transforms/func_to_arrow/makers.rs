//! Where the language itself uses a function as a constructor. What a caller vouches for others does not change that.

use oxc_ast::AstKind;
use oxc_ast::ast::{CallExpression, Expression, MethodDefinitionKind, PropertyKey, PropertyKind};
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
            "call" | "apply" => {
                let Expression::StaticMemberExpression(method) = &member.object else {
                    return false;
                };
                place == 0 && BY_THIS.contains(&method.property.name.as_str())
            }
            _ => false,
        }
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
        match self.parsed.semantic.nodes().parent_kind(function) {
            AstKind::ObjectProperty(property) => {
                property.kind == PropertyKind::Get && is_species(&property.key)
            }
            AstKind::MethodDefinition(method) => {
                method.kind == MethodDefinitionKind::Get && is_species(&method.key)
            }
            _ => false,
        }
    }
}

impl Flow<'_, '_, '_, '_> {
    /// Natives make their results by it.
    pub(super) fn species(&mut self) {
        let words = "is the constructor by which natives make their results";
        self.fatal(&codes::CONSTRUCTIBLE, words);
    }
}
