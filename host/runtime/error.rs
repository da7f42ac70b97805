//! Why the booster gave no transformation, in words that say what helps. What becomes of the task then is not decided here.

use super::Fault;
use crate::wit::Refusal;

/// Why the booster gave no transformation.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BoosterError {
    /// The source text is longer than the configuration allows; no guest has seen it.
    #[error(
        "the source text has {bytes} bytes, more than the limit of {limit}: split it, or raise `runtime.max_input`"
    )]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The booster left the whole text alone.
    #[error("{}", refusal_words(.0))]
    Refused(Refusal),
    /// The guest did not come to an end of its own.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A refusal in words, with what to do about it.
fn refusal_words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Parse((at, words)) => format!(
            "line {}, column {}: {words}; left alone: correct it, or name the file by its language (.js, .mjs, .cjs, .jsx, .ts, .mts, .cts, .tsx)",
            at.line, at.column
        ),
        Refusal::UnknownTransform(name) => {
            format!(
                "there is no transform `{name}`: `tinydancer transform --list` names those that there are"
            )
        }
        Refusal::UnknownAssumption(name) => {
            format!(
                "there is no assumption `{name}`: `tinydancer transform --list` names those that there are"
            )
        }
        Refusal::UnsupportedLanguage(name) => {
            format!("`{name}` is not a language that is transformed: JavaScript and TypeScript are")
        }
        Refusal::TooDeep(limit) => format!(
            "it nests deeper than {limit} levels, which the parser cannot follow; left alone: split its deepest expression, or leave it out"
        ),
        Refusal::Internal(words) => {
            format!("the transform caught a fault of its own and left the text alone: {words}")
        }
    }
}
