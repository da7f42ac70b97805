//! What is known of the names of a text: who uses and writes them, and which ones the scope analysis may be wrong about.

use oxc_ast::AstKind;
use oxc_ast::ast::VariableDeclarationKind;
use oxc_semantic::{NodeId, Reference, ScopeId, Scoping, SymbolId};
use oxc_syntax::symbol::SymbolFlags;

use crate::parse::Parsed;

/// What JSX calls without naming it, unless a comment says otherwise.
const FACTORIES: [&str; 4] = ["React", "h", "jsx", "Preact"];

/// What is known of all names of a text.
pub(super) struct Names<'p, 'a> {
    pub(super) parsed: &'p Parsed<'a>,
    /// Symbols that a reference in a parameter list may or may not mean; sorted.
    unsettled: Vec<SymbolId>,
    /// Sloppy functions in blocks, by name and by the scope whose `var` of that name they also write; sorted.
    block_functions: Vec<(&'a str, ScopeId)>,
    /// `var` declarations that the analysis takes for the catch parameter of their name; sorted.
    caught: Vec<(&'a str, NodeId)>,
    /// What JSX calls without naming it; empty without JSX.
    factories: Vec<&'a str>,
}

impl<'p, 'a> Names<'p, 'a> {
    pub(super) fn of(parsed: &'p Parsed<'a>) -> Names<'p, 'a> {
        Names {
            parsed,
            unsettled: unsettled(parsed),
            block_functions: block_functions(parsed),
            caught: caught(parsed),
            factories: factories(parsed),
        }
    }

    pub(super) fn scoping(&self) -> &'p Scoping {
        self.parsed.semantic.scoping()
    }

    /// The references to a symbol when the program runs. Types are gone by then; `typeof x` in a type is one of them.
    fn references(&self, symbol: SymbolId) -> impl Iterator<Item = &'p Reference> + use<'p, 'a> {
        self.scoping()
            .get_resolved_references(symbol)
            .filter(|reference| reference.flags().is_value())
    }

    /// The nodes of those references, and the JSX that uses the symbol without naming it.
    pub(super) fn uses(&self, symbol: SymbolId) -> impl Iterator<Item = NodeId> + '_ {
        let scoping = self.scoping();
        let is_factory = self.factories.contains(&scoping.symbol_name(symbol));
        let elements = if is_factory {
            &self.parsed.outline.elements[..]
        } else {
            &[]
        };
        let unnamed = elements.iter().copied().filter(move |&element| {
            let scope = self.parsed.semantic.nodes().get_node(element).scope_id();
            scoping.find_binding(scope, scoping.symbol_ident(symbol)) == Some(symbol)
        });
        self.references(symbol)
            .map(Reference::node_id)
            .chain(unnamed)
    }

    /// Whether a symbol is declared more than once.
    pub(super) fn is_redeclared(&self, symbol: SymbolId) -> bool {
        !self.scoping().symbol_redeclarations(symbol).is_empty()
    }

    /// The nodes of the references that write a symbol.
    pub(super) fn writes(&self, symbol: SymbolId) -> impl Iterator<Item = NodeId> {
        self.references(symbol)
            .filter(|reference| reference.is_write())
            .map(Reference::node_id)
    }

    /// Whether anything writes a symbol after its initialiser.
    pub(super) fn is_written(&self, symbol: SymbolId) -> bool {
        self.writes(symbol).next().is_some()
    }

    /// Whether a reference in a parameter list may mean this symbol or another one.
    pub(super) fn is_unsettled(&self, symbol: SymbolId) -> bool {
        self.unsettled.binary_search(&symbol).is_ok()
    }

    /// Whether a `var` of the name stands in a catch clause with a parameter of the name, anywhere in a scope.
    pub(super) fn is_caught(&self, name: &str, scope: NodeId) -> bool {
        self.caught.binary_search(&(name, scope)).is_ok()
    }

    /// Whether a sloppy function in a block has the name of a symbol, in its scope or in a function further in: it writes the `var`
    /// around it too, and what the analysis resolves by its name may be wrong.
    pub(super) fn meets_block_function(&self, symbol: SymbolId) -> bool {
        if self.block_functions.is_empty() {
            return false;
        }
        let (name, own) = (
            self.scoping().symbol_name(symbol),
            self.scoping().symbol_scope_id(symbol),
        );
        let first = self
            .block_functions
            .partition_point(|&(known, _)| known < name);
        self.block_functions[first..]
            .iter()
            .take_while(|&&(known, _)| known == name)
            .any(|&(_, scope)| scope == own || self.scoping().scope_is_descendant_of(scope, own))
    }
}

