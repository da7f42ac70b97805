//! Whether the text leaves the host's console as it is.
//!
//! A text that writes to the console, or hands it to code that may, can make its methods do anything. What other files do to the
//! console is not known here; nor are names put together at run time.

use oxc_ast::AstKind;
use oxc_ast::ast::{BindingPattern, CallExpression, Expression, Ident};
use oxc_semantic::NodeId;
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::operator::{BinaryOperator, LogicalOperator};

use super::calls::{self, member};
use super::methods::{self, Family};
use crate::parse::Parsed;

/// What a text does with the console besides calling it.
pub(super) struct Integrity {
    /// Why the console may not be the host's any more.
    pub(super) broken: Option<&'static str>,
    /// Whether the global object's own names (`window`, `self`, ...) may mean something else.
    pub(super) redirected: bool,
    /// Families of methods that are read without being called there.
    pub(super) read: Vec<Family>,
    /// The functions, or the program, whose variables a direct eval may add to.
    evaluated: Vec<NodeId>,
}

/// Properties by which an object's others are changed, or it is handed on.
const MUTATORS: [&str; 5] = [
    "__defineGetter__",
    "__defineSetter__",
    "__proto__",
    "constructor",
    "valueOf",
];

impl Integrity {
    pub(super) fn of(parsed: &Parsed<'_>) -> Integrity {
        let nodes = parsed.semantic.nodes();
        let mut found = Integrity {
            broken: None,
            redirected: false,
            read: Vec::new(),
            evaluated: Vec::new(),
        };
        let evaluates = ["eval", "Function"].iter().any(|name| {
            let unresolved = parsed.semantic.scoping().root_unresolved_references();
            unresolved.contains_key(&Ident::from(*name))
        });
        for (id, node) in nodes.iter_enumerated() {
            found.redirected |= redirects(parsed, id);
            let broken = match node.kind() {
                AstKind::IdentifierReference(name) if name.name == "console" => {
                    let scoping = parsed.semantic.scoping();
                    let is_bound = scoping.get_reference(name.reference_id()).symbol_id();
                    if is_bound.is_some() {
                        None
                    } else {
                        found.use_of(parsed, id)
                    }
                }
                AstKind::StaticMemberExpression(member) if member.property.name == "console" => {
                    found.member_console(parsed, id, &member.object)
                }
                AstKind::ComputedMemberExpression(member) => match member.static_property_name() {
                    Some(name) if name == "console" => {
                        found.member_console(parsed, id, &member.object)
                    }
                    Some(_) => None,
                    None => {
                        let (at, parent) = around(parsed, id);
                        (calls::is_global(&member.object) && is_target(at, parent))
                            .then_some("writes to names of the global object that are computed")
                    }
                },
                // What a namespace exports is seen by its other parts, which the analysis does not follow.
                AstKind::BindingIdentifier(name)
                    if name.name == "console" && parsed.source_type.is_typescript() =>
                {
                    let mut around = parsed.semantic.nodes().ancestor_kinds(id);
                    around
                        .any(|kind| matches!(kind, AstKind::TSModuleBlock(_)))
                        .then_some("declares it in a namespace")
                }
                AstKind::StringLiteral(text) => {
                    is_telling(parsed, id, &text.value, evaluates).then_some("names it in a string")
                }
                AstKind::TemplateElement(text) => {
                    is_telling(parsed, id, &text.value.raw, evaluates)
                        .then_some("names it in a string")
                }
                AstKind::CallExpression(call) if is_direct_eval(call) => {
                    found.evaluated.push(parsed.outline.around(id).scope);
                    None
                }
                AstKind::ObjectProperty(property)
                    if property.key.is_specific_static_name("console") =>
                {
                    Some("makes an object with a property of that name")
                }
                AstKind::BindingProperty(property)
                    if property.key.is_specific_static_name("console") =>
                {
                    Some("takes it out of an object")
                }
                _ => None,
            };
            found.broken = found.broken.or(broken);
        }
        found
    }

