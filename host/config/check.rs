//! Whether settings can be right at all: what cannot is refused at start, with its name, what it is and what it may be.

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::{Candidate, Config, ConfigError, Grants, Provider, in_share, out_of_range};
use crate::money::PriceOverride;

const EFFORTS: [&str; 5] = ["low", "medium", "high", "xhigh", "max"];

/// The booster's guest starts with two MiB and takes some for a small text.
const LEAST_MEMORY: usize = 4 << 20;
/// What a guest of 32 bits can address.
const MOST_MEMORY: usize = u32::MAX as usize;
/// Texts go to the guest by numbers of 32 bits, and a syntax tree takes a multiple of its text.
const MOST_INPUT: usize = 1 << 30;

/// A day: longer waits are slips of the keyboard.
const LONGEST_WAIT_MS: u64 = 86_400_000;

impl Config {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        self.check_tiers()?;
        self.check_runtime()?;
        for (name, provider) in &self.providers {
            check_provider(name, provider)?;
        }
        for (model, price) in &self.prices {
            PriceOverride::check(price, model)?;
        }
        self.daily_limit()?;
        self.task_limit()?;
        self.further_limits()?;
        self.time_zone()?;
        Grants::new(&self.booster)?;
        let router = &self.router;
        in_share("router.security_confidence", router.security_confidence)?;
        in_share("router.review_confidence", router.review_confidence)?;
        in_share("router.review_uncertainty", router.review_uncertainty)?;
        in_share("router.escalation_confidence", router.escalation_confidence)?;
        in_share(
            "booster.confidence_threshold",
            self.booster.confidence_threshold,
        )?;
        self.check_exploration()?;
        let target = router.quality_target;
        if !(target > 0.0 && target < 1.0) {
            return Err(out_of_range(
                "router.quality_target",
                &target.to_string(),
                "a number above 0 and below 1",
            ));
        }
        Ok(())
    }

    fn check_tiers(&self) -> Result<(), ConfigError> {
        for (tier, served) in &self.tiers {
            if !matches!(tier.as_str(), "1" | "2" | "3" | "4") {
                return Err(out_of_range(
                    "tiers",
                    tier,
                    "the tiers with a model are 1, 2, 3 and 4",
                ));
            }
            let own = Candidate {
                model: served.model.clone().unwrap_or_else(|| "-".to_owned()),
                provider: served.provider.clone(),
                effort: served.effort.clone(),
                max_output_tokens: served.max_output_tokens,
            };
            let name = format!("tiers.{tier}");
            check_candidate(&name, &own)?;
            for (place, fallback) in served.fallbacks.iter().enumerate() {
                check_candidate(&format!("{name}.fallbacks[{place}]"), fallback)?;
            }
        }
        if let Some(share) = self.routing.hedge_after
            && !(share > 0.0 && share < 1.0)
        {
            return Err(out_of_range(
                "routing.hedge_after",
                &share.to_string(),
                "a number above 0 and below 1, such as 0.95",
            ));
        }
        for (place, rule) in self.routing.rules.iter().enumerate() {
            let name = format!("routing.rules[{place}]");
            if let Some(tier) = rule.tiers.iter().find(|tier| !(1..=4).contains(*tier)) {
                return Err(out_of_range(
                    &format!("{name}.tiers"),
                    &tier.to_string(),
                    "the tiers with a model are 1, 2, 3 and 4",
                ));
            }
            for (at, candidate) in rule.candidates.iter().enumerate() {
                check_candidate(&format!("{name}.use[{at}]"), candidate)?;
            }
        }
        Ok(())
    }

    fn check_exploration(&self) -> Result<(), ConfigError> {
        const NAME: &str = "router.exploration_share";
        let router = &self.router;
        let share = router.exploration_share;
        if !(0.0..=0.5).contains(&share) {
            return Err(out_of_range(
                NAME,
                &share.to_string(),
                "a number from 0 to 0.5",
            ));
        }
        // These change a choice after it was drawn: how probable the changed one was could not be told.
        if share > 0.0 && (router.prefer_cheaper || router.escalation_confidence > 0.0) {
            return Err(out_of_range(
                NAME,
                &share.to_string(),
                "0 where router.prefer_cheaper or router.escalation_confidence is set: switch off the one or the other",
            ));
        }
        Ok(())
    }

    fn check_runtime(&self) -> Result<(), ConfigError> {
        let set = &self.runtime;
        let ms = 1..=LONGEST_WAIT_MS;
        within(
            "runtime.booster_deadline_ms",
            set.booster_deadline_ms,
            &ms,
            "milliseconds",
        )?;
        within(
            "runtime.decision_deadline_ms",
            set.decision_deadline_ms,
            &ms,
            "milliseconds",
        )?;
        let memory = LEAST_MEMORY..=MOST_MEMORY;
        within("runtime.memory", set.memory, &memory, "bytes")?;
        within(
            "runtime.max_input",
            set.max_input,
            &(1..=MOST_INPUT),
            "bytes",
        )
    }
}

