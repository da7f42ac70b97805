//! Which types a value may have, as far as the text shows it: enough to tell which conversions run code of the program's.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::BitOr;

use oxc_ast::AstKind;
use oxc_ast::ast::{AssignmentTarget, BindingPattern, Expression, ForStatementLeft};
use oxc_semantic::{NodeId, Reference, SymbolId};
use oxc_span::GetSpan as _;
use oxc_syntax::operator::{AssignmentOperator, BinaryOperator, UnaryOperator};

use crate::parse::Parsed;

/// A set of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Types(u8);

impl Types {
    pub(super) const NONE: Types = Types(0);
    pub(super) const UNDEFINED: Types = Types(1);
    pub(super) const NULL: Types = Types(2);
    pub(super) const BOOLEAN: Types = Types(4);
    pub(super) const NUMBER: Types = Types(8);
    pub(super) const BIGINT: Types = Types(16);
    pub(super) const STRING: Types = Types(32);
    pub(super) const SYMBOL: Types = Types(64);
    pub(super) const OBJECT: Types = Types(128);
    pub(super) const ANY: Types = Types(255);
    pub(super) const NULLISH: Types = Types(3);
    /// What becomes a number without running code.
    const NUMERIC: Types = Types(15);

    pub(super) fn may_be(self, others: Types) -> bool {
        self.0 & others.0 != 0
    }

    pub(super) fn is_only(self, others: Types) -> bool {
        self.0 & !others.0 == 0
    }
}

impl BitOr for Types {
    type Output = Types;

    fn bitor(self, other: Types) -> Types {
        Types(self.0 | other.0)
    }
}

/// The types of values in a text. What is known of a variable holds whenever it is read.
pub(super) struct Values<'p, 'a> {
    parsed: &'p Parsed<'a>,
    /// Names that a parameter list writes: the analysis may be wrong about whose they are.
    written_in_parameters: Vec<&'a str>,
    /// Names of functions in blocks: sloppy code writes them to a variable around too.
    block_functions: Vec<&'a str>,
    known: RefCell<HashMap<SymbolId, Types>>,
    /// The variables whose types are being found out, with what is known so far, innermost last.
    open: RefCell<Vec<(SymbolId, Types)>>,
}

impl<'p, 'a> Values<'p, 'a> {
    pub(super) fn of(parsed: &'p Parsed<'a>) -> Values<'p, 'a> {
        let (nodes, scoping) = (parsed.semantic.nodes(), parsed.semantic.scoping());
        let written = parsed.outline.parameter_references.iter();
        let written = written.filter_map(|&node| match nodes.kind(node) {
            AstKind::IdentifierReference(name)
                if scoping.get_reference(name.reference_id()).is_write() =>
            {
                Some(name.name.as_str())
            }
            _ => None,
        });
        let functions = parsed.outline.block_functions.iter();
        let functions = functions.filter_map(|&node| match nodes.kind(node) {
            AstKind::Function(function) => Some(function.id.as_ref()?.name.as_str()),
            _ => None,
        });
        Values {
            parsed,
            written_in_parameters: written.collect(),
            block_functions: functions.collect(),
            known: RefCell::default(),
            open: RefCell::default(),
        }
    }

