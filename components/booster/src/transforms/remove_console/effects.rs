//! What evaluating an expression may do besides giving a value: run code of the program's, change something, or fail.

use oxc_ast::AstKind;
use oxc_ast::ast::{
    ArrayExpressionElement, ChainElement, Class, ClassElement, Expression, IdentifierReference,
    MemberExpression, MethodDefinitionKind, ObjectPropertyKind, PropertyKey, RegExpLiteral,
};
use oxc_semantic::NodeId;
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::operator::UnaryOperator;

use super::elided::Elided;
use super::operators::{self, Risk};
use super::ready::{self, Ready};
use super::types::{Types, Values};
use crate::assume::Assumption;
use crate::parse::Parsed;

/// Something that an evaluation may do.
pub(super) struct Effect {
    pub(super) words: String,
    /// The assumption under which it does not.
    pub(super) lifted_by: Option<Assumption>,
}

/// Looks for effects in the arguments of one call.
pub(super) struct Effects<'v, 'p, 'a> {
    parsed: &'p Parsed<'a>,
    values: &'v Values<'p, 'a>,
    elided: &'v Elided<'p, 'a>,
    found: Option<Effect>,
}

impl<'v, 'p, 'a> Effects<'v, 'p, 'a> {
    pub(super) fn new(
        parsed: &'p Parsed<'a>,
        values: &'v Values<'p, 'a>,
        elided: &'v Elided<'p, 'a>,
    ) -> Self {
        Effects {
            parsed,
            values,
            elided,
            found: None,
        }
    }

    /// The first effect that nothing lifts, or else the first one.
    pub(super) fn found(self) -> Option<Effect> {
        self.found
    }

    fn is_done(&self) -> bool {
        self.found
            .as_ref()
            .is_some_and(|found| found.lifted_by.is_none())
    }

    /// Notes an effect that nothing lifts.
    pub(super) fn note(&mut self, words: impl Into<String>) {
        if !self.is_done() {
            self.found = Some(Effect {
                words: words.into(),
                lifted_by: None,
            });
        }
    }

    /// Notes an effect that an assumption lifts, if it does not hold.
    pub(super) fn note_unless(&mut self, assumption: Assumption, words: &str) {
        if self.found.is_none() && !self.parsed.granted.has(assumption) {
            self.found = Some(Effect {
                words: words.to_owned(),
                lifted_by: Some(assumption),
            });
        }
    }

    /// Notes what evaluating an expression may do.
    pub(super) fn of(&mut self, expression: &Expression<'a>) {
        if self.is_done() {
            return;
        }
        match expression.get_inner_expression() {
            Expression::StringLiteral(_)
            | Expression::NumericLiteral(_)
            | Expression::BigIntLiteral(_)
            | Expression::BooleanLiteral(_)
            | Expression::NullLiteral(_)
            | Expression::NewTarget(_) => {}
            Expression::RegExpLiteral(literal) => self.regular_expression(literal),
            Expression::FunctionExpression(function) => self.made(function.node_id()),
            Expression::ArrowFunctionExpression(arrow) => self.made(arrow.node_id()),
            Expression::ClassExpression(class) => self.class(class),
            Expression::Identifier(name) => self.identifier(name),
            Expression::ThisExpression(this) => self.this(this.node_id()),
            Expression::TemplateLiteral(template) => {
                for part in &template.expressions {
                    self.of(part);
                    self.risk(operators::of_template(self.values.types(part)), "${}");
                }
            }
            Expression::ArrayExpression(array) => {
                for element in &array.elements {
                    match element {
                        ArrayExpressionElement::SpreadElement(_) => {
                            self.note("spreading runs an iterator")
                        }
                        ArrayExpressionElement::Elision(_) => {}
                        _ => {
                            if let Some(element) = element.as_expression() {
                                self.of(element);
                            }
                        }
                    }
                }
            }
            Expression::ObjectExpression(object) => {
                for property in &object.properties {
                    self.property(property);
                }
            }
            Expression::UnaryExpression(unary) => self.unary(unary.operator, &unary.argument),
            Expression::BinaryExpression(binary) => {
                self.of(&binary.left);
                self.of(&binary.right);
                let types = |side| self.values.types(side);
                let (left, right) = (types(&binary.left), types(&binary.right));
                let risk = operators::of_two(binary.operator, left, right);
                self.risk(risk, binary.operator.as_str());
            }
            Expression::LogicalExpression(logical) => {
                self.of(&logical.left);
                self.of(&logical.right);
            }
            Expression::ConditionalExpression(choice) => {
                self.of(&choice.test);
                self.of(&choice.consequent);
                self.of(&choice.alternate);
            }
            Expression::SequenceExpression(sequence) => {
                for part in &sequence.expressions {
                    self.of(part);
                }
            }
            Expression::ChainExpression(chain) => match &chain.expression {
                ChainElement::CallExpression(call) => self.call(&call.callee),
                ChainElement::TSNonNullExpression(inner) => self.of(&inner.expression),
                element => {
                    if let Some(member) = element.as_member_expression() {
                        self.member(member);
                    }
                }
            },
            Expression::CallExpression(call) => self.call(&call.callee),
            Expression::NewExpression(new) => self.call(&new.callee),
            Expression::TaggedTemplateExpression(tagged) => self.call(&tagged.tag),
            Expression::JSXElement(_) | Expression::JSXFragment(_) => {
                self.note("making an element calls a function")
            }
            Expression::AssignmentExpression(_) | Expression::UpdateExpression(_) => {
                self.note("an assignment changes something")
            }
            Expression::AwaitExpression(_) => self.note("`await` waits"),
            Expression::YieldExpression(_) => self.note("`yield` waits"),
            other => match other.as_member_expression() {
                Some(member) => self.member(member),
                None => self.note("it may do anything"),
            },
        }
    }

