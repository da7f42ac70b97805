//! Who calls a function of the text's own, where the text shows every call of it.
//!
//! What is given to such a function, and what it gives back, stays in sight. It answers nothing where one call may be unseen.

use std::rc::Rc;

use oxc_ast::AstKind;
use oxc_ast::ast::{BindingPattern, Expression};
use oxc_semantic::{NodeId, SymbolId};
use oxc_span::GetSpan as _;

use super::body::Own;
use super::callees::{Callees, is_settled};
use super::codes;
use super::flow::Flow;

/// A call of a function.
#[derive(Clone, Copy)]
pub(super) struct Caller {
    pub(super) call: NodeId,
    /// Its arguments are the function's; those of `call` and `apply` are not.
    pub(super) is_plain: bool,
}

impl Callees<'_, '_, '_> {
    /// All calls of a function, or none where there may be others.
    pub(super) fn callers(&self, function: NodeId) -> Option<Rc<[Caller]>> {
        if let Some(found) = self.callers.borrow().get(&function) {
            return found.clone();
        }
        let found = self.find_callers(function).map(Rc::from);
        self.callers.borrow_mut().insert(function, found.clone());
        found
    }

    fn find_callers(&self, function: NodeId) -> Option<Vec<Caller>> {
        // By `arguments.callee`, or by what others read of a function that runs, it is called unseen.
        if self.natives.reads_arguments || self.natives.reads_caller {
            return None;
        }
        let mut uses = self.bodies.uses(function);
        if uses.any(|used| matches!(used, Own::Arguments | Own::Eval)) {
            return None;
        }
        let nodes = self.parsed.semantic.nodes();
        let mut calls = Vec::new();
        if let AstKind::Function(made) = nodes.kind(function) {
            if let Some(symbol) = made.id.as_ref().and_then(|name| name.symbol_id.get()) {
                let is_known = made.is_expression() || self.is_plain_declaration(function);
                if !is_known || !self.calls_by_name(symbol, &mut calls) {
                    return None;
                }
            }
            if made.is_declaration() {
                return made.id.is_some().then_some(calls);
            }
        }
        if let Some(call) = self.call_of(function) {
            calls.push(call);
            return Some(calls);
        }
        let own = nodes.kind(function).span();
        let declared = nodes.parent_id(function);
        let AstKind::VariableDeclarator(declarator) = nodes.kind(declared) else {
            return None;
        };
        let BindingPattern::BindingIdentifier(name) = &declarator.id else {
            return None;
        };
        let is_whole = declarator.init.as_ref().map(|init| init.span()) == Some(own);
        let is_exported = matches!(
            nodes.parent_kind(nodes.parent_id(declared)),
            AstKind::ExportDeclaration(_)
        );
        let symbol = name.symbol_id.get()?;
        (is_whole && !is_exported && self.calls_by_name(symbol, &mut calls)).then_some(calls)
    }

    /// Whether a function declaration is at the top of a function or of the text, and not exported.
    fn is_plain_declaration(&self, function: NodeId) -> bool {
        matches!(
            self.parsed.semantic.nodes().parent_kind(function),
            AstKind::Program(_) | AstKind::FunctionBody(_)
        )
    }

    /// Notes the calls of a function by a name. False where the name is used for more.
    fn calls_by_name(&self, symbol: SymbolId, calls: &mut Vec<Caller>) -> bool {
        let scoping = self.names.scoping();
        let nodes = self.parsed.semantic.nodes();
        let is_shared =
            scoping.symbol_scope_id(symbol) == scoping.root_scope_id() && !self.parsed.owns_names;
        let declared = scoping.symbol_declaration(symbol);
        let holder = scoping.get_node_id(scoping.symbol_scope_id(symbol));
        let withs_around = self.parsed.outline.around(holder).withs;
        // The object of a `with` stands in for names of the scopes around it, not for those of the scopes in it.
        let is_plain = |node: NodeId| self.parsed.outline.around(node).withs == withs_around;
        if is_shared
            || !is_settled(self.names, symbol)
            || self.names.is_written(symbol)
            || !is_plain(declared)
        {
            return false;
        }
        self.names.uses(symbol).all(|node| {
            if !matches!(nodes.kind(node), AstKind::IdentifierReference(_)) || !is_plain(node) {
                return false;
            }
            if let Some(call) = self.call_of(node) {
                calls.push(call);
                return true;
            }
            matches!(nodes.parent_kind(node), AstKind::UnaryExpression(unary) if unary.operator.is_typeof())
        })
    }

    /// Whether what is written to a parameter may be read by `arguments` too, as in sloppy code.
    pub(super) fn is_in_arguments(&self, declared: NodeId) -> bool {
        let nodes = self.parsed.semantic.nodes();
        let AstKind::FormalParameter(_) = nodes.kind(declared) else {
            return false;
        };
        let function = nodes.parent_id(nodes.parent_id(declared));
        let mut uses = self.bodies.uses(function);
        self.natives.reads_arguments || uses.any(|used| matches!(used, Own::Arguments | Own::Eval))
    }

    /// The call of what a node has for its value: on the spot, or by `call` or `apply`.
    fn call_of(&self, value: NodeId) -> Option<Caller> {
        let nodes = self.parsed.semantic.nodes();
        let own = nodes.kind(value).span();
        let parent = nodes.parent_id(value);
        match nodes.kind(parent) {
            AstKind::CallExpression(call) if call.callee.span() == own => Some(Caller {
                call: parent,
                is_plain: true,
            }),
            AstKind::StaticMemberExpression(_) => self.rebound(parent).map(|call| Caller {
                call,
                is_plain: false,
            }),
            _ => None,
        }
    }

    /// The call that a member is the callee of, where it is the language's own `call` or `apply` of a function.
    pub(super) fn rebound(&self, member: NodeId) -> Option<NodeId> {
        let nodes = self.parsed.semantic.nodes();
        let AstKind::StaticMemberExpression(read) = nodes.kind(member) else {
            return None;
        };
        let call = nodes.parent_id(member);
        let is_call = match nodes.kind(call) {
            AstKind::CallExpression(call) => {
                matches!(&call.callee, Expression::StaticMemberExpression(callee) if callee.span == read.span)
            }
            _ => false,
        };
        let name = read.property.name.as_str();
        (is_call
            && matches!(name, "call" | "apply")
            && self.natives.is_method_intact("Function", name))
        .then_some(call)
    }
}

impl Flow<'_, '_, '_, '_> {
    /// A function gives it back to whoever calls it.
    pub(super) fn returned(&mut self, function: NodeId) {
        if self.callees.is_species_getter(function) {
            self.species();
            return;
        }
        let is_plain = match self.callees.parsed.semantic.nodes().kind(function) {
            AstKind::Function(function) => !function.r#async && !function.generator,
            AstKind::ArrowFunctionExpression(arrow) => !arrow.r#async,
            _ => false,
        };
        let callers = if is_plain {
            self.callees.callers(function)
        } else {
            None
        };
        match callers {
            Some(callers) => {
                if self.returned_by.insert(function) {
                    self.open.extend(callers.iter().map(|caller| caller.call));
                }
            }
            None => self.unknown(
                &codes::CONSTRUCTIBLE,
                "is returned to code that may do more than call it",
            ),
        }
    }
}
