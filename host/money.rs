//! Money: amounts, what a usage costs, what a call can cost at most. Pure: the ledger is the store's.
//!
//! Amounts are integers of picodollars, so sums are exact. A price that is not known is unknown and never zero.

#[cfg(test)]
mod bills;
mod capabilities;
mod own_price;
mod registry;

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use capabilities::{Capabilities, capabilities};
pub use own_price::{PriceError, PriceOverride};
pub use registry::{Model, Registry, Resolved, UnknownModel};

use crate::provider::Usage;

/// An amount of money: 1 US dollar is 1,000,000,000,000 picodollars. In JSON it is an integer.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Picodollars(u64);

/// Picodollars in a dollar.
const DOLLAR: u64 = 1_000_000_000_000;

impl Picodollars {
    /// An amount.
    #[must_use]
    pub const fn new(picodollars: u64) -> Self {
        Picodollars(picodollars)
    }

    /// The amount as a number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The sum; the largest amount where it would be larger.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Picodollars(self.0.saturating_add(other.0))
    }

    /// The difference; nothing where it would be negative.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Picodollars(self.0.saturating_sub(other.0))
    }

    /// So many times the amount.
    #[must_use]
    pub const fn saturating_mul(self, times: u64) -> Self {
        Picodollars(self.0.saturating_mul(times))
    }
}

/// Dollars, to the last digit that is not zero and with two decimals at least: `$0.00123`, `$2.50`, `$0`.
impl fmt::Display for Picodollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (dollars, rest) = (self.0 / DOLLAR, self.0 % DOLLAR);
        if rest == 0 {
            return if dollars == 0 {
                f.pad("$0")
            } else {
                f.pad(&format!("${dollars}.00"))
            };
        }
        let digits = format!("{rest:012}");
        let digits = digits.trim_end_matches('0');
        f.pad(&format!("${dollars}.{digits:0<2}"))
    }
}

/// A text that is no amount of dollars.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no amount of US dollars such as 2.50 (up to 12 decimals, not negative)")]
pub struct NotAnAmount(String);

impl FromStr for Picodollars {
    type Err = NotAnAmount;

    fn from_str(text: &str) -> Result<Self, NotAnAmount> {
        let wrong = || NotAnAmount(text.to_owned());
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty()
            || !digits(whole)
            || !digits(decimals)
            || decimals.len() > 12
            || text.ends_with('.')
        {
            return Err(wrong());
        }
        let whole: u64 = whole.parse().map_err(|_| wrong())?;
        let decimals: u64 = format!("{decimals:0<12}").parse().map_err(|_| wrong())?;
        whole
            .checked_mul(DOLLAR)
            .and_then(|dollars| dollars.checked_add(decimals))
            .map(Picodollars)
            .ok_or_else(wrong)
    }
}

/// Prices of one token each, at one length of context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PriceRow {
    /// A token of the prompt.
    pub input: Picodollars,
    /// A token of the answer.
    pub output: Picodollars,
    /// A token of reasoning, where it is priced apart from the answer.
    pub reasoning: Option<Picodollars>,
    /// A token read from the vendor's cache.
    pub cache_read: Option<Picodollars>,
    /// A token written to the cache for five minutes.
    pub cache_write_5m: Option<Picodollars>,
    /// A token written to the cache for an hour.
    pub cache_write_1h: Option<Picodollars>,
}

/// What a model costs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Prices {
    /// The price up to the first threshold.
    pub base: PriceRow,
    /// Prices for prompts of more tokens than a threshold, ascending. The whole call is billed at the row.
    pub above: Vec<(u64, PriceRow)>,
}

impl Prices {
    /// The row for a prompt of so many tokens, cached ones included.
    #[must_use]
    pub fn row(&self, prompt_tokens: u64) -> &PriceRow {
        self.above
            .iter()
            .rev()
            .find(|(threshold, _)| prompt_tokens > *threshold)
            .map_or(&self.base, |(_, row)| row)
    }
}

/// The most that one call is booked at, 10,000 dollars, whatever a vendor tells. No call costs as much; sums in the store end at 9.2 million
/// dollars, and a bill that cannot be added to them could not be recorded, nor its model be held back for it.
pub const DEAREST_CALL: Picodollars = Picodollars(10_000 * DOLLAR);

/// What a usage costs, at most [`DEAREST_CALL`]. A vendor that tells its own price is believed. A cache price that is not known is the price of plain input, at the
/// least: no token is free because a row is missing.
#[must_use]
pub fn cost(prices: &Prices, usage: &Usage) -> Picodollars {
    if let Some(told) = usage.vendor_cost {
        return told.min(DEAREST_CALL);
    }
    let cached = usage
        .cache_read
        .saturating_add(usage.cache_write_5m)
        .saturating_add(usage.cache_write_1h);
    let row = prices.row(usage.input.saturating_add(cached));
    let write_5m = row.cache_write_5m.unwrap_or(row.input);
    let reasoning = usage.reasoning.min(usage.output);
    [
        row.input.saturating_mul(usage.input),
        row.output.saturating_mul(usage.output - reasoning),
        row.reasoning
            .unwrap_or(row.output)
            .saturating_mul(reasoning),
        row.cache_read
            .unwrap_or(row.input)
            .saturating_mul(usage.cache_read),
        write_5m.saturating_mul(usage.cache_write_5m),
        row.cache_write_1h
            .unwrap_or(write_5m.max(row.input))
            .saturating_mul(usage.cache_write_1h),
    ]
    .into_iter()
    .fold(Picodollars::default(), Picodollars::saturating_add)
    .min(DEAREST_CALL)
}

