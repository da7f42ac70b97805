//! `function` expressions become arrow functions where nothing can tell the difference.
//!
//! ```text
//! (function () { run() })();                   ->  (() => { run() })();
//! (function () { this.a() }).call(this);       ->  (() => { this.a() }).call(this);
//! [1, 2].map(function (x) { return x * 2 });   ->  [1, 2].map((x) => { return x * 2 });
//! let a = []; a = a.concat(b); a.some(function (x) { return x });   ->  let a = []; a = a.concat(b); a.some((x) => { return x });
//! setTimeout(function () { this.a() }.bind(this), 9);   ->  setTimeout(() => { this.a() }, 9);
//! const f = function () { return 1 }; f();     ->  const f = () => { return 1 }; f();
//! const f = () => function () { run() }; f()();   ->  const f = () => () => { run() }; f()();
//! list.map(function (x) { return x });         ->  left alone: unknown_callee
//! each(list, function (x) { use(x) });         ->  left alone: unknown_callee
//! const f = () => function () { run() }; new (f())();   ->  left alone: constructible
//! exports.f = function () { run() };           ->  left alone: property
//! setTimeout(function () { this.done() });     ->  left alone: this
//! ```
//!
//! A site is a function that is written with the word `function`; a method or an accessor is none. A body stays a block, so what stands
//! in it stays as it is.
//!
//! The proof for a function that is changed has two halves. Its own text uses nothing that an arrow function lacks or takes from
//! around: `this` (unless it is called with the one around it), `arguments`, `new.target`, its own name, a generator's `yield`. And its
//! value goes only where it is called plainly, tested or dropped: it is called on the spot, or known by names that are only called, or
//! returned to callers that are all in sight, or handed to a native or a function of the text's own that only calls it. Elsewhere somebody
//! may say `new`, read its `prototype`, its `name` or its source text.

mod body;
mod by_name;
mod callees;
mod callers;
mod code;
mod codes;
mod flow;
mod handed;
mod makers;
mod methods;
mod natives;
mod rewrite;
mod values;

use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, CallExpression, Expression, Function, MethodDefinitionKind, TSType,
    TSTypePredicateName,
};
use oxc_semantic::NodeId;
use oxc_span::GetSpan as _;

use super::names::Names;
use super::{Fate, Hazard, SCRIPTS, Site, Transform};
use crate::Span;
use crate::assume::Assumption;
use crate::parse::Parsed;
use body::{Bodies, Own};
use by_name::Known;
use callees::Callees;
use natives::Natives;

pub(super) static TRANSFORM: Transform = Transform {
    name: "func-to-arrow",
    summary: "Replaces function expressions by arrow functions where nothing can tell the difference",
    extensions: SCRIPTS,
    codes: codes::ALL,
    sites,
    // The `this` of a `.bind(this)` keeps every function around it.
    frees: Some(|parsed, edits| {
        let mut gone = edits.iter().map(|edit| parsed.replaced_by(edit));
        gone.any(|gone| gone.contains("bind"))
    }),
};

fn sites(parsed: &Parsed<'_>) -> Vec<Site> {
    let functions = &parsed.outline.functions;
    if functions.is_empty() {
        return Vec::new();
    }
    let names = Names::of(parsed);
    let bodies = Bodies::of(parsed);
    let natives = Natives::of(parsed, &bodies);
    let callees = Callees::new(&names, &bodies, &natives);
    let known = Known::default();
    let nodes = parsed.semantic.nodes();
    functions
        .iter()
        .filter_map(|&id| match nodes.kind(id) {
            AstKind::Function(function) => Some(site(&callees, &known, id, function)),
            _ => None,
        })
        .collect()
}

