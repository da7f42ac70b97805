//! Which values have no methods but the language's own: arrays, strings and other primitives, promises.
//!
//! It follows expressions, names through everything that is written to them, and parameters through every call. It never guesses from how
//! a value is used. What is not there (`undefined`) counts as a primitive: its methods cannot be called at all.

use std::collections::{BTreeMap, BTreeSet};

use oxc_ast::AstKind;
use oxc_ast::ast::{AssignmentOperator, BindingPattern, Expression, LogicalOperator};
use oxc_semantic::{NodeId, SymbolId};
use oxc_span::GetSpan as _;

use super::callees::{Callees, is_settled};

/// What a value may be: a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind(u8);

impl Kind {
    /// Nothing that has been seen yet.
    pub(super) const NONE: Kind = Kind(0);
    /// An array that the language made.
    pub(super) const ARRAY: Kind = Kind(1);
    /// A string, a number, a truth value, a big integer, `null` or `undefined`.
    pub(super) const PRIMITIVE: Kind = Kind(2);
    /// A promise that the language made.
    pub(super) const PROMISE: Kind = Kind(4);
    /// Anything.
    pub(super) const OTHER: Kind = Kind(8);

    /// Either of both.
    pub(super) fn or(self, other: Kind) -> Kind {
        Kind(self.0 | other.0)
    }

    /// Whether it may be one of these.
    pub(super) fn may_be(self, other: Kind) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether it is one of the language's own.
    pub(super) fn is_known(self) -> bool {
        !self.may_be(Kind::OTHER)
    }
}

/// How many passes are made for one value.
const MOST_PASSES: u32 = 8;
/// How many names are followed for one value.
const MOST_NAMES: usize = 24;
/// How many expressions are looked at in one pass over them.
const MOST_EXPRESSIONS: u32 = 400;

/// What has been found for the names that lead to a value. They may lead to each other, so passes are repeated until nothing is new.
#[derive(Default)]
pub(super) struct Search {
    found: BTreeMap<SymbolId, Kind>,
    /// Names that have been looked at in this pass.
    seen: BTreeSet<SymbolId>,
    expressions: u32,
    is_new: bool,
    is_too_long: bool,
}

impl<'a> Callees<'_, '_, 'a> {
    /// What a value may be.
    pub(super) fn kind(&self, expression: &Expression<'a>) -> Kind {
        let mut search = Search::default();
        for _ in 0..MOST_PASSES {
            search.seen.clear();
            search.expressions = 0;
            search.is_new = false;
            let kind = self.kind_within(expression, &mut search);
            if search.is_too_long {
                break;
            }
            if !search.is_new {
                self.kinds.borrow_mut().extend(search.found);
                return kind;
            }
        }
        // None of these names is followed again: the effort stays linear.
        let given_up = search.found.into_keys().map(|symbol| (symbol, Kind::OTHER));
        self.kinds.borrow_mut().extend(given_up);
        Kind::OTHER
    }

    pub(super) fn kind_within(&self, expression: &Expression<'a>, search: &mut Search) -> Kind {
        search.expressions += 1;
        if search.expressions > MOST_EXPRESSIONS {
            search.is_too_long = true;
            return Kind::OTHER;
        }
        match expression.get_inner_expression() {
            Expression::ArrayExpression(_) => Kind::ARRAY,
            Expression::StringLiteral(_)
            | Expression::TemplateLiteral(_)
            | Expression::NumericLiteral(_)
            | Expression::BigIntLiteral(_)
            | Expression::BooleanLiteral(_)
            | Expression::NullLiteral(_)
            | Expression::UnaryExpression(_)
            | Expression::UpdateExpression(_)
            // Operators of two values give primitives, whatever they are given.
            | Expression::BinaryExpression(_) => Kind::PRIMITIVE,
            Expression::ImportExpression(_) => Kind::PROMISE,
            Expression::LogicalExpression(either) => {
                let left = self.kind_within(&either.left, search);
                if either.operator == LogicalOperator::And {
                    // The left side is the value only where it counts as false, as no object does but `document.all`.
                    return Kind::PRIMITIVE.or(self.kind_within(&either.right, search));
                }
                left.or(self.kind_within(&either.right, search))
            }
            Expression::ConditionalExpression(choice) => self
                .kind_within(&choice.consequent, search)
                .or(self.kind_within(&choice.alternate, search)),
            Expression::SequenceExpression(sequence) => sequence
                .expressions
                .last()
                .map_or(Kind::OTHER, |last| self.kind_within(last, search)),
            Expression::AssignmentExpression(assignment) => match assignment.operator {
                AssignmentOperator::Assign => self.kind_within(&assignment.right, search),
                operator if operator.is_logical() => Kind::OTHER,
                _ => Kind::PRIMITIVE,
            },
            Expression::NewExpression(call) if self.is_native(&call.callee, "Array") => Kind::ARRAY,
            Expression::NewExpression(call) if self.is_native(&call.callee, "Promise") => {
                Kind::PROMISE
            }
            Expression::StaticMemberExpression(member)
                if member.property.name == "argv"
                    && self.is_native(&member.object, "process")
                    && self.natives.are_intact(&["argv"]) =>
            {
                Kind::ARRAY
            }
            Expression::CallExpression(call) if !call.optional => self.result(call, search),
            Expression::Identifier(name) => {
                let reference = self.names.scoping().get_reference(name.reference_id());
                match reference.symbol_id() {
                    Some(symbol) => self.kind_of_name(symbol, search),
                    None if name.name == "undefined" => Kind::PRIMITIVE,
                    None => Kind::OTHER,
                }
            }
            _ => Kind::OTHER,
        }
    }

