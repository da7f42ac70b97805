//! Which values are arrays, strings and promises of the language's own, so that their methods are known.
//!
//! It follows expressions and names that are given a value once. It never guesses from how a value is used.

use oxc_ast::AstKind;
use oxc_ast::ast::{Argument, BindingPattern, CallExpression, Expression, StaticMemberExpression};
use oxc_semantic::SymbolId;
use oxc_syntax::operator::BinaryOperator;

use super::callees::{Callees, is_settled};

/// What a value is known to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Array,
    String,
    Promise,
    Other,
}

/// How many names are followed for one value.
const MOST_NAMES: u32 = 16;

impl<'a> Callees<'_, '_, 'a> {
    /// What a value is.
    pub(super) fn kind(&self, expression: &Expression<'a>) -> Kind {
        self.kind_within(expression, &mut MOST_NAMES.clone())
    }

    fn kind_within(&self, expression: &Expression<'a>, names_left: &mut u32) -> Kind {
        match expression {
            Expression::ArrayExpression(_) => Kind::Array,
            Expression::StringLiteral(_) | Expression::TemplateLiteral(_) => Kind::String,
            Expression::ImportExpression(_) => Kind::Promise,
            Expression::UnaryExpression(unary) if unary.operator.is_typeof() => Kind::String,
            Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => {
                let mut is_string = |side| self.kind_within(side, names_left) == Kind::String;
                if is_string(&sum.left) || is_string(&sum.right) {
                    Kind::String
                } else {
                    Kind::Other
                }
            }
            Expression::ConditionalExpression(choice) => {
                let kind = self.kind_within(&choice.consequent, names_left);
                if kind == self.kind_within(&choice.alternate, names_left) {
                    kind
                } else {
                    Kind::Other
                }
            }
            Expression::NewExpression(call) if self.is_native(&call.callee, "Array") => Kind::Array,
            Expression::NewExpression(call) if self.is_native(&call.callee, "Promise") => {
                Kind::Promise
            }
            Expression::StaticMemberExpression(member)
                if member.property.name == "argv"
                    && self.is_native(&member.object, "process")
                    && self.natives.are_intact(&["argv"]) =>
            {
                Kind::Array
            }
            Expression::CallExpression(call) if !call.optional => self.result(call, names_left),
            Expression::Identifier(name) if *names_left > 0 => {
                *names_left -= 1;
                let scoping = self.names.scoping();
                let symbol = scoping.get_reference(name.reference_id()).symbol_id();
                match symbol.and_then(|symbol| self.initial(symbol)) {
                    Some(value) => self.kind_within(value, names_left),
                    None => Kind::Other,
                }
            }
            _ => Kind::Other,
        }
    }

    /// What a call gives.
    fn result(&self, call: &CallExpression<'a>, names_left: &mut u32) -> Kind {
        match &call.callee {
            Expression::FunctionExpression(function) if function.r#async && !function.generator => {
                Kind::Promise
            }
            Expression::ArrowFunctionExpression(arrow) if arrow.r#async => Kind::Promise,
            Expression::Identifier(_) if self.is_native(&call.callee, "Array") => Kind::Array,
            Expression::Identifier(_) if self.is_native(&call.callee, "String") => Kind::String,
            Expression::Identifier(_) if self.is_async(&call.callee) => Kind::Promise,
            Expression::StaticMemberExpression(member) if !member.optional => {
                let found = self.result_of_method(member, &call.arguments, names_left);
                found.unwrap_or(Kind::Other)
            }
            _ => Kind::Other,
        }
    }

    fn result_of_method(
        &self,
        member: &StaticMemberExpression<'a>,
        arguments: &[Argument<'a>],
        names_left: &mut u32,
    ) -> Option<Kind> {
        let method = member.property.name.as_str();
        if !self.natives.are_intact(&[method]) {
            return None;
        }
        let object = &member.object;
        let of = |class: &str, kind: Kind| self.is_native(object, class).then_some(kind);
        match method {
            "keys" | "entries" | "values" | "getOwnPropertyNames"
                if self.is_native(object, "Object") =>
            {
                Some(Kind::Array)
            }
            "from" | "of" => of("Array", Kind::Array),
            "all" | "allSettled" | "any" | "race" | "reject" | "resolve" => {
                of("Promise", Kind::Promise)
            }
            "then" | "catch" | "finally" => (self.natives.is_method_intact("Promise", method)
                && self.kind_within(object, names_left) == Kind::Promise)
                .then_some(Kind::Promise),
            "map" | "filter" | "slice" | "concat" | "sort" | "reverse" | "flat" | "flatMap"
            | "splice" | "join" | "split" | "trim" | "toLowerCase" | "toUpperCase" | "substr"
            | "substring" | "charAt" => {
                let kind = self.kind_within(object, names_left);
                match (kind, method) {
                    (Kind::Array, "join") => self.method_gives("Array", method, Kind::String),
                    (
                        Kind::Array,
                        "map" | "filter" | "slice" | "concat" | "sort" | "reverse" | "flat"
                        | "flatMap" | "splice",
                    ) => self.method_gives("Array", method, Kind::Array),
                    (Kind::String, "split") => {
                        let is_plain = matches!(
                            arguments,
                            [] | [Argument::StringLiteral(_) | Argument::RegExpLiteral(_), ..]
                        ) && self.natives.are_intact(&["RegExp"]);
                        is_plain
                            .then(|| self.method_gives("String", method, Kind::Array))
                            .flatten()
                    }
                    (
                        Kind::String,
                        "slice" | "trim" | "toLowerCase" | "toUpperCase" | "substr" | "substring"
                        | "charAt",
                    ) => self.method_gives("String", method, Kind::String),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn method_gives(&self, class: &str, method: &str, kind: Kind) -> Option<Kind> {
        self.natives.is_method_intact(class, method).then_some(kind)
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
        let scoping = self.names.scoping();
        let nodes = self.parsed.semantic.nodes();
        let declared = scoping.symbol_declaration(symbol);
        let AstKind::VariableDeclarator(declarator) = nodes.kind(declared) else {
            return None;
        };
        let is_constant = matches!(
            nodes.parent_kind(declared),
            AstKind::VariableDeclaration(declaration) if declaration.kind.is_const()
        );
        let is_own = is_constant
            || self.parsed.owns_names
            || scoping.symbol_scope_id(symbol) != scoping.root_scope_id();
        let is_plain = matches!(declarator.id, BindingPattern::BindingIdentifier(_))
            && is_own
            && is_settled(self.names, symbol)
            && !self.names.is_written(symbol)
            && self.parsed.outline.around(declared).withs == 0;
        if is_plain {
            declarator.init.as_ref()
        } else {
            None
        }
    }
}