    /// A call, which may do anything.
    fn call(&mut self, callee: &Expression<'a>) {
        let span = callee.span();
        let name = &self.parsed.semantic.source_text()[span.start as usize..span.end as usize];
        // Enough to find the place; a callee may be a whole function.
        let end = name
            .char_indices()
            .find(|&(at, c)| at >= 40 || c.is_control())
            .map_or(name.len(), |(at, _)| at);
        let more = if end < name.len() { "..." } else { "" };
        self.note(format!("calling `{}{more}` may do anything", &name[..end]));
    }

    fn risk(&mut self, risk: Risk, operator: &str) {
        let words = || format!("`{operator}` may call `valueOf` or `toString`, or fail");
        match risk {
            Risk::None => {}
            Risk::Conversion => self.note_unless(Assumption::ConversionsArePure, &words()),
            Risk::Failure => self.note(words()),
        }
    }

    fn unary(&mut self, operator: UnaryOperator, argument: &Expression<'a>) {
        let inner = argument.get_inner_expression();
        match operator {
            // The one read that a missing name allows.
            UnaryOperator::Typeof if self.is_undeclared(inner) => return,
            UnaryOperator::Delete => return self.note("`delete` changes something"),
            _ => self.of(argument),
        }
        let risk = operators::of_one(operator, self.values.types(argument));
        self.risk(risk, operator.as_str());
    }

    fn is_undeclared(&self, expression: &Expression<'_>) -> bool {
        let Expression::Identifier(name) = expression else {
            return false;
        };
        let scoping = self.parsed.semantic.scoping();
        let is_bound = scoping.get_reference(name.reference_id()).symbol_id();
        // A parameter list may mean a name that the analysis has not met.
        is_bound.is_none() && !self.parsed.outline.around(name.node_id()).in_parameters
    }

    fn identifier(&mut self, name: &IdentifierReference<'a>) {
        let scoping = self.parsed.semantic.scoping();
        let words = || format!("`{}` may not be initialised yet", name.name);
        match scoping.get_reference(name.reference_id()).symbol_id() {
            Some(symbol) if self.elided.import(symbol) => self.note(format!(
                "TypeScript leaves out the import of `{}` where nothing else uses it",
                name.name
            )),
            Some(symbol) => match ready::of(self.parsed, name.node_id(), symbol) {
                Ready::Yes => {}
                Ready::If(assumption) => self.note_unless(assumption, &words()),
                Ready::No => self.note(words()),
            },
            None => {
                let is_there = match name.name.as_str() {
                    "undefined" | "NaN" | "Infinity" => true,
                    "arguments" => self.is_in_function(name.node_id()),
                    _ => false,
                };
                if !is_there {
                    self.note(format!("`{}` may not be declared", name.name));
                }
            }
        }
    }

    /// Whether a node stands in a function that has `arguments`.
    fn is_in_function(&self, node: NodeId) -> bool {
        let mut around = self.parsed.semantic.nodes().ancestor_kinds(node);
        around.any(|kind| matches!(kind, AstKind::Function(_)))
    }

    /// `this` is not there before `super()` has made it.
    fn this(&mut self, node: NodeId) {
        let nodes = self.parsed.semantic.nodes();
        let mut from = nodes.kind(node).span();
        for id in nodes.ancestor_ids(node) {
            let kind = nodes.kind(id);
            match kind {
                AstKind::Function(_) => {
                    let is_constructor = matches!(nodes.parent_kind(id), AstKind::MethodDefinition(method)
                        if method.kind == MethodDefinitionKind::Constructor);
                    if is_constructor && self.is_derived(id) {
                        self.note("`this` may not be there before `super()`");
                    }
                    return;
                }
                AstKind::PropertyDefinition(field) if is_at(field.value.as_ref(), from) => return,
                AstKind::AccessorProperty(field) if is_at(field.value.as_ref(), from) => return,
                AstKind::StaticBlock(_) => return,
                _ => from = kind.span(),
            }
        }
    }