    fn kind_of_name(&self, symbol: SymbolId, search: &mut Search) -> Kind {
        if let Some(&kind) = self.kinds.borrow().get(&symbol) {
            return kind;
        }
        let known = search.found.get(&symbol).copied();
        if let (false, Some(known)) = (search.seen.insert(symbol), known) {
            return known;
        }
        if search.found.len() > MOST_NAMES {
            search.is_too_long = true;
            return Kind::OTHER;
        }
        let known = known.unwrap_or(Kind::NONE);
        search.found.entry(symbol).or_insert(Kind::NONE);
        let kind = known.or(self.find_kind(symbol, search));
        if kind != known {
            search.is_new = true;
            search.found.insert(symbol, kind);
        }
        kind
    }

    /// What a name may hold, by everything that gives it a value.
    fn find_kind(&self, symbol: SymbolId, search: &mut Search) -> Kind {
        let scoping = self.names.scoping();
        let nodes = self.parsed.semantic.nodes();
        let declared = scoping.symbol_declaration(symbol);
        if !self.is_seen(symbol, declared) {
            return Kind::OTHER;
        }
        let first = match nodes.kind(declared) {
            AstKind::VariableDeclarator(declarator) => match (&declarator.id, &declarator.init) {
                (BindingPattern::BindingIdentifier(_), Some(init)) => {
                    self.kind_within(init, search)
                }
                (BindingPattern::BindingIdentifier(_), None) => {
                    self.kind_of_bare(nodes.parent_id(declared))
                }
                _ => Kind::OTHER,
            },
            AstKind::FormalParameterRest(rest) => match &rest.rest.argument {
                BindingPattern::BindingIdentifier(_) => Kind::ARRAY,
                _ => Kind::OTHER,
            },
            AstKind::FormalParameter(_) => self.kind_of_parameter(declared, search),
            _ => Kind::OTHER,
        };
        let mut kind = first;
        for reference in scoping.get_resolved_references(symbol) {
            if !kind.is_known() {
                break;
            }
            if reference.is_write() {
                kind = kind.or(self.kind_written(reference.node_id(), search));
            }
        }
        kind
    }

    /// Whether the text shows everything that is written to a name.
    fn is_seen(&self, symbol: SymbolId, declared: NodeId) -> bool {
        let scoping = self.names.scoping();
        let is_constant = || {
            matches!(
                self.parsed.semantic.nodes().parent_kind(declared),
                AstKind::VariableDeclaration(declaration) if declaration.kind.is_const()
            )
        };
        let is_in_namespace = self.parsed.source_type.is_typescript()
            && matches!(
                self.parsed
                    .semantic
                    .nodes()
                    .kind(self.parsed.outline.around(declared).scope),
                AstKind::TSModuleBlock(_)
            );
        // What a namespace exports, other files write.
        !is_in_namespace
            && (self.parsed.owns_names
                || scoping.symbol_scope_id(symbol) != scoping.root_scope_id()
                || is_constant())
            && is_settled(self.names, symbol)
            && self.parsed.outline.around(declared).withs == 0
    }

