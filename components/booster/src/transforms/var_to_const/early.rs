//! How early a function can be got hold of.
//!
//! A function that is made before a declaration is harmless if nothing can call it before. It can be called where a name that holds it
//! is used, or where a function can be called that uses such a name, and so on. For each name that holds functions this finds the
//! first byte of the text that leads to it; a function without such a name can be called from where it is made.
//!
//! Only names of one scope lead to each other here: what a function further in does is put down to the outermost function around it.

use std::cell::OnceCell;

use oxc_ast::AstKind;
use oxc_ast::ast::{
    BindingPattern, Class, ClassElement, Expression, PropertyDefinition, VariableDeclarator,
};
use oxc_semantic::{NodeId, SymbolId};
use oxc_span::{GetSpan as _, Span};

use super::quiet::Quiet;
use crate::outline::is_top;
use crate::parse::Parsed;
use crate::transforms::names::Names;

/// For each symbol, the first byte from which what it holds can be got hold of; `u32::MAX` where nothing leads to it. Found out when it
/// is first asked for.
#[derive(Default)]
pub(super) struct Early {
    first: OnceCell<Vec<u32>>,
    pub(super) quiet: Quiet,
}

impl Early {
    /// The first byte from which what a symbol holds can be got hold of.
    pub(super) fn of_symbol(&self, names: &Names<'_, '_>, symbol: SymbolId) -> u32 {
        self.first.get_or_init(|| Early::follow(names))[symbol.index()]
    }

    /// Follows every name that holds functions. Each name is visited once, in the order of the bytes that lead to it.
    fn follow(names: &Names<'_, '_>) -> Vec<u32> {
        let parsed = names.parsed;
        let scoping = parsed.semantic.scoping();
        let mut leads = Leads {
            starts: Vec::new(),
            steps: Vec::new(),
        };
        for symbol in scoping.symbol_ids() {
            if may_hold(parsed, symbol) {
                leads.follow(names, symbol);
            }
        }
        let Leads {
            mut starts,
            mut steps,
        } = leads;
        starts.sort_unstable();
        steps.sort_unstable();
        let mut early = vec![u32::MAX; scoping.symbols_len()];
        let mut open = Vec::new();
        for (at, symbol) in starts {
            open.push(symbol);
            while let Some(symbol) = open.pop() {
                if early[symbol.index()] != u32::MAX {
                    continue;
                }
                early[symbol.index()] = at;
                let first = steps.partition_point(|&(from, _)| from < symbol);
                open.extend(
                    steps[first..]
                        .iter()
                        .take_while(|&&(from, _)| from == symbol)
                        .map(|&(_, to)| to),
                );
            }
        }
        early
    }
}

/// What leads to names that hold functions.
struct Leads {
    /// Code at this byte gets hold of the name's function.
    starts: Vec<(u32, SymbolId)>,
    /// Whoever holds the first name's function can get hold of the second's.
    steps: Vec<(SymbolId, SymbolId)>,
}

impl Leads {
    /// Notes what leads to a symbol.
    fn follow(&mut self, names: &Names<'_, '_>, symbol: SymbolId) {
        let parsed = names.parsed;
        let (scoping, nodes) = (parsed.semantic.scoping(), parsed.semantic.nodes());
        let declared = scoping.symbol_declaration(symbol);
        let scope = parsed.outline.around(declared).scope;
        let home = block_around(parsed, declared);
        if is_exported_early(parsed, declared)
            || !scoping.symbol_redeclarations(symbol).is_empty()
            || names.is_unsettled(symbol)
        {
            self.starts.push((0, symbol));
            return;
        }
        for node in names.uses(symbol) {
            let at = nodes.kind(node).span();
            if let AstKind::ExportSpecifier(_) = nodes.parent_kind(node) {
                if parsed.may_be_in_cycle {
                    self.starts.push((0, symbol));
                }
                continue;
            }
            // Outside of its block a function may be called though the block was left before its end.
            if parsed.outline.around(node).in_mock || !home.contains_inclusive(at) {
                self.starts.push((0, symbol));
                continue;
            }
            match parsed.outline.outermost_deferred(node, scope) {
                None => self.starts.push((at.start, symbol)),
                Some(function) => match holder(parsed, function) {
                    Some(held) if held == symbol => {}
                    Some(held) => self.steps.push((held, symbol)),
                    None if hoisting_block(parsed, function).is_some() => {
                        self.starts.push((0, symbol))
                    }
                    None => self
                        .starts
                        .push((nodes.kind(function).span().start, symbol)),
                },
            }
        }
    }
}

/// Whether another module may call what is declared here before this one has run.
fn is_exported_early(parsed: &Parsed<'_>, declared: NodeId) -> bool {
    let nodes = parsed.semantic.nodes();
    let statement = match nodes.kind(declared) {
        AstKind::VariableDeclarator(_) => nodes.parent_id(declared),
        _ => declared,
    };
    let is_export = matches!(
        nodes.parent_kind(statement),
        AstKind::ExportDeclaration(_) | AstKind::ExportDefaultDeclaration(_)
    );
    // What a namespace exports is there for its other parts.
    is_export && (parsed.may_be_in_cycle || parsed.outline.around(declared).scope != NodeId::ROOT)
}

