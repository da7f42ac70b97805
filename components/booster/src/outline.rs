//! What surrounds each node of a syntax tree, in one pass, so that a question about a reference does not walk up the whole tree.
//!
//! It says where a node stands (in which function, loop, `with`, parameter list), and lists the nodes that transforms start from. It
//! does not know what any transform wants.

mod roles;

use std::cell::LazyCell;

use oxc_ast::AstKind;
use oxc_ast::ast::{CallExpression, Expression, Function, PropertyKind};
use oxc_semantic::{NodeId, Semantic};
use oxc_span::{GetSpan as _, Span};

use crate::words;
use roles::Role;

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

/// Where a node and its children stand: places as indices, with marks.
#[derive(Clone, Copy)]
struct Standing {
    own: u32,
    children: u32,
}

/// The surroundings of every node, and the nodes that transforms look for.
pub(crate) struct Outline {
    /// Where nodes stand, each place once.
    places: Vec<Surroundings>,
    /// Where each node stands.
    nodes: Vec<Standing>,
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
    /// A catch clause has a parameter.
    pub(crate) has_catch_parameter: bool,
    /// Statements and declarations in a list of such: not the sole body of another statement.
    pub(crate) statements: Vec<NodeId>,
}

impl Outline {
    /// Draws the outline of a tree.
    pub(crate) fn of(semantic: &Semantic<'_>) -> Outline {
        let nodes = semantic.nodes();
        let root = NodeId::ROOT;
        let at_top = Surroundings {
            deferred: root,
            scope: root,
            withs: 0,
            in_loop: false,
            in_parameters: false,
            in_mock: false,
        };
        let mut outline = Outline {
            places: vec![at_top],
            nodes: Vec::with_capacity(nodes.len()),
            declarations: Vec::new(),
            parameter_references: Vec::new(),
            block_functions: Vec::new(),
            functions: Vec::new(),
            elements: Vec::new(),
            has_catch_parameter: false,
            statements: Vec::with_capacity(nodes.len() / 8),
        };
        // A function that can get hold of itself (`callee`, `caller`) may be kept and run again, though it is called on the spot.
        let may_hold_itself = LazyCell::new(|| words::mentions(semantic.source_text(), "calle"));
        // A parent comes before its children. Few nodes are a place of their own.
        for (id, node) in nodes.iter_enumerated() {
            let kind = node.kind();
            let role = Role::of(kind);
            let parent = nodes.parent_id(id);
            // The root is its own parent.
            let given = outline.nodes.get(parent.index());
            let given = given.map_or(0, |parent| parent.children);
            let own = if given & ONE_CHILD == 0 {
                given
            } else {
                outline.place_of_child(given & !ONE_CHILD, parent, nodes.kind(parent), kind)
            };
            if !role.is_place() {
                let children = own;
                outline.nodes.push(Standing { own, children });
                if role.is_none() {
                    continue;
                }
                if role.is_reference() {
                    if own & IN_PARAMETERS != 0 {
                        outline.parameter_references.push(id);
                    }
                    continue;
                }
                if is_listed(role, kind, nodes.kind(parent)) {
                    outline.statements.push(id);
                }
                continue;
            }
            let around = outline.places[(own & INDEX) as usize];
            let mut inner = None;
            match kind {
                AstKind::Function(function) => {
                    if function.is_declaration() && !is_top(nodes.kind(parent)) {
                        outline.block_functions.push(id);
                    }
                    if function.body.is_some() && !is_method(nodes.kind(parent), function) {
                        outline.functions.push(id);
                    }
                    let plain = function.id.is_none() && !function.r#async && !function.generator;
                    let is_on_the_spot =
                        plain && is_callee(nodes.kind(parent), function.span) && !*may_hold_itself;
                    inner = Some(Surroundings {
                        scope: id,
                        in_loop: false,
                        deferred: if is_on_the_spot { around.deferred } else { id },
                        ..around
                    });
                }
                AstKind::ArrowFunctionExpression(arrow) => {
                    let is_on_the_spot =
                        !arrow.r#async && is_callee(nodes.kind(parent), arrow.span);
                    inner = Some(Surroundings {
                        scope: id,
                        in_loop: false,
                        deferred: if is_on_the_spot { around.deferred } else { id },
                        ..around
                    });
                }
                AstKind::StaticBlock(_) | AstKind::TSModuleBlock(_) => {
                    inner = Some(Surroundings {
                        scope: id,
                        in_loop: false,
                        ..around
                    });
                }
                AstKind::ForStatement(_)
                | AstKind::ForInStatement(_)
                | AstKind::ForOfStatement(_)
                | AstKind::WhileStatement(_)
                | AstKind::DoWhileStatement(_) => {
                    inner = Some(Surroundings {
                        in_loop: true,
                        ..around
                    });
                }
                AstKind::FormalParameters(_) | AstKind::CatchParameter(_) => {
                    outline.has_catch_parameter |= matches!(kind, AstKind::CatchParameter(_));
                    inner = Some(Surroundings {
                        in_parameters: true,
                        ..around
                    });
                }
                AstKind::CallExpression(call) if is_mock(call) => {
                    inner = Some(Surroundings {
                        in_mock: true,
                        ..around
                    });
                }
                AstKind::VariableDeclaration(_) => outline.declarations.push(id),
                AstKind::JSXElement(_) | AstKind::JSXFragment(_) => outline.elements.push(id),
                _ => {}
            }
            let children = match inner {
                Some(inner) => outline.place(inner),
                None if changes_one_child(kind) => own | ONE_CHILD,
                None => own,
            };
            outline.nodes.push(Standing { own, children });
            if is_listed(role, kind, nodes.kind(parent)) {
                outline.statements.push(id);
            }
        }
        outline
    }

