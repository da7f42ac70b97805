//! Who calls a callback plainly: natives that the text leaves as they are, and functions of the text's own.

use oxc_ast::AstKind;
use oxc_ast::ast::{Argument, BindingPattern, CallExpression, Expression, FormalParameters};
use oxc_semantic::{NodeId, SymbolId};

use super::body::{Bodies, Own};
use super::natives::{GLOBAL_OBJECTS, Natives};
use crate::parse::Parsed;
use crate::transforms::names::Names;

/// Methods of arrays that call their first argument and do nothing else with it.
const ARRAY_METHODS: [&str; 14] = [
    "every",
    "filter",
    "find",
    "findIndex",
    "findLast",
    "findLastIndex",
    "flatMap",
    "forEach",
    "map",
    "reduce",
    "reduceRight",
    "some",
    "sort",
    "toSorted",
];

/// Global functions that call their first argument later.
const SCHEDULERS: [&str; 6] = [
    "queueMicrotask",
    "requestAnimationFrame",
    "requestIdleCallback",
    "setImmediate",
    "setInterval",
    "setTimeout",
];

/// What is known of who gets a callback.
pub(super) enum Callee {
    /// It calls it and keeps it from everybody.
    Plain,
    /// It calls it, and shows it to who looks closely: as a property of a timer.
    Shown,
    /// It is known by this name inside of a function of the text's own.
    Parameter(SymbolId),
    /// Nothing is known.
    Unknown,
}

pub(super) struct Callees<'c, 'p, 'a> {
    pub(super) parsed: &'p Parsed<'a>,
    pub(super) names: &'c Names<'p, 'a>,
    pub(super) bodies: &'c Bodies,
    pub(super) natives: &'c Natives<'a>,
}

impl<'a> Callees<'_, '_, 'a> {
    /// Who gets the argument of a call at a place in its list.
    pub(super) fn of_call(&self, call: &CallExpression<'a>, id: NodeId, place: usize) -> Callee {
        if has_spread_before(&call.arguments, place) {
            return Callee::Unknown;
        }
        match &call.callee {
            Expression::Identifier(name) if self.is_global(&call.callee) => {
                let is_scheduler = SCHEDULERS.contains(&name.name.as_str()) && place == 0;
                if is_scheduler && self.natives.are_intact(&[name.name.as_str()]) {
                    Callee::Shown
                } else {
                    Callee::Unknown
                }
            }
            Expression::StaticMemberExpression(member) if !member.optional && !call.optional => {
                let method = member.property.name.as_str();
                self.of_method(&member.object, method, &call.arguments, place)
            }
            callee => self.parameter(callee, id, place),
        }
    }

    /// Whether a class that is made calls an argument of its constructor and does nothing else with it: `new Promise(f)`.
    pub(super) fn is_executor(&self, class: &Expression<'a>, place: usize) -> bool {
        place == 0 && self.is_native(class, "Promise")
    }

