//! Where a function's value goes, and whether anything there can tell an arrow function from it.
//!
//! The value is followed through operators, names and parameters of the text's own functions. For a name it does not matter what else it
//! holds at times: every place that reads it must be harmless. What leaves the text's sight is noted as a hazard that an assumption
//! lifts; what the text itself does is one that nothing lifts.

use std::collections::BTreeSet;

use oxc_ast::AstKind;
use oxc_ast::ast::{AssignmentTarget, BindingPattern, Expression};
use oxc_semantic::{NodeId, SymbolId};
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::operator::{BinaryOperator, UnaryOperator};

use super::by_name::Known;
use super::callees::{Callee, Callees};
use super::codes;
use crate::assume::Assumption;
use crate::transforms::{Code, Hazard};

/// What becomes of a value.
#[derive(Clone, Default)]
pub(super) struct Verdict {
    /// What the text itself does with it that an arrow function does not bear.
    pub(super) fatal: Option<Hazard>,
    /// What is not known of it, by default.
    pub(super) unknown: Option<Hazard>,
    /// Its name may be read.
    pub(super) is_named: bool,
    /// A name that it has, which by convention is a constructor's.
    pub(super) capital: Option<String>,
}

/// Follows a value from the node that makes it.
pub(super) fn follow(callees: &Callees<'_, '_, '_>, known: &Known, from: NodeId) -> Verdict {
    let mut flow = Flow::new(callees, known, false);
    flow.open.push(from);
    let mut verdict = flow.run();
    if let (Some(name), Some(_)) = (&verdict.capital, &verdict.unknown) {
        let words = format!("by its name `{name}` it is a constructor, and may be used as one");
        verdict
            .fatal
            .get_or_insert_with(|| Hazard::new(&codes::CONSTRUCTIBLE, words));
    }
    verdict
}

pub(super) struct Flow<'f, 'c, 'p, 'a> {
    pub(super) callees: &'f Callees<'c, 'p, 'a>,
    /// Names that have held it.
    pub(super) visited: BTreeSet<SymbolId>,
    /// Nodes that have its value and are still to be followed.
    pub(super) open: Vec<NodeId>,
    pub(super) verdict: Verdict,
    /// What is known of names already.
    pub(super) known: &'f Known,
    /// Functions that have returned it.
    pub(super) returned_by: BTreeSet<NodeId>,
    /// It is being found out for a name.
    pub(super) is_within_name: bool,
}

impl<'f, 'c, 'p, 'a> Flow<'f, 'c, 'p, 'a> {
    pub(super) fn new(
        callees: &'f Callees<'c, 'p, 'a>,
        known: &'f Known,
        is_within_name: bool,
    ) -> Flow<'f, 'c, 'p, 'a> {
        Flow {
            callees,
            visited: BTreeSet::new(),
            open: Vec::new(),
            returned_by: BTreeSet::new(),
            verdict: Verdict::default(),
            known,
            is_within_name,
        }
    }

    /// Follows what is open to its end.
    pub(super) fn run(mut self) -> Verdict {
        while self.verdict.fatal.is_none()
            && let Some(node) = self.open.pop()
        {
            self.step(node);
        }
        self.verdict
    }

    pub(super) fn fatal(&mut self, code: &'static Code, words: impl Into<String>) {
        self.verdict
            .fatal
            .get_or_insert_with(|| Hazard::new(code, words));
    }

    pub(super) fn unknown(&mut self, code: &'static Code, words: impl Into<String>) {
        self.unknown_by(code, words, Assumption::PlainCalls);
    }

    pub(super) fn unknown_by(
        &mut self,
        code: &'static Code,
        words: impl Into<String>,
        by: Assumption,
    ) {
        self.verdict.is_named = true;
        self.verdict
            .unknown
            .get_or_insert_with(|| Hazard::new(code, words).lifted_by(by));
    }

