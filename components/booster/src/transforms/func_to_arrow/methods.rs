//! Methods of the language's own values: whether a call reaches one, and what it gives.

use oxc_ast::ast::{Argument, CallExpression, Expression, StaticMemberExpression};

use super::body;
use super::callees::Callees;
use super::values::{Kind, Search};

/// Where methods of primitives are looked up.
const WRAPPERS: [&str; 5] = ["BigInt", "Boolean", "Number", "Object", "String"];

impl<'a> Callees<'_, '_, 'a> {
    /// Whether a method of this name on the value can only be the language's own, or none at all.
    pub(super) fn is_own_method(&self, object: &Expression<'a>, method: &str) -> bool {
        self.is_method_of(self.kind(object), method)
    }

    fn is_method_of(&self, kind: Kind, method: &str) -> bool {
        let natives = self.natives;
        let is_one = [Kind::ARRAY, Kind::PROMISE].contains(&kind);
        kind.is_known()
            // What has no method of the name looks for it in what all objects share.
            && (is_one || natives.are_intact(&["Object"]))
            && (!kind.may_be(Kind::ARRAY) || natives.is_method_intact("Array", method))
            && (!kind.may_be(Kind::PROMISE) || natives.is_method_intact("Promise", method))
            && (!kind.may_be(Kind::PRIMITIVE)
                || natives.is_method_intact("String", method) && natives.are_intact(&WRAPPERS))
    }

    /// The method that an expression reads of an array or of `Array.prototype`, or that a name stands for: `[].slice`.
    pub(super) fn array_method<'e>(&self, expression: &'e Expression<'a>) -> Option<&'e str>
    where
        'a: 'e,
    {
        let Expression::StaticMemberExpression(member) = self.valued(expression) else {
            return None;
        };
        let is_array = matches!(&member.object, Expression::ArrayExpression(_))
            || self.is_prototype_of_array(&member.object);
        let method = member.property.name.as_str();
        (is_array && self.natives.is_method_intact("Array", method)).then_some(method)
    }

    /// Whether strings are compared and cut by a pattern with the language's own code.
    pub(super) fn is_own_pattern(&self, pattern: Option<&Argument<'a>>) -> bool {
        let Some(pattern) = pattern.and_then(|pattern| pattern.as_expression()) else {
            return false;
        };
        match pattern {
            Expression::RegExpLiteral(_) => self.natives.are_intact(&["RegExp"]),
            _ => matches!(self.valued(pattern), Expression::StringLiteral(_)),
        }
    }