/// What a call can cost at most: every byte of the request as a token, at the dearest price of a prompt token, and as much output as is
/// allowed, at the dearest price of the rows that so long a prompt can reach.
#[must_use]
pub fn bound(
    prices: &Prices,
    input_bytes: u64,
    overhead_tokens: u64,
    max_output_tokens: u64,
) -> Picodollars {
    let prompt = input_bytes.saturating_add(overhead_tokens);
    let reachable = prices
        .above
        .iter()
        .filter(|(threshold, _)| prompt > *threshold)
        .map(|(_, row)| row);
    let (mut input, mut output) = (Picodollars::default(), Picodollars::default());
    for row in reachable.chain([&prices.base]) {
        let cache = [row.cache_write_5m, row.cache_write_1h, row.cache_read];
        input = cache
            .into_iter()
            .flatten()
            .fold(input.max(row.input), Ord::max);
        output = output
            .max(row.output)
            .max(row.reasoning.unwrap_or_default());
    }
    input
        .saturating_mul(prompt)
        .saturating_add(output.saturating_mul(max_output_tokens))
}

/// Which day a moment belongs to, where the budget's days begin.
#[must_use]
pub fn day_of(at: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(at).date()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_and_shown_exactly() {
        for (text, amount, shown) in [
            ("0", 0, "$0"),
            ("2.5", 2_500_000_000_000, "$2.50"),
            ("10", 10_000_000_000_000, "$10.00"),
            ("0.000000000001", 1, "$0.000000000001"),
            ("0.001234", 1_234_000_000, "$0.001234"),
        ] {
            let read: Picodollars = text.parse().unwrap();
            assert_eq!((read.get(), read.to_string().as_str()), (amount, shown));
        }
        for text in [
            "",
            "-1",
            "1.",
            ".5",
            "1e3",
            "five",
            "0.0000000000001",
            "99999999999",
        ] {
            assert!(text.parse::<Picodollars>().is_err(), "{text}");
        }
    }

    fn usage(
        input: u64,
        output: u64,
        cache_read: u64,
        cache_write_5m: u64,
        cache_write_1h: u64,
    ) -> Usage {
        Usage {
            input,
            output,
            cache_read,
            cache_write_5m,
            cache_write_1h,
            ..Usage::default()
        }
    }

    #[test]
    fn reasoning_is_billed_apart_where_it_has_a_price_and_never_twice() {
        let token = Picodollars::new;
        let prices = Prices {
            base: PriceRow {
                input: token(1),
                output: token(10),
                reasoning: Some(token(30)),
                ..PriceRow::default()
            },
            above: Vec::new(),
        };
        let thought = Usage {
            reasoning: 60,
            ..usage(5, 100, 0, 0, 0)
        };
        // 5 x 1 + 40 x 10 + 60 x 30.
        assert_eq!(cost(&prices, &thought), token(2_205));
        // A vendor that tells more reasoning than output is billed for the output.
        let odd = Usage {
            reasoning: 200,
            ..usage(0, 100, 0, 0, 0)
        };
        assert_eq!(cost(&prices, &odd), token(3_000));
        assert_eq!(bound(&prices, 5, 0, 100), token(3_005));
    }

    #[test]
    fn a_vendors_own_price_is_believed() {
        let told = Usage {
            vendor_cost: Some(Picodollars::new(7)),
            ..usage(1_000, 1_000, 0, 0, 0)
        };
        let prices = Registry::embedded()
            .prices("claude-opus-5-5", &Default::default())
            .unwrap();
        assert_eq!(cost(&prices, &told), Picodollars::new(7));
        let absurd = Usage {
            vendor_cost: Some(Picodollars::new(u64::MAX)),
            ..Usage::default()
        };
        assert_eq!(cost(&prices, &absurd), DEAREST_CALL);
    }

    #[test]
    fn a_day_begins_at_midnight_of_its_zone() {
        let at: Timestamp = "2026-03-01T23:30:00Z".parse().unwrap();
        assert_eq!(day_of(at, &TimeZone::UTC).to_string(), "2026-03-01");
        assert_eq!(
            day_of(at, &TimeZone::fixed(jiff::tz::offset(1))).to_string(),
            "2026-03-02"
        );
    }

    proptest! {
        #[test]
        fn a_bound_is_never_below_the_bill(
            input in 0_u64..300_000, read in 0_u64..300_000, write in 0_u64..100_000, hour in 0_u64..100_000, output in 0_u64..64_000, reasoning in 0_u64..64_000,
        ) {
            for model in ["claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5", "claude-opus-4-5-20251101"] {
                let prices = Registry::embedded().prices(model, &Default::default()).unwrap();
                let used = Usage { reasoning, ..usage(input, output, read, write, hour) };
                prop_assert!(bound(&prices, input + read + write + hour, 0, output) >= cost(&prices, &used));
            }
        }
    }
}