    /// The types that an expression's value may have.
    pub(super) fn types(&self, expression: &Expression<'a>) -> Types {
        match expression.get_inner_expression() {
            Expression::StringLiteral(_) | Expression::TemplateLiteral(_) => Types::STRING,
            Expression::NumericLiteral(_) => Types::NUMBER,
            Expression::BigIntLiteral(_) => Types::BIGINT,
            Expression::BooleanLiteral(_) | Expression::PrivateInExpression(_) => Types::BOOLEAN,
            Expression::NullLiteral(_) => Types::NULL,
            Expression::RegExpLiteral(_)
            | Expression::ArrayExpression(_)
            | Expression::ObjectExpression(_)
            | Expression::FunctionExpression(_)
            | Expression::ArrowFunctionExpression(_)
            | Expression::ClassExpression(_)
            | Expression::NewExpression(_) => Types::OBJECT,
            Expression::Identifier(name) => {
                let reference = self.parsed.semantic.scoping();
                match reference.get_reference(name.reference_id()).symbol_id() {
                    Some(symbol) => self.of_symbol(symbol),
                    None => match name.name.as_str() {
                        "undefined" => Types::UNDEFINED,
                        "NaN" | "Infinity" => Types::NUMBER,
                        _ => Types::ANY,
                    },
                }
            }
            Expression::UnaryExpression(unary) => match unary.operator {
                UnaryOperator::Typeof => Types::STRING,
                UnaryOperator::Void => Types::UNDEFINED,
                UnaryOperator::LogicalNot | UnaryOperator::Delete => Types::BOOLEAN,
                UnaryOperator::UnaryPlus => Types::NUMBER,
                UnaryOperator::UnaryNegation | UnaryOperator::BitwiseNot => {
                    numeric(self.types(&unary.argument))
                }
            },
            Expression::BinaryExpression(binary) => operated(
                binary.operator,
                self.types(&binary.left),
                self.types(&binary.right),
            ),
            Expression::LogicalExpression(logical) => {
                self.types(&logical.left) | self.types(&logical.right)
            }
            Expression::ConditionalExpression(choice) => {
                self.types(&choice.consequent) | self.types(&choice.alternate)
            }
            Expression::SequenceExpression(sequence) => sequence
                .expressions
                .last()
                .map_or(Types::ANY, |last| self.types(last)),
            Expression::AssignmentExpression(assignment) if assignment.operator.is_assign() => {
                self.types(&assignment.right)
            }
            Expression::UpdateExpression(_) => Types::NUMBER | Types::BIGINT,
            _ => Types::ANY,
        }
    }

    /// The types of whatever a variable may hold.
    fn of_symbol(&self, symbol: SymbolId) -> Types {
        if let Some(&known) = self.known.borrow().get(&symbol) {
            return known;
        }
        {
            let open = self.open.borrow();
            match open.iter().rposition(|&(other, _)| other == symbol) {
                Some(place) if place + 1 == open.len() => return open[place].1,
                // What depends on it would be taken for known too early.
                Some(_) => return Types::ANY,
                // Longer chains of variables are not worth a deeper stack.
                None if open.len() > 30 => return Types::ANY,
                None => {}
            }
        }
        let scoping = self.parsed.semantic.scoping();
        let name = scoping.symbol_name(symbol);
        // Evaluated code may write to any variable that it sees.
        let is_evaluated = scoping
            .scope_flags(scoping.symbol_scope_id(symbol))
            .contains_direct_eval();
        // So may other scripts to the names at the top of this one.
        let is_shared = scoping.symbol_scope_id(symbol) == scoping.root_scope_id()
            && !self.parsed.owns_names
            && !scoping.symbol_flags(symbol).is_const_variable();
        let mut types = if is_shared
            || is_evaluated
            || self.parsed.is_given(symbol)
            || self.written_in_parameters.contains(&name)
            || self.block_functions.contains(&name)
        {
            Types::ANY
        } else {
            Types::NONE
        };
        self.open.borrow_mut().push((symbol, types));
        // What is written may depend on what was there: repeated until nothing is added.
        while types != Types::ANY {
            let more = self.written(symbol, types) | types;
            if more == types {
                break;
            }
            types = more;
            if let Some(last) = self.open.borrow_mut().last_mut() {
                last.1 = types;
            }
        }
        self.open.borrow_mut().pop();
        self.known.borrow_mut().insert(symbol, types);
        types
    }

    /// The types of what is written to a variable, where it has held these.
    fn written(&self, symbol: SymbolId, before: Types) -> Types {
        let scoping = self.parsed.semantic.scoping();
        let mut types = Types::NONE;
        for declaration in scoping.symbol_declarations(symbol) {
            types = types | self.declared(declaration);
        }
        let writes = scoping
            .get_resolved_references(symbol)
            .filter(|reference| reference.is_write());
        for write in writes {
            if types == Types::ANY {
                break;
            }
            types = types | self.assigned(write, before);
        }
        types
    }

