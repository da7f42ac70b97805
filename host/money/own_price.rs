//! A price that the user sets for a model: read in dollars per million tokens, and refused where it can only be in another unit. The prices
//! of the data are the registry's.

use serde::Deserialize;

use super::{Picodollars, PriceRow, Prices};

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

    pub(super) fn prices(&self, model: &str) -> Result<Prices, PriceError> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