    /// Goes from a node that has the value to whatever takes it.
    fn step(&mut self, node: NodeId) {
        let nodes = self.callees.parsed.semantic.nodes();
        let own = nodes.kind(node).span();
        let parent = nodes.parent_id(node);
        match nodes.kind(parent) {
            AstKind::TSAsExpression(_)
            | AstKind::TSSatisfiesExpression(_)
            | AstKind::TSNonNullExpression(_)
            | AstKind::TSTypeAssertion(_)
            | AstKind::TSInstantiationExpression(_)
            | AstKind::ChainExpression(_)
            | AstKind::LogicalExpression(_) => self.open.push(parent),
            AstKind::ConditionalExpression(choice) => {
                if choice.test.span() != own {
                    self.open.push(parent);
                }
            }
            AstKind::SequenceExpression(sequence) => {
                if sequence.expressions.last().map(|last| last.span()) == Some(own) {
                    self.open.push(parent);
                }
            }
            AstKind::ExpressionStatement(_) => self.statement(parent),
            AstKind::IfStatement(_)
            | AstKind::WhileStatement(_)
            | AstKind::DoWhileStatement(_)
            | AstKind::ForStatement(_)
            | AstKind::SwitchStatement(_)
            | AstKind::SwitchCase(_) => {}
            AstKind::CallExpression(call) => {
                if call.callee.span() != own {
                    let place = place(call.arguments.iter().map(|argument| argument.span()), own);
                    match self.callees.of_call(call, parent, place) {
                        Callee::Plain => {}
                        Callee::Constructing => self.fatal(
                            &codes::CONSTRUCTIBLE,
                            "is passed to a native that makes an object by it",
                        ),
                        Callee::Shown => {
                            self.verdict.is_named |= !matches!(
                                nodes.parent_kind(parent),
                                AstKind::ExpressionStatement(_)
                            );
                        }
                        Callee::Parameter(symbol) => self.name(symbol),
                        Callee::Likely(symbol) => {
                            self.name(symbol);
                            self.unknown(
                                &codes::UNKNOWN_CALLEE,
                                "is passed to a function that other scripts may replace",
                            );
                        }
                        Callee::Familiar => self.familiar(),
                        Callee::Unknown => self.unknown(
                            &codes::UNKNOWN_CALLEE,
                            "is passed to code that may do more than call it",
                        ),
                    }
                }
            }
            AstKind::NewExpression(call) => {
                if call.callee.span() == own {
                    self.fatal(&codes::CONSTRUCTIBLE, "is used with `new`");
                } else {
                    let place = place(call.arguments.iter().map(|argument| argument.span()), own);
                    if self.callees.is_proxied(call, place) {
                        let words = "is what a proxy stands for, which may be used with `new`";
                        self.fatal(&codes::CONSTRUCTIBLE, words);
                    } else if !self.callees.is_executor(&call.callee, place) {
                        self.unknown(
                            &codes::UNKNOWN_CALLEE,
                            "is passed to a constructor that may do more than call it",
                        );
                    }
                }
            }
            AstKind::TaggedTemplateExpression(_) => {}
            AstKind::TemplateLiteral(_) => {
                if matches!(
                    nodes.parent_kind(parent),
                    AstKind::TaggedTemplateExpression(_)
                ) {
                    self.unknown(
                        &codes::UNKNOWN_CALLEE,
                        "is passed to a template's tag that may do more than call it",
                    );
                } else {
                    self.fatal(&codes::SOURCE_TEXT, "is turned into a string");
                }
            }
            AstKind::StaticMemberExpression(member) => {
                self.member(member.property.name.as_str(), parent);
            }
            AstKind::ComputedMemberExpression(member) => {
                if member.object.span() == own {
                    self.fatal(&codes::FN_PROPS, "has properties that are used");
                } else {
                    self.fatal(&codes::SOURCE_TEXT, "is turned into a property's key");
                }
            }
            AstKind::PrivateFieldExpression(_) | AstKind::PrivateInExpression(_) => {
                self.fatal(&codes::FN_PROPS, "has properties that are used");
            }
            AstKind::UnaryExpression(unary) => match unary.operator {
                UnaryOperator::LogicalNot | UnaryOperator::Typeof | UnaryOperator::Void => {}
                UnaryOperator::Delete => {
                    self.unknown(&codes::CONSTRUCTIBLE, "is deleted by its name")
                }
                _ => self.fatal(&codes::SOURCE_TEXT, "is turned into a number"),
            },
            AstKind::UpdateExpression(_) => {
                self.fatal(&codes::SOURCE_TEXT, "is turned into a number")
            }
            AstKind::BinaryExpression(binary) => {
                let (is_left, other) = if binary.left.span() == own {
                    (true, &binary.right)
                } else {
                    (false, &binary.left)
                };
                self.binary(binary.operator, is_left, other);
            }
            AstKind::Class(_) => self.fatal(&codes::CONSTRUCTIBLE, "is extended by a class"),
            AstKind::ForInStatement(_) | AstKind::ForOfStatement(_) => {
                self.fatal(&codes::FN_PROPS, "has properties that are listed")
            }
            AstKind::VariableDeclarator(declarator) => match &declarator.id {
                BindingPattern::BindingIdentifier(name) => {
                    if let Some(symbol) = name.symbol_id.get() {
                        self.name(symbol);
                    }
                    self.within_with(parent);
                }
                _ => self.unknown(&codes::CONSTRUCTIBLE, "is taken apart"),
            },
            AstKind::AssignmentExpression(assignment) => {
                if assignment.left.span() == own {
                    // What a compound assignment reads.
                    if !assignment.operator.is_logical() {
                        self.fatal(&codes::SOURCE_TEXT, "is turned into a string or a number");
                        return;
                    }
                } else if assignment.operator.is_assign() || assignment.operator.is_logical() {
                    self.assigned(&assignment.left, parent);
                } else {
                    self.fatal(&codes::SOURCE_TEXT, "is turned into a string or a number");
                    return;
                }
                self.open.push(parent);
            }
            AstKind::ObjectProperty(property) => {
                if property.value.span() == own
                    && self.callees.is_species_value(parent, &property.key)
                {
                    self.species();
                } else if property.value.span() == own {
                    self.property(property.key.static_name().as_deref());
                } else {
                    self.fatal(&codes::SOURCE_TEXT, "is turned into a property's key");
                }
            }
            AstKind::PropertyDefinition(_) | AstKind::AccessorProperty(_) => {
                self.fatal(&codes::METHOD, "is the value of a class's field");
            }
            AstKind::ReturnStatement(_) => {
                self.returned(self.callees.parsed.outline.around(parent).scope);
            }
            AstKind::ArrowFunctionExpression(_) => self.returned(parent),
            AstKind::ExportDefaultDeclaration(_)
            | AstKind::ExportSpecifier(_)
            | AstKind::TSExportAssignment(_) => self.unknown(
                &codes::CONSTRUCTIBLE,
                "is exported to code that may do more than call it",
            ),
            _ => self.unknown(
                &codes::CONSTRUCTIBLE,
                "goes where it may be used as more than a function that is called",
            ),
        }
    }