    fn declared(&self, declaration: NodeId) -> Types {
        let nodes = self.parsed.semantic.nodes();
        match nodes.kind(declaration) {
            AstKind::VariableDeclarator(declarator)
                if matches!(declarator.id, BindingPattern::BindingIdentifier(_)) =>
            {
                let statement = nodes.parent_id(declaration);
                let AstKind::VariableDeclaration(list) = nodes.kind(statement) else {
                    return Types::ANY;
                };
                let given = match nodes.parent_kind(statement) {
                    AstKind::ForInStatement(each) if is_head(&each.left, list.span()) => {
                        Types::STRING
                    }
                    AstKind::ForOfStatement(each) if is_head(&each.left, list.span()) => {
                        return Types::ANY;
                    }
                    _ if list.declare => return Types::ANY,
                    // What a namespace exports is a property of an object.
                    AstKind::ExportDeclaration(_)
                        if self.parsed.outline.around(statement).scope != NodeId::ROOT =>
                    {
                        return Types::ANY;
                    }
                    _ => Types::NONE,
                };
                let value = match &declarator.init {
                    Some(value) => self.types(value),
                    None if given != Types::NONE => given,
                    None => Types::UNDEFINED,
                };
                let early = if list.kind.is_var() {
                    Types::UNDEFINED
                } else {
                    Types::NONE
                };
                value | given | early
            }
            AstKind::Function(_) | AstKind::Class(_) => Types::OBJECT,
            _ => Types::ANY,
        }
    }

    fn assigned(&self, write: &Reference, before: Types) -> Types {
        let nodes = self.parsed.semantic.nodes();
        let at = nodes.kind(write.node_id()).span();
        match nodes.parent_kind(write.node_id()) {
            AstKind::UpdateExpression(_) => numeric(before),
            AstKind::AssignmentExpression(assignment)
                if assignment.left.span() == at
                    && matches!(
                        assignment.left,
                        AssignmentTarget::AssignmentTargetIdentifier(_)
                    ) =>
            {
                let value = self.types(&assignment.right);
                match assignment.operator {
                    AssignmentOperator::Assign
                    | AssignmentOperator::LogicalAnd
                    | AssignmentOperator::LogicalOr
                    | AssignmentOperator::LogicalNullish => value,
                    AssignmentOperator::Addition => added(before, value),
                    _ => numeric(before) | numeric(value),
                }
            }
            AstKind::ForInStatement(each) if each.left.span() == at => Types::STRING,
            _ => Types::ANY,
        }
    }
}

fn is_head(left: &ForStatementLeft<'_>, declaration: oxc_span::Span) -> bool {
    left.span() == declaration
}

/// What arithmetic makes of a value.
fn numeric(types: Types) -> Types {
    if types.may_be(Types::BIGINT | Types::OBJECT) {
        Types::NUMBER | Types::BIGINT
    } else {
        Types::NUMBER
    }
}

/// What `+` makes of two values.
fn added(left: Types, right: Types) -> Types {
    let both = left | right;
    if both.may_be(Types::OBJECT) {
        return Types::STRING | Types::NUMBER | Types::BIGINT;
    }
    let mut types = Types::NONE;
    if both.may_be(Types::STRING) {
        types = types | Types::STRING;
    }
    if left.may_be(Types::NUMERIC) && right.may_be(Types::NUMERIC) {
        types = types | Types::NUMBER;
    }
    if left.may_be(Types::BIGINT) && right.may_be(Types::BIGINT) {
        types = types | Types::BIGINT;
    }
    types
}

fn operated(operator: BinaryOperator, left: Types, right: Types) -> Types {
    match operator {
        BinaryOperator::Addition => added(left, right),
        BinaryOperator::ShiftRightZeroFill => Types::NUMBER,
        _ if operator.is_arithmetic() || operator.is_bitwise() => numeric(left | right),
        _ => Types::BOOLEAN,
    }
}