/// Symbols that references in parameter lists may mean.
///
/// A function's parameters do not see the names of its body, but the analysis keeps both in one scope; and it resolves such references
/// when it meets them, before it knows the names that are declared further down. Where one name leads to several symbols, none of
/// them is settled.
fn unsettled(parsed: &Parsed<'_>) -> Vec<SymbolId> {
    let (scoping, nodes) = (parsed.semantic.scoping(), parsed.semantic.nodes());
    let mut found = Vec::new();
    for &node in &parsed.outline.parameter_references {
        let AstKind::IdentifierReference(identifier) = nodes.kind(node) else {
            continue;
        };
        let reference = scoping.get_reference(identifier.reference_id());
        let first = found.len();
        found.extend(reference.symbol_id());
        for scope in scoping.scope_ancestors(reference.scope_id()) {
            let Some(symbol) = scoping.get_binding(scope, identifier.name) else {
                continue;
            };
            if !found[first..].contains(&symbol) {
                found.push(symbol);
            }
            let declared = nodes.kind(scoping.symbol_declaration(symbol));
            let is_settled = matches!(
                declared,
                AstKind::FormalParameter(_) | AstKind::FormalParameterRest(_)
            ) || scoping
                .symbol_flags(symbol)
                .contains(SymbolFlags::FunctionExpression);
            if is_settled || !scoping.scope_flags(scope).is_function() {
                break;
            }
        }
        if found.len() - first < 2 {
            found.truncate(first);
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Plain functions in blocks of sloppy code. Such a function is hoisted to its block, and when the block reaches it, is also written to
/// a `var` of its name, unless a `let` or `const` of that name stands in the way (ECMAScript, annex B.3.2).
fn block_functions<'a>(parsed: &Parsed<'a>) -> Vec<(&'a str, ScopeId)> {
    let (scoping, nodes) = (parsed.semantic.scoping(), parsed.semantic.nodes());
    let mut found: Vec<(&str, ScopeId)> = parsed
        .outline
        .block_functions
        .iter()
        .filter_map(|&id| {
            let AstKind::Function(function) = nodes.kind(id) else {
                return None;
            };
            let scope = nodes.get_node(id).scope_id();
            let is_written_around = !function.r#async
                && !function.generator
                && !scoping.scope_flags(scope).is_strict_mode();
            let around = scoping
                .scope_ancestors(scope)
                .find(|&scope| scoping.scope_flags(scope).is_var())?;
            let name = function.id.as_ref()?.name.as_str();
            is_written_around.then_some((name, around))
        })
        .collect();
    found.sort_unstable();
    found
}

/// `var` declarations in a catch clause that has a parameter of the name, by name and by the node that holds the `var`.
fn caught<'a>(parsed: &Parsed<'a>) -> Vec<(&'a str, NodeId)> {
    let (scoping, nodes) = (parsed.semantic.scoping(), parsed.semantic.nodes());
    let mut found = Vec::new();
    if !parsed.outline.has_catch_parameter {
        return found;
    }
    for &id in &parsed.outline.declarations {
        let AstKind::VariableDeclaration(declaration) = nodes.kind(id) else {
            continue;
        };
        if declaration.kind != VariableDeclarationKind::Var {
            continue;
        }
        for name in declaration
            .declarations
            .iter()
            .flat_map(|declarator| declarator.id.get_binding_identifiers())
        {
            let is_caught = name.symbol_id.get().is_some_and(|symbol| {
                scoping
                    .symbol_flags(symbol)
                    .contains(SymbolFlags::CatchVariable)
            });
            if is_caught {
                found.push((name.name.as_str(), parsed.outline.around(id).scope));
            }
        }
    }
    found.sort_unstable();
    found
}

/// What JSX calls: the usual names, and those that `@jsx` and `@jsxFrag` comments give.
fn factories<'a>(parsed: &Parsed<'a>) -> Vec<&'a str> {
    if parsed.outline.elements.is_empty() {
        return Vec::new();
    }
    let text = parsed.semantic.source_text();
    let named = parsed.semantic.comments().iter().flat_map(|comment| {
        let comment = &text[comment.span.start as usize..comment.span.end as usize];
        ["@jsx ", "@jsxFrag "].into_iter().filter_map(move |tag| {
            let rest = comment[comment.find(tag)? + tag.len()..].trim_start();
            let end = rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
                .unwrap_or(rest.len());
            Some(&rest[..end])
        })
    });
    FACTORIES.into_iter().chain(named).collect()
}