    /// The value of a statement: at the top of a script it is the script's own.
    fn statement(&mut self, statement: NodeId) {
        let parsed = self.callees.parsed;
        let is_result =
            parsed.outline.around(statement).scope == NodeId::ROOT && !parsed.owns_names;
        if is_result {
            self.unknown(
                &codes::CONSTRUCTIBLE,
                "may be the result of the script, for whoever runs it",
            );
        }
    }

    /// It is given to a method that has the name of one of the language's.
    fn familiar(&mut self) {
        let by = Assumption::FamiliarMethods;
        if !self.callees.parsed.granted.has(by) {
            let words =
                "is passed to a method that may do more than the language's own of its name";
            self.unknown_by(&codes::UNKNOWN_CALLEE, words, by);
        }
    }

    fn member(&mut self, property: &str, member: NodeId) {
        match property {
            "prototype" => self.fatal(&codes::CONSTRUCTIBLE, "has its `prototype` used"),
            "call" | "apply" if self.callees.rebound(member).is_some() => {}
            "call" | "apply" | "bind" => {
                let words = format!("gets another `this` by `{property}`");
                self.fatal(&codes::REBIND, words);
            }
            "toString" | "toSource" | "valueOf" | "toLocaleString" => {
                self.fatal(&codes::SOURCE_TEXT, "is turned into a string")
            }
            "length" if !super::natives::is_written(self.callees.parsed, member) => {}
            "name" if !super::natives::is_written(self.callees.parsed, member) => {
                self.verdict.is_named = true
            }
            _ => self.fatal(&codes::FN_PROPS, "has properties that are used"),
        }
    }

