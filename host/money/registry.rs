//! What is known of models: who serves them, their limits, prices and ways of thinking. Data from `model_prices.json`, see `NOTICE.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::capabilities::{Capabilities, ThinkingKind, capabilities};
use super::{Picodollars, PriceRow, Prices};
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

/// Why a price cannot be told.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PriceError {
    /// Nobody has told it.
    #[error("the price of `{0}` is not known, so it is not called; give it under [prices.\"{0}\"]")]
    Unknown(String),
    /// The user's figure is no amount.
    #[error(
        "prices.\"{model}\".{field} is {value}: a price is a number of US dollars per million tokens, 0 or more"
    )]
    NoAmount {
        /// Which model.
        model: String,
        /// Which price.
        field: &'static str,
        /// The figure.
        value: f64,
    },
    /// The user's figure is in another unit, by its size.
    #[error("prices.\"{model}\".{field} is {value}: as dollars per million tokens that is {value} for a million, as dollars per token it is {} for a million; prices are given per million tokens", .value * 1e6)]
    Unit {
        /// Which model.
        model: String,
        /// Which price.
        field: &'static str,
        /// The figure.
        value: f64,
    },
}

/// A price that the user gives, in US dollars per million tokens.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceOverride {
    /// A million tokens of prompt.
    pub input: f64,
    /// A million tokens of answer.
    pub output: f64,
    /// A million tokens read from the cache.
    pub cache_read: Option<f64>,
    /// A million tokens written to the cache for five minutes.
    pub cache_write_5m: Option<f64>,
    /// A million tokens written to the cache for an hour.
    pub cache_write_1h: Option<f64>,
}

impl PriceOverride {
    /// Whether it can be a price at all.
    ///
    /// # Errors
    /// A figure that is no amount, or one in another unit.
    pub(crate) fn check(&self, model: &str) -> Result<(), PriceError> {
        self.prices(model).map(drop)
    }

    fn prices(&self, model: &str) -> Result<Prices, PriceError> {
        // Dollars per million tokens are picodollars per token times a million.
        let read = |field: &'static str, value: f64| {
            let plausible = value == 0.0 || (0.001..=10_000.0).contains(&value);
            if plausible {
                Ok(Picodollars::new((value * 1e6).round() as u64))
            } else if !value.is_finite() || value < 0.0 {
                Err(PriceError::NoAmount {
                    model: model.to_owned(),
                    field,
                    value,
                })
            } else {
                Err(PriceError::Unit {
                    model: model.to_owned(),
                    field,
                    value,
                })
            }
        };
        let optional =
            |field, value: Option<f64>| value.map(|value| read(field, value)).transpose();
        Ok(Prices {
            base: PriceRow {
                input: read("input", self.input)?,
                output: read("output", self.output)?,
                reasoning: None,
                cache_read: optional("cache_read", self.cache_read)?,
                cache_write_5m: optional("cache_write_5m", self.cache_write_5m)?,
                cache_write_1h: optional("cache_write_1h", self.cache_write_1h)?,
            },
            above: Vec::new(),
        })
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
                    let model = model(&id, &row, &mut skipped);
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

fn model(id: &str, row: &Map<String, Value>, skipped: &mut BTreeSet<String>) -> Model {
    let text = |key: &str| row.get(key).and_then(Value::as_str);
    let says = |key: &str| row.get(key).and_then(Value::as_bool).unwrap_or(false);
    let vendor = text("litellm_provider").unwrap_or_default();
    let provider = match vendor {
        "anthropic" => "claude",
        "bedrock_converse" => "bedrock",
        other => other,
    };
    let family = capabilities(provider, id);
    // The price data tells Claude's form model by model; of the others' it tells only that they reason.
    let thinking = if says("supports_adaptive_thinking") {
        ThinkingForm::Adaptive {
            always: says("thinking_always_on"),
            xhigh: says("supports_xhigh_reasoning_effort"),
            max: says("supports_max_reasoning_effort"),
        }
    } else if let Some(kind) = family.and_then(|family| family.thinking) {
        match kind {
            ThinkingKind::None => ThinkingForm::None,
            ThinkingKind::Budget => ThinkingForm::Budget,
            ThinkingKind::Effort => ThinkingForm::Effort,
        }
    } else if says("supports_reasoning") {
        ThinkingForm::Budget
    } else {
        ThinkingForm::None
    };
    Model {
        provider: provider.to_owned(),
        max_input_tokens: row.get("max_input_tokens").and_then(Value::as_u64),
        max_output_tokens: row.get("max_output_tokens").and_then(Value::as_u64),
        deprecation_date: text("deprecation_date").map(str::to_owned),
        takes_sampling: row
            .get("supports_sampling_params")
            .and_then(Value::as_bool)
            .unwrap_or_else(|| family.is_none_or(|family| family.sampling)),
        prices: prices(id, vendor, row, skipped),
        thinking,
        capabilities: family,
        reasons: says("supports_reasoning"),
    }
}

fn prices(
    id: &str,
    vendor: &str,
    row: &Map<String, Value>,
    skipped: &mut BTreeSet<String>,
) -> Option<Prices> {
    // A zero is a price only for a model on the user's own machine.
    let is_local = vendor == "ollama" && !id.contains("cloud");
    let mut rows: BTreeMap<u64, BTreeMap<&'static str, Picodollars>> = BTreeMap::new();
    for (key, value) in row.iter().filter(|(key, _)| key.contains("cost")) {
        let Some((field, threshold)) = price_key(key) else {
            skipped.insert(key.clone());
            continue;
        };
        let Some(price) = value.as_f64().and_then(per_token) else {
            continue;
        };
        rows.entry(threshold).or_default().insert(field, price);
    }
    let base = rows.remove(&0)?;
    let row_of = |own: &BTreeMap<&'static str, Picodollars>| {
        let get = |field: &str| own.get(field).or_else(|| base.get(field)).copied();
        Some(PriceRow {
            input: get("input")?,
            output: get("output")?,
            reasoning: get("reasoning"),
            cache_read: get("cache_read"),
            cache_write_5m: get("cache_write_5m"),
            cache_write_1h: get("cache_write_1h"),
        })
    };
    let first = row_of(&base)?;
    let is_free = first.input == Picodollars::default() && first.output == Picodollars::default();
    if is_free && !is_local {
        return None;
    }
    let above = rows
        .iter()
        .map(|(threshold, own)| row_of(own).map(|row| (*threshold, row)))
        .collect::<Option<Vec<_>>>()?;
    Some(Prices { base: first, above })
}

