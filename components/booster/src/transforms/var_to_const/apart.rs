//! Names that one scope declares several times, for purposes that have nothing to do with each other, as in two loops that count by `i`.
//!
//! Such declarations may each have a variable of their own if no value gets from one's block to another's: the blocks lie apart, every use
//! lies in one of them and behind its declaration, which gives the name a value each time that the block is run, and no function uses the
//! name, which could be called when the other blocks are. All of them are looked at together: one that stays as it is must not read what
//! another leaves behind.

use std::cell::RefCell;
use std::collections::BTreeMap;

use oxc_ast::AstKind;
use oxc_semantic::{NodeId, SymbolId};
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::symbol::SymbolFlags;

use super::place::{Bound, Place};
use super::uses::is_in_enum;
use crate::transforms::names::Names;

/// For each symbol that was asked for, its variables in the order of the text; none where the declarations are not apart.
#[derive(Default)]
pub(super) struct Apart(RefCell<BTreeMap<SymbolId, Option<Vec<Own>>>>);

/// A variable of one declaration's own.
#[derive(Clone, Copy)]
pub(super) struct Own {
    block: Span,
    /// Whether anything writes it after its initialiser.
    pub(super) is_written: bool,
}

impl Apart {
    /// The variable that the symbol's declaration in this block may have of its own.
    pub(super) fn of(&self, names: &Names<'_, '_>, symbol: SymbolId, block: Span) -> Option<Own> {
        let mut known = self.0.borrow_mut();
        let own = known
            .entry(symbol)
            .or_insert_with(|| variables(names, symbol))
            .as_ref()?;
        let at = own.partition_point(|own| own.block.start < block.start);
        own.get(at).copied()
    }
}

/// The variables of the declarations of a symbol, if these are apart.
fn variables(names: &Names<'_, '_>, symbol: SymbolId) -> Option<Vec<Own>> {
    let parsed = names.parsed;
    let (scoping, nodes, outline) = (names.scoping(), parsed.semantic.nodes(), &parsed.outline);
    if scoping.symbol_flags(symbol) != SymbolFlags::FunctionScopedVariable {
        return None;
    }
    let declared = scoping.symbol_declarations(symbol);
    let mut places = declared
        .map(|declarator| place(names, symbol, declarator))
        .collect::<Option<Vec<_>>>()?;
    places.sort_unstable_by_key(|(place, _)| place.block.start);
    if places
        .windows(2)
        .any(|pair| pair[1].0.block.start < pair[0].0.block.end)
    {
        return None;
    }
    let holding = |at: Span| {
        let after = places.partition_point(|(place, _)| place.block.start <= at.start);
        let own = after.checked_sub(1)?;
        (at.end <= places[own].0.block.end).then_some(own)
    };
    for node in names.uses(symbol) {
        let at = nodes.kind(node).span();
        let (place, bound) = &places[holding(at)?];
        let is_plain = match nodes.parent_kind(node) {
            AstKind::UnaryExpression(unary) => !unary.operator.is_delete(),
            AstKind::ExportSpecifier(_) => false,
            _ => true,
        };
        let around = outline.around(node);
        if !is_plain
            || around.withs > outline.around(place.scope).withs
            || around.in_mock
            || is_in_enum(parsed, node)
            || outline.outermost_deferred(node, place.scope).is_some()
            || !place.is_after(bound, at.start)
        {
            return None;
        }
    }
    let mut own: Vec<Own> = places
        .iter()
        .map(|(place, _)| Own {
            block: place.block,
            is_written: false,
        })
        .collect();
    for node in names.writes(symbol) {
        own[holding(nodes.kind(node).span())?].is_written = true;
    }
    Some(own)
}

/// Where a `var` stands that declares the symbol, if it gives it a value and nothing stands against its place.
fn place<'p, 'a>(
    names: &Names<'p, 'a>,
    symbol: SymbolId,
    declarator: NodeId,
) -> Option<(Place<'p, 'a>, Bound<'a>)> {
    let parsed = names.parsed;
    let (nodes, outline) = (parsed.semantic.nodes(), &parsed.outline);
    let AstKind::VariableDeclarator(_) = nodes.kind(declarator) else {
        return None;
    };
    let node = nodes.parent_id(declarator);
    let AstKind::VariableDeclaration(declaration) = nodes.kind(node) else {
        return None;
    };
    let place = Place::of(parsed, node, declaration);
    let around = outline.around(node);
    if !declaration.kind.is_var()
        || place.hazard(true).is_some()
        || place.is_in_case()
        || around.withs > outline.around(place.scope).withs
    {
        return None;
    }
    let mut found = None;
    place.each_bound(|bound| {
        if bound.name.symbol_id.get() == Some(symbol) {
            found = Some(bound);
        }
    });
    let bound = found?;
    let is_given = bound.declarator.init.is_some() || place.is_each_head();
    is_given.then_some((place, bound))
}
