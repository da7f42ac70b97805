//! What TypeScript leaves out of a program: imports and namespaces that no value needs. Where a call of the console is the last that needs
//! one, more than what it prints goes with it.

use oxc_ast::AstKind;
use oxc_ast::ast::{Declaration, Statement};
use oxc_semantic::{NodeId, Reference, SymbolId};

use super::calls;
use super::memo::Memo;
use super::place::Place;
use crate::parse::Parsed;

/// What calls of the console alone keep in a program.
pub(super) struct Elided<'p, 'a> {
    parsed: &'p Parsed<'a>,
    imports: Memo<SymbolId>,
    namespaces: Memo<NodeId>,
}

impl<'p, 'a> Elided<'p, 'a> {
    pub(super) fn of(parsed: &'p Parsed<'a>) -> Self {
        Elided {
            parsed,
            imports: Memo::default(),
            namespaces: Memo::default(),
        }
    }

    /// Whether anything is left out at all.
    pub(super) fn is_typescript(&self) -> bool {
        self.parsed.source_type.is_typescript()
    }

    /// Whether a symbol is an import that only calls of the console use as a value.
    pub(super) fn import(&self, symbol: SymbolId) -> bool {
        let scoping = self.parsed.semantic.scoping();
        let is_used_by = |reference: &Reference| {
            reference.flags().is_value() && !calls::is_in_one(self.parsed, reference.node_id())
        };
        self.is_typescript()
            && scoping.symbol_flags(symbol).is_import()
            && self.imports.get(symbol, || {
                let mut references = scoping.get_resolved_references(symbol);
                !references.any(is_used_by)
            })
    }

    /// Whether a call stands in a namespace that holds no other value.
    pub(super) fn namespace(&self, place: &Place<'_>) -> bool {
        let Place::Listed { statement, list } = place else {
            return false;
        };
        let nodes = self.parsed.semantic.nodes();
        let block = nodes.parent_id(*statement);
        matches!(nodes.kind(block), AstKind::TSModuleBlock(_))
            && self
                .namespaces
                .get(block, || !list.statements.iter().any(is_value))
    }
}

/// Whether a statement of a namespace is there for certain when the program runs.
fn is_value(statement: &Statement<'_>) -> bool {
    let declares = |declaration: &Declaration<'_>| match declaration {
        Declaration::VariableDeclaration(declaration) => !declaration.declare,
        Declaration::FunctionDeclaration(function) => function.body.is_some(),
        Declaration::ClassDeclaration(class) => !class.declare,
        _ => false,
    };
    match statement {
        Statement::ExpressionStatement(_) => !calls::is_statement(statement),
        Statement::ExportDeclaration(export) => declares(&export.declaration),
        other => other.as_declaration().is_some_and(declares),
    }
}