/// Which price a key names, and above how many tokens of prompt it holds; none for a key that is not understood.
fn price_key(key: &str) -> Option<(&'static str, u64)> {
    let (name, threshold) = match key
        .strip_suffix("_tokens")
        .and_then(|rest| rest.rsplit_once("_above_"))
    {
        Some((name, thousands)) => (
            name,
            thousands
                .strip_suffix('k')?
                .parse::<u64>()
                .ok()?
                .checked_mul(1_000)?,
        ),
        None => (key, 0),
    };
    let field = match name {
        "input_cost_per_token" => "input",
        "output_cost_per_token" => "output",
        "output_cost_per_reasoning_token" => "reasoning",
        "cache_read_input_token_cost" => "cache_read",
        "cache_creation_input_token_cost" => "cache_write_5m",
        "cache_creation_input_token_cost_above_1hr" => "cache_write_1h",
        _ => return None,
    };
    Some((field, threshold))
}

/// Dollars per token as picodollars: exact, as no price in use has more than twelve decimals. A figure beyond a dollar a token is an error
/// in the data, and unknown.
fn per_token(dollars: f64) -> Option<Picodollars> {
    let picodollars = dollars * 1e12;
    let rounded = picodollars.round();
    let exact = (picodollars - rounded).abs() <= picodollars * 1e-6 + 1e-9;
    ((0.0..=1e12).contains(&picodollars) && exact).then(|| Picodollars::new(rounded as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn keys_are_read_generically_and_unknown_ones_are_listed() {
        assert_eq!(
            price_key("input_cost_per_token_above_272k_tokens"),
            Some(("input", 272_000))
        );
        assert_eq!(
            price_key("cache_creation_input_token_cost_above_1hr_above_100k_tokens"),
            Some(("cache_write_1h", 100_000))
        );
        assert_eq!(price_key("input_cost_per_token_ultrafast"), None);
        assert!(
            Registry::embedded()
                .skipped()
                .any(|key| key.ends_with("_ultrafast"))
        );
        assert!(
            Registry::embedded()
                .skipped()
                .all(|key| price_key(key).is_none())
        );
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

    #[test]
    fn a_price_in_another_unit_is_refused_with_both_readings() {
        let per_token = PriceOverride {
            input: 0.000_003,
            output: 0.000_015,
            ..PriceOverride::default()
        };
        let error = per_token.prices("m").unwrap_err().to_string();
        assert!(
            error.contains("per million") && error.contains("per token"),
            "{error}"
        );
        let fine = PriceOverride {
            input: 3.0,
            output: 15.0,
            ..PriceOverride::default()
        };
        assert_eq!(
            fine.prices("m").unwrap().base.input,
            Picodollars::new(3_000_000)
        );
    }
}
