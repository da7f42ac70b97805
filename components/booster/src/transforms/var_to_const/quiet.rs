//! Code that runs no other code and cannot fail: while it runs, nobody can use what they have got hold of.
//!
//! `module.exports = run; var limit = 9; function run() { use(limit) }`: `run` is out before `limit` has its value, but nothing gets to
//! call it in between. Where in doubt a piece of code is loud: a property that is read may be a getter, one that is written a setter.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use oxc_ast::AstKind;
use oxc_ast::ast::{
    AssignmentTarget, BindingPattern, Expression, Ident, PropertyKind, Statement,
    VariableDeclarationKind,
};
use oxc_semantic::NodeId;
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::operator::{BinaryOperator, UnaryOperator};

use crate::parse::Parsed;
use crate::words;

/// Globals whose own properties are plain values.
const NATIVES: [&str; 9] = [
    "Array", "Boolean", "Date", "Function", "JSON", "Math", "Number", "Object", "String",
];

/// Where code has been found quiet, for each scope the last place that was asked about: most questions go on from there.
#[derive(Default)]
pub(super) struct Quiet {
    exports: OnceCell<Exports>,
    runs: RefCell<BTreeMap<NodeId, Run>>,
}

/// A piece of a scope's code.
#[derive(Clone, Copy)]
struct Run {
    start: u32,
    /// The next node to look at.
    next: NodeId,
    /// The code is quiet up to this byte, which is that of a loud node if `is_over`.
    until: u32,
    is_over: bool,
}

impl Quiet {
    /// Whether the code of a scope is quiet from the start of the statement that holds one byte up to another byte.
    pub(super) fn is_between(
        &self,
        parsed: &Parsed<'_>,
        scope: NodeId,
        from: u32,
        to: u32,
    ) -> bool {
        // What can be got hold of from the start on, other modules may run first.
        let start = match statement_start(parsed, scope, from) {
            Some(start) if from > 0 => start,
            _ => return false,
        };
        let mut runs = self.runs.borrow_mut();
        let known = runs.get(&scope).copied();
        let run = known.filter(|run| (run.start..=run.until).contains(&start));
        let Some(mut run) = run.or_else(|| Run::from(parsed, start)) else {
            return false;
        };
        let exports = self.exports.get_or_init(|| Exports::of(parsed));
        run.go_on(parsed, exports, scope, to);
        runs.insert(scope, run);
        run.until >= to
    }
}

impl Run {
    /// A run from the start of a statement.
    fn from(parsed: &Parsed<'_>, start: u32) -> Option<Run> {
        let nodes = parsed.semantic.nodes();
        let statements = &parsed.outline.statements;
        let first = statements.partition_point(|&id| nodes.kind(id).span().start < start);
        Some(Run {
            start,
            next: *statements.get(first)?,
            until: start,
            is_over: false,
        })
    }

    /// Goes on up to a byte, or to the first loud node. Nodes come in the order of the text, as far as they are quiet.
    fn go_on(&mut self, parsed: &Parsed<'_>, exports: &Exports, scope: NodeId, to: u32) {
        let nodes = parsed.semantic.nodes();
        while !self.is_over && self.until < to {
            let id = self.next;
            if id.index() >= nodes.len() {
                self.until = u32::MAX;
                return;
            }
            let kind = nodes.kind(id);
            let is_own = parsed.outline.around(id).scope == scope;
            self.until = self.until.max(kind.span().start);
            if self.until >= to {
                return;
            }
            self.is_over = is_own && !is_quiet(parsed, exports, id, kind);
            if !self.is_over {
                self.next = NodeId::new(id.index() + 1);
            }
        }
    }
}

/// The start of the statement of a scope's own list that holds a byte: a loop around the byte begins before it.
fn statement_start(parsed: &Parsed<'_>, scope: NodeId, byte: u32) -> Option<u32> {
    let statements: &[Statement<'_>] = match parsed.semantic.nodes().kind(scope) {
        AstKind::Program(program) => &program.body,
        AstKind::Function(function) => &function.body.as_ref()?.statements,
        _ => return None,
    };
    let after = statements.partition_point(|statement| statement.span().start <= byte);
    let statement = statements.get(after.checked_sub(1)?)?.span();
    (byte < statement.end).then_some(statement.start)
}