    /// Whether a direct eval may give the names at a node another meaning.
    pub(super) fn is_evaluated(&self, parsed: &Parsed<'_>, node: NodeId) -> bool {
        if self.evaluated.is_empty() {
            return false;
        }
        let mut scope = parsed.outline.around(node).scope;
        loop {
            if self.evaluated.contains(&scope) {
                return true;
            }
            if scope == NodeId::ROOT {
                return false;
            }
            scope = parsed.outline.around(scope).scope;
        }
    }

    /// A property `console` of some object, which may be the global one.
    fn member_console(
        &mut self,
        parsed: &Parsed<'_>,
        id: NodeId,
        object: &Expression<'_>,
    ) -> Option<&'static str> {
        let (at, parent) = around(parsed, id);
        if is_target(at, parent) {
            return Some("writes to it");
        }
        if calls::is_global(object) {
            self.use_of(parsed, id)
        } else {
            None
        }
    }

    /// What stands against one mention of the console.
    fn use_of(&mut self, parsed: &Parsed<'_>, id: NodeId) -> Option<&'static str> {
        let (mut at, mut parent) = around(parsed, id);
        // A choice gives its parts on; the left of `&&` only where it is no object.
        loop {
            let choice = match parent {
                AstKind::LogicalExpression(logical)
                    if logical.operator != LogicalOperator::And || logical.left.span() != at =>
                {
                    logical.node_id()
                }
                AstKind::ConditionalExpression(choice) if choice.test.span() != at => {
                    choice.node_id()
                }
                _ => break,
            };
            (at, parent) = around(parsed, choice);
        }
        let handed_on = Some("hands it on");
        match parent {
            AstKind::StaticMemberExpression(member) if member.object.span() == at => self.method(
                parsed,
                member.node_id(),
                Some(member.property.name.as_str()),
            ),
            AstKind::ComputedMemberExpression(member) if member.object.span() == at => {
                let name = member.static_property_name();
                self.method(
                    parsed,
                    member.node_id(),
                    name.as_ref().map(|name| name.as_str()),
                )
            }
            AstKind::UnaryExpression(unary) if !unary.operator.is_delete() => None,
            AstKind::BinaryExpression(binary)
                if binary.operator.is_equality()
                    || (binary.operator == BinaryOperator::In && binary.right.span() == at) =>
            {
                None
            }
            AstKind::IfStatement(_)
            | AstKind::WhileStatement(_)
            | AstKind::DoWhileStatement(_)
            | AstKind::ExpressionStatement(_)
            | AstKind::ConditionalExpression(_)
            | AstKind::LogicalExpression(_) => None,
            AstKind::VariableDeclarator(declarator)
                if matches!(declarator.id, BindingPattern::ObjectPattern(_)) =>
            {
                self.read = vec![Family::Count, Family::Group, Family::Time];
                None
            }
            AstKind::CallExpression(call) => {
                let is_first = call
                    .arguments
                    .first()
                    .is_some_and(|first| first.span() == at);
                if is_first && is_borrowed(&call.callee) {
                    None
                } else {
                    handed_on
                }
            }
            _ => handed_on,
        }
    }

    /// What stands against one mention of a property of the console.
    fn method(
        &mut self,
        parsed: &Parsed<'_>,
        id: NodeId,
        name: Option<&str>,
    ) -> Option<&'static str> {
        let (at, parent) = around(parsed, id);
        if is_target(at, parent) || name.is_some_and(|name| MUTATORS.contains(&name)) {
            return Some("writes to it");
        }
        let is_called = matches!(parent, AstKind::CallExpression(call) if call.callee.span() == at);
        match name {
            Some(_) if is_called => {}
            Some(name) => self
                .read
                .extend(methods::named(name).and_then(|method| method.family)),
            None => self.read = vec![Family::Count, Family::Group, Family::Time],
        }
        None
    }
}

