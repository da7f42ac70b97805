//! Why a call of the console is left alone.

use crate::assume::Assumption;
use crate::transforms::Code;

/// Every code that the transform gives.
pub(super) static ALL: &[&Code] = &[
    &SHADOWED,
    &EVAL,
    &WITH,
    &COMPUTED,
    &UNKNOWN_METHOD,
    &VALUE_USED,
    &COMMENT,
    &SIDE_EFFECT,
    &LEVEL,
    &SWALLOW,
    &COMPLETION_VALUE,
    &PAIRED,
];

pub(super) static SHADOWED: Code = Code::new(
    "shadowed",
    "the name may mean another object than the host's console, or the text changes the console or hands it on",
);
pub(super) static EVAL: Code = Code::new(
    "eval",
    "a direct eval can declare `console` or change what the arguments mean",
);
pub(super) static WITH: Code = Code::new(
    "with",
    "inside of `with` every name may mean a property of the object",
);
pub(super) static COMPUTED: Code = Code::new(
    "computed",
    "which method is called is only known when the program runs",
);
pub(super) static UNKNOWN_METHOD: Code = Code::new(
    "unknown_method",
    "it is no method of the console standard: it may be missing, or do more than print",
);
pub(super) static VALUE_USED: Code =
    Code::new("value_used", "the call is part of a larger expression");
pub(super) static COMMENT: Code = Code::new(
    "comment",
    "a comment or a linter's directive belongs to the call, and would be lost or mean something else",
);
pub(super) static SIDE_EFFECT: Code = Code::new(
    "side_effect",
    "evaluating the arguments may do something or fail",
)
.lifted_by(&[
    Assumption::GettersArePure,
    Assumption::ConversionsArePure,
    Assumption::InitialisedBeforeUse,
    Assumption::NoImportCycles,
    Assumption::ConsoleFormattingIsPure,
]);
pub(super) static LEVEL: Code = Code::new(
    "level",
    "it reports an error, a warning or a failed assertion",
)
.lifted_by(&[Assumption::ErrorsMayGo]);
pub(super) static SWALLOW: Code = Code::new(
    "swallow",
    "without it nothing would show that an error was caught",
)
.lifted_by(&[Assumption::ErrorsMayGo]);
pub(super) static COMPLETION_VALUE: Code = Code::new(
    "completion_value",
    "whoever evaluates the script may look at its value, which would be another one",
)
.lifted_by(&[Assumption::Module]);
pub(super) static PAIRED: Code = Code::new(
    "paired",
    "the calls that open and close a group, a timer or a counter go together, and one of them stays or stands elsewhere",
);
