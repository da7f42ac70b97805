//! Why another tier or model did a task than was asked or decided: the codes that stand in outcomes and replies. All of them, in one place.

use crate::runtime::{BoosterError, Fault};
use crate::wit::Refusal;

macro_rules! fallbacks {
    ($($(#[$words:meta])* $name:ident = $code:literal,)*) => {
        /// Why a task went another way than was asked or decided. The words beside it stand in the outcome's reasons.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Fallback {
            $($(#[$words])* $name,)*
        }

        impl Fallback {
            /// Every one.
            pub const ALL: &'static [Fallback] = &[$(Fallback::$name,)*];

            /// Its code in outcomes, replies and the store.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Fallback::$name => $code,)*
                }
            }
        }
    };
}

fallbacks! {
    /// Tier 0 was asked for and forbidden at once.
    BoosterForbidden = "booster-forbidden",
    /// Tier 0 can show too small a share of the sites safe.
    LowConfidence = "low-confidence",
    /// No source transform applies to the code.
    NoApplicableTransform = "no-applicable-transform",
    /// The text is longer than `runtime.max_input`.
    InputTooLarge = "input-too-large",
    /// The text cannot be parsed.
    ParseError = "parse-error",
    /// The task vouches for something that the booster does not know.
    UnknownAssumption = "unknown-assumption",
    /// The text is in a language that is not transformed.
    UnsupportedLanguage = "unsupported-language",
    /// The text nests deeper than the parser can follow.
    TooDeep = "too-deep",
    /// The transform caught a fault of its own.
    TransformInternal = "transform-internal",
    /// A component stopped itself.
    GuestTrap = "guest-trap",
    /// A component did not answer in time.
    GuestDeadline = "guest-deadline",
    /// A component asked for more memory than it may have.
    GuestOom = "guest-oom",
    /// A component broke its contract.
    GuestContract = "guest-contract",
    /// A component could not be loaded. A host loads all of them before any task comes.
    GuestLoad = "guest-load",
    /// No model of the wanted tier can be called at all: its price or its provider is not known.
    TierUnavailable = "tier-unavailable",
    /// The budget does not reach to the wanted tier.
    BudgetDowngrade = "budget-downgrade",
    /// The wanted tier's model is held back for an overrun.
    HeldBack = "held-back",
    /// No model of the wanted tier can do this task: its prompt is too long, or it needs what they do not take.
    NoFittingModel = "no-fitting-model",
    /// A model failed and another was asked.
    ProviderFailure = "provider-failure",
    /// A model took long, and another that was asked beside it answered first.
    Hedged = "hedged",
}

impl Fallback {
    /// The one with a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Fallback> {
        Fallback::ALL.iter().copied().find(|own| own.code() == code)
    }
}

impl From<&Fault> for Fallback {
    fn from(fault: &Fault) -> Fallback {
        match fault {
            Fault::Trap(_) => Fallback::GuestTrap,
            Fault::Deadline => Fallback::GuestDeadline,
            Fault::OutOfMemory => Fallback::GuestOom,
            Fault::Contract(_) => Fallback::GuestContract,
            Fault::Load(_) => Fallback::GuestLoad,
        }
    }
}

impl From<&BoosterError> for Fallback {
    fn from(error: &BoosterError) -> Fallback {
        match error {
            BoosterError::TooLarge { .. } => Fallback::InputTooLarge,
            BoosterError::Fault(fault) => fault.into(),
            BoosterError::Refused(refusal) => match refusal {
                Refusal::Parse(_) => Fallback::ParseError,
                Refusal::UnknownTransform(_) => Fallback::NoApplicableTransform,
                Refusal::UnknownAssumption(_) => Fallback::UnknownAssumption,
                Refusal::UnsupportedLanguage(_) => Fallback::UnsupportedLanguage,
                Refusal::TooDeep(_) => Fallback::TooDeep,
                Refusal::Internal(_) => Fallback::TransformInternal,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::ComponentError;

    #[test]
    fn a_guests_fault_has_one_code_wherever_it_is_told() {
        let words = String::new;
        let faults = [
            Fault::Trap(words()),
            Fault::Deadline,
            Fault::OutOfMemory,
            Fault::Contract(words()),
            Fault::Load(ComponentError::Engine(words())),
        ];
        for fault in faults {
            assert_eq!(Fallback::from(&fault).code(), fault.code());
        }
    }

    #[test]
    fn a_code_names_one_reason() {
        for own in Fallback::ALL {
            assert_eq!(Fallback::from_code(own.code()), Some(*own));
        }
        assert_eq!(Fallback::from_code("because"), None);
    }
}
