//! Where a call of the console stands, and what its removal would mean to what stands around it.

use std::cell::Cell;

use oxc_ast::AstKind;
use oxc_ast::ast::{ArrowFunctionExpression, Directive, Expression, Statement};
use oxc_semantic::NodeId;
use oxc_span::{GetSpan as _, Span};

use super::calls::{self, Call};
use super::memo::Memo;
use crate::parse::Parsed;

/// Where a call stands.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// It is a statement in a list of statements.
    Listed { statement: NodeId, list: List<'a> },
    /// It is the whole body of an if, an else, a loop or a label.
    Body { statement: NodeId },
    /// It is the body of an arrow function of whose results nobody takes notice.
    Arrow(&'a ArrowFunctionExpression<'a>),
    /// It is part of a larger expression.
    Part,
}

/// A list of statements, and a statement in it.
#[derive(Clone, Copy)]
pub(super) struct List<'a> {
    pub(super) directives: &'a [Directive<'a>],
    pub(super) statements: &'a [Statement<'a>],
    pub(super) at: usize,
}

impl<'a> Place<'a> {
    pub(super) fn of(parsed: &Parsed<'a>, call: &Call<'a>) -> Place<'a> {
        let nodes = parsed.semantic.nodes();
        let mut parent = nodes.parent_id(call.node);
        if let AstKind::ChainExpression(_) = nodes.kind(parent) {
            parent = nodes.parent_id(parent);
        }
        match nodes.kind(parent) {
            AstKind::ExpressionStatement(statement) => {
                match List::around(parsed, parent, statement.span) {
                    Some(list) => Place::Listed {
                        statement: parent,
                        list,
                    },
                    None => Place::Body { statement: parent },
                }
            }
            AstKind::ArrowFunctionExpression(arrow) if is_dropped(parsed, parent, arrow) => {
                Place::Arrow(arrow)
            }
            _ => Place::Part,
        }
    }
}

/// How many calls in a row are looked at. After more of them a semicolon is left that may not be needed.
const MOST_STEPS: usize = 100;