/// A number that has to lie within a range, where it is set.
fn within<T: PartialOrd + Display + Copy>(
    name: &str,
    value: Option<T>,
    range: &RangeInclusive<T>,
    unit: &str,
) -> Result<(), ConfigError> {
    match value {
        Some(value) if !range.contains(&value) => Err(ConfigError::Range {
            name: name.to_owned(),
            value: value.to_string(),
            range: format!("{} to {} {unit}", range.start(), range.end()),
        }),
        _ => Ok(()),
    }
}

fn check_candidate(name: &str, candidate: &Candidate) -> Result<(), ConfigError> {
    if candidate.model.trim().is_empty() {
        return Err(out_of_range(
            &format!("{name}.model"),
            &candidate.model,
            "the id of a model, as `tinydancer models` shows them",
        ));
    }
    if let Some(effort) = &candidate.effort
        && !EFFORTS.contains(&effort.as_str())
    {
        return Err(out_of_range(
            &format!("{name}.effort"),
            effort,
            "low, medium, high, xhigh or max",
        ));
    }
    within(
        &format!("{name}.max_output_tokens"),
        candidate.max_output_tokens,
        &(1..=u32::MAX),
        "tokens",
    )
}

fn check_provider(name: &str, own: &Provider) -> Result<(), ConfigError> {
    let vendor = own.kind.as_deref().unwrap_or(name);
    if !crate::provider::VENDORS.contains(&vendor) {
        return Err(out_of_range(
            &format!("providers.{name}.kind"),
            vendor,
            "claude, openai, ollama, openrouter, gemini, azure or bedrock",
        ));
    }
    if let Some(url) = &own.base_url
        && !is_address(url, vendor)
    {
        // An address may carry a password; it is not repeated then.
        let shown = if url.contains('@') {
            "(with a password)"
        } else {
            url
        };
        return Err(out_of_range(
            &format!("providers.{name}.base_url"),
            shown,
            "an address such as https://api.example.com, without a user, a password or a question mark",
        ));
    }
    let key = |key: &str| format!("providers.{name}.{key}");
    let ms = 1..=LONGEST_WAIT_MS;
    for (setting, value) in [
        ("connect_timeout_ms", own.connect_timeout_ms),
        ("first_byte_timeout_ms", own.first_byte_timeout_ms),
        ("idle_timeout_ms", own.idle_timeout_ms),
        ("total_timeout_ms", own.total_timeout_ms),
    ] {
        within(&key(setting), value, &ms, "milliseconds")?;
    }
    within(&key("max_attempts"), own.max_attempts, &(1..=10), "times")?;
    for (setting, value) in [
        ("max_concurrent", own.max_concurrent),
        ("requests_per_minute", own.requests_per_minute),
    ] {
        within(&key(setting), value, &(1..=u32::MAX), "calls")?;
    }
    Ok(())
}

