//! Who calls a callback plainly: natives that the text leaves as they are, and functions of the text's own.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use oxc_ast::AstKind;
use oxc_ast::ast::{Argument, BindingPattern, CallExpression, Expression, FormalParameters};
use oxc_semantic::{NodeId, SymbolId};

use super::body::{Bodies, Own};
use super::callers::Caller;
use super::natives::{GLOBAL_OBJECTS, Natives};
use super::values::Kind;
use crate::parse::Parsed;
use crate::transforms::names::Names;

/// Methods of arrays that call their first argument and do nothing else with it.
pub(super) const ARRAY_METHODS: [&str; 14] = [
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
    /// It makes an object by it.
    Constructing,
    /// It calls it, and shows it to who looks closely: as a property of a timer.
    Shown,
    /// It is known by this name inside of a function of the text's own.
    Parameter(SymbolId),
    /// The same, unless other scripts replace the function.
    Likely(SymbolId),
    /// It has the name of a method that only calls it, but may be another one.
    Familiar,
    /// Nothing is known.
    Unknown,
}

pub(super) struct Callees<'c, 'p, 'a> {
    pub(super) parsed: &'p Parsed<'a>,
    pub(super) names: &'c Names<'p, 'a>,
    pub(super) bodies: &'c Bodies,
    pub(super) natives: &'c Natives<'a>,
    functions: RefCell<BTreeMap<SymbolId, Option<(NodeId, bool)>>>,
    pub(super) callers: RefCell<BTreeMap<NodeId, Option<Rc<[Caller]>>>>,
    pub(super) kinds: RefCell<BTreeMap<SymbolId, Kind>>,
    /// The one value of names that have been looked at.
    pub(super) initials: RefCell<BTreeMap<SymbolId, Option<&'a Expression<'a>>>>,
}