    /// What a call gives.
    pub(super) fn result(&self, call: &CallExpression<'a>, search: &mut Search) -> Kind {
        match &call.callee {
            Expression::FunctionExpression(function) if function.r#async && !function.generator => {
                Kind::PROMISE
            }
            Expression::ArrowFunctionExpression(arrow) if arrow.r#async => Kind::PROMISE,
            Expression::Identifier(_) if self.is_native(&call.callee, "Array") => Kind::ARRAY,
            Expression::Identifier(_) if self.is_native(&call.callee, "String") => Kind::PRIMITIVE,
            Expression::Identifier(_) if self.is_async(&call.callee) => Kind::PROMISE,
            Expression::StaticMemberExpression(member) if !member.optional => {
                self.result_of_method(member, &call.arguments, search)
            }
            _ => Kind::OTHER,
        }
    }

    fn result_of_method(
        &self,
        member: &StaticMemberExpression<'a>,
        arguments: &[Argument<'a>],
        search: &mut Search,
    ) -> Kind {
        let method = member.property.name.as_str();
        if !self.natives.are_intact(&[method]) {
            return Kind::OTHER;
        }
        let object = &member.object;
        let of = |class: &str, kind: Kind| self.is_native(object, class).then_some(kind);
        let of_class = match method {
            "keys" | "entries" | "values" | "getOwnPropertyNames" | "getOwnPropertySymbols" => {
                of("Object", Kind::ARRAY)
            }
            "from" | "of" => of("Array", Kind::ARRAY),
            "all" | "allSettled" | "any" | "race" | "reject" | "resolve" => {
                of("Promise", Kind::PROMISE)
            }
            "call" | "apply" => {
                if !self.natives.is_method_intact("Function", method) {
                    return Kind::OTHER;
                }
                of("Array", Kind::ARRAY)
                    .or_else(|| self.result_of_borrowed(object, arguments, search))
            }
            _ => None,
        };
        if let Some(kind) = of_class {
            return kind;
        }
        let kind = self.kind_within(object, search);
        if !self.is_method_of(kind, method) {
            return Kind::OTHER;
        }
        // A kind that does not have the method gives nothing: the call fails.
        let if_any = |of: Kind, gives: Kind| if kind.may_be(of) { gives } else { Kind::NONE };
        match method {
            "then" | "catch" | "finally" => {
                let is_intact = self.natives.are_intact(&["then"]);
                if is_intact {
                    if_any(Kind::PROMISE, Kind::PROMISE)
                } else {
                    Kind::OTHER
                }
            }
            "map" | "filter" | "sort" | "reverse" | "flat" | "flatMap" | "splice" | "fill"
            | "toSorted" | "toReversed" | "toSpliced" => if_any(Kind::ARRAY, Kind::ARRAY),
            "slice" | "concat" => {
                if_any(Kind::ARRAY, Kind::ARRAY).or(if_any(Kind::PRIMITIVE, Kind::PRIMITIVE))
            }
            "join" | "indexOf" | "push" | "unshift" | "trim" | "toLowerCase" | "toUpperCase"
            | "substr" | "substring" | "charAt" | "repeat" | "padStart" | "padEnd" | "toFixed" => {
                if_any(Kind::ARRAY.or(Kind::PRIMITIVE), Kind::PRIMITIVE)
            }
            "replace" | "replaceAll" if self.is_own_pattern(arguments.first()) => {
                if_any(Kind::PRIMITIVE, Kind::PRIMITIVE)
            }
            "split" if arguments.is_empty() || self.is_own_pattern(arguments.first()) => {
                if_any(Kind::PRIMITIVE, Kind::ARRAY)
            }
            // Without a match they give `null`.
            "match"
                if self.is_own_pattern(arguments.first()) && self.natives.are_intact(&["exec"]) =>
            {
                if_any(Kind::PRIMITIVE, Kind::ARRAY.or(Kind::PRIMITIVE))
            }
            _ => Kind::OTHER,
        }
    }

    /// What a method of arrays gives that is called on something else: `[].slice.call(arguments)`.
    fn result_of_borrowed(
        &self,
        borrowed: &Expression<'a>,
        arguments: &[Argument<'a>],
        search: &mut Search,
    ) -> Option<Kind> {
        let method = self.array_method(borrowed)?;
        let makes_arrays = matches!(method, "slice" | "concat" | "map" | "filter" | "splice");
        let on = arguments.first()?.as_expression()?;
        // Of an array of a class the method makes another of that class; of anything else, an array.
        let is_plain = self.is_arguments(on) || self.kind_within(on, search).is_known();
        (makes_arrays && is_plain).then_some(Kind::ARRAY)
    }

    /// Whether an expression is the `arguments` of a function, which nothing in the text writes.
    fn is_arguments(&self, expression: &Expression<'a>) -> bool {
        let Expression::Identifier(name) = expression else {
            return false;
        };
        let scoping = self.names.scoping();
        let reference = scoping.get_reference(name.reference_id());
        name.name == "arguments"
            && reference.symbol_id().is_none()
            && !self.bodies.writes_arguments
            && !self.bodies.has_eval()
            && body::owner(self.parsed, name.node_id.get()) != oxc_semantic::NodeId::ROOT
    }
}
