//! What a kind of node is to the outline. Most kinds are nothing to it: one look into a table tells so.

use oxc_ast::{AstKind, AstType};

/// What a node's kind is, as bits.
#[derive(Clone, Copy)]
pub(super) struct Role(u8);

const STATEMENT: u8 = 1;
const DECLARATION: u8 = 2;
const LIST: u8 = 4;
const REFERENCE: u8 = 8;
const PLACE: u8 = 16;

const ROLES: [u8; 256] = {
    use AstType::*;
    let mut roles = [0; 256];
    let rows: [(u8, &[AstType]); 5] = [
        (
            STATEMENT,
            &[
                BlockStatement,
                BreakStatement,
                ContinueStatement,
                DebuggerStatement,
                DoWhileStatement,
                EmptyStatement,
                ExportAllDeclaration,
                ExportDeclaration,
                ExportDefaultDeclaration,
                ExportFromDeclaration,
                ExportNamedDeclaration,
                ExpressionStatement,
                ForInStatement,
                ForOfStatement,
                ForStatement,
                IfStatement,
                ImportDeclaration,
                LabeledStatement,
                ReturnStatement,
                SwitchStatement,
                ThrowStatement,
                TryStatement,
                TSEnumDeclaration,
                TSExportAssignment,
                TSExternalModuleDeclaration,
                TSGlobalDeclaration,
                TSImportEqualsDeclaration,
                TSInterfaceDeclaration,
                TSNamespaceDeclaration,
                TSNamespaceExportDeclaration,
                TSTypeAliasDeclaration,
                VariableDeclaration,
                WhileStatement,
                WithStatement,
            ],
        ),
        (DECLARATION, &[Class, Function]),
        (
            LIST,
            &[
                BlockStatement,
                FunctionBody,
                Program,
                StaticBlock,
                SwitchCase,
                TSModuleBlock,
            ],
        ),
        (REFERENCE, &[IdentifierReference]),
        (
            PLACE,
            &[
                AccessorProperty,
                ArrowFunctionExpression,
                CallExpression,
                CatchParameter,
                DoWhileStatement,
                ForInStatement,
                ForOfStatement,
                ForStatement,
                FormalParameters,
                Function,
                JSXElement,
                JSXFragment,
                PropertyDefinition,
                StaticBlock,
                TSModuleBlock,
                VariableDeclaration,
                WhileStatement,
                WithStatement,
            ],
        ),
    ];
    let mut row = 0;
    while row < rows.len() {
        let (role, types) = rows[row];
        let mut at = 0;
        while at < types.len() {
            roles[types[at] as usize] |= role;
            at += 1;
        }
        row += 1;
    }
    roles
};

impl Role {
    pub(super) fn of(kind: AstKind<'_>) -> Role {
        Role(ROLES[kind.ty() as usize])
    }

    /// Whether it is nothing to the outline.
    pub(super) fn is_none(self) -> bool {
        self.0 == 0
    }

    pub(super) fn is_reference(self) -> bool {
        self.0 == REFERENCE
    }

    /// Whether the outline lists it, or what stands in it stands in another place than it does.
    pub(super) fn is_place(self) -> bool {
        self.0 & PLACE != 0
    }

    /// Whether such a node may have statements in a list.
    pub(super) fn has_list(self) -> bool {
        self.0 & LIST != 0
    }

    /// Whether a node of this role and kind is a statement or a declaration.
    pub(super) fn is_statement(self, kind: AstKind<'_>) -> bool {
        match kind {
            _ if self.0 & (STATEMENT | DECLARATION) == 0 => false,
            AstKind::Function(function) => function.is_declaration(),
            AstKind::Class(class) => class.is_declaration(),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxc_allocator::Allocator;
    use oxc_parser::Parser;
    use oxc_semantic::SemanticBuilder;
    use oxc_span::SourceType;

    #[test]
    fn statements_are_what_the_parser_takes_for_such() {
        let text = "
            import a, { b } from 'a'; import c = d.e; export * from 'f'; export { a as g }; export { h } from 'i';
            export default class {} export var j = class k {}; export as namespace l; declare global { var m; }
            namespace n { o() } declare module 'p' { export = q; } enum r { s } interface t {} type u = v;
            function w(x, ...y) { return function z() {}, class {} } async () => { for await (const a of b) { throw c } }
            a: for (;;) { break a; continue; } for (var b in c); while (d) debugger; do {} while (e);
            switch (f) { case g: let h; default: i() } try { j } catch (k) { l } finally { m }
            if (n) o; else p; class A { static { q } r = 1; accessor s = 2; t() {} } declare function u(): v;
        ";
        let allocator = Allocator::default();
        let parsed = Parser::new(&allocator, text, SourceType::ts()).parse();
        let semantic = SemanticBuilder::new()
            .with_build_nodes(true)
            .build(&parsed.program)
            .semantic;
        assert!(semantic.nodes().len() > 150, "it does not parse");
        for node in semantic.nodes().iter() {
            let kind = node.kind();
            // Fields count as declarations there, but stand in no list of statements.
            let expected = kind.is_statement() || kind.is_declaration();
            let is_field = matches!(kind, AstKind::PropertyDefinition(_));
            let found = Role::of(kind).is_statement(kind);
            assert_eq!(found, expected && !is_field, "{}", kind.debug_name());
        }
    }
}