/// Whether an address can be called at all. Whether a key may go there is the provider's to say.
fn is_address(text: &str, vendor: &str) -> bool {
    // Ollama's is often a bare host and port.
    let bare = vendor == "ollama" && !text.contains("://");
    let whole = if bare {
        format!("http://{text}")
    } else {
        text.to_owned()
    };
    reqwest::Url::parse(whole.trim_end_matches('/')).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| !host.is_empty())
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<String> {
        let config = Config::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        config.check().err().map(|e| e.to_string())
    }

    #[test]
    fn what_cannot_be_right_is_refused_with_its_name_and_a_way_on() {
        for (text, words) in [
            (
                "[providers.claude]\nbase_url = \"not a url\"",
                ["providers.claude.base_url", "https://api.example.com"],
            ),
            (
                "[providers.claude]\nbase_url = \"ftp://x\"",
                ["providers.claude.base_url", "ftp://x"],
            ),
            (
                "[providers.claude]\nbase_url = \"https://u:p@x\"",
                ["providers.claude.base_url", "with a password"],
            ),
            (
                "[providers.claude]\nmax_concurrent = 0",
                ["providers.claude.max_concurrent", "1 to"],
            ),
            (
                "[providers.claude]\nmax_attempts = 11",
                ["providers.claude.max_attempts", "1 to 10"],
            ),
            (
                "[providers.claude]\ntotal_timeout_ms = 0",
                ["providers.claude.total_timeout_ms", "1 to"],
            ),
            (
                "[prices.mine]\ninput = -3.0\noutput = 1.0",
                ["prices.\"mine\".input", "-3"],
            ),
            (
                "[prices.mine]\ninput = 3.0\noutput = nan",
                ["prices.\"mine\".output", "NaN"],
            ),
            (
                "[prices.mine]\ninput = 3.0\noutput = inf",
                ["prices.\"mine\".output", "inf"],
            ),
            (
                "[prices.mine]\ninput = 0.000003\noutput = 1.0",
                ["prices.\"mine\".input", "per million"],
            ),
            (
                "[prices.mine]\ninput = 3.0\noutput = 1.0\ncache_read = -1.0",
                ["prices.\"mine\".cache_read", "-1"],
            ),
            (
                "[tiers.2]\nmodel = \"\"",
                ["tiers.2.model", "id of a model"],
            ),
            (
                "[tiers.2]\nfallbacks = [{ model = \"x\", effort = \"huge\" }]",
                ["tiers.2.fallbacks[0].effort", "huge"],
            ),
            (
                "[tiers.2]\nmax_output_tokens = 0",
                ["tiers.2.max_output_tokens", "1 to"],
            ),
            (
                "[[routing.rules]]\nuse = [\"\"]",
                ["routing.rules[0].use[0].model", "id of a model"],
            ),
            (
                "[runtime]\nmax_input = 0",
                ["runtime.max_input", "1 to 1073741824 bytes"],
            ),
            (
                "[runtime]\nmemory = 1",
                ["runtime.memory", "4194304 to 4294967295 bytes"],
            ),
            (
                "[runtime]\nbooster_deadline_ms = 0",
                ["runtime.booster_deadline_ms", "1 to"],
            ),
        ] {
            let said = refused(text).unwrap_or_else(|| panic!("taken: {text}"));
            assert!(
                words.iter().all(|word| said.contains(word)),
                "{text}: {said}"
            );
        }
    }

    #[test]
    fn what_can_be_right_is_taken() {
        for text in [
            "",
            "[providers.claude]\nbase_url = \"https://proxy.example.com/anthropic/\"",
            "[providers.ollama]\nbase_url = \"127.0.0.1:11434\"",
            "[providers.mine]\nkind = \"openai\"\nbase_url = \"http://localhost:8080/v1\"",
            "[prices.mine]\ninput = 0.0\noutput = 10.0",
            "[runtime]\nmemory = 4194304\nmax_input = 1",
        ] {
            assert_eq!(refused(text), None, "{text}");
        }
    }
}
