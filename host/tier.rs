//! The five tiers. Pure data: which model stands behind a tier is configuration, which tier a task gets is the router's.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// Who does a task, from the cheapest to the strongest. In JSON and in the components it is a number from 0 to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "u8")]
#[repr(u8)]
pub enum Tier {
    /// 0: the booster, a deterministic source transform; no model is called and nothing is paid.
    Booster = 0,
    /// 1: a small model, for simple work.
    Small = 1,
    /// 2: a middle model; the default when nothing is known.
    Middle = 2,
    /// 3: the middle model with its thinking switched on or its effort raised.
    Thinking = 3,
    /// 4: the strongest model, for critical work.
    Strong = 4,
}

impl Tier {
    /// Every tier, ascending.
    pub const ALL: [Tier; 5] = [
        Tier::Booster,
        Tier::Small,
        Tier::Middle,
        Tier::Thinking,
        Tier::Strong,
    ];

    /// The tiers that call a model, ascending.
    pub const PAID: [Tier; 4] = [Tier::Small, Tier::Middle, Tier::Thinking, Tier::Strong];

    /// Its number, 0 to 4.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// A number that names no tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no tier {0}: tiers go from 0 to 4")]
pub struct NoSuchTier(pub u8);

impl TryFrom<u8> for Tier {
    type Error = NoSuchTier;

    fn try_from(number: u8) -> Result<Self, NoSuchTier> {
        Tier::ALL
            .get(usize::from(number))
            .copied()
            .ok_or(NoSuchTier(number))
    }
}

impl<'de> Deserialize<'de> for Tier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tier, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = Tier;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a tier, which is a number from 0 to 4 without quotes")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Tier, E> {
                let small = u8::try_from(number).ok();
                small
                    .and_then(|small| Tier::try_from(small).ok())
                    .ok_or_else(|| {
                        E::custom(format!("there is no tier {number}: tiers go from 0 to 4"))
                    })
            }
        }

        deserializer.deserialize_u8(Number)
    }
}

impl From<Tier> for u8 {
    fn from(tier: Tier) -> u8 {
        tier.number()
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_tiers_name_each_other() {
        for tier in Tier::ALL {
            assert_eq!(Tier::try_from(tier.number()), Ok(tier));
        }
        assert_eq!(Tier::try_from(5), Err(NoSuchTier(5)));
    }

    #[test]
    fn json_holds_a_tier_as_a_number_and_a_key_as_its_digits() {
        assert_eq!(serde_json::to_string(&Tier::Thinking).unwrap(), "3");
        let keyed = std::collections::BTreeMap::from([(Tier::Small, 1)]);
        let text = serde_json::to_string(&keyed).unwrap();
        assert_eq!(text, r#"{"1":1}"#);
        assert_eq!(
            serde_json::from_str::<std::collections::BTreeMap<Tier, i32>>(&text).unwrap(),
            keyed
        );
        for (text, words) in [
            ("\"2\"", "a number from 0 to 4"),
            ("-1", "a number from 0 to 4"),
            ("2.5", "a number from 0 to 4"),
            ("5", "there is no tier 5"),
            ("300", "there is no tier 300"),
        ] {
            let error = serde_json::from_str::<Tier>(text).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
