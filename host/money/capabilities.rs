//! What model families take: thinking in which form, pictures, tools, schemas, sampling. Data from `model_capabilities.json`; no provider
//! tests a model's name.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::provider::{LimitField, Thinking};

/// How a family takes a wish to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ThinkingKind {
    None,
    Effort,
    Budget,
}

/// What a model family takes. What is not known is taken to be so: the vendor has the last word.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capabilities {
    provider: Option<String>,
    patterns: Vec<String>,
    pub(crate) thinking: Option<ThinkingKind>,
    /// The efforts that it takes, ascending.
    #[serde(default)]
    pub(crate) efforts: Vec<String>,
    /// It may be given tools.
    #[serde(default = "yes")]
    pub tools: bool,
    /// It may be shown pictures.
    #[serde(default = "yes")]
    pub images: bool,
    /// It holds itself to a JSON schema.
    #[serde(default = "yes")]
    pub json_schema: bool,
    /// It takes a temperature.
    #[serde(default = "yes")]
    pub sampling: bool,
    /// It answers in pieces.
    #[serde(default = "yes")]
    pub stream: bool,
    #[serde(default, deserialize_with = "limit_field")]
    pub(crate) limit_field: LimitField,
}

fn yes() -> bool {
    true
}

fn limit_field<'de, D: serde::Deserializer<'de>>(from: D) -> Result<LimitField, D::Error> {
    match String::deserialize(from)?.as_str() {
        "max_tokens" => Ok(LimitField::MaxTokens),
        "max_completion_tokens" => Ok(LimitField::MaxCompletionTokens),
        other => Err(serde::de::Error::unknown_variant(
            other,
            &["max_tokens", "max_completion_tokens"],
        )),
    }
}

impl Capabilities {
    /// The thinking setting for an effort, for a model without a row in the price data.
    #[must_use]
    pub fn thinking(&self, effort: Option<&str>, wanted: bool) -> Option<Thinking> {
        let effort = effort.filter(|_| wanted)?;
        match self.thinking? {
            ThinkingKind::None => None,
            ThinkingKind::Effort => Some(Thinking::Adaptive {
                effort: self.effort(effort),
            }),
            ThinkingKind::Budget => Some(Thinking::Budget {
                tokens: super::registry::budget(effort),
            }),
        }
    }

    /// The nearest effort that the family takes: the highest that is not above, or else its lowest.
    pub(crate) fn effort(&self, wanted: &str) -> String {
        const SCALE: [&str; 5] = ["low", "medium", "high", "xhigh", "max"];
        let rank = |effort: &str| SCALE.iter().position(|known| *known == effort);
        let taken = self
            .efforts
            .iter()
            .rev()
            .find(|effort| rank(effort) <= rank(wanted))
            .or(self.efforts.first());
        taken.map_or_else(|| wanted.to_owned(), Clone::clone)
    }
}

/// What a model takes, by the first family that its name and provider fit.
#[must_use]
pub fn capabilities(provider: &str, model: &str) -> Option<&'static Capabilities> {
    #[derive(Deserialize)]
    struct Table {
        families: Vec<Capabilities>,
    }
    static TABLE: OnceLock<Vec<Capabilities>> = OnceLock::new();
    let families = TABLE.get_or_init(|| {
        serde_json::from_str::<Table>(include_str!("model_capabilities.json"))
            .expect("the embedded capabilities are JSON; a test reads them")
            .families
    });
    let name = base_name(model);
    families.iter().find(|family| {
        family.provider.as_ref().is_none_or(|own| own == provider)
            && family.patterns.iter().any(|pattern| fits(pattern, name))
    })
}

/// A model's name without provider and region: `azure/eu/gpt-5` is `gpt-5`, `ollama/llama3` is `llama3`.
fn base_name(model: &str) -> &str {
    model.rsplit('/').next().unwrap_or(model)
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            // Every place where the rest may begin.
            (0..=rest.len())
                .filter(|at| rest.is_char_boundary(*at))
                .any(|at| fits(after, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Registry;

    #[test]
    fn patterns_fit_as_in_a_shell() {
        for (pattern, name, fit) in [
            ("gpt-5", "gpt-5", true),
            ("gpt-5", "gpt-5.1", false),
            ("gpt-5*-chat*", "gpt-5.1-chat-latest", true),
            ("*claude*", "us.anthropic.claude-opus-5", true),
            ("claude-*-5.*", "claude-opus-5.5", true),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, name), fit, "{pattern} {name}");
        }
    }

    #[test]
    fn names_lose_provider_and_region() {
        assert_eq!(base_name("azure/eu/gpt-5"), "gpt-5");
        assert_eq!(base_name("gpt-5"), "gpt-5");
    }

    #[test]
    fn the_older_limit_field_is_for_older_models_alone() {
        let field = |provider, model| capabilities(provider, model).unwrap().limit_field;
        assert_eq!(field("azure", "azure/gpt-4o"), LimitField::MaxTokens);
        assert_eq!(
            field("azure", "azure/us/o3-mini"),
            LimitField::MaxCompletionTokens
        );
        assert_eq!(
            field("azure", "azure/gpt-6-sol"),
            LimitField::MaxCompletionTokens
        );
    }

    #[test]
    fn an_effort_that_is_not_taken_becomes_the_nearest_below() {
        let effort = |model, wanted| capabilities("openai", model).unwrap().effort(wanted);
        assert_eq!(effort("gpt-5", "max"), "high");
        assert_eq!(effort("gpt-6-sol", "max"), "xhigh");
        assert_eq!(effort("gpt-5-pro", "low"), "high");
    }

    #[test]
    fn every_model_that_reasons_has_a_form_for_it() {
        let registry = Registry::embedded();
        for id in registry.ids() {
            let model = registry.model(id).unwrap();
            if matches!(model.provider.as_str(), "openai" | "azure" | "gemini") {
                assert!(
                    capabilities(&model.provider, id)
                        .is_some_and(|family| family.thinking.is_some())
                        || !model.reasons(),
                    "{id}"
                );
            }
        }
    }
}
