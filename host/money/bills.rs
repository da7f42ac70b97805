//! Bills computed by hand, from the prices of this release's data, for twenty models and every shape of usage. Only for tests.

use super::{Registry, cost};
use crate::provider::Usage;

/// Tokens: plain input, output, reasoning within the output, read from the cache, written for five minutes, written for an hour.
fn usage(tokens: [u64; 6]) -> Usage {
    let [
        input,
        output,
        reasoning,
        cache_read,
        cache_write_5m,
        cache_write_1h,
    ] = tokens;
    Usage {
        input,
        output,
        reasoning,
        cache_read,
        cache_write_5m,
        cache_write_1h,
        ..Usage::default()
    }
}

/// The sums in the comments are of tokens times dollars per million.
#[rustfmt::skip]
const BILLS: [(&str, [u64; 6], &str); 28] = [
    // 1,000 x 2 + 500 x 10.
    ("claude-sonnet-5-5", [1_000, 500, 0, 0, 0, 0], "0.007"),
    // 1,000 x 2 + 100 x 10 + 10,000 x .1 + 2,000 x 2.5 + 1,000 x 4.
    ("claude-sonnet-5-5", [1_000, 100, 0, 10_000, 2_000, 1_000], "0.013"),
    // 100,000 tokens are not above 100k: 100,000 x .1 + 1,000 x .5.
    ("claude-haiku-5-5", [100_000, 1_000, 0, 0, 0, 0], "0.0105"),
    // 100,001 are: 100,001 x .5 + 1,000 x 2.5.
    ("claude-haiku-5-5", [100_001, 1_000, 0, 0, 0, 0], "0.0525005"),
    // Cached tokens count for the length: 1 x .5 + 150,000 x .05 + 10 x 1.
    ("claude-haiku-5-5", [1, 0, 0, 150_000, 0, 10], "0.0075105"),
    // 2,000 x 4 + 1,000 x 20.
    ("claude-opus-5-5", [2_000, 1_000, 0, 0, 0, 0], "0.028"),
    // 1,000 x (5 + 25 + .5 + 6.25 + 10).
    ("claude-opus-4-5-20251101", [1_000, 1_000, 0, 1_000, 1_000, 1_000], "0.04675"),
    // 300,000 x 3 + 100 x 15: this one has no price for long contexts.
    ("claude-sonnet-4-5-20250929", [300_000, 100, 0, 0, 0, 0], "0.9015"),
    // 2,000 x 1 + 300 x 5 + 5,000 x .1 + 400 x 1.25.
    ("claude-haiku-4-5-20251001", [2_000, 300, 0, 5_000, 400, 0], "0.0045"),
    // 1,000 x 10 + 1,000 x 50 + 100 x 20.
    ("claude-fable-5", [1_000, 1_000, 0, 0, 0, 100], "0.062"),
    // 1,000 x 1.25 + 2,000 x 10 (1,500 of them thought) + 4,000 x .125.
    ("gpt-5", [1_000, 2_000, 1_500, 4_000, 0, 0], "0.02175"),
    // The same tokens thought or said: no price apart.
    ("gpt-5", [1_000, 2_000, 0, 4_000, 0, 0], "0.02175"),
    // 10,000 x .25 + 500 x 2.
    ("gpt-5-mini", [10_000, 500, 0, 0, 0, 0], "0.0035"),
    // One token each: .15 + .6.
    ("gpt-4o-mini", [1, 1, 0, 0, 0, 0], "0.00000075"),
    // 3,000 x 2 + 700 x 8.
    ("o3", [3_000, 700, 700, 0, 0, 0], "0.0116"),
    // 272,000 are not above 272k: 272,000 x 2.5 + 1,000 x 15.
    ("gpt-5.4", [272_000, 1_000, 0, 0, 0, 0], "0.695"),
    // 272,001 are, and the whole call is billed so: 272,001 x 5 + 1,000 x 22.5.
    ("gpt-5.4", [272_001, 1_000, 0, 0, 0, 0], "1.382505"),
    // 72,001 x 5 + 200,000 x .5.
    ("gpt-5.4", [72_001, 0, 0, 200_000, 0, 0], "0.460005"),
    // 100 x 30 + 100 x 180.
    ("gpt-5.4-pro", [100, 100, 50, 0, 0, 0], "0.021"),
    // 1,000 x 1.25 + 100 x 10.
    ("azure/gpt-5", [1_000, 100, 0, 0, 0, 0], "0.00225"),
    // 200,000 x 1.25 + 10 x 10.
    ("gemini/gemini-2.5-pro", [200_000, 10, 0, 0, 0, 0], "0.2501"),
    // 200,001 x 2.5 + 10 x 15.
    ("gemini/gemini-2.5-pro", [200_001, 10, 0, 0, 0, 0], "0.5001525"),
    // 1,000 x .3 + 1,000 x 2.5 (thought tokens at the same price) + 1,000 x .03.
    ("gemini/gemini-2.5-flash", [1_000, 1_000, 600, 1_000, 0, 0], "0.00283"),
    // 1,000 x .8 + 1,000 x 3.2 + 500 x .2.
    ("amazon.nova-pro-v1:0", [1_000, 1_000, 0, 500, 0, 0], "0.0041"),
    // One token each: .035 + .14 + .00875.
    ("amazon.nova-micro-v1:0", [1, 1, 0, 1, 0, 0], "0.00000018375"),
    // Exactly 200,001 with the cache: 150,000 x 6 + 100 x 22.5 + 40,000 x .6 + 10,000 x 7.5 + 1 x 12.
    ("anthropic.claude-sonnet-4-5-20250929-v1:0", [150_000, 100, 0, 40_000, 10_000, 1], "1.001262"),
    // One less: 150,000 x 3 + 100 x 15 + 40,000 x .3 + 10,000 x 3.75.
    ("anthropic.claude-sonnet-4-5-20250929-v1:0", [150_000, 100, 0, 40_000, 10_000, 0], "0.501"),
    // 1,000 x 4 + 10 x 20 + 1,000 x .2.
    ("anthropic.claude-opus-5-5", [1_000, 10, 0, 1_000, 0, 0], "0.0044"),
];

#[test]
fn bills_are_what_a_hand_computes() {
    let registry = Registry::embedded();
    let wrong: Vec<String> = BILLS
        .iter()
        .filter_map(|(model, tokens, dollars)| {
            let prices = match registry.prices(model, &Default::default()) {
                Ok(prices) => prices,
                Err(e) => return Some(format!("{model}: {e}")),
            };
            let billed = cost(&prices, &usage(*tokens));
            (Ok(billed) != dollars.parse())
                .then(|| format!("{model} {tokens:?}: {billed} and not ${dollars}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