impl<'c, 'p, 'a> Callees<'c, 'p, 'a> {
    pub(super) fn new(
        names: &'c Names<'p, 'a>,
        bodies: &'c Bodies,
        natives: &'c Natives<'a>,
    ) -> Callees<'c, 'p, 'a> {
        Callees {
            parsed: names.parsed,
            names,
            bodies,
            natives,
            functions: RefCell::default(),
            callers: RefCell::default(),
            kinds: RefCell::default(),
            initials: RefCell::default(),
        }
    }

    /// Who gets the argument of a call at a place in its list.
    pub(super) fn of_call(&self, call: &CallExpression<'a>, id: NodeId, place: usize) -> Callee {
        if self.is_constructing(call, place) {
            return Callee::Constructing;
        }
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
            ("from", 1) => self.is_from(object),
            ("then", 0 | 1) | ("catch" | "finally", 0) => {
                natives.are_intact(&["then"]) && self.is_own_method(object, method)
            }
            ("replace" | "replaceAll", 1) => {
                self.is_own_pattern(arguments.first()) && self.is_own_method(object, method)
            }
            ("call", 1) => {
                natives.is_method_intact("Function", "call")
                    && self
                        .array_method(object)
                        .is_some_and(|method| ARRAY_METHODS.contains(&method))
            }
            (_, 0) => ARRAY_METHODS.contains(&method) && self.is_own_method(object, method),
            _ => false,
        };
        if is_plain {
            return Callee::Plain;
        }
        let is_familiar = match (method, place) {
            ("then", 0 | 1) | ("catch" | "finally", 0) | ("replace" | "replaceAll", 1) => true,
            (_, 0) => ARRAY_METHODS.contains(&method),
            _ => false,
        };
        if is_familiar && natives.are_intact(&[method]) {
            Callee::Familiar
        } else {
            Callee::Unknown
        }
    }

    /// Whether `from` of an object is the language's `Array.from`.
    pub(super) fn is_from(&self, object: &Expression<'a>) -> bool {
        self.is_native(object, "Array") && self.natives.are_intact(&["from"])
    }

    /// Whether a name is nobody's in the text.
    pub(super) fn is_global(&self, expression: &Expression<'_>) -> bool {
        expression.get_identifier_reference().is_some_and(|name| {
            let scoping = self.parsed.semantic.scoping();
            scoping
                .get_reference(name.reference_id())
                .symbol_id()
                .is_none()
        })
    }

    /// Whether an expression is a native object, by its own name.
    pub(super) fn is_native(&self, expression: &Expression<'_>, name: &str) -> bool {
        expression.is_specific_id(name)
            && self.is_global(expression)
            && self.natives.are_intact(&[name])
    }

    pub(super) fn is_prototype_of_array(&self, expression: &Expression<'_>) -> bool {
        match expression {
            Expression::StaticMemberExpression(member) => {
                member.property.name == "prototype" && self.is_native(&member.object, "Array")
            }
            _ => false,
        }
    }

    /// Whether a name is that of an async function.
    pub(super) fn is_async(&self, callee: &Expression<'a>) -> bool {
        let Some((function, true)) = self.function_of(callee) else {
            return false;
        };
        match self.parsed.semantic.nodes().kind(function) {
            AstKind::Function(function) => function.r#async && !function.generator,
            AstKind::ArrowFunctionExpression(arrow) => arrow.r#async,
            _ => false,
        }
    }

    /// The parameter by which a function of the text's own knows an argument.
    fn parameter(&self, callee: &Expression<'a>, call: NodeId, place: usize) -> Callee {
        if self.parsed.outline.around(call).withs > 0 || self.natives.reads_arguments {
            return Callee::Unknown;
        }
        let Some((function, is_certain)) = self.function_of(callee) else {
            return Callee::Unknown;
        };
        let parameters: &FormalParameters<'_> = match self.parsed.semantic.nodes().kind(function) {
            AstKind::Function(function) => {
                let mut uses = self.bodies.uses(function.node_id.get());
                if uses.any(|used| matches!(used, Own::Arguments | Own::Eval)) {
                    return Callee::Unknown;
                }
                &function.params
            }
            AstKind::ArrowFunctionExpression(arrow) => &arrow.params,
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
            Some(symbol) if is_certain => Callee::Parameter(symbol),
            Some(symbol) => Callee::Likely(symbol),
            // Nothing can get hold of what is given beyond the parameters.
            None if is_certain && place >= parameters.items.len() && parameters.rest.is_none() => {
                Callee::Plain
            }
            None => Callee::Unknown,
        }
    }

    /// The one function that a callee can be, and whether it is certain that no other script replaces it.
    fn function_of(&self, callee: &Expression<'a>) -> Option<(NodeId, bool)> {
        if let Some(function) = made_by(callee) {
            return Some((function, true));
        }
        let Expression::Identifier(name) = callee else {
            return None;
        };
        let reference = name.reference_id();
        let symbol = self.names.scoping().get_reference(reference).symbol_id()?;
        if let Some(found) = self.functions.borrow().get(&symbol) {
            return *found;
        }
        let found = self.function_named(symbol);
        self.functions.borrow_mut().insert(symbol, found);
        found
    }

    /// The one function that a name can mean.
    fn function_named(&self, symbol: SymbolId) -> Option<(NodeId, bool)> {
        let scoping = self.names.scoping();
        let nodes = self.parsed.semantic.nodes();
        let declared = scoping.symbol_declaration(symbol);
        if !is_settled(self.names, symbol)
            || self.names.is_written(symbol)
            || self.parsed.outline.around(declared).withs > 0
        {
            return None;
        }
        let is_shared =
            scoping.symbol_scope_id(symbol) == scoping.root_scope_id() && !self.parsed.owns_names;
        let parent = nodes.parent_kind(declared);
        match nodes.kind(declared) {
            // The name of a function expression is its own, and cannot be changed.
            AstKind::Function(function) if function.is_expression() => Some((declared, true)),
            AstKind::Function(function) => (function.body.is_some()
                && crate::outline::is_top(parent))
            .then_some((declared, !is_shared)),
            AstKind::VariableDeclarator(declarator) => {
                if !matches!(declarator.id, BindingPattern::BindingIdentifier(_)) {
                    return None;
                }
                let is_const = matches!(
                    parent,
                    AstKind::VariableDeclaration(declaration) if declaration.kind.is_const()
                );
                let function = made_by(declarator.init.as_ref()?)?;
                Some((function, !is_shared || is_const))
            }
            _ => None,
        }
    }
}

/// The function that an expression makes.
fn made_by(expression: &Expression<'_>) -> Option<NodeId> {
    match expression {
        Expression::FunctionExpression(function) => Some(function.node_id.get()),
        Expression::ArrowFunctionExpression(arrow) => Some(arrow.node_id.get()),
        _ => None,
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

/// Whether it is open how many arguments stand before a place.
pub(super) fn has_spread_before(arguments: &[Argument<'_>], place: usize) -> bool {
    arguments
        .iter()
        .take(place)
        .any(|argument| matches!(argument, Argument::SpreadElement(_)))
}