/// Whether a node may give a name of the global object another meaning, by writing it or by a property of the name.
fn redirects(parsed: &Parsed<'_>, id: NodeId) -> bool {
    let is_global = |name: &str| calls::GLOBALS.contains(&name);
    match parsed.semantic.nodes().kind(id) {
        AstKind::IdentifierReference(name) if is_global(&name.name) => {
            let scoping = parsed.semantic.scoping();
            scoping.get_reference(name.reference_id()).is_write()
        }
        AstKind::StaticMemberExpression(member) if is_global(&member.property.name) => {
            let (at, parent) = around(parsed, id);
            is_target(at, parent)
        }
        AstKind::StringLiteral(text) => is_global(&text.value),
        AstKind::ObjectProperty(property) => calls::GLOBALS
            .iter()
            .any(|name| property.key.is_specific_static_name(name)),
        _ => false,
    }
}

fn is_direct_eval(call: &CallExpression<'_>) -> bool {
    matches!(call.callee.get_inner_expression(), Expression::Identifier(name) if name.name == "eval")
}

/// What surrounds a node, past what only matters to types and chains: where the node with these wrappers is, and its parent.
fn around<'a>(parsed: &Parsed<'a>, id: NodeId) -> (Span, AstKind<'a>) {
    let nodes = parsed.semantic.nodes();
    let mut at = nodes.kind(id).span();
    for kind in nodes.ancestor_kinds(id) {
        match kind {
            AstKind::TSAsExpression(_)
            | AstKind::TSSatisfiesExpression(_)
            | AstKind::TSNonNullExpression(_)
            | AstKind::TSTypeAssertion(_)
            | AstKind::TSInstantiationExpression(_)
            | AstKind::ChainExpression(_) => at = kind.span(),
            _ => return (at, kind),
        }
    }
    (at, nodes.kind(NodeId::ROOT))
}

/// Whether what stands at a place in a node is written or deleted.
fn is_target(at: Span, parent: AstKind<'_>) -> bool {
    match parent {
        AstKind::AssignmentExpression(assignment) => assignment.left.span() == at,
        AstKind::UpdateExpression(_)
        | AstKind::ArrayAssignmentTarget(_)
        | AstKind::AssignmentTargetRest(_) => true,
        AstKind::UnaryExpression(unary) => unary.operator.is_delete(),
        AstKind::AssignmentTargetPropertyProperty(property) => property.binding.span() == at,
        AstKind::AssignmentTargetWithDefault(target) => target.binding.span() == at,
        AstKind::ForInStatement(each) => each.left.span() == at,
        AstKind::ForOfStatement(each) => each.left.span() == at,
        _ => false,
    }
}

/// Whether a callee is `console.x.call`, `console.x.apply` or `console.x.bind`.
fn is_borrowed(callee: &Expression<'_>) -> bool {
    let Some(borrowed) = member(callee) else {
        return false;
    };
    matches!(
        borrowed.static_property_name(),
        Some("call" | "apply" | "bind")
    ) && member(borrowed.object()).is_some_and(|method| calls::root(method.object()).is_some())
}

/// Whether a string may be a way to the console: its name where no property is read by it, or code.
fn is_telling(parsed: &Parsed<'_>, id: NodeId, text: &str, evaluates: bool) -> bool {
    if !text.contains("console") {
        return false;
    }
    let mut parent = parsed.semantic.nodes().parent_kind(id);
    if let AstKind::TemplateLiteral(template) = parent
        && template.expressions.is_empty()
    {
        parent = parsed.semantic.nodes().parent_kind(template.node_id());
    }
    let is_only_read = match parent {
        AstKind::BinaryExpression(binary) => {
            binary.operator.is_equality() || binary.operator == BinaryOperator::In
        }
        AstKind::ComputedMemberExpression(_)
        | AstKind::SwitchCase(_)
        | AstKind::ExpressionStatement(_) => true,
        _ => false,
    };
    !is_only_read && (evaluates || matches!(text, "console" | "node:console"))
}