/// Ways to make a property that is not written plainly.
const DEFINES: [&str; 7] = [
    "__",
    "Reflect",
    "defineProp",
    "freeze",
    "preventExtensions",
    "seal",
    "setPrototypeOf",
];

/// What a CommonJS loader's `module` and `exports` are used for.
struct Exports {
    /// `module` is only there for its properties.
    module: bool,
    /// `exports` likewise, and is never another object.
    exports: bool,
}

impl Exports {
    fn of(parsed: &Parsed<'_>) -> Exports {
        let (scoping, nodes) = (parsed.semantic.scoping(), parsed.semantic.nodes());
        let is_plain = |name: &'static str| {
            let references = scoping.root_unresolved_references().get(&Ident::from(name));
            references.into_iter().flatten().all(|&reference| {
                let node = scoping.get_reference(reference).node_id();
                let own = nodes.kind(node).span();
                match nodes.parent_kind(node) {
                    AstKind::StaticMemberExpression(member) => member.object.span() == own,
                    AstKind::UnaryExpression(unary) => unary.operator.is_typeof(),
                    _ => false,
                }
            })
        };
        let is_common_js = parsed.owns_names
            && !parsed.source_type.is_module()
            && !DEFINES
                .iter()
                .any(|word| words::mentions(parsed.semantic.source_text(), word));
        Exports {
            module: is_common_js && is_plain("module"),
            exports: is_common_js && is_plain("exports"),
        }
    }

    /// Whether a member can be written without more ado: `module.exports`, `exports.a`.
    fn can_be_written(&self, parsed: &Parsed<'_>, target: &AssignmentTarget<'_>) -> bool {
        let AssignmentTarget::StaticMemberExpression(member) = target else {
            return false;
        };
        match global(parsed, &member.object) {
            Some("module") => self.module && member.property.name == "exports",
            Some("exports") => self.exports,
            _ => false,
        }
    }
}

/// The name of a global that an expression is.
fn global<'a>(parsed: &Parsed<'_>, expression: &Expression<'a>) -> Option<&'a str> {
    let Expression::Identifier(name) = expression else {
        return None;
    };
    let reference = parsed.semantic.scoping().get_reference(name.reference_id());
    (reference.symbol_id().is_none() && !reference.is_write()).then_some(name.name.as_str())
}

/// Whether a node by itself runs nothing and cannot fail, its children apart.
fn is_quiet(parsed: &Parsed<'_>, exports: &Exports, id: NodeId, kind: AstKind<'_>) -> bool {
    let nodes = parsed.semantic.nodes();
    match kind {
        AstKind::Hashbang(_)
        | AstKind::Directive(_)
        | AstKind::EmptyStatement(_)
        | AstKind::ExpressionStatement(_)
        | AstKind::BlockStatement(_)
        | AstKind::IfStatement(_)
        | AstKind::Function(_)
        | AstKind::ArrowFunctionExpression(_)
        | AstKind::FunctionBody(_)
        | AstKind::FormalParameters(_)
        | AstKind::BindingIdentifier(_)
        | AstKind::IdentifierName(_)
        | AstKind::StringLiteral(_)
        | AstKind::NumericLiteral(_)
        | AstKind::BooleanLiteral(_)
        | AstKind::NullLiteral(_)
        | AstKind::RegExpLiteral(_)
        | AstKind::ArrayExpression(_)
        | AstKind::Elision(_)
        | AstKind::ObjectExpression(_)
        | AstKind::TemplateElement(_)
        | AstKind::ConditionalExpression(_)
        | AstKind::LogicalExpression(_)
        | AstKind::SequenceExpression(_) => true,
        AstKind::TemplateLiteral(template) => template.expressions.is_empty(),
        AstKind::ObjectProperty(property) => {
            !property.computed && property.kind == PropertyKind::Init
        }
        AstKind::VariableDeclaration(declaration) => matches!(
            declaration.kind,
            VariableDeclarationKind::Var
                | VariableDeclarationKind::Let
                | VariableDeclarationKind::Const
        ),
        AstKind::VariableDeclarator(declarator) => {
            matches!(declarator.id, BindingPattern::BindingIdentifier(_))
        }
        AstKind::UnaryExpression(unary) => match unary.operator {
            UnaryOperator::Typeof | UnaryOperator::LogicalNot | UnaryOperator::Void => true,
            UnaryOperator::UnaryNegation => {
                matches!(unary.argument, Expression::NumericLiteral(_))
            }
            _ => false,
        },
        AstKind::BinaryExpression(binary) => match binary.operator {
            BinaryOperator::StrictEquality | BinaryOperator::StrictInequality => true,
            BinaryOperator::In | BinaryOperator::Instanceof => false,
            // Numbers and strings are made of each other without a word from the program.
            _ => is_made_of_literals(&binary.left) && is_made_of_literals(&binary.right),
        },
        AstKind::AssignmentExpression(assignment) => {
            assignment.operator.is_assign()
                && (matches!(
                    assignment.left,
                    AssignmentTarget::AssignmentTargetIdentifier(_)
                ) || exports.can_be_written(parsed, &assignment.left))
        }
        AstKind::StaticMemberExpression(member) => {
            let own = member.span;
            let is_target = matches!(
                nodes.parent_kind(id),
                AstKind::AssignmentExpression(assignment) if assignment.left.span() == own
            );
            // On functions these fail.
            let fails = matches!(member.property.name.as_str(), "arguments" | "caller");
            is_target || is_native(parsed, &member.object) && !fails
        }
        AstKind::IdentifierReference(name) => {
            is_quiet_name(parsed, exports, id, name.name.as_str())
        }
        _ => false,
    }
}

