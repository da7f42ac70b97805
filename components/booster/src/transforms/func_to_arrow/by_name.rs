//! What becomes of a value that is known by a name: every place that reads the name is followed.

use std::cell::RefCell;
use std::collections::BTreeMap;

use oxc_ast::AstKind;
use oxc_semantic::SymbolId;

use super::callees::is_settled;
use super::codes;
use super::flow::{Flow, Verdict};
use crate::assume::Assumption;

/// What becomes of names, found out once for each.
#[derive(Default)]
pub(super) struct Known(RefCell<BTreeMap<SymbolId, Verdict>>);

impl Flow<'_, '_, '_, '_> {
    /// The value is known by a name.
    pub(super) fn name(&mut self, symbol: SymbolId) {
        let found = self.known.0.borrow().get(&symbol).cloned();
        let found = match found {
            Some(found) => found,
            // Names may lead to each other, so only what is found for the first one is the whole truth.
            None if self.is_within_name => {
                self.uses(symbol);
                return;
            }
            None => {
                let mut flow = Flow::new(self.callees, self.known, true);
                flow.uses(symbol);
                let verdict = flow.run();
                self.known.0.borrow_mut().insert(symbol, verdict.clone());
                verdict
            }
        };
        let own = &mut self.verdict;
        own.fatal = own.fatal.take().or(found.fatal);
        own.unknown = own.unknown.take().or(found.unknown);
        own.is_named |= found.is_named;
        own.capital = own.capital.take().or(found.capital);
    }

    pub(super) fn called(&mut self, name: &str) {
        if self.verdict.capital.is_none() && name.starts_with(char::is_uppercase) {
            self.verdict.capital = Some(name.to_owned());
        }
    }

    /// Goes on with everything that reads a name.
    fn uses(&mut self, symbol: SymbolId) {
        if !self.visited.insert(symbol) {
            return;
        }
        let (parsed, names) = (self.callees.parsed, self.callees.names);
        let (scoping, nodes) = (parsed.semantic.scoping(), parsed.semantic.nodes());
        let name = scoping.symbol_name(symbol).to_owned();
        let declared = scoping.symbol_declaration(symbol);
        if scoping
            .scope_flags(scoping.symbol_scope_id(symbol))
            .contains_direct_eval()
        {
            let words = format!("is known as `{name}`, which a direct eval can use");
            self.fatal(&codes::EVAL, words);
            return;
        }
        if !is_settled(names, symbol) {
            let words = format!("is known as `{name}`, which is declared more than once");
            self.fatal(&codes::CONSTRUCTIBLE, words);
            return;
        }
        self.called(&name);
        let is_shared =
            scoping.symbol_scope_id(symbol) == scoping.root_scope_id() && !parsed.owns_names;
        if is_shared {
            self.unknown_by(
                &codes::CONSTRUCTIBLE,
                format!("is known as `{name}` to other scripts, if this text is one"),
                Assumption::Module,
            );
        }
        let declaration = match nodes.kind(declared) {
            AstKind::VariableDeclarator(_) => nodes.parent_id(declared),
            _ => declared,
        };
        if let AstKind::ExportDeclaration(_) = nodes.parent_kind(declaration) {
            self.unknown(
                &codes::CONSTRUCTIBLE,
                format!("is exported as `{name}` to code that may do more than call it"),
            );
        }
        if names.is_written(symbol) && self.callees.is_in_arguments(declared) {
            self.unknown(
                &codes::CONSTRUCTIBLE,
                format!("is known as `{name}`, which `arguments` reads too"),
            );
        }
        for reference in scoping.get_resolved_references(symbol) {
            if reference.flags().is_value() && reference.is_read() {
                self.open.push(reference.node_id());
            }
        }
        // JSX uses what makes its elements without naming it.
        if names
            .uses(symbol)
            .any(|node| !matches!(nodes.kind(node), AstKind::IdentifierReference(_)))
        {
            self.unknown(&codes::UNKNOWN_CALLEE, "makes the elements of JSX");
        }
    }
}