    fn binary(&mut self, operator: BinaryOperator, is_left: bool, other: &Expression<'_>) {
        match operator {
            BinaryOperator::StrictEquality | BinaryOperator::StrictInequality => {}
            BinaryOperator::Equality | BinaryOperator::Inequality
                if other.is_null_or_undefined() => {}
            BinaryOperator::Instanceof if is_left => self.unknown(
                &codes::CONSTRUCTIBLE,
                "is tested by a class that may look at it",
            ),
            BinaryOperator::Instanceof => {
                self.fatal(&codes::CONSTRUCTIBLE, "stands right of `instanceof`")
            }
            BinaryOperator::In if !is_left => {
                self.fatal(&codes::FN_PROPS, "has properties that are asked for")
            }
            _ => self.fatal(&codes::SOURCE_TEXT, "is turned into a string or a number"),
        }
    }

    fn assigned(&mut self, target: &AssignmentTarget<'a>, assignment: NodeId) {
        let parsed = self.callees.parsed;
        match target {
            AssignmentTarget::AssignmentTargetIdentifier(name) => {
                let scoping = parsed.semantic.scoping();
                match scoping.get_reference(name.reference_id()).symbol_id() {
                    Some(symbol) => self.name(symbol),
                    None => self.unknown(
                        &codes::CONSTRUCTIBLE,
                        format!("is assigned to `{}`, which others share", name.name),
                    ),
                }
                self.within_with(assignment);
            }
            AssignmentTarget::StaticMemberExpression(member) => {
                self.property(Some(member.property.name.as_str()))
            }
            AssignmentTarget::ComputedMemberExpression(member)
                if self.callees.is_species(&member.expression) =>
            {
                self.species();
            }
            AssignmentTarget::ComputedMemberExpression(member) => {
                self.property(member.static_property_name().as_deref())
            }
            AssignmentTarget::PrivateFieldExpression(member) => {
                self.property(Some(member.field.name.as_str()))
            }
            _ => self.unknown(&codes::CONSTRUCTIBLE, "is taken apart"),
        }
    }

    /// Inside of `with` a name may be a property of the object too.
    fn within_with(&mut self, node: NodeId) {
        if self.callees.parsed.outline.around(node).withs > 0 {
            self.unknown(
                &codes::CONSTRUCTIBLE,
                "may become a property, as it stands inside of `with`",
            );
        }
    }

    /// The value becomes a property.
    fn property(&mut self, key: Option<&str>) {
        let Some(key) = key else {
            self.unknown(&codes::PROPERTY, "becomes a property of an object");
            return;
        };
        if matches!(key, "constructor" | "prototype" | "__proto__")
            || self.callees.natives.is_constructed(key)
        {
            let words = format!("becomes the property `{key}`, which is used as a constructor");
            self.fatal(&codes::CONSTRUCTIBLE, words);
            return;
        }
        self.called(key);
        self.unknown(
            &codes::PROPERTY,
            format!("becomes the property `{key}` of an object"),
        );
    }
}

/// The place of an argument in its list.
fn place(mut arguments: impl Iterator<Item = Span>, own: Span) -> usize {
    arguments
        .position(|argument| argument == own)
        .unwrap_or(usize::MAX)
}