    /// What a declaration without a value begins with.
    fn kind_of_bare(&self, declaration: NodeId) -> Kind {
        let nodes = self.parsed.semantic.nodes();
        let is_ambient = matches!(
            nodes.kind(declaration),
            AstKind::VariableDeclaration(declaration) if declaration.declare
        );
        match nodes.parent_kind(declaration) {
            AstKind::ForOfStatement(_) => Kind::OTHER,
            _ if is_ambient => Kind::OTHER,
            // The head of a for-in gives strings.
            _ => Kind::PRIMITIVE,
        }
    }

    /// What a write gives a name.
    fn kind_written(&self, target: NodeId, search: &mut Search) -> Kind {
        let nodes = self.parsed.semantic.nodes();
        let own = nodes.kind(target).span();
        match nodes.parent_kind(target) {
            AstKind::AssignmentExpression(assignment) if assignment.left.span() == own => {
                let operator = assignment.operator;
                if operator.is_assign() || operator.is_logical() {
                    self.kind_within(&assignment.right, search)
                } else {
                    Kind::PRIMITIVE
                }
            }
            AstKind::UpdateExpression(_) => Kind::PRIMITIVE,
            AstKind::ForInStatement(each) if each.left.span() == own => Kind::PRIMITIVE,
            _ => Kind::OTHER,
        }
    }

    /// What the calls of its function give a parameter.
    fn kind_of_parameter(&self, parameter: NodeId, search: &mut Search) -> Kind {
        let nodes = self.parsed.semantic.nodes();
        let AstKind::FormalParameter(own) = nodes.kind(parameter) else {
            return Kind::OTHER;
        };
        let list = nodes.parent_id(parameter);
        let AstKind::FormalParameters(parameters) = nodes.kind(list) else {
            return Kind::OTHER;
        };
        let place = parameters
            .items
            .iter()
            .position(|item| item.span == own.span);
        let callers = self.callers(nodes.parent_id(list));
        let (BindingPattern::BindingIdentifier(_), Some(place), Some(callers)) =
            (&own.pattern, place, callers)
        else {
            return Kind::OTHER;
        };
        let mut kind = match &own.initializer {
            Some(default) => self.kind_within(default, search),
            None => Kind::NONE,
        };
        for caller in callers.iter() {
            let AstKind::CallExpression(call) = nodes.kind(caller.call) else {
                return Kind::OTHER;
            };
            if !caller.is_plain || super::callees::has_spread_before(&call.arguments, place + 1) {
                return Kind::OTHER;
            }
            let given = call.arguments.get(place);
            kind = kind.or(given.map_or(Kind::PRIMITIVE, |given| {
                given
                    .as_expression()
                    .map_or(Kind::OTHER, |given| self.kind_within(given, search))
            }));
            if !kind.is_known() {
                break;
            }
        }
        kind
    }

    /// The one value of a name: that of its declaration, which nothing writes again.
    pub(super) fn initial(&self, symbol: SymbolId) -> Option<&'a Expression<'a>> {
        if let Some(found) = self.initials.borrow().get(&symbol) {
            return *found;
        }
        let found = self.find_initial(symbol);
        self.initials.borrow_mut().insert(symbol, found);
        found
    }

    fn find_initial(&self, symbol: SymbolId) -> Option<&'a Expression<'a>> {
        let nodes = self.parsed.semantic.nodes();
        let declared = self.names.scoping().symbol_declaration(symbol);
        let AstKind::VariableDeclarator(declarator) = nodes.kind(declared) else {
            return None;
        };
        let is_plain = matches!(declarator.id, BindingPattern::BindingIdentifier(_))
            && self.is_seen(symbol, declared)
            && !self.names.is_written(symbol);
        if is_plain {
            declarator.init.as_ref()
        } else {
            None
        }
    }

    /// An expression, or the one value of the name that it is.
    pub(super) fn valued<'e>(&self, expression: &'e Expression<'a>) -> &'e Expression<'a>
    where
        'a: 'e,
    {
        let Expression::Identifier(name) = expression else {
            return expression;
        };
        let reference = self.names.scoping().get_reference(name.reference_id());
        let value = reference
            .symbol_id()
            .and_then(|symbol| self.initial(symbol));
        value.unwrap_or(expression)
    }
}
