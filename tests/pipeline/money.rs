//! What a task may cost and what it is booked at.

use std::sync::Arc;

use tinydancer::store::Query;
use tinydancer::{Config, Failure, Status, Task, Tier};

use crate::support::{Answer, Vendor, claude, config, error, host};
use crate::{generate_tests, home};

fn limited(url: &str, dollars: &str) -> Config {
    let mut config = config(url);
    config.budget.daily_limit = Some(dollars.into());
    config
}

#[tokio::test]
async fn a_spent_budget_refuses_a_tier_set_by_hand_and_lowers_others_with_the_reason() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    // Enough for tier 1 (8,192 x $.5 per million, and a little), not for tier 4.
    let host = host(limited(&vendor.url, "0.006"), home.path()).await;
    let mut by_hand = Task::new("Rename x to y");
    by_hand.routing_tier = Some(Tier::Strong);
    let refused = host.run(by_hand).await;
    assert_eq!(refused.outcome.status, Status::RefusedByBudget);
    assert!(matches!(refused.result, Err(Failure::Budget(_))));
    assert!(vendor.asked().is_empty());
    // How hard a task is has nothing to do with a tier that was set by hand.
    let has = |reasons: &[String], factor: &str| reasons.iter().any(|own| own.starts_with(factor));
    assert!(!has(&refused.outcome.reasons, "light-act"));

    let lowered = host
        .run(Task::new("Debug the deadlock in the worker pool"))
        .await;
    assert_eq!(
        lowered.outcome.status,
        Status::Success,
        "{:?}",
        lowered.result
    );
    assert_eq!(lowered.outcome.tier_done, Some(Tier::Small));
    assert!(
        lowered
            .outcome
            .reasons
            .iter()
            .any(|reason| reason.contains("budget") || reason.contains("left today")),
        "{:?}",
        lowered.outcome.reasons
    );
    assert!(has(&lowered.outcome.reasons, "reasoning +"));

    // Security work is not done by the smallest model because money is short.
    let security = host
        .run(Task::new("Perform a security audit of the payment service"))
        .await;
    assert_eq!(security.outcome.status, Status::RefusedByBudget);
    assert!(
        has(&security.outcome.reasons, "security +"),
        "{:?}",
        security.outcome.reasons
    );

    let free = host.run(generate_tests("var x = 1;")).await;
    assert_eq!(free.outcome.tier_done, Some(Tier::Booster));
    host.store().flush().await.unwrap();
    assert_eq!(
        host.store()
            .outcomes(&Query::default())
            .await
            .unwrap()
            .len(),
        4
    );
    assert_eq!(
        host.store().check_ledger().await.unwrap().faults,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn many_tasks_at_once_never_pass_the_limit() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let mut config = limited(&vendor.url, "0.05");
    config.budget.policy = tinydancer::config::BudgetPolicy::Refuse;
    let host = Arc::new(host(config, home.path()).await);
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let host = host.clone();
            tokio::spawn(async move { host.run(Task::new("Rename x to y")).await.outcome.status })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        let status = task.await.unwrap();
        assert!(
            matches!(status, Status::Success | Status::RefusedByBudget),
            "{status:?}"
        );
        done += usize::from(status == Status::Success);
        assert!(host.store().spent(host.today()).await.unwrap() <= host.daily_limit().unwrap());
    }
    assert!(done > 0 && done < 64, "{done}");
    assert_eq!(vendor.asked().len(), done);
    assert!(host.store().check_ledger().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn a_vendors_failure_is_an_outcome_with_what_it_may_have_cost() {
    for (answer, billed) in [
        (error(401, "authentication_error", ""), false),
        (error(529, "overloaded_error", ""), false),
        (
            Answer::Raw("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>".into()),
            true,
        ),
        (Answer::Half, true),
        (Answer::Silence, true),
    ] {
        let home = home();
        let vendor = Vendor::start(vec![answer.clone()]).await;
        let mut config = config(&vendor.url);
        claude(&mut config).first_byte_timeout_ms = Some(300);
        claude(&mut config).idle_timeout_ms = Some(300);
        let host = host(config, home.path()).await;
        let done = host.run(Task::new("Rename x to y")).await;
        assert_eq!(done.outcome.status, Status::Failure, "{answer:?}");
        assert_eq!(done.outcome.cost.get() > 0, billed, "{answer:?}");
        let kept = host.store().outcome(&done.outcome.id).await.unwrap();
        assert_eq!(
            (kept.status, kept.cost),
            (Status::Failure, done.outcome.cost)
        );
        assert!(host.store().check_ledger().await.unwrap().faults.is_empty());
    }
}

#[tokio::test]
async fn a_vendor_that_does_not_tell_its_usage_is_booked_at_the_bound() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Untold("ok")]).await;
    let host = host(config(&vendor.url), home.path()).await;
    let task = Task::new("Rename x to y");
    let reserved = host.route(&task).await.reserved.unwrap();
    assert_eq!(host.run(task).await.outcome.cost, reserved);
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_one_cancelled_outcome() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Silence]).await;
    let host = host(config(&vendor.url), home.path()).await;
    let given_up = tokio::time::timeout(
        std::time::Duration::from_millis(500),
        host.run(Task::new("Rename x to y")),
    )
    .await;
    assert!(given_up.is_err());
    host.store().flush().await.unwrap();
    let kept = host.store().outcomes(&Query::default()).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].status, Status::Cancelled);
    assert!(kept[0].cost.get() > 0, "the call may be on the bill");
    assert!(host.store().check_ledger().await.unwrap().faults.is_empty());
}
