//! What is told of tasks afterwards: figures, verdicts, outcomes.

#[path = "support/command.rs"]
mod command;
mod support;

use command::{code, err, out, run, run_with};
use support::{Answer, Vendor, config, connection, host};
use tinydancer::store::{Query, Verdict};
use tinydancer::{Host, Task, Tier};

fn at(tier: Tier, words: &str) -> Task {
    Task {
        routing_tier: Some(tier),
        ..Task::new(words)
    }
}

/// Does a task at a tier and judges it.
async fn judged(host: &Host, tier: Tier, words: &str, verdict: Verdict) {
    let done = host.run(at(tier, words)).await;
    assert_eq!(done.outcome.tier_done, Some(tier), "{:?}", done.result);
    host.feedback(&done.outcome.id, verdict).await.unwrap();
}

const ORDINARY: &str =
    "Add pagination to the orders endpoint, with tests for the first, the last and an empty page";

#[tokio::test]
async fn where_every_tier_has_failed_the_next_task_does_not_go_to_the_weakest() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("poor")]).await;
    let host = host(config(&vendor.url), home.path()).await;
    for tier in [Tier::Middle, Tier::Middle, Tier::Thinking, Tier::Strong] {
        judged(&host, tier, ORDINARY, Verdict::Failed).await;
    }
    let routed = host.route(&Task::new(ORDINARY)).await;
    let decision = routed.decision.unwrap();
    let quality = |tier: usize| decision.estimates[tier].quality;
    assert!(
        quality(1) < quality(4) && quality(2) < quality(4),
        "{:?}",
        decision.estimates
    );
    assert!(decision.tier > 2, "{:?}", decision.estimates);
}

#[tokio::test]
async fn overprovisioned_leads_to_a_cheaper_tier_where_good_fit_does_not() {
    let vendor = Vendor::start(vec![Answer::Text("good")]).await;
    let mut tiers = Vec::new();
    for verdict in [Verdict::GoodFit, Verdict::Overprovisioned] {
        let home = tempfile::tempdir().unwrap();
        let host = host(config(&vendor.url), home.path()).await;
        let before = host.route(&Task::new(ORDINARY)).await.tier;
        assert_eq!(before, Some(Tier::Middle));
        for _ in 0..4 {
            judged(&host, Tier::Middle, ORDINARY, verdict).await;
        }
        tiers.push(host.route(&Task::new(ORDINARY)).await.tier);
    }
    assert_eq!(tiers, [Some(Tier::Middle), Some(Tier::Small)]);
}

#[tokio::test]
async fn what_a_verdict_taught_of_other_tiers_is_replayed_from_the_log_to_the_byte() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("poor")]).await;
    let first = host(config(&vendor.url), home.path()).await;
    judged(&first, Tier::Strong, ORDINARY, Verdict::Failed).await;
    judged(&first, Tier::Thinking, ORDINARY, Verdict::Overprovisioned).await;
    // By each task's end one, then four, then two.
    assert_eq!(first.policy().learned().unwrap(), 8);
    let learned = first.policy().snapshot().unwrap();
    let log = first.store().feedback_after(0).await.unwrap();
    let pieces: Vec<(u8, f32)> = log.iter().map(|(_, own)| (own.tier, own.weight)).collect();
    let (own, half) = (1.0, 0.5);
    assert_eq!(
        pieces,
        [
            (4, 0.1),
            (4, own),
            (3, half),
            (2, half),
            (1, half),
            (3, 0.1),
            (3, own),
            (2, half)
        ]
    );
    first.close().await.unwrap();
    let again = host(config(&vendor.url), home.path()).await;
    assert_eq!(again.policy().snapshot().unwrap(), learned);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_answer_whose_end_cannot_be_written_is_given_and_said_to_be_unrecorded() {
    let home = tempfile::tempdir().unwrap();
    let late = Answer::Late(std::time::Duration::from_millis(500), "paid for");
    let vendor = Vendor::start(vec![late]).await;
    let host = Host::builder()
        .home(home.path())
        .config(config(&vendor.url))
        .confirm_records()
        .build()
        .await
        .unwrap();
    let host = std::sync::Arc::new(host);
    let running = tokio::spawn({
        let host = host.clone();
        async move { host.run(at(Tier::Small, "Rename x to y")).await }
    });
    while vendor.asked().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let mut held = connection(&home.path().join("tinydancer.db")).await;
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut held)
        .await
        .unwrap();
    let done = running.await.unwrap();
    assert!(done.result.is_ok());
    let why = done.unrecorded.unwrap();
    assert!(why.contains("locked"), "{why}");
    sqlx::query("ROLLBACK").execute(&mut held).await.unwrap();
    drop(host);
    // The next start books it.
    let again = support::host(config(&vendor.url), home.path()).await;
    assert_eq!(again.store().recovered(), 1);
    assert!(
        again
            .store()
            .check_ledger()
            .await
            .unwrap()
            .faults
            .is_empty()
    );
}

#[test]
fn stats_count_what_failed_and_what_the_budget_refused() {
    let at = tempfile::tempdir().unwrap();
    let edit = ["run", "--code", "var x = 1;", "Use const instead of var"];
    for _ in 0..2 {
        assert_eq!(code(&run(at.path(), &edit, "")), 0);
    }
    for _ in 0..3 {
        assert_eq!(code(&run(at.path(), &["run", "Rename x to y"], "")), 1);
    }
    let limit = [("ROUTING_COST_DAILY_LIMIT", "0.000001")];
    let refused = run_with(at.path(), &["run", ORDINARY], "", &limit);
    assert_eq!(code(&refused), 5, "{}", err(&refused));
    let told = out(&run(at.path(), &["stats"], ""));
    let row = |tier: &str| -> Vec<String> {
        let line = told
            .lines()
            .find(|line| line.trim_start().starts_with(tier));
        let line = line.unwrap_or_else(|| panic!("{tier}: {told}"));
        line.split_whitespace().take(4).map(str::to_owned).collect()
    };
    assert_eq!(row("0 "), ["0", "2", "100", "%"]);
    assert_eq!(row("- "), ["-", "4", "0", "%"]);
    assert!(
        told.contains("ended: 2 succeeded, 3 failed, 1 refused by the budget"),
        "{told}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&out(&run(at.path(), &["stats", "--json"], ""))).unwrap();
    assert_eq!(json["noTier"]["tasks"], 4);
    assert_eq!(json["byStatus"]["failure"], 3);
    assert_eq!(json["byStatus"]["refused-by-budget"], 1);
    let none = out(&run(at.path(), &["stats", "--model", "zzz"], ""));
    assert!(
        none.contains("6 outcomes") && !none.contains("Nothing is recorded"),
        "{none}"
    );
}

#[tokio::test]
async fn figures_of_compacted_outcomes_keep_how_they_ended() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![support::error(400, "invalid_request_error", "")]).await;
    let host = Host::builder()
        .home(home.path())
        .config(config(&vendor.url))
        .clock(|| "2026-01-01T00:00:00Z".parse().unwrap())
        .build()
        .await
        .unwrap();
    host.run(at(Tier::Small, "Rename x to y")).await;
    host.store().flush().await.unwrap();
    let before = host.store().stats(&Query::default()).await.unwrap();
    let until = "2026-02-01T00:00:00Z".parse().unwrap();
    assert_eq!(host.store().compact(until).await.unwrap().outcomes, 1);
    let after = host.store().stats(&Query::default()).await.unwrap();
    assert_eq!(before.by_status, after.by_status);
    assert_eq!(after.by_status.get("failure"), Some(&1));
}
