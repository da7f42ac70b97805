//! A row of the price data, made a model. A field that looks like a price and is not understood is named and never taken for another; what
//! the user sets, and which id means which, is not looked at here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Model, ThinkingForm};
use crate::money::capabilities::{ThinkingKind, capabilities};
use crate::money::{Picodollars, PriceRow, Prices};

pub(super) fn model(id: &str, row: &Map<String, Value>, skipped: &mut BTreeSet<String>) -> Model {
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
    use crate::money::Registry;

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
}