/// Whether an expression is a native object, or a native's prototype.
fn is_native(parsed: &Parsed<'_>, expression: &Expression<'_>) -> bool {
    match expression {
        Expression::StaticMemberExpression(member) => {
            member.property.name == "prototype" && is_native(parsed, &member.object)
        }
        _ => global(parsed, expression).is_some_and(|name| NATIVES.contains(&name)),
    }
}

fn is_made_of_literals(expression: &Expression<'_>) -> bool {
    match expression {
        Expression::StringLiteral(_) | Expression::NumericLiteral(_) => true,
        Expression::BinaryExpression(binary) => {
            is_made_of_literals(&binary.left) && is_made_of_literals(&binary.right)
        }
        _ => false,
    }
}

/// Whether a name can be read or written: it is there, it has its value, and it is no constant.
fn is_quiet_name(parsed: &Parsed<'_>, exports: &Exports, id: NodeId, name: &str) -> bool {
    let (scoping, nodes) = (parsed.semantic.scoping(), parsed.semantic.nodes());
    let AstKind::IdentifierReference(used) = nodes.kind(id) else {
        return false;
    };
    let around = parsed.outline.around(id);
    let reference = scoping.get_reference(used.reference_id());
    let Some(symbol) = reference.symbol_id() else {
        let is_asked = matches!(
            nodes.parent_kind(id),
            AstKind::UnaryExpression(unary) if unary.operator.is_typeof()
        );
        let is_there = match name {
            "module" => exports.module,
            "exports" => exports.exports,
            _ => is_asked || name == "undefined" || NATIVES.contains(&name),
        };
        return around.withs == 0 && !reference.is_write() && is_there;
    };
    let declared = scoping.symbol_declaration(symbol);
    let kind = nodes.kind(declared);
    let declaration = match kind {
        AstKind::VariableDeclarator(_) => nodes.parent_kind(declared),
        _ => kind,
    };
    let is_before = |span: Span| {
        span.end <= nodes.kind(id).span().start
            && parsed.outline.around(declared).scope == around.scope
            && parsed.outline.around(declared).deferred == around.deferred
    };
    around.withs == 0
        && match declaration {
            AstKind::VariableDeclaration(declaration) => match declaration.kind {
                VariableDeclarationKind::Var => true,
                VariableDeclarationKind::Let => is_before(kind.span()),
                VariableDeclarationKind::Const => !reference.is_write() && is_before(kind.span()),
                _ => false,
            },
            AstKind::Function(function) => function.is_declaration() || !reference.is_write(),
            AstKind::FormalParameter(_) => true,
            _ => false,
        }
}
