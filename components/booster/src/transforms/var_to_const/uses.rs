//! What one name of a declaration rules out: its other declarations, and every place that uses it.

use oxc_ast::AstKind;
use oxc_semantic::{NodeId, SymbolId};
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::symbol::SymbolFlags;

use super::apart::Apart;
use super::codes;
use super::early::{Early, hoisting_block, holder, is_only_made};
use super::place::{Bound, Place, Rounds};
use crate::assume::Assumption;
use crate::parse::Parsed;
use crate::transforms::names::Names;
use crate::transforms::{Code, Hazard};

/// The first thing that stands against one name of a declaration.
pub(super) fn hazard<'a>(
    names: &Names<'_, 'a>,
    early: &Early,
    apart: &Apart,
    place: &Place<'_, 'a>,
    bound: &Bound<'a>,
    is_var: bool,
) -> Option<Hazard> {
    let symbol = bound.name.symbol_id.get()?;
    let is_redeclared = names.is_redeclared(symbol);
    let words = |code, text: &str| Some(about(bound, code, text));
    let outline = &names.parsed.outline;
    if is_var && is_reserved(names, place, bound.name.name.as_str()) {
        return words(&codes::NAME, "cannot be declared by const or let here");
    }
    if is_var && outline.around(place.node).withs > outline.around(place.scope).withs {
        return words(&codes::WITH, "is declared inside of `with`");
    }
    if names
        .scoping()
        .scope_flags(names.scoping().symbol_scope_id(symbol))
        .contains_direct_eval()
    {
        return words(&codes::EVAL, "can be seen and written by a direct eval");
    }
    if names.meets_block_function(symbol) {
        return words(
            &codes::ANNEXB_FN,
            "is also the name of a function in a block",
        );
    }
    if is_var
        && (is_declared_otherwise(names, place, symbol)
            || is_redeclared && apart.of(names, symbol, place.block).is_none())
    {
        return words(
            &codes::REDECLARED,
            "is declared more than once, or is a parameter too",
        );
    }
    if names.is_unsettled(symbol) {
        return words(
            &codes::PARAM_SCOPE,
            "may be what a parameter's default means",
        );
    }
    // const and let differ in writes alone, and there are none; and what stands apart has had all its uses looked at.
    if !is_var || is_redeclared {
        return None;
    }
    let one = Name {
        names,
        early,
        place,
        bound,
        symbol,
    };
    names.uses(symbol).find_map(|node| one.of_use(node))
}

fn about(bound: &Bound<'_>, code: &'static Code, text: &str) -> Hazard {
    Hazard::new(code, format!("`{}` {text}", bound.name.name))
}

/// Names that `const` and `let` cannot have, here or anywhere.
fn is_reserved(names: &Names<'_, '_>, place: &Place<'_, '_>, name: &str) -> bool {
    match name {
        "let" => true,
        // Properties of the global object that cannot be shadowed beside it.
        "undefined" | "NaN" | "Infinity" => {
            place.is_at_top() && !names.parsed.source_type.is_module()
        }
        // Words of the loop itself: parsers disagree over them.
        "of" | "async" => place.is_each_head(),
        _ => false,
    }
}

/// Whether something else than a `var` declares the name too.
fn is_declared_otherwise(names: &Names<'_, '_>, place: &Place<'_, '_>, symbol: SymbolId) -> bool {
    let name = names.scoping().symbol_name(symbol);
    names.parsed.is_given(symbol)
        || names
            .scoping()
            .symbol_flags(symbol)
            .contains(SymbolFlags::CatchVariable)
        || names.is_caught(name, place.scope)
}

/// Whether a use gives a member of an enum its value: of a `const` string TypeScript knows it, and makes no way back from it to the name.
pub(super) fn is_in_enum(parsed: &Parsed<'_>, node: NodeId) -> bool {
    let mut around = parsed.semantic.nodes().ancestor_kinds(node);
    parsed.source_type.is_typescript()
        && around.any(|kind| matches!(kind, AstKind::TSEnumMember(_)))
}

/// One name of a `var` declaration.
struct Name<'n, 'p, 'a> {
    names: &'n Names<'p, 'a>,
    early: &'n Early,
    place: &'n Place<'p, 'a>,
    bound: &'n Bound<'a>,
    symbol: SymbolId,
}

