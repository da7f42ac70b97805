//! What surrounds each node of a syntax tree, in one pass, so that a question about a reference does not walk up the whole tree.
//!
//! It says where a node stands (in which function, loop, `with`, parameter list), and lists the nodes that transforms start from. It
//! does not know what any transform wants.

use std::cell::LazyCell;

use oxc_ast::AstKind;
use oxc_ast::ast::{CallExpression, Expression, Function, PropertyKind};
use oxc_semantic::{NodeId, Semantic};
use oxc_span::{GetSpan as _, Span};

/// Where a node stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings {
    /// The nearest node around it whose code runs later than its text is reached: a function, or the initialiser of an instance
    /// field; the root where there is none. A function that is called on the spot is none: `(function () { ... })()`.
    pub(crate) deferred: NodeId,
    /// The nearest node around it that holds `var` names: a function, a static block, a namespace, or the program.
    pub(crate) scope: NodeId,
    /// How many bodies of `with` it stands in, up to the root.
    pub(crate) withs: u16,
    /// It stands in a loop of its `scope`.
    pub(crate) in_loop: bool,
    /// It stands in a parameter list or a catch parameter, at any depth.
    pub(crate) in_parameters: bool,
    /// It stands in a call that a test framework moves to the top of the file, at any depth.
    pub(crate) in_mock: bool,
}

/// The surroundings of every node, and the nodes that transforms look for.
pub(crate) struct Outline {
    /// By node; a parent comes before its children.
    around: Vec<Surroundings>,
    /// `var`, `let`, `const` and `using` declarations.
    pub(crate) declarations: Vec<NodeId>,
    /// References in parameter lists: the analysis resolves them before it knows all names.
    pub(crate) parameter_references: Vec<NodeId>,
    /// Function declarations in blocks, cases, labels and sole bodies: everywhere but at the top of a function or the program.
    pub(crate) block_functions: Vec<NodeId>,
    /// Functions that are written with the word `function` and have a body; methods and accessors are not.
    pub(crate) functions: Vec<NodeId>,
    /// JSX elements and fragments.
    pub(crate) elements: Vec<NodeId>,
    /// Statements and declarations in a list of such: not the sole body of another statement.
    pub(crate) statements: Vec<NodeId>,
}

impl Outline {
    /// Draws the outline of a tree.
    pub(crate) fn of(semantic: &Semantic<'_>) -> Outline {
        let nodes = semantic.nodes();
        let root = NodeId::ROOT;
        let mut outline = Outline {
            around: Vec::with_capacity(nodes.len()),
            declarations: Vec::new(),
            parameter_references: Vec::new(),
            block_functions: Vec::new(),
            functions: Vec::new(),
            elements: Vec::new(),
            statements: Vec::with_capacity(nodes.len() / 8),
        };
        // A function that can get hold of itself (`callee`, `caller`) may be kept and run again, though it is called on the spot.
        let may_hold_itself = LazyCell::new(|| semantic.source_text().contains("calle"));
        let mut mocks: Vec<NodeId> = Vec::new();
        for (id, node) in nodes.iter_enumerated() {
            if id == root {
                let at_top = Surroundings {
                    deferred: root,
                    scope: root,
                    withs: 0,
                    in_loop: false,
                    in_parameters: false,
                    in_mock: false,
                };
                outline.around.push(at_top);
                continue;
            }
            let parent = nodes.parent_id(id);
            let mut own = outline.around[parent.index()];
            let span = || node.kind().span();
            match nodes.kind(parent) {
                AstKind::Function(function) => {
                    own.scope = parent;
                    own.in_loop = false;
                    let plain = function.id.is_none() && !function.r#async && !function.generator;
                    if !(plain && is_callee(semantic, parent) && !*may_hold_itself) {
                        own.deferred = parent;
                    }
                }
                AstKind::ArrowFunctionExpression(arrow) => {
                    own.scope = parent;
                    own.in_loop = false;
                    if arrow.r#async || !is_callee(semantic, parent) {
                        own.deferred = parent;
                    }
                }
                AstKind::StaticBlock(_) | AstKind::TSModuleBlock(_) => {
                    own.scope = parent;
                    own.in_loop = false;
                }
                AstKind::PropertyDefinition(field)
                    if !field.r#static && is_at(field.value.as_ref(), node.kind()) =>
                {
                    own.deferred = parent;
                }
                AstKind::AccessorProperty(field)
                    if !field.r#static && is_at(field.value.as_ref(), node.kind()) =>
                {
                    own.deferred = parent;
                }
                AstKind::ForStatement(_)
                | AstKind::ForInStatement(_)
                | AstKind::ForOfStatement(_)
                | AstKind::WhileStatement(_)
                | AstKind::DoWhileStatement(_) => own.in_loop = true,
                AstKind::WithStatement(with) if with.body.span() == span() => {
                    own.withs = own.withs.saturating_add(1)
                }
                AstKind::FormalParameters(_) | AstKind::CatchParameter(_) => {
                    own.in_parameters = true
                }
                AstKind::CallExpression(_) if mocks.contains(&parent) => own.in_mock = true,
                _ => {}
            }
            outline.around.push(own);
            if holds_statements(nodes.kind(parent), span) && is_statement(node.kind()) {
                outline.statements.push(id);
            }
            match node.kind() {
                AstKind::VariableDeclaration(_) => outline.declarations.push(id),
                AstKind::IdentifierReference(_) if own.in_parameters => {
                    outline.parameter_references.push(id)
                }
                AstKind::CallExpression(call) if is_mock(call) => mocks.push(id),
                AstKind::JSXElement(_) | AstKind::JSXFragment(_) => outline.elements.push(id),
                AstKind::Function(function) => {
                    if function.is_declaration() && !is_top(nodes.kind(parent)) {
                        outline.block_functions.push(id);
                    }
                    if function.body.is_some() && !is_method(nodes.kind(parent), function) {
                        outline.functions.push(id);
                    }
                }
                _ => {}
            }
        }
        outline
    }

    /// Where a node stands.
    pub(crate) fn around(&self, node: NodeId) -> Surroundings {
        self.around[node.index()]
    }

    /// Of the nodes whose code runs later, the outermost one around a node within a scope around it; none when the node's code runs
    /// with the scope's own.
    pub(crate) fn outermost_deferred(&self, node: NodeId, scope: NodeId) -> Option<NodeId> {
        // On one path to the root, a smaller number is further out.
        let mut outermost = self.around(node).deferred;
        if outermost <= scope {
            return None;
        }
        loop {
            let next = self.around(outermost).deferred;
            if next <= scope {
                return Some(outermost);
            }
            outermost = next;
        }
    }
}

