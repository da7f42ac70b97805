//! Why a `var` or a `let` is left alone.

use crate::assume::Assumption;
use crate::transforms::Code;

/// Every code that the transform gives.
pub(super) static ALL: &[&Code] = &[
    &EVAL,
    &WITH,
    &SCRIPT_GLOBAL,
    &REDECLARED,
    &TDZ,
    &TDZ_CLOSURE,
    &SELF_REF,
    &ESCAPES_BLOCK,
    &LOOP_CARRY,
    &LOOP_CLOSURE,
    &ANNEXB_INIT,
    &SWITCH_SCOPE,
    &NOT_IN_BLOCK,
    &NAME,
    &ANNEXB_FN,
    &PARAM_SCOPE,
    &DELETE,
    &EXPORT_LIVE,
    &MOCK_HOIST,
    &AMBIENT,
];

pub(super) static EVAL: Code = Code::new(
    "eval",
    "a direct eval can see the name, and may write it or declare it again",
);
pub(super) static WITH: Code = Code::new(
    "with",
    "inside of `with` the name may mean a property of the object",
);
pub(super) static SCRIPT_GLOBAL: Code = Code::new(
    "script_global",
    "at the top of a script the name is global: a property of the global object, which other scripts read and write",
)
.lifted_by(&[Assumption::Module]);
pub(super) static REDECLARED: Code = Code::new(
    "redeclared",
    "the name is declared more than once and its declarations have to do with each other, or it is a parameter, a function or a catch parameter too",
);
pub(super) static TDZ: Code = Code::new(
    "tdz",
    "the name is used before its declaration, where const and let throw",
);
pub(super) static TDZ_CLOSURE: Code = Code::new(
    "tdz_closure",
    "a function or class that uses the name may run before the declaration, where const and let throw",
)
.lifted_by(&[Assumption::InitialisedBeforeUse, Assumption::NoImportCycles]);
pub(super) static SELF_REF: Code = Code::new(
    "self_ref",
    "the name is used while its own initial value is made, where const and let throw",
)
.lifted_by(&[Assumption::InitialisedBeforeUse]);
pub(super) static ESCAPES_BLOCK: Code = Code::new(
    "escapes_block",
    "the name is used outside of the block that declares it",
);
pub(super) static LOOP_CARRY: Code = Code::new(
    "loop_carry",
    "without an initialiser the value stays from one round of the loop to the next, and would be lost",
);
pub(super) static LOOP_CLOSURE: Code = Code::new(
    "loop_closure",
    "a closure made in the loop sees one variable now, and would see another one in each round",
);
pub(super) static ANNEXB_INIT: Code = Code::new(
    "annexb_init",
    "only var may have an initialiser in the head of for-in",
);
pub(super) static SWITCH_SCOPE: Code = Code::new(
    "switch_scope",
    "the cases of a switch share one scope, and one may be entered past the declaration",
);
pub(super) static NOT_IN_BLOCK: Code = Code::new(
    "not_in_block",
    "const and let cannot stand as the sole body of an if, else, loop, with or label",
);
pub(super) static NAME: Code = Code::new("name", "const and let cannot declare this name here");
pub(super) static ANNEXB_FN: Code = Code::new(
    "annexb_fn",
    "a function in a block has the same name, and may also write a variable outside of it",
);
pub(super) static PARAM_SCOPE: Code = Code::new(
    "param_scope",
    "a parameter's default names it, and may mean another variable",
);
pub(super) static DELETE: Code = Code::new("delete", "the name is deleted");
pub(super) static EXPORT_LIVE: Code = Code::new(
    "export_live",
    "another module of an import cycle may read the export before the declaration, where const and let throw",
)
.lifted_by(&[Assumption::NoImportCycles]);
pub(super) static MOCK_HOIST: Code = Code::new(
    "mock_hoist",
    "a test framework moves the mock that uses the name above the declaration",
);
pub(super) static AMBIENT: Code = Code::new(
    "ambient",
    "it declares something that is elsewhere, or that a namespace exports",
);