/// Whether a symbol is a name that [`holder`] may give: by any of its declarations.
fn may_hold(parsed: &Parsed<'_>, symbol: SymbolId) -> bool {
    let nodes = parsed.semantic.nodes();
    let mut declarations = parsed.semantic.scoping().symbol_declarations(symbol);
    declarations.any(|declared| match nodes.kind(declared) {
        AstKind::Function(function) => function.is_declaration(),
        AstKind::Class(class) => class.is_declaration(),
        AstKind::VariableDeclarator(declarator) => may_hold_code(declarator),
        _ => false,
    })
}

/// Whether an initial value may be, or have in it, code that runs later.
pub(super) fn may_hold_code(declarator: &VariableDeclarator<'_>) -> bool {
    declarator.init.as_ref().is_some_and(|init| {
        !matches!(
            init,
            Expression::Identifier(_)
                | Expression::CallExpression(_)
                | Expression::StaticMemberExpression(_)
        ) && !init.is_literal()
    })
}

/// The one name by which code that runs later can be got hold of: that of its function or class declaration, or the name whose initial
/// value it is, or is a part of.
pub(super) fn holder(parsed: &Parsed<'_>, function: NodeId) -> Option<SymbolId> {
    let nodes = parsed.semantic.nodes();
    match nodes.kind(function) {
        AstKind::Function(declared) if declared.is_declaration() => {
            let parent = nodes.parent_kind(function);
            // In sloppy code a function in a block has a `var` of its name too, by which it outlives a block that was left early.
            let is_strict = parsed
                .semantic
                .scoping()
                .scope_flags(nodes.get_node(function).scope_id())
                .is_strict_mode();
            let is_plain =
                is_top(parent) || (is_strict && matches!(parent, AstKind::BlockStatement(_)));
            if is_plain {
                declared.id.as_ref()?.symbol_id.get()
            } else {
                None
            }
        }
        _ => is_only_made(parsed, function),
    }
}

/// The name whose initial value a function is, or is a part of, if nothing can run it, read it or pass it on before the name has that
/// value: only literals of objects and arrays, choices and classes lie between.
pub(super) fn is_only_made(parsed: &Parsed<'_>, function: NodeId) -> Option<SymbolId> {
    let nodes = parsed.semantic.nodes();
    let mut from = nodes.kind(function).span();
    for kind in nodes.ancestor_kinds(function) {
        let passes = match kind {
            AstKind::VariableDeclarator(declarator) => {
                let BindingPattern::BindingIdentifier(name) = &declarator.id else {
                    return None;
                };
                return name.symbol_id.get();
            }
            AstKind::ObjectExpression(_)
            | AstKind::ArrayExpression(_)
            | AstKind::ConditionalExpression(_)
            | AstKind::LogicalExpression(_)
            | AstKind::TSAsExpression(_)
            | AstKind::TSSatisfiesExpression(_)
            | AstKind::TSNonNullExpression(_)
            | AstKind::TSTypeAssertion(_)
            | AstKind::ClassBody(_) => true,
            AstKind::ObjectProperty(property) => property.value.span() == from,
            AstKind::MethodDefinition(method) => method.value.span() == from,
            AstKind::Class(class) if is_quiet(class) => {
                if class.is_declaration() {
                    return class.id.as_ref()?.symbol_id.get();
                }
                true
            }
            _ => false,
        };
        if !passes {
            return None;
        }
        from = kind.span();
    }
    None
}

/// Whether evaluating a class hands it to nobody: no decorator gets it, and nothing static can do more than name it.
fn is_quiet(class: &Class<'_>) -> bool {
    let is_quiet_field = |field: &PropertyDefinition<'_>| {
        let is_quiet_value = match &field.value {
            None
            | Some(Expression::FunctionExpression(_) | Expression::ArrowFunctionExpression(_)) => {
                true
            }
            Some(value) => value.is_literal(),
        };
        field.decorators.is_empty() && (!field.r#static || is_quiet_value)
    };
    class.decorators.is_empty()
        && class.body.body.iter().all(|element| match element {
            ClassElement::StaticBlock(_) => false,
            ClassElement::MethodDefinition(method) => {
                method.decorators.is_empty()
                    && method
                        .value
                        .params
                        .items
                        .iter()
                        .all(|parameter| parameter.decorators.is_empty())
            }
            ClassElement::PropertyDefinition(field) => is_quiet_field(field),
            ClassElement::AccessorProperty(field) => field.decorators.is_empty() && !field.r#static,
            ClassElement::TSIndexSignature(_) => true,
        })
}

/// The block from whose start on a function declaration is there; none for any other node.
pub(super) fn hoisting_block(parsed: &Parsed<'_>, function: NodeId) -> Option<Span> {
    match parsed.semantic.nodes().kind(function) {
        AstKind::Function(declared) if declared.is_declaration() => {
            Some(block_around(parsed, function))
        }
        _ => None,
    }
}

fn block_around(parsed: &Parsed<'_>, node: NodeId) -> Span {
    let nodes = parsed.semantic.nodes();
    let found = nodes.ancestor_kinds(node).find(|kind| {
        matches!(
            kind,
            AstKind::BlockStatement(_)
                | AstKind::SwitchStatement(_)
                | AstKind::FunctionBody(_)
                | AstKind::StaticBlock(_)
                | AstKind::TSModuleBlock(_)
                | AstKind::Program(_)
        )
    });
    found.map_or(nodes.kind(NodeId::ROOT).span(), |kind| kind.span())
}