fn site<'a>(
    callees: &Callees<'_, '_, 'a>,
    known: &Known,
    id: NodeId,
    function: &'a Function<'a>,
) -> Site {
    let one = One {
        callees,
        known,
        parsed: callees.parsed,
        id,
        function,
        bound: bound(callees, id, function),
    };
    let span = one.parsed.semantic.nodes().kind(one.value()).span();
    let fate = match one.hazard() {
        Some(hazard) => Fate::Refused(hazard),
        None => {
            let bound = one.bound.map(|(_, call)| call);
            match rewrite::edits(one.parsed, function, bound, one.value()) {
                Some((first, further)) => Fate::Changed(first, further),
                None => Fate::Refused(Hazard::new(
                    &codes::COMMENT,
                    "a comment stands where the text would be replaced",
                )),
            }
        }
    };
    Site {
        span: Span {
            start: span.start,
            end: span.end,
        },
        fate,
    }
}

/// The call of `.bind(this)` on a function.
fn bound<'a>(
    callees: &Callees<'_, '_, 'a>,
    id: NodeId,
    function: &Function<'_>,
) -> Option<(NodeId, &'a CallExpression<'a>)> {
    let nodes = callees.parsed.semantic.nodes();
    let member_id = nodes.parent_id(id);
    let AstKind::StaticMemberExpression(member) = nodes.kind(member_id) else {
        return None;
    };
    let call_id = nodes.parent_id(member_id);
    let AstKind::CallExpression(call) = nodes.kind(call_id) else {
        return None;
    };
    let is_bound = member.property.name == "bind"
        && !member.optional
        && !call.optional
        && call.type_arguments.is_none()
        && call.callee.span() == member.span
        && matches!(&member.object, Expression::FunctionExpression(object) if object.span == function.span)
        && matches!(&call.arguments[..], [Argument::ThisExpression(_)])
        && callees.natives.are_intact(&["Function", "bind"]);
    is_bound.then_some((call_id, call))
}

/// A site that is looked at.
struct One<'o, 'c, 'p, 'a> {
    callees: &'o Callees<'c, 'p, 'a>,
    known: &'o Known,
    parsed: &'p Parsed<'a>,
    id: NodeId,
    function: &'a Function<'a>,
    /// The call of `.bind(this)` on it.
    bound: Option<(NodeId, &'a CallExpression<'a>)>,
}

impl One<'_, '_, '_, '_> {
    /// The node that becomes the arrow function.
    fn value(&self) -> NodeId {
        self.bound.map_or(self.id, |(call, _)| call)
    }

    fn hazard(&self) -> Option<Hazard> {
        self.of_kind()
            .or_else(|| self.of_body())
            .or_else(|| self.of_parameters())
            .or_else(|| self.of_name())
            .or_else(|| self.of_value())
    }

    fn of_kind(&self) -> Option<Hazard> {
        let function = self.function;
        if function.is_declaration() {
            let name = function.id.as_ref().map_or("", |name| name.name.as_str());
            let words = format!("`{name}` is a declaration");
            return Some(Hazard::new(&codes::DECLARATION, words));
        }
        if function.generator {
            return Some(Hazard::new(&codes::GENERATOR, "is a generator"));
        }
        let predicate =
            function
                .return_type
                .as_ref()
                .is_some_and(|types| match &types.type_annotation {
                    TSType::TSTypePredicate(predicate) => {
                        matches!(predicate.parameter_name, TSTypePredicateName::This(_))
                    }
                    _ => false,
                });
        if function.this_param.is_some() || predicate {
            return Some(Hazard::new(
                &codes::TS_THIS,
                "says of what type its `this` is",
            ));
        }
        if self.callees.natives.reads_caller {
            return Some(Hazard::new(
                &codes::FN_PROPS,
                "the text gets hold of functions that run, by `caller` or from a stack",
            ));
        }
        None
    }

