//! Whether a variable can be read without an error where it is mentioned.
//!
//! `var`, functions and parameters always can. For the others the proof is the one of var-to-const: a block's statements run in the
//! order of the text, so a mention behind the declaration comes after it in every run, unless a function that was made before runs it.

use oxc_ast::AstKind;
use oxc_semantic::{NodeId, SymbolId};
use oxc_span::GetSpan as _;
use oxc_syntax::symbol::SymbolFlags;

use crate::assume::Assumption;
use crate::outline::is_top;
use crate::parse::Parsed;

/// Whether a variable can be read.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Ready {
    Yes,
    /// If the assumption holds.
    If(Assumption),
    No,
}

/// Whether a mention of a variable finds it initialised.
pub(super) fn of(parsed: &Parsed<'_>, mention: NodeId, symbol: SymbolId) -> Ready {
    let (nodes, scoping) = (parsed.semantic.nodes(), parsed.semantic.scoping());
    // What a parameter list means is settled before the names of the body are known, and may not be filled yet.
    if parsed.outline.around(mention).in_parameters
        || scoping.symbol_flags(symbol).contains(SymbolFlags::Ambient)
    {
        return Ready::No;
    }
    let declared = scoping.symbol_declaration(symbol);
    match nodes.kind(declared) {
        AstKind::FormalParameter(_)
        | AstKind::FormalParameterRest(_)
        | AstKind::CatchParameter(_) => Ready::Yes,
        AstKind::Function(function) => {
            let is_there = function.body.is_some()
                && (!function.is_declaration()
                    || is_top(nodes.parent_kind(declared))
                    || nodes
                        .parent_kind(declared)
                        .span()
                        .contains_inclusive(nodes.kind(mention).span()));
            if is_there { Ready::Yes } else { Ready::No }
        }
        AstKind::VariableDeclarator(declarator) => {
            let list = nodes.parent_id(declared);
            let AstKind::VariableDeclaration(statement) = nodes.kind(list) else {
                return Ready::No;
            };
            if statement.declare {
                return Ready::No;
            }
            if statement.kind.is_var() {
                return Ready::Yes;
            }
            let settled = match nodes.parent_kind(list) {
                AstKind::ForInStatement(each) if each.left.span() == statement.span => {
                    each.right.span().end
                }
                AstKind::ForOfStatement(each) if each.left.span() == statement.span => {
                    each.right.span().end
                }
                _ => declarator.span.end,
            };
            behind(parsed, mention, declared, list, settled)
        }
        AstKind::Class(class) if class.is_declaration() && !class.declare => {
            behind(parsed, mention, declared, declared, class.span.end)
        }
        AstKind::ImportNamespaceSpecifier(_) => Ready::Yes,
        AstKind::ImportSpecifier(_) | AstKind::ImportDefaultSpecifier(_) => {
            if parsed.may_be_in_cycle {
                Ready::If(Assumption::NoImportCycles)
            } else {
                Ready::Yes
            }
        }
        _ => Ready::No,
    }
}

/// Whether code at a mention runs after the byte by which a declaration is done.
fn behind(
    parsed: &Parsed<'_>,
    mention: NodeId,
    declared: NodeId,
    statement: NodeId,
    settled: u32,
) -> Ready {
    let (nodes, outline) = (parsed.semantic.nodes(), &parsed.outline);
    let at = nodes.kind(mention).span();
    // A switch may jump past the declaration into another case.
    if let AstKind::SwitchCase(case) = nodes.parent_kind(statement)
        && !case.span.contains_inclusive(at)
    {
        return Ready::No;
    }
    let scope = outline.around(declared).scope;
    match outline.outermost_deferred(mention, scope) {
        None if at.start >= settled => Ready::Yes,
        None => Ready::No,
        Some(function) => {
            let is_hoisted =
                matches!(nodes.kind(function), AstKind::Function(made) if made.is_declaration());
            if !is_hoisted && nodes.kind(function).span().start >= settled {
                Ready::Yes
            } else {
                Ready::If(Assumption::InitialisedBeforeUse)
            }
        }
    }
}