/// Whether a node is the value of a field.
fn is_at(value: Option<&Expression<'_>>, node: AstKind<'_>) -> bool {
    value.is_some_and(|value| value.span() == node.span())
}

/// Whether a function in such a node is written as a method or an accessor.
fn is_method(parent: AstKind<'_>, function: &Function<'_>) -> bool {
    match parent {
        AstKind::MethodDefinition(method) => method.value.span == function.span,
        AstKind::ObjectProperty(property) => {
            (property.method || property.kind != PropertyKind::Init)
                && property.value.span() == function.span
        }
        _ => false,
    }
}

/// Whether what stands directly in such a node stands at the top of a function, a module or the program.
pub(crate) fn is_top(parent: AstKind<'_>) -> bool {
    matches!(
        parent,
        AstKind::Program(_)
            | AstKind::FunctionBody(_)
            | AstKind::StaticBlock(_)
            | AstKind::TSModuleBlock(_)
            | AstKind::ExportDeclaration(_)
            | AstKind::ExportDefaultDeclaration(_)
    )
}

/// Whether a node of the span stands in a list of statements of its parent.
fn holds_statements(parent: AstKind<'_>, span: impl Fn() -> Span) -> bool {
    match parent {
        AstKind::Program(_)
        | AstKind::FunctionBody(_)
        | AstKind::BlockStatement(_)
        | AstKind::StaticBlock(_)
        | AstKind::TSModuleBlock(_) => true,
        AstKind::SwitchCase(case) => case.test.as_ref().is_none_or(|test| test.span() != span()),
        _ => false,
    }
}

fn is_statement(kind: AstKind<'_>) -> bool {
    kind.is_statement() || kind.is_declaration()
}

fn is_callee(semantic: &Semantic<'_>, function: NodeId) -> bool {
    match semantic.nodes().parent_kind(function) {
        AstKind::CallExpression(call) => {
            call.callee.span() == semantic.nodes().kind(function).span()
        }
        _ => false,
    }
}

/// Calls that jest and vitest move to the top of the file, also in a chain: `jest.mock("a").mock("b", make)`.
fn is_mock(call: &CallExpression<'_>) -> bool {
    let Some(member) = call.callee.as_member_expression() else {
        return false;
    };
    let moved = member
        .static_property_name()
        .is_some_and(|name| matches!(name, "mock" | "unmock" | "deepUnmock" | "hoisted"));
    if !moved {
        return false;
    }
    let mut object = member.object();
    while let Expression::CallExpression(call) = object {
        let Some(member) = call.callee.as_member_expression() else {
            return false;
        };
        object = member.object();
    }
    object
        .get_identifier_reference()
        .is_some_and(|name| matches!(name.name.as_str(), "jest" | "vi" | "vitest"))
}
