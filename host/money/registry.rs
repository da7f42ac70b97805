//! What is known of models: who serves them, their limits, prices and ways of thinking. Data from `model_prices.json`, see `NOTICE.md`.

mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::Prices;
use super::capabilities::Capabilities;
use super::own_price::{PriceError, PriceOverride};
use crate::provider::Thinking;

/// Ids of the plan that this project started from which their vendor has retired, and what serves instead.
const REPLACED: [(&str, &str); 2] = [
    ("claude-3-5-haiku-20241022", "claude-haiku-5-5"),
    ("claude-sonnet-4-20250514", "claude-sonnet-5-5"),
];

/// Models by id.
#[derive(Debug)]
pub struct Registry {
    models: BTreeMap<String, Model>,
    skipped: BTreeSet<String>,
}

/// How a model takes a wish to think, as its vendor's interface wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ThinkingForm {
    /// Not at all.
    None,
    /// A budget of tokens.
    Budget,
    /// By effort; `always` where it cannot be switched off.
    Adaptive {
        always: bool,
        xhigh: bool,
        max: bool,
    },
    /// By one of the efforts that its family takes.
    Effort,
}

/// What is known of a model.
#[derive(Clone, Debug)]
pub struct Model {
    /// Who serves it: `claude`, `openai`, `gemini`, ...
    pub provider: String,
    /// The longest prompt, in tokens.
    pub max_input_tokens: Option<u64>,
    /// The longest answer, in tokens.
    pub max_output_tokens: Option<u64>,
    /// The day from which its vendor may no longer serve it.
    pub deprecation_date: Option<String>,
    /// It takes a temperature.
    pub takes_sampling: bool,
    /// What its family takes, where that is known.
    pub capabilities: Option<&'static Capabilities>,
    prices: Option<Prices>,
    thinking: ThinkingForm,
    reasons: bool,
}

impl Model {
    /// The price data says that it reasons.
    #[must_use]
    pub fn reasons(&self) -> bool {
        self.reasons
    }

    /// The thinking setting for an effort. `wanted` is whether the tier is one that thinks: a model that always thinks gets its effort
    /// all the same, and a model that cannot think gets none.
    #[must_use]
    pub fn thinking(&self, effort: Option<&str>, wanted: bool) -> Option<Thinking> {
        let effort = effort?;
        match self.thinking {
            ThinkingForm::None => None,
            ThinkingForm::Budget => wanted.then(|| Thinking::Budget {
                tokens: budget(effort),
            }),
            ThinkingForm::Effort => self
                .capabilities
                .and_then(|family| family.thinking(Some(effort), wanted)),
            ThinkingForm::Adaptive { always, xhigh, max } => (wanted || always).then(|| {
                let known = match effort {
                    "xhigh" if !xhigh => "high",
                    "max" if !max => "high",
                    other => other,
                };
                Thinking::Adaptive {
                    effort: known.to_owned(),
                }
            }),
        }
    }
}

/// Tokens of thought by effort, for models that want a number: round figures that double with each step.
pub(super) fn budget(effort: &str) -> u32 {
    match effort {
        "low" => 2_048,
        "medium" => 4_096,
        "xhigh" => 16_384,
        "max" => 31_999,
        _ => 8_192,
    }
}

/// A model's id after the alias table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The id to call.
    pub id: String,
    /// The id that was asked for, where it was replaced.
    pub replaced: Option<String>,
}

/// No model has this id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the model `{id}` is not known{}; a model of your own needs its price under [prices.\"{id}\"]", near(.nearest))]
pub struct UnknownModel {
    /// What was asked for.
    pub id: String,
    /// Ids like it.
    pub nearest: Vec<String>,
}

fn near(names: &[String]) -> String {
    if names.is_empty() {
        String::new()
    } else {
        format!(" (there is {})", names.join(", "))
    }
}