    /// Adds a place.
    fn place(&mut self, place: Surroundings) -> u32 {
        let index = crate::count(self.places.len());
        self.places.push(place);
        if place.in_parameters {
            index | IN_PARAMETERS
        } else {
            index
        }
    }

    /// The place of a child of a node that changes it for one of its children alone.
    #[cold]
    fn place_of_child(
        &mut self,
        given: u32,
        parent: NodeId,
        parent_kind: AstKind<'_>,
        child: AstKind<'_>,
    ) -> u32 {
        let mut place = self.places[(given & INDEX) as usize];
        match parent_kind {
            AstKind::PropertyDefinition(field) if is_at(field.value.as_ref(), child) => {
                place.deferred = parent
            }
            AstKind::AccessorProperty(field) if is_at(field.value.as_ref(), child) => {
                place.deferred = parent
            }
            AstKind::WithStatement(with) if with.body.span() == child.span() => {
                place.withs = place.withs.saturating_add(1)
            }
            _ => return given,
        }
        self.place(place)
    }

    /// Where a node stands.
    pub(crate) fn around(&self, node: NodeId) -> Surroundings {
        self.places[(self.nodes[node.index()].own & INDEX) as usize]
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

/// Marks a place that is another one for one child of its node.
const ONE_CHILD: u32 = 1 << 31;

/// Marks a place in a parameter list.
const IN_PARAMETERS: u32 = 1 << 30;

/// The bits of a place's index. A tree that fits into memory has fewer places.
const INDEX: u32 = IN_PARAMETERS - 1;

/// Whether one child of a node stands elsewhere than the others: the value of an instance field, the body of a `with`.
fn changes_one_child(kind: AstKind<'_>) -> bool {
    match kind {
        AstKind::PropertyDefinition(field) => !field.r#static,
        AstKind::AccessorProperty(field) => !field.r#static,
        AstKind::WithStatement(_) => true,
        _ => false,
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

/// Whether a node is a statement or a declaration in a list of such.
fn is_listed(role: Role, kind: AstKind<'_>, parent: AstKind<'_>) -> bool {
    role.is_statement(kind)
        && Role::of(parent).has_list()
        && match parent {
            AstKind::SwitchCase(case) => {
                let is_test = |test: &Expression<'_>| test.span() == kind.span();
                !case.test.as_ref().is_some_and(is_test)
            }
            _ => true,
        }
}

/// Whether a function in such a node is what the node calls.
fn is_callee(parent: AstKind<'_>, function: Span) -> bool {
    matches!(parent, AstKind::CallExpression(call) if call.callee.span() == function)
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
