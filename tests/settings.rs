//! Settings that cannot be right, and tiers that cannot be called: said at the start, by the doctor, and in each reply.

#[path = "support/command.rs"]
mod command;
mod support;

use std::fs;
use std::path::Path;

use command::{code, err, folder, out, run};
use serde_json::Value;
use support::{Answer, Vendor, config, host};
use tinydancer::config::TierConfig;
use tinydancer::{Config, Status, Task, Tier};

fn settings(at: &Path, text: &str) {
    fs::create_dir_all(at.join("home")).unwrap();
    fs::write(at.join("home/config.toml"), text).unwrap();
}

const ORDINARY: &str =
    "Add pagination to the orders endpoint, with tests for the first, the last and an empty page";

#[test]
fn a_value_that_cannot_be_right_stops_every_command_with_its_place() {
    let at = folder();
    for (text, words) in [
        (
            "[providers.claude]\nbase_url = \"not a url\"\n",
            "providers.claude.base_url is `not a url`",
        ),
        (
            "[providers.claude]\nbase_url = \"ftp://x\"\n",
            "providers.claude.base_url is `ftp://x`",
        ),
        (
            "[prices.m]\ninput = -1.0\noutput = 2.0\n",
            "prices.\"m\".input is -1",
        ),
        (
            "[prices.m]\ninput = 1.0\noutput = nan\n",
            "prices.\"m\".output is NaN",
        ),
        (
            "[prices.m]\ninput = 0.000001\noutput = 0.000002\n",
            "prices are given per million tokens",
        ),
    ] {
        settings(at.path(), text);
        for command in [&["run", "x"][..], &["route", "x"], &["models"], &["doctor"]] {
            let failed = run(at.path(), command, "");
            assert_eq!(code(&failed), 3, "{text} {command:?}: {}", out(&failed));
            assert!(err(&failed).contains(words), "{text}: {}", err(&failed));
        }
    }
}

#[tokio::test]
async fn a_tier_that_cannot_be_called_is_named_in_reply_and_outcome_with_the_reason() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("done")]).await;
    let mut settings = config(&vendor.url);
    let own = TierConfig {
        model: Some("nope-1".to_owned()),
        ..TierConfig::default()
    };
    settings.tiers.insert("2".to_owned(), own);
    let host = host(settings, home.path()).await;
    let done = host.run(Task::new(ORDINARY)).await;
    let row = done.outcome;
    assert_eq!(row.status, Status::Success);
    assert_eq!(
        (row.tier_decided, row.tier_done),
        (Some(Tier::Middle), Some(Tier::Thinking))
    );
    assert_eq!(row.fallback_reason.as_deref(), Some("tier-unavailable"));
    let first = &row.reasons[0];
    assert!(
        first.starts_with("tier 3 instead of tier 2: it cannot be called")
            && first.contains("nope-1"),
        "{first}"
    );
    let untrue = "tier 3 is the cheapest that is expected to do";
    assert!(
        !row.reasons.iter().any(|reason| reason.contains(untrue)),
        "{:?}",
        row.reasons
    );
    let routed = host.route(&Task::new(ORDINARY)).await;
    assert_eq!(routed.tier, Some(Tier::Thinking));
    assert_eq!(routed.fallback_reason.as_deref(), Some("tier-unavailable"));
    assert!(routed.model.unwrap().contains("sonnet"));
    // Where the tier above would do and the budget does not reach to it, that is told too.
    let short = tempfile::tempdir().unwrap();
    let mut settings = host.config().clone();
    settings.budget.daily_limit = Some("0.01".to_owned());
    let poor = support::host(settings, short.path()).await;
    let routed = poor.route(&Task::new(ORDINARY)).await;
    let reasons = routed.decision.unwrap().reasons;
    assert!(reasons[0].starts_with("tier 1 instead of tier 2: it cannot be called"));
    assert!(
        reasons[1].starts_with("tier 3 is not taken instead: it is expected to cost"),
        "{reasons:?}"
    );
    // Work for another tier is not concerned.
    let simple = host.run(Task::new("Rename x to y")).await.outcome;
    assert_eq!(
        (
            simple.tier_decided,
            simple.tier_done,
            simple.fallback_reason
        ),
        (Some(Tier::Small), Some(Tier::Small), None)
    );
}

#[test]
fn a_tier_that_cannot_be_called_is_warned_about_and_bad_for_the_doctor() {
    let at = folder();
    for (text, words) in [
        ("[tiers.2]\nmodel = \"nope-1\"\n", "`nope-1` is not known"),
        (
            "[tiers.2]\nmodel = \"mine\"\nprovider = \"nobody\"\n[prices.mine]\ninput = 1.0\noutput = 2.0\n",
            "`nobody`, which is no provider",
        ),
        (
            "[tiers.1]\nfallbacks = [\"nope-2\"]\n",
            "`nope-2` is not known",
        ),
    ] {
        settings(at.path(), text);
        let checked = run(at.path(), &["doctor"], "");
        assert_eq!(code(&checked), 1, "{text}: {}", out(&checked));
        let bad = out(&checked)
            .lines()
            .any(|line| line.starts_with("BAD  model") && line.contains(words));
        assert!(bad, "{text}: {}", out(&checked));
        for command in ["route", "run"] {
            let done = run(at.path(), &[command, ORDINARY], "");
            let told = err(&done);
            let warned = told
                .lines()
                .any(|line| line.starts_with("warning: ") && line.contains(words));
            assert!(warned, "{text} {command}: {told}");
        }
    }
    settings(at.path(), "");
    let fine = run(at.path(), &["route", ORDINARY], "");
    assert!(!err(&fine).contains("warning"), "{}", err(&fine));
}