    /// Whether the class around a node has a parent.
    fn is_derived(&self, node: NodeId) -> bool {
        let mut around = self.parsed.semantic.nodes().ancestor_kinds(node);
        let class = around.find_map(|kind| match kind {
            AstKind::Class(class) => Some(class),
            _ => None,
        });
        class.is_none_or(|class| class.heritage.is_some())
    }

    fn member(&mut self, member: &MemberExpression<'a>) {
        let object = member.object();
        if object.is_super() {
            return self.note("`super` may not be there");
        }
        self.of(object);
        if let MemberExpression::ComputedMemberExpression(computed) = member {
            self.of(&computed.expression);
        }
        let types = self.values.types(object);
        let is_length = member
            .static_property_name()
            .is_some_and(|name| name == "length");
        if is_length && (types.is_only(Types::STRING) || self.is_arguments(object)) {
            return;
        }
        if types.is_only(Types::NULLISH) {
            return self.note("reading a property of what is not there fails");
        }
        self.note_unless(
            Assumption::GettersArePure,
            "reading a property may run a getter, or fail",
        );
    }

    fn is_arguments(&self, object: &Expression<'_>) -> bool {
        self.is_undeclared(object)
            && matches!(object, Expression::Identifier(name) if name.name == "arguments")
    }

    fn property(&mut self, property: &ObjectPropertyKind<'a>) {
        match property {
            ObjectPropertyKind::ObjectProperty(property) => {
                self.key(&property.key, property.computed);
                self.of(&property.value);
            }
            ObjectPropertyKind::SpreadProperty(spread) => {
                self.of(&spread.argument);
                self.note_unless(Assumption::GettersArePure, "spreading may run a getter");
            }
        }
    }

    fn key(&mut self, key: &PropertyKey<'a>, computed: bool) {
        if computed && let Some(key) = key.as_expression() {
            self.of(key);
            if self.values.types(key).may_be(Types::OBJECT) {
                self.note_unless(
                    Assumption::ConversionsArePure,
                    "a computed key may call `toString`",
                );
            }
        }
    }

    /// A function is only made, unless it takes part in what is known of the text's variables.
    fn made(&mut self, function: NodeId) {
        let (nodes, scoping) = (self.parsed.semantic.nodes(), self.parsed.semantic.scoping());
        let span = nodes.kind(function).span();
        let mut id = function;
        loop {
            id = NodeId::new(id.index() + 1);
            if id.index() >= nodes.len() || !span.contains_inclusive(nodes.kind(id).span()) {
                return;
            }
            match nodes.kind(id) {
                AstKind::IdentifierReference(name) => {
                    let reference = scoping.get_reference(name.reference_id());
                    let is_own = |symbol| span.contains_inclusive(scoping.symbol_span(symbol));
                    if reference.is_write() && !reference.symbol_id().is_some_and(is_own) {
                        return self.note("a function in it writes a variable of the text");
                    }
                    let elided = reference
                        .symbol_id()
                        .filter(|&symbol| self.elided.import(symbol));
                    if elided.is_some() {
                        return self.identifier(name);
                    }
                }
                AstKind::RegExpLiteral(literal) => self.regular_expression(literal),
                AstKind::JSXOpeningElement(_) | AstKind::JSXOpeningFragment(_)
                    if self.elided.is_typescript() =>
                {
                    return self.note("an element may be all that an import is for");
                }
                _ => {}
            }
        }
    }

    fn class(&mut self, class: &Class<'a>) {
        self.made(class.node_id());
        let is_plain = class.heritage.is_none()
            && class.decorators.is_empty()
            && class.body.body.iter().all(|element| match element {
                ClassElement::MethodDefinition(method) => {
                    !method.computed && method.decorators.is_empty()
                }
                ClassElement::PropertyDefinition(field) => {
                    !field.computed && !field.r#static && field.decorators.is_empty()
                }
                ClassElement::TSIndexSignature(_) => true,
                _ => false,
            });
        if !is_plain {
            self.note("making a class may run code");
        }
    }

    /// A pattern that is wrong makes the whole text fail, which the parser leaves to the engine; plain ones are known to be right.
    fn regular_expression(&mut self, literal: &RegExpLiteral<'_>) {
        let is_plain = literal.regex.pattern.text.chars().all(|c| {
            c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | ',' | ':' | '^' | '$')
        });
        if !is_plain {
            self.note("a regular expression may be one that the engine rejects");
        }
    }
}

fn is_at(value: Option<&Expression<'_>>, span: Span) -> bool {
    value.is_some_and(|value| value.span() == span)
}
