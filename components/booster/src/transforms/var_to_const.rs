//! `var` becomes `const` where nothing writes the name again and `let` where something does; `let` becomes `const` likewise.
//!
//! ```text
//! var a = 1, b = 2; b++;      ->  let a = 1, b = 2; b++;
//! for (var k in o) use(k);    ->  for (const k in o) use(k);
//! use(x); var x = 1;          ->  left alone: tdz
//! for (var i of a) use(i); for (var i of b) use(i);     ->  for (const i of a) use(i); for (const i of b) use(i);
//! module.exports = f; var x = 1; function f() { use(x) }        ->  module.exports = f; const x = 1; function f() { use(x) }
//! module.exports = f; run(); var x = 1; function f() { use(x) }   ->  left alone: tdz_closure
//! ```
//!
//! One declaration is one site; it is never split, so one name that has to stay keeps its neighbours. A `let` that is written again,
//! or has no initialiser, is as it should be and no site.
//!
//! The proof for a name that is changed: it is declared once, or each of its declarations has nothing to do with the others (`apart`);
//! each use lies in the block that declares it and behind its declarator in the text, so that in every run of the block it comes after
//! the initialiser (a block's statements run in the order of the text, and jumps only lead out of it); functions that use it are
//! either made behind the declarator, or can only be got hold of behind it, or no code runs before it that could call them; and
//! nothing outside the text's own rules (`eval`, `with`, the global object, test frameworks that move code) reaches the name.

mod apart;
mod codes;
mod early;
mod place;
mod quiet;
mod uses;

use oxc_ast::AstKind;
use oxc_ast::ast::{VariableDeclaration, VariableDeclarationKind, VariableDeclarator};
use oxc_semantic::NodeId;

use super::names::Names;
use super::{Fate, SCRIPTS, Site, Transform};
use crate::parse::Parsed;
use crate::{Edit, Span, edit};
use apart::Apart;
use early::{Early, may_hold_code};
use place::Place;

pub(super) static TRANSFORM: Transform = Transform {
    name: "var-to-const",
    summary: "Replaces var by const, or by let where the name is written again; let by const where it never is",
    extensions: SCRIPTS,
    codes: codes::ALL,
    sites,
    frees: Some(frees),
};

/// Where functions are what a name that is declared several times holds, nobody knows who may run them before its declarations are apart.
fn frees(parsed: &Parsed<'_>, edits: &[Edit]) -> bool {
    let (nodes, scoping) = (parsed.semantic.nodes(), parsed.semantic.scoping());
    let is_redeclared = |declarator: &VariableDeclarator<'_>| {
        let names = declarator.id.get_binding_identifiers();
        let mut symbols = names.iter().filter_map(|name| name.symbol_id.get());
        symbols.any(|symbol| !scoping.symbol_redeclarations(symbol).is_empty())
    };
    let is_changed = |declaration: &VariableDeclaration<'_>| {
        let start = declaration.span.start;
        let found = edits.binary_search_by_key(&start, |edit| edit.span.start);
        found.is_ok()
    };
    parsed.outline.declarations.iter().any(|&id| {
        let AstKind::VariableDeclaration(declaration) = nodes.kind(id) else {
            return false;
        };
        let mut declarators = declaration.declarations.iter();
        declarators.any(|declarator| may_hold_code(declarator) && is_redeclared(declarator))
            && is_changed(declaration)
    })
}

fn sites(parsed: &Parsed<'_>) -> Vec<Site> {
    let names = Names::of(parsed);
    let (early, apart) = (Early::default(), Apart::default());
    let nodes = parsed.semantic.nodes();
    let declarations = parsed.outline.declarations.iter();
    declarations
        .filter_map(|&id| match nodes.kind(id) {
            AstKind::VariableDeclaration(declaration) => {
                site(&names, &early, &apart, id, declaration)
            }
            _ => None,
        })
        .collect()
}

fn site<'a>(
    names: &Names<'_, 'a>,
    early: &Early,
    apart: &Apart,
    id: NodeId,
    declaration: &'a VariableDeclaration<'a>,
) -> Option<Site> {
    let is_var = match declaration.kind {
        VariableDeclarationKind::Var => true,
        VariableDeclarationKind::Let => false,
        _ => return None,
    };
    let place = Place::of(names.parsed, id, declaration);
    let mut is_written = false;
    place.each_bound(|bound| {
        is_written |= bound.name.symbol_id.get().is_some_and(|symbol| {
            if names.is_redeclared(symbol) {
                apart
                    .of(names, symbol, place.block)
                    .is_none_or(|own| own.is_written)
            } else {
                names.is_written(symbol)
            }
        });
    });
    let to = if !place.is_initialised() || is_written {
        "let"
    } else {
        "const"
    };
    if !is_var && to == "let" {
        return None;
    }
    let hazard = place
        .hazard(is_var)
        .or_else(|| {
            let mut first = None;
            place.each_bound(|bound| {
                if first.is_none() {
                    first = uses::hazard(names, early, apart, &place, &bound, is_var);
                }
            });
            first
        })
        // Last, because it is the one that a caller can lift: what it hides would stay.
        .or_else(|| place.script_global(is_var));
    let start = declaration.span.start;
    Some(Site {
        span: Span {
            start,
            end: declaration.span.end,
        },
        fate: match hazard {
            None => Fate::Changed(edit::replace(start, start + 3, to), Vec::new()),
            Some(hazard) => Fate::Refused(hazard),
        },
    })
}