impl<'a> List<'a> {
    /// The list that holds a statement.
    fn around(parsed: &Parsed<'a>, statement: NodeId, span: Span) -> Option<List<'a>> {
        let (directives, statements) = list(parsed.semantic.nodes().parent_kind(statement))?;
        let at = statements.partition_point(|other| other.span().start < span.start);
        (statements.get(at)?.span() == span).then_some(List {
            directives,
            statements,
            at,
        })
    }

    /// The next statement.
    pub(super) fn next(&self) -> Option<&'a Statement<'a>> {
        self.statements.get(self.at + 1)
    }

    /// Whether what stands before in the list is done, whatever follows: none where nothing does. Calls of the console may stay or go.
    pub(super) fn is_closed_before(&self, text: &str) -> Option<bool> {
        let ends_so = |end: u32| text[..end as usize].ends_with(';');
        for (steps, before) in self.statements[..self.at].iter().rev().enumerate() {
            if steps == MOST_STEPS {
                return Some(false);
            }
            let ends_so = ends_so(before.span().end);
            if !calls::is_statement(before) {
                return Some(ends_so || is_closed(before));
            }
            if !ends_so {
                return Some(false);
            }
        }
        let last = self.directives.last();
        last.map(|directive| ends_so(directive.span.end))
    }
}

/// The directives and the statements of a node that holds a list of statements.
fn list(kind: AstKind<'_>) -> Option<(&[Directive<'_>], &[Statement<'_>])> {
    match kind {
        AstKind::Program(program) => Some((&program.directives, &program.body)),
        AstKind::FunctionBody(body) => Some((&body.directives, &body.statements)),
        AstKind::TSModuleBlock(block) => Some((&block.directives, &block.body)),
        AstKind::BlockStatement(block) => Some((&[], &block.body)),
        AstKind::StaticBlock(block) => Some((&[], &block.body)),
        AstKind::SwitchCase(case) => Some((&[], &case.consequent)),
        _ => None,
    }
}

/// Whether a statement ends by itself, whatever follows.
fn is_closed(statement: &Statement<'_>) -> bool {
    match statement {
        Statement::BlockStatement(_)
        | Statement::FunctionDeclaration(_)
        | Statement::ClassDeclaration(_)
        | Statement::SwitchStatement(_)
        | Statement::TryStatement(_) => true,
        Statement::IfStatement(choice) => {
            is_closed(choice.alternate.as_ref().unwrap_or(&choice.consequent))
        }
        Statement::ForStatement(each) => is_closed(&each.body),
        Statement::ForInStatement(each) => is_closed(&each.body),
        Statement::ForOfStatement(each) => is_closed(&each.body),
        Statement::WhileStatement(each) => is_closed(&each.body),
        Statement::LabeledStatement(labelled) => is_closed(&labelled.body),
        _ => false,
    }
}

/// Functions that drop what their first argument returns.
const DROPPING: [&str; 5] = [
    "queueMicrotask",
    "requestAnimationFrame",
    "setImmediate",
    "setInterval",
    "setTimeout",
];

/// Methods that drop what the functions return that they are given: by their usual meaning. Since the console's methods return nothing,
/// a method of the name that does look at the result still finds the same.
const DROPPING_METHODS: [&str; 7] = [
    "addEventListener",
    "addListener",
    "finally",
    "forEach",
    "nextTick",
    "on",
    "once",
];

/// Whether nobody takes notice of what an arrow function returns.
fn is_dropped(parsed: &Parsed<'_>, id: NodeId, arrow: &ArrowFunctionExpression<'_>) -> bool {
    let nodes = parsed.semantic.nodes();
    let parent = nodes.parent_id(id);
    match nodes.kind(parent) {
        AstKind::CallExpression(call) if call.callee.span() == arrow.span => {
            matches!(nodes.parent_kind(parent), AstKind::ExpressionStatement(_))
        }
        AstKind::CallExpression(call) => match call.callee.get_inner_expression() {
            Expression::Identifier(name) => DROPPING.contains(&name.name.as_str()),
            callee => {
                let name = callee
                    .get_member_expr()
                    .and_then(|member| member.static_property_name());
                match name {
                    Some("then" | "catch") => is_last_of_chain(parsed, parent),
                    Some(name) => DROPPING_METHODS.contains(&name),
                    None => false,
                }
            }
        },
        AstKind::JSXExpressionContainer(_) => {
            matches!(nodes.parent_kind(parent), AstKind::JSXAttribute(_))
        }
        _ => false,
    }
}

/// Whether a call of `then` or `catch` makes a promise whose value nobody takes: only `catch` and `finally` follow, to the end of the
/// statement.
fn is_last_of_chain(parsed: &Parsed<'_>, call: NodeId) -> bool {
    let nodes = parsed.semantic.nodes();
    let mut ids = nodes.ancestor_ids(call);
    while let Some(id) = ids.next() {
        match nodes.kind(id) {
            AstKind::ExpressionStatement(_) => return true,
            AstKind::StaticMemberExpression(member)
                if matches!(member.property.name.as_str(), "catch" | "finally") => {}
            _ => return false,
        }
        if !ids
            .next()
            .is_some_and(|id| matches!(nodes.kind(id), AstKind::CallExpression(_)))
        {
            return false;
        }
    }
    false
}

/// What a statement gives to the value of a script.
#[derive(Clone, Copy, PartialEq)]
enum Value {
    /// None: the value before stays.
    None,
    /// Always one.
    Some,
    /// That depends.
    Unknown,
}

fn value(statement: &Statement<'_>, in_block: bool) -> Value {
    match statement {
        _ if calls::is_statement(statement) => Value::None,
        Statement::EmptyStatement(_) | Statement::DebuggerStatement(_) => Value::None,
        Statement::BlockStatement(_)
        | Statement::LabeledStatement(_)
        | Statement::BreakStatement(_)
        | Statement::ContinueStatement(_)
        | Statement::ReturnStatement(_) => Value::Unknown,
        // V8 gives the function that sloppy code writes to the variable around (ECMAScript, annex B.3.2).
        Statement::FunctionDeclaration(_) if in_block => Value::Unknown,
        _ if statement.as_declaration().is_some() => Value::None,
        _ if statement.as_module_declaration().is_some() => Value::Unknown,
        _ => Value::Some,
    }
}

/// Answers whether the value of a script stays the same (ECMAScript, "UpdateEmpty"); it remembers what it found in the last list.
#[derive(Default)]
pub(super) struct Completion {
    /// A list by its address, a place in it, and the next place behind that whose statement may give a value.
    next: Cell<(usize, usize, usize)>,
    /// A list by its address, and the first place whose statement may give a value.
    first: Cell<(usize, usize)>,
}

impl Completion {
    /// Whether the value of the script is the same without a statement that is a call of the console.
    pub(super) fn is_kept(&self, parsed: &Parsed<'_>, statement: NodeId) -> bool {
        if parsed.owns_names || parsed.outline.around(statement).scope != NodeId::ROOT {
            return true;
        }
        let nodes = parsed.semantic.nodes();
        let mut id = statement;
        loop {
            let span = nodes.kind(id).span();
            let parent = nodes.parent_id(id);
            match nodes.kind(parent) {
                kind @ (AstKind::Program(_)
                | AstKind::BlockStatement(_)
                | AstKind::SwitchCase(_)) => {
                    let Some((directives, statements)) = list(kind) else {
                        return false;
                    };
                    let at = statements.partition_point(|other| other.span().start < span.start);
                    let value = |statement: &Statement<'_>| {
                        value(statement, !matches!(kind, AstKind::Program(_)))
                    };
                    let next = self.next(statements, at, value);
                    if statements.get(next).map(value) == Some(Value::Some) {
                        return true;
                    }
                    let is_only = directives.is_empty()
                        && next == statements.len()
                        && self.first(statements, value) >= at;
                    if !is_only || matches!(kind, AstKind::SwitchCase(_)) {
                        return false;
                    }
                    if let AstKind::Program(_) = kind {
                        return true;
                    }
                }
                AstKind::LabeledStatement(_) => {}
                // Their value is `undefined` where their bodies give none.
                AstKind::IfStatement(_)
                | AstKind::ForStatement(_)
                | AstKind::ForInStatement(_)
                | AstKind::ForOfStatement(_)
                | AstKind::WhileStatement(_)
                | AstKind::DoWhileStatement(_)
                | AstKind::TryStatement(_)
                | AstKind::CatchClause(_) => return true,
                _ => return false,
            }
            id = parent;
        }
    }

