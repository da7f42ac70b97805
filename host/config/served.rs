//! What serves each tier: the settings over the release's pinned models. An alias stays as it is, and whether a model is known or can be
//! called is not looked at here.

use super::{Candidate, Config};
use crate::tier::Tier;

impl Config {
    /// What serves a tier: what is set, over the release's pinned default.
    #[must_use]
    pub fn served(&self, tier: Tier) -> Served {
        let set = self
            .tiers
            .get(&tier.to_string())
            .cloned()
            .unwrap_or_default();
        let (model, effort, max_output_tokens) = match tier {
            Tier::Booster => ("", None, 0),
            Tier::Small => ("claude-haiku-5-5", None, 8_192),
            Tier::Middle => ("claude-sonnet-5-5", Some("medium"), 16_384),
            Tier::Thinking => ("claude-sonnet-5-5", Some("high"), 32_768),
            Tier::Strong => ("claude-opus-5-5", Some("high"), 32_768),
        };
        Served {
            thinks: matches!(tier, Tier::Thinking | Tier::Strong) || set.effort.is_some(),
            provider: set.provider,
            fallbacks: set.fallbacks,
            model: set.model.unwrap_or_else(|| model.to_owned()),
            effort: set.effort.or_else(|| effort.map(str::to_owned)),
            max_output_tokens: set.max_output_tokens.unwrap_or(max_output_tokens),
        }
    }
}

/// What serves a tier, with every default filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Served {
    /// The model's id as configured; an alias is not yet resolved.
    pub model: String,
    /// The provider that is set for it.
    pub provider: Option<String>,
    /// What is tried next.
    pub fallbacks: Vec<Candidate>,
    /// How hard it thinks; none leaves the model's own default.
    pub effort: Option<String>,
    /// The tier is one that thinks; a model that always thinks has its effort without it.
    pub thinks: bool,
    /// The most tokens an answer may have.
    pub max_output_tokens: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinned_models_stand_behind_the_tiers() {
        let config = Config::default();
        assert_eq!(config.served(Tier::Small).model, "claude-haiku-5-5");
        assert_eq!(
            config.served(Tier::Thinking).effort.as_deref(),
            Some("high")
        );
        assert_eq!(config.served(Tier::Strong).model, "claude-opus-5-5");
    }
}