#[test]
fn a_broken_component_leaves_the_doctor_looking_at_all_else() {
    let at = folder();
    fs::write(at.path().join("b.wasm"), "no component").unwrap();
    let text = format!(
        "[components]\nbooster = \"{}\"\n",
        at.path().join("b.wasm").display()
    );
    settings(at.path(), &text);
    let checked = run(at.path(), &["doctor"], "");
    assert_eq!(code(&checked), 1, "{}", err(&checked));
    let told = out(&checked);
    for words in [
        "BAD  components",
        "b.wasm",
        "ok   store",
        "ANTHROPIC_API_KEY",
        "priced",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

/// Settings with a limit that reaches to no tier above the first, or to none.
fn limited(vendor: &Vendor, dollars: &str) -> Config {
    let mut settings = config(&vendor.url);
    settings.budget.daily_limit = Some(dollars.to_owned());
    settings
}

#[tokio::test]
async fn a_refusal_by_budget_has_its_tier_its_reasons_and_why_no_cheaper_tier_would_do() {
    let vendor = Vendor::start(vec![Answer::Text("unused")]).await;
    let home = tempfile::tempdir().unwrap();
    let host = host(limited(&vendor, "0.0000001"), home.path()).await;
    let done = host.run(Task::new(ORDINARY)).await;
    let row = done.outcome;
    assert_eq!(row.status, Status::RefusedByBudget);
    assert_eq!(
        (row.tier_decided, row.tier_done),
        (Some(Tier::Middle), None)
    );
    let all = row.reasons.join("\n");
    assert!(
        all.contains("tier 2 is the cheapest that is expected to do")
            && all.contains("tier 1 is not taken instead: it is expected to cost"),
        "{all}"
    );
    let told = done.result.unwrap_err().to_string();
    assert!(told.contains("tier 1 is not taken instead"), "{told}");
    assert!(vendor.asked().is_empty());
}

#[tokio::test]
async fn a_tier_that_the_budget_lowers_is_named_beside_the_one_that_was_wanted() {
    let vendor = Vendor::start(vec![Answer::Text("done")]).await;
    let home = tempfile::tempdir().unwrap();
    // Enough to reserve a call at tier 1, and less than one at tier 2 is expected to cost.
    let mut settings = limited(&vendor, "0.0120");
    let own = TierConfig {
        max_output_tokens: Some(1_000),
        ..TierConfig::default()
    };
    settings.tiers.insert("1".to_owned(), own);
    let host = host(settings, home.path()).await;
    let row = host.run(Task::new(ORDINARY)).await.outcome;
    assert_eq!(
        (row.tier_decided, row.tier_done),
        (Some(Tier::Middle), Some(Tier::Small)),
        "{:?}",
        row.reasons
    );
    assert_eq!(row.fallback_reason.as_deref(), Some("budget-downgrade"));
    assert!(
        row.reasons[0].starts_with("tier 1 instead of tier 2: it is expected to cost"),
        "{:?}",
        row.reasons
    );
}

#[test]
fn a_connection_that_fails_is_told_with_its_address_its_cause_and_a_way_on() {
    let at = folder();
    settings(
        at.path(),
        "[providers.claude]\nbase_url = \"http://127.0.0.1:9\"\napi_key_env = \"PATH\"\nmax_attempts = 1\n",
    );
    let failed = run(at.path(), &["run", "Rename x to y"], "");
    assert_eq!(code(&failed), 1);
    for words in ["http://127.0.0.1:9", "refused", "check the network"] {
        assert!(err(&failed).contains(words), "{words}: {}", err(&failed));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_whose_cost_is_not_what_was_expected_says_so() {
    let vendor = Vendor::start(vec![
        Answer::Untold("well"),
        Answer::Billed(90_000_000, "dear"),
    ])
    .await;
    let at = folder();
    settings(
        at.path(),
        &format!(
            "[providers.claude]\nbase_url = \"{}\"\napi_key_env = \"PATH\"\nmax_attempts = 1\n",
            vendor.url
        ),
    );
    let task = || run(at.path(), &["run", "--json", "Rename x to y"], "");
    for words in ["did not say what it used", "is not called again before"] {
        let done = task();
        assert_eq!(code(&done), 0, "{}", err(&done));
        let reply: Value = serde_json::from_str(&out(&done)).unwrap();
        assert!(reply["reasons"].to_string().contains(words), "{reply}");
        assert!(
            err(&done)
                .lines()
                .any(|line| line.starts_with("warning: ") && line.contains(words)),
            "{}",
            err(&done)
        );
        let kept = run(at.path(), &["outcomes", "--json", "--limit", "1"], "");
        assert!(out(&kept).contains(words), "{}", out(&kept));
    }
}