    fn of_method(
        &self,
        object: &Expression<'a>,
        method: &str,
        arguments: &[Argument<'a>],
        place: usize,
    ) -> Callee {
        let natives = self.natives;
        if place == 0 && SCHEDULERS.contains(&method) && natives.are_intact(&[method]) {
            let is_global = object
                .get_identifier_reference()
                .is_some_and(|name| GLOBAL_OBJECTS.contains(&name.name.as_str()))
                && self.is_global(object);
            return if is_global {
                Callee::Shown
            } else {
                Callee::Unknown
            };
        }
        let is_plain = match (method, place) {
            ("nextTick", 0) => {
                self.is_native(object, "process") && natives.are_intact(&["nextTick"])
            }
            ("stringify" | "parse", 1) => {
                self.is_native(object, "JSON") && natives.are_intact(&[method])
            }
            ("from", 1) => self.is_native(object, "Array") && natives.are_intact(&["from"]),
            ("then", 0 | 1) | ("catch" | "finally", 0) => {
                self.is_promise(object)
                    && natives.is_method_intact("Promise", method)
                    && natives.are_intact(&["then"])
            }
            ("replace" | "replaceAll", 1) => {
                self.is_string(object)
                    && matches!(
                        arguments.first(),
                        Some(Argument::StringLiteral(_) | Argument::RegExpLiteral(_))
                    )
                    && natives.is_method_intact("String", method)
                    && natives.are_intact(&["RegExp"])
            }
            ("call", 1) => match object {
                Expression::StaticMemberExpression(native) => {
                    let method = native.property.name.as_str();
                    ARRAY_METHODS.contains(&method)
                        && natives.is_method_intact("Array", method)
                        && natives.is_method_intact("Function", "call")
                        && (matches!(&native.object, Expression::ArrayExpression(_))
                            || self.is_prototype_of_array(&native.object))
                }
                _ => false,
            },
            (_, 0) => {
                ARRAY_METHODS.contains(&method)
                    && natives.is_method_intact("Array", method)
                    && self.is_array(object)
            }
            _ => false,
        };
        if is_plain {
            Callee::Plain
        } else {
            Callee::Unknown
        }
    }

    /// Whether a name is nobody's in the text.
    fn is_global(&self, expression: &Expression<'_>) -> bool {
        expression.get_identifier_reference().is_some_and(|name| {
            let scoping = self.parsed.semantic.scoping();
            scoping
                .get_reference(name.reference_id())
                .symbol_id()
                .is_none()
        })
    }

    /// Whether an expression is a native object, by its own name.
    fn is_native(&self, expression: &Expression<'_>, name: &str) -> bool {
        expression.is_specific_id(name)
            && self.is_global(expression)
            && self.natives.are_intact(&[name])
    }

    fn is_prototype_of_array(&self, expression: &Expression<'_>) -> bool {
        match expression {
            Expression::StaticMemberExpression(member) => {
                member.property.name == "prototype" && self.is_native(&member.object, "Array")
            }
            _ => false,
        }
    }

    /// Whether a value is an array that nobody else has had hold of.
    fn is_array(&self, expression: &Expression<'a>) -> bool {
        let natives = self.natives;
        match expression {
            Expression::ArrayExpression(_) => true,
            Expression::NewExpression(call) => self.is_native(&call.callee, "Array"),
            Expression::CallExpression(call) if !call.optional => match &call.callee {
                Expression::Identifier(_) => self.is_native(&call.callee, "Array"),
                Expression::StaticMemberExpression(member) if !member.optional => {
                    let method = member.property.name.as_str();
                    if !natives.are_intact(&[method]) {
                        return false;
                    }
                    match method {
                        "keys" | "getOwnPropertyNames"
                            if self.is_native(&member.object, "Object") =>
                        {
                            true
                        }
                        "entries" | "values" => self.is_native(&member.object, "Object"),
                        "from" | "of" => self.is_native(&member.object, "Array"),
                        "split" => {
                            let is_literal = matches!(
                                &call.arguments[..],
                                [Argument::StringLiteral(_) | Argument::RegExpLiteral(_)]
                            );
                            is_literal
                                && natives.is_method_intact("String", "split")
                                && natives.are_intact(&["RegExp"])
                                && self.is_string(&member.object)
                        }
                        "map" | "filter" | "slice" | "concat" | "sort" | "reverse" | "flat"
                        | "flatMap" | "splice" => {
                            natives.is_method_intact("Array", method)
                                && self.is_array(&member.object)
                        }
                        _ => false,
                    }
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether a value is a string.
    fn is_string(&self, expression: &Expression<'_>) -> bool {
        match expression {
            Expression::StringLiteral(_) | Expression::TemplateLiteral(_) => true,
            Expression::UnaryExpression(unary) => unary.operator.is_typeof(),
            Expression::CallExpression(call) => {
                !call.optional && self.is_native(&call.callee, "String")
            }
            Expression::BinaryExpression(sum) => {
                sum.operator == oxc_syntax::operator::BinaryOperator::Addition
                    && (self.is_string(&sum.left) || self.is_string(&sum.right))
            }
            _ => false,
        }
    }

    /// Whether a value is a promise of the language's own.
    fn is_promise(&self, expression: &Expression<'a>) -> bool {
        match expression {
            Expression::ImportExpression(_) => true,
            Expression::NewExpression(call) => self.is_native(&call.callee, "Promise"),
            Expression::CallExpression(call) if !call.optional => match &call.callee {
                Expression::FunctionExpression(function) => function.r#async && !function.generator,
                Expression::ArrowFunctionExpression(arrow) => arrow.r#async,
                Expression::Identifier(_) => self.is_async(&call.callee),
                Expression::StaticMemberExpression(member) if !member.optional => {
                    let method = member.property.name.as_str();
                    match method {
                        "all" | "allSettled" | "any" | "race" | "reject" | "resolve" => {
                            self.is_native(&member.object, "Promise")
                                && self.natives.are_intact(&[method])
                        }
                        "then" | "catch" | "finally" => {
                            self.natives.is_method_intact("Promise", method)
                                && self.is_promise(&member.object)
                        }
                        _ => false,
                    }
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether a name is that of an async function.
    fn is_async(&self, callee: &Expression<'a>) -> bool {
        match self.function_of(callee) {
            Some(AstKind::Function(function)) => function.r#async && !function.generator,
            Some(AstKind::ArrowFunctionExpression(arrow)) => arrow.r#async,
            _ => false,
        }
    }

    /// The parameter by which a function of the text's own knows an argument.
    fn parameter(&self, callee: &Expression<'a>, call: NodeId, place: usize) -> Callee {
        if self.parsed.outline.around(call).withs > 0 || self.natives.reads_arguments {
            return Callee::Unknown;
        }
        let parameters: &FormalParameters<'_> = match self.function_of(callee) {
            Some(AstKind::Function(function)) => {
                let mut uses = self.bodies.uses(function.node_id.get());
                if uses.any(|used| matches!(used, Own::Arguments | Own::Eval)) {
                    return Callee::Unknown;
                }
                &function.params
            }
            Some(AstKind::ArrowFunctionExpression(arrow)) => &arrow.params,
            _ => return Callee::Unknown,
        };
        let named = parameters
            .items
            .get(place)
            .and_then(|parameter| match &parameter.pattern {
                BindingPattern::BindingIdentifier(name) => name.symbol_id.get(),
                _ => None,
            });
        match named {
            Some(symbol) => Callee::Parameter(symbol),
            // Nothing can get hold of what is given beyond the parameters.
            None if place >= parameters.items.len() && parameters.rest.is_none() => Callee::Plain,
            None => Callee::Unknown,
        }
    }

    /// The one function that a callee can be.
    fn function_of(&self, callee: &Expression<'a>) -> Option<AstKind<'a>> {
        let nodes = self.parsed.semantic.nodes();
        match callee {
            Expression::FunctionExpression(function) => Some(nodes.kind(function.node_id.get())),
            Expression::ArrowFunctionExpression(arrow) => Some(nodes.kind(arrow.node_id.get())),
            Expression::Identifier(name) => {
                let scoping = self.parsed.semantic.scoping();
                let symbol = scoping.get_reference(name.reference_id()).symbol_id()?;
                let declared = scoping.symbol_declaration(symbol);
                if !is_settled(self.names, symbol)
                    || self.names.is_written(symbol)
                    || self.parsed.outline.around(declared).withs > 0
                {
                    return None;
                }
                let is_shared = scoping.symbol_scope_id(symbol) == scoping.root_scope_id()
                    && !self.parsed.owns_names;
                match nodes.kind(declared) {
                    kind @ AstKind::Function(_) => {
                        let is_top = crate::outline::is_top(nodes.parent_kind(declared));
                        // The name of a function expression is its own, and cannot be changed.
                        let is_own = matches!(kind, AstKind::Function(own) if own.is_expression());
                        (is_own || is_top && !is_shared).then_some(kind)
                    }
                    AstKind::VariableDeclarator(declarator) => {
                        let is_const = matches!(
                            nodes.parent_kind(declared),
                            AstKind::VariableDeclaration(declaration) if declaration.kind.is_const()
                        );
                        if is_shared && !is_const
                            || !matches!(declarator.id, BindingPattern::BindingIdentifier(_))
                        {
                            return None;
                        }
                        match declarator.init.as_ref()? {
                            Expression::FunctionExpression(function) => {
                                Some(nodes.kind(function.node_id.get()))
                            }
                            Expression::ArrowFunctionExpression(arrow) => {
                                Some(nodes.kind(arrow.node_id.get()))
                            }
                            _ => None,
                        }
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// Whether all that happens to a name is seen: no direct eval reaches it, and no other declaration shares it.
pub(super) fn is_settled(names: &Names<'_, '_>, symbol: SymbolId) -> bool {
    let scoping = names.scoping();
    let declared = scoping.symbol_declaration(symbol);
    let holder = names.parsed.outline.around(declared).scope;
    !scoping
        .scope_flags(scoping.symbol_scope_id(symbol))
        .contains_direct_eval()
        && scoping.symbol_redeclarations(symbol).is_empty()
        && !scoping
            .symbol_flags(symbol)
            .contains(oxc_syntax::symbol::SymbolFlags::CatchVariable)
        && !names.is_unsettled(symbol)
        && !names.meets_block_function(symbol)
        && !names.is_caught(scoping.symbol_name(symbol), holder)
}

fn has_spread_before(arguments: &[Argument<'_>], place: usize) -> bool {
    arguments
        .iter()
        .take(place)
        .any(|argument| matches!(argument, Argument::SpreadElement(_)))
}