    fn of_body(&self) -> Option<Hazard> {
        let used = |used: Own| match used {
            Own::TypeOfThis => Some(Hazard::new(&codes::TS_THIS, "uses the type `this`")),
            Own::Arguments => Some(Hazard::new(&codes::ARGUMENTS, "uses `arguments`")),
            Own::Meta => Some(Hazard::new(&codes::META, "uses `new.target` or `super`")),
            Own::Eval => Some(Hazard::new(&codes::EVAL, "has a direct eval in it")),
            Own::This if self.bound.is_some() || self.callees.is_handed_this(self.id) => None,
            Own::This => Some(Hazard::new(&codes::THIS, "uses its own `this`")),
        };
        let early = || {
            let (call, _) = self.bound?;
            self.is_in_derived_constructor(call).then(|| {
                let words = "is bound in a constructor, where `this` may not be there yet";
                Hazard::new(&codes::THIS, words)
            })
        };
        self.callees
            .bodies
            .uses(self.id)
            .find_map(used)
            .or_else(early)
    }

    /// Whether the `this` around a node is that of the constructor of a class that extends another.
    fn is_in_derived_constructor(&self, node: NodeId) -> bool {
        let nodes = self.parsed.semantic.nodes();
        let owner = body::owner(self.parsed, node);
        let mut around = nodes.ancestor_kinds(owner);
        let is_constructor = matches!(
            around.next(),
            Some(AstKind::MethodDefinition(method))
                if method.kind == MethodDefinitionKind::Constructor
        );
        is_constructor
            && matches!(around.nth(1), Some(AstKind::Class(class)) if class.heritage.is_some())
    }

    fn of_parameters(&self) -> Option<Hazard> {
        let function = self.function;
        if self.parsed.outline.around(self.id).in_parameters {
            return Some(Hazard::new(
                &codes::PARAM_NAME,
                "stands in a parameter list",
            ));
        }
        let mut names: Vec<&str> = function
            .params
            .items
            .iter()
            .flat_map(|parameter| parameter.pattern.get_binding_identifiers())
            .chain(
                function
                    .params
                    .rest
                    .iter()
                    .flat_map(|rest| rest.rest.argument.get_binding_identifiers()),
            )
            .map(|name| name.name.as_str())
            .collect();
        let reserved = names
            .iter()
            .find(|name| matches!(**name, "await" | "let" | "static" | "yield"));
        if let Some(name) = reserved {
            let words = format!("has a parameter named `{name}`");
            return Some(Hazard::new(&codes::PARAM_NAME, words));
        }
        if self.callees.bodies.names_a_reserved_word(function.span) {
            return Some(Hazard::new(
                &codes::PARAM_NAME,
                "uses `await` or `yield` as a name",
            ));
        }
        names.sort_unstable();
        let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
        twice.map(|pair| {
            let words = format!("has two parameters named `{}`", pair[0]);
            Hazard::new(&codes::DUP_PARAMS, words)
        })
    }

    /// What its own name is used for.
    fn of_name(&self) -> Option<Hazard> {
        let name = self.function.id.as_ref()?;
        let symbol = name.symbol_id.get()?;
        let is_used = self
            .parsed
            .semantic
            .scoping()
            .get_resolved_references(symbol)
            .next()
            .is_some();
        if is_used {
            let words = format!("uses its own name, `{}`", name.name);
            return Some(Hazard::new(&codes::SELF_NAME, words));
        }
        self.callees
            .bodies
            .evaluates(self.function.span)
            .then(|| Hazard::new(&codes::EVAL, "has a direct eval in it, which sees its name"))
    }

    /// What happens to it, and to its name.
    fn of_value(&self) -> Option<Hazard> {
        let verdict = flow::follow(self.callees, self.known, self.value());
        if verdict.fatal.is_some() {
            return verdict.fatal;
        }
        let granted = self.parsed.granted;
        let unknown = verdict
            .unknown
            .filter(|_| !granted.has(Assumption::PlainCalls));
        if unknown.is_some() {
            return unknown;
        }
        let loses_name = self.function.id.is_some() || self.bound.is_some();
        let by = Assumption::FunctionNamesUnread;
        (loses_name && verdict.is_named && !granted.has(by)).then(|| {
            let words = match &self.function.id {
                Some(name) => format!("its name, `{}`, may be read", name.name),
                None => "its name, `bound `, may be read".to_owned(),
            };
            Hazard::new(&codes::FN_NAME, words).lifted_by(by)
        })
    }
}