impl Registry {
    /// The data of this release, read at the first use.
    pub fn embedded() -> &'static Registry {
        static REGISTRY: OnceLock<Registry> = OnceLock::new();
        REGISTRY.get_or_init(|| {
            let rows: BTreeMap<String, Map<String, Value>> =
                serde_json::from_str(include_str!("model_prices.json"))
                    .expect("the embedded price data is JSON; a test reads it");
            let mut skipped = BTreeSet::new();
            let models = rows
                .into_iter()
                .map(|(id, row)| {
                    let model = rows::model(&id, &row, &mut skipped);
                    (id, model)
                })
                .collect();
            Registry { models, skipped }
        })
    }

    /// What is known of a model.
    #[must_use]
    pub fn model(&self, id: &str) -> Option<&Model> {
        self.models.get(id)
    }

    /// Every id, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.models.keys().map(String::as_str)
    }

    /// Fields of the data that look like prices and are not understood: they are never taken for another price.
    pub fn skipped(&self) -> impl Iterator<Item = &str> {
        self.skipped.iter().map(String::as_str)
    }

    /// The model that an id means, by the alias table. An id with a price of the user's own needs no row.
    ///
    /// # Errors
    /// An id that nobody knows, with ids like it.
    pub fn resolve(
        &self,
        id: &str,
        own: &BTreeMap<String, PriceOverride>,
    ) -> Result<Resolved, UnknownModel> {
        if self.models.contains_key(id) || own.contains_key(id) {
            return Ok(Resolved {
                id: id.to_owned(),
                replaced: None,
            });
        }
        if let Some((_, instead)) = REPLACED.iter().find(|(old, _)| *old == id) {
            return Ok(Resolved {
                id: (*instead).to_owned(),
                replaced: Some(id.to_owned()),
            });
        }
        let stem: String = id.chars().take(10).collect();
        let nearest = self
            .models
            .keys()
            .filter(|known| known.starts_with(&stem))
            .take(5)
            .cloned()
            .collect();
        Err(UnknownModel {
            id: id.to_owned(),
            nearest,
        })
    }

    /// What a model costs: the user's own price, or the data's.
    ///
    /// # Errors
    /// A price that is not known, or one of the user's in another unit.
    pub fn prices(
        &self,
        id: &str,
        own: &BTreeMap<String, PriceOverride>,
    ) -> Result<Prices, PriceError> {
        if let Some(own) = own.get(id) {
            return own.prices(id);
        }
        self.models
            .get(id)
            .and_then(|model| model.prices.clone())
            .ok_or_else(|| PriceError::Unknown(id.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Picodollars;

    #[test]
    fn every_pinned_model_has_a_price_and_a_limit() {
        let registry = Registry::embedded();
        for id in ["claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5"] {
            assert!(registry.prices(id, &BTreeMap::new()).is_ok(), "{id}");
            assert!(
                registry.model(id).unwrap().max_output_tokens.is_some(),
                "{id}"
            );
        }
    }

    #[test]
    fn retired_ids_are_replaced_and_others_are_what_they_are() {
        let resolve = |id: &str| Registry::embedded().resolve(id, &BTreeMap::new());
        assert_eq!(
            resolve("claude-3-5-haiku-20241022").unwrap().id,
            "claude-haiku-5-5"
        );
        assert_eq!(
            resolve("claude-sonnet-4-20250514")
                .unwrap()
                .replaced
                .as_deref(),
            Some("claude-sonnet-4-20250514")
        );
        assert_eq!(resolve("claude-opus-4-5-20251101").unwrap().replaced, None);
        let unknown = resolve("claude-sonnet-9").unwrap_err();
        assert!(!unknown.nearest.is_empty());
    }

    #[test]
    fn an_unknown_price_is_not_zero() {
        let registry = Registry::embedded();
        let free: Vec<&str> = registry
            .ids()
            .filter(|id| {
                registry.prices(id, &BTreeMap::new()).is_ok_and(|prices| {
                    prices.base.output == Picodollars::default()
                        && prices.base.input == Picodollars::default()
                })
            })
            .collect();
        assert!(free.iter().all(|id| registry.model(id).unwrap().provider == "ollama" && !id.contains("cloud")), "{free:?}");
    }

    #[test]
    fn the_thinking_form_follows_the_data() {
        let registry = Registry::embedded();
        let thinking =
            |id: &str, effort, wanted| registry.model(id).unwrap().thinking(Some(effort), wanted);
        assert_eq!(
            thinking("claude-sonnet-5-5", "high", true),
            Some(Thinking::Adaptive {
                effort: "high".into()
            })
        );
        assert_eq!(
            thinking("claude-sonnet-5-5", "medium", false),
            Some(Thinking::Adaptive {
                effort: "medium".into()
            })
        );
        assert_eq!(thinking("claude-haiku-5-5", "medium", false), None);
        assert_eq!(
            thinking("claude-opus-4-5-20251101", "high", true),
            Some(Thinking::Budget { tokens: 8_192 })
        );
    }
}
