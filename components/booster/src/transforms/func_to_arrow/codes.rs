//! Why a function is left as it is.

use crate::assume::Assumption;
use crate::transforms::Code;

/// Every code that the transform gives.
pub(super) static ALL: &[&Code] = &[
    &DECLARATION,
    &GENERATOR,
    &METHOD,
    &TS_THIS,
    &THIS,
    &ARGUMENTS,
    &META,
    &EVAL,
    &DUP_PARAMS,
    &PARAM_NAME,
    &SELF_NAME,
    &COMMENT,
    &FN_PROPS,
    &REBIND,
    &SOURCE_TEXT,
    &CONSTRUCTIBLE,
    &PROPERTY,
    &UNKNOWN_CALLEE,
    &FN_NAME,
];

pub(super) static DECLARATION: Code = Code::new(
    "declaration",
    "a function declaration is there before the code around it runs, which an arrow function in a variable is not",
);
pub(super) static GENERATOR: Code =
    Code::new("generator", "an arrow function cannot be a generator");
pub(super) static METHOD: Code = Code::new(
    "method",
    "it is the value of a class's field, where an arrow function would see the instance as its `this`",
);
pub(super) static TS_THIS: Code = Code::new(
    "ts_this",
    "its types speak of `this`, which an arrow function does not have",
);
pub(super) static THIS: Code = Code::new(
    "this",
    "it uses its own `this`; an arrow function's is that of the code around it",
);
pub(super) static ARGUMENTS: Code = Code::new(
    "arguments",
    "it uses its own `arguments`; an arrow function has none",
);
pub(super) static META: Code = Code::new(
    "meta",
    "it uses its own `new.target` or `super`; an arrow function has neither",
);
pub(super) static EVAL: Code = Code::new(
    "eval",
    "a direct eval can use `this`, `arguments` or the name by which the function is known",
);
pub(super) static DUP_PARAMS: Code = Code::new(
    "dup_params",
    "two parameters have one name, which an arrow function does not allow",
);
pub(super) static PARAM_NAME: Code = Code::new(
    "param_name",
    "it stands in a parameter list, or a name in it means something else in an arrow function",
);
pub(super) static SELF_NAME: Code = Code::new(
    "self_name",
    "it uses its own name; an arrow function has no name of its own",
);
pub(super) static COMMENT: Code = Code::new("comment", "a comment would be lost");
pub(super) static FN_PROPS: Code = Code::new(
    "fn_props",
    "its properties are used, or functions are got hold of by `caller`",
);
pub(super) static REBIND: Code = Code::new(
    "rebind",
    "`call`, `apply` or `bind` gives it another `this`",
);
pub(super) static SOURCE_TEXT: Code = Code::new(
    "source_text",
    "it is turned into a string or a property key, which is its source text",
);
pub(super) static CONSTRUCTIBLE: Code = Code::new(
    "constructible",
    "it is used with `new`, `extends`, `instanceof` or its `prototype`, or may be where it is passed on to; an arrow function is no constructor",
)
.lifted_by(&[Assumption::PlainCalls, Assumption::Module]);
pub(super) static PROPERTY: Code = Code::new(
    "property",
    "it becomes a property of an object, by which anybody may use it with `new` or its `prototype`",
)
.lifted_by(&[Assumption::PlainCalls]);
pub(super) static UNKNOWN_CALLEE: Code = Code::new(
    "unknown_callee",
    "it is passed to code that is not known, which may use it with `new` or look at its `prototype` or its source text",
)
.lifted_by(&[Assumption::PlainCalls, Assumption::FamiliarMethods]);
pub(super) static FN_NAME: Code = Code::new(
    "fn_name",
    "its `name` may be read, and would be another one",
)
.lifted_by(&[Assumption::FunctionNamesUnread]);