    /// The next place behind one whose statement may give a value.
    fn next(
        &self,
        statements: &[Statement<'_>],
        at: usize,
        value: impl Fn(&Statement<'_>) -> Value,
    ) -> usize {
        let list = statements.as_ptr().addr();
        let (known, from, next) = self.next.get();
        if known == list && from <= at && at < next {
            return next;
        }
        let rest = statements.get(at + 1..).unwrap_or_default();
        let next = rest
            .iter()
            .position(|statement| value(statement) != Value::None)
            .map_or(statements.len(), |place| at + 1 + place);
        self.next.set((list, at, next));
        next
    }

    /// The first place whose statement may give a value.
    fn first(
        &self,
        statements: &[Statement<'_>],
        value: impl Fn(&Statement<'_>) -> Value,
    ) -> usize {
        let list = statements.as_ptr().addr();
        let (known, first) = self.first.get();
        if known == list {
            return first;
        }
        let first = statements
            .iter()
            .position(|statement| value(statement) != Value::None)
            .unwrap_or(statements.len());
        self.first.set((list, first));
        first
    }
}

/// Whether a call is all that handles an error: alone with others of its kind in a catch clause, or the handler of a promise's `catch`.
pub(super) fn is_alone_in_catch(
    parsed: &Parsed<'_>,
    place: &Place<'_>,
    known: &Memo<NodeId>,
) -> bool {
    let nodes = parsed.semantic.nodes();
    match place {
        Place::Listed { statement, list } => {
            let block = nodes.parent_id(*statement);
            let is_idle = |statement: &Statement<'_>| {
                calls::is_statement(statement) || matches!(statement, Statement::EmptyStatement(_))
            };
            matches!(nodes.parent_kind(block), AstKind::CatchClause(_))
                && known.get(block, || list.statements.iter().all(is_idle))
        }
        Place::Arrow(arrow) => {
            let AstKind::CallExpression(call) = nodes.parent_kind(arrow.node_id()) else {
                return false;
            };
            let member = call.callee.get_inner_expression().get_member_expr();
            match member.and_then(|member| member.static_property_name()) {
                Some("catch") => true,
                Some("then") => call
                    .arguments
                    .get(1)
                    .is_some_and(|handler| handler.span() == arrow.span),
                _ => false,
            }
        }
        _ => false,
    }
}