impl Name<'_, '_, '_> {
    fn hazard(&self, code: &'static Code, text: &str) -> Option<Hazard> {
        Some(about(self.bound, code, text))
    }

    /// A hazard that does not count where the assumption holds.
    fn lifted(&self, code: &'static Code, text: &str, by: Assumption) -> Option<Hazard> {
        if self.names.parsed.granted.has(by) {
            return None;
        }
        Some(about(self.bound, code, text).lifted_by(by))
    }

    /// What one use rules out.
    fn of_use(&self, node: NodeId) -> Option<Hazard> {
        let place = self.place;
        let parsed = self.names.parsed;
        let (nodes, outline) = (parsed.semantic.nodes(), &parsed.outline);
        let around = outline.around(node);
        let at = nodes.kind(node).span();
        let is_export = matches!(nodes.parent_kind(node), AstKind::ExportSpecifier(_));
        if around.withs > outline.around(place.scope).withs {
            return self.hazard(&codes::WITH, "is used inside of `with`");
        }
        if matches!(nodes.parent_kind(node), AstKind::UnaryExpression(unary) if unary.operator.is_delete())
        {
            return self.hazard(&codes::DELETE, "is deleted");
        }
        if is_in_enum(parsed, node) {
            let words =
                "is the value of an enum's member, which a compiler may take for a constant";
            return self.hazard(&codes::AMBIENT, words);
        }
        if is_export && parsed.may_be_in_cycle {
            let words = "is exported, and a module of an import cycle may read it early";
            return self.lifted(&codes::EXPORT_LIVE, words, Assumption::NoImportCycles);
        }
        if around.in_mock && !outline.around(place.node).in_mock {
            return self.hazard(
                &codes::MOCK_HOIST,
                "is used by a mock that is moved above the declaration",
            );
        }
        if self
            .parameters()
            .is_some_and(|parameters| at.end <= parameters.end)
        {
            return self.hazard(&codes::PARAM_SCOPE, "is used by a parameter's default");
        }
        let is_outside = at.start < place.block.start || at.end > place.block.end;
        if is_outside && place.is_in_case() {
            return self.hazard(
                &codes::SWITCH_SCOPE,
                "is used outside of the case that declares it",
            );
        }
        if is_outside {
            return self.hazard(
                &codes::ESCAPES_BLOCK,
                "is used outside of the block that declares it",
            );
        }
        if is_export {
            // Naming an export reads nothing.
            return None;
        }
        let declarator = self.bound.declarator.span;
        match outline.outermost_deferred(node, place.scope) {
            Some(function) => self.of_closure(function),
            None if place.is_after(self.bound, at.start) => None,
            None if declarator.contains_inclusive(at) => {
                self.hazard(&codes::SELF_REF, "is used by its own initialiser")
            }
            None => self.hazard(&codes::TDZ, "is used before its declaration"),
        }
    }

    /// The parameter list of the function that holds the name.
    fn parameters(&self) -> Option<Span> {
        match self.names.parsed.semantic.nodes().kind(self.place.scope) {
            AstKind::Function(function) => Some(function.params.span),
            AstKind::ArrowFunctionExpression(arrow) => Some(arrow.params.span),
            _ => None,
        }
    }

    /// A use by code that runs later: may it run before the name has its value, or see another round's?
    fn of_closure(&self, function: NodeId) -> Option<Hazard> {
        let (place, parsed) = (self.place, self.names.parsed);
        // A hoisted function is there from the start of its block on.
        let made = hoisting_block(parsed, function)
            .unwrap_or_else(|| parsed.semantic.nodes().kind(function).span());
        let is_made_after = place.is_after(self.bound, made.start);
        match place.rounds {
            Rounds::Many => {
                return self.hazard(&codes::LOOP_CLOSURE, "is used by a closure in a loop");
            }
            // Copies that nothing writes cannot be told apart.
            Rounds::Copied if is_made_after && !self.names.is_written(self.symbol) => return None,
            Rounds::Copied => {
                return self.hazard(
                    &codes::LOOP_CLOSURE,
                    "is used by a closure in the loop whose head it is",
                );
            }
            Rounds::Once if is_made_after => return None,
            Rounds::Once => {}
        }
        if self.bound.declarator.span.contains_inclusive(made) {
            return match is_only_made(parsed, function) {
                // It can be got hold of by the name alone, once that has its value.
                Some(held) if held == self.symbol => None,
                _ => self.lifted(
                    &codes::SELF_REF,
                    "may be used by a function that its own initialiser runs",
                    Assumption::InitialisedBeforeUse,
                ),
            };
        }
        let settled = place.settled(self.bound);
        let early = match holder(parsed, function) {
            Some(held) => self.early.of_symbol(self.names, held),
            None if hoisting_block(parsed, function).is_some() => 0,
            None => made.start,
        };
        let is_quiet = || {
            self.early
                .quiet
                .is_between(parsed, place.scope, early, settled)
        };
        if early >= settled || is_quiet() {
            return None;
        }
        self.lifted(
            &codes::TDZ_CLOSURE,
            "is used by a function or class that may run before the declaration",
            Assumption::InitialisedBeforeUse,
        )
    }
}
