//! Limits of every kind: each has to reach, many tasks at once keep them, and each tells where it stands.

#[path = "support/store.rs"]
mod store;
mod support;

use std::sync::Arc;

use store::{DAY, begin, open, reconciles, settle, template};
use support::{Answer, Vendor, config, host};
use tinydancer::money::Picodollars;
use tinydancer::store::{Axis, Begin, BeginError, Query, ScopeLimit};
use tinydancer::{Status, Task, Tier};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_512_tasks_at_once_100_are_paid_for_when_the_limit_is_for_100() {
    let home = tempfile::tempdir().unwrap();
    // Booked at the bound, as the vendor does not tell what it used.
    let vendor = Vendor::start(vec![Answer::Untold("ok")]).await;
    let task = || Task {
        routing_tier: Some(Tier::Small),
        ..Task::new("Rename x to y")
    };
    let bound = {
        let other = tempfile::tempdir().unwrap();
        let host = host(config(&vendor.url), other.path()).await;
        host.route(&task()).await.reserved.unwrap()
    };
    let limit = bound.saturating_mul(100);
    let mut settings = config(&vendor.url);
    settings.budget.daily_limit = Some(limit.to_string().trim_start_matches('$').to_owned());
    let host = Arc::new(host(settings, home.path()).await);
    let tasks: Vec<_> = (0..512)
        .map(|_| {
            let (host, task) = (host.clone(), task());
            tokio::spawn(async move { host.run(task).await.outcome.status })
        })
        .collect();
    let (mut paid, mut refused) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Status::Success => paid += 1,
            Status::RefusedByBudget => refused += 1,
            other => panic!("{other:?}"),
        }
        assert!(host.store().spent(host.today()).await.unwrap() <= limit);
    }
    assert_eq!((paid, refused, vendor.asked().len()), (100, 412, 100));
    host.store().flush().await.unwrap();
    assert_eq!(host.store().spent(host.today()).await.unwrap(), limit);
    assert_eq!(
        host.store()
            .outcomes(&Query::default())
            .await
            .unwrap()
            .len(),
        512
    );
    reconciles(host.store()).await;
}

#[tokio::test]
async fn every_limit_has_to_reach_and_a_refusal_takes_from_none() {
    let home = tempfile::tempdir().unwrap();
    let row = template().await;
    let store = open(&home.path().join("s.db")).await;
    let scoped = |id: &str, bound: u64| Begin {
        scopes: [("hour 14", 100), ("tier 4", 30)]
            .map(|(scope, limit)| ScopeLimit {
                scope: scope.into(),
                limit: Picodollars::new(limit),
            })
            .into(),
        ..begin(&row, id, bound, Some(1_000))
    };
    let first = store.begin(scoped("a", 20)).await.unwrap();
    match store.begin(scoped("b", 20)).await.unwrap_err() {
        BeginError::BudgetSpent {
            scope, reserved, ..
        } => assert_eq!((scope.as_str(), reserved.get()), ("tier 4", 20)),
        other => panic!("{other}"),
    }
    assert_eq!(store.spent(DAY).await.unwrap().get(), 20);
    settle(first, &row, "a", 5).await;
    let second = store.begin(scoped("b", 20)).await.unwrap();
    reconciles(&store).await;
    // Billed above the bound: the narrow limit is passed by the recorded overrun alone, and blocks.
    settle(second, &row, "b", 40).await;
    assert!(store.begin(scoped("c", 1)).await.is_err());
    assert_eq!(store.spending(1).await.unwrap()[0].overrun.get(), 20);
    let dropped = store.begin(begin(&row, "d", 7, Some(1_000))).await.unwrap();
    drop(dropped);
    store.flush().await.unwrap();
    reconciles(&store).await;
}

#[tokio::test]
async fn a_tier_or_a_task_over_its_limit_is_lowered_unless_it_was_set_by_hand() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let mut settings = config(&vendor.url);
    settings.budget.hourly_limit = Some("100".into());
    settings.budget.tier_limits = [("4".to_owned(), "0.000001".to_owned())].into();
    let host = host(settings.clone(), home.path()).await;
    let by_hand = Task {
        routing_tier: Some(Tier::Strong),
        ..Task::new("Rename x to y")
    };
    let refused = host.run(by_hand).await;
    assert_eq!(refused.outcome.status, Status::RefusedByBudget);
    assert!(
        refused
            .result
            .unwrap_err()
            .to_string()
            .contains("tier 4 on")
    );
    assert!(vendor.asked().is_empty());
    host.close().await.unwrap();

    settings.budget.task_limit = Some("0.000001".into());
    let host = support::host(settings, home.path()).await;
    let refused = host.run(Task::new("Rename x to y")).await;
    assert_eq!(refused.outcome.status, Status::RefusedByBudget);
    assert!(
        refused
            .result
            .unwrap_err()
            .to_string()
            .contains("a task may cost")
    );
    assert!(vendor.asked().is_empty());
    reconciles(host.store()).await;
}

#[tokio::test]
async fn each_limit_that_holds_tells_where_it_stands() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let mut settings = config(&vendor.url);
    settings.budget.daily_limit = Some("10".into());
    settings.budget.hourly_limit = Some("5".into());
    settings.budget.tier_limits = [
        ("1".to_owned(), "2".to_owned()),
        ("4".to_owned(), "3".to_owned()),
    ]
    .into();
    let host = host(settings, home.path()).await;
    let by_hand = Task {
        routing_tier: Some(Tier::Small),
        ..Task::new("Rename x to y")
    };
    let paid = host.run(by_hand).await.outcome.cost;
    assert!(paid.get() > 0);
    host.store().flush().await.unwrap();
    let limits = host.limits().await.unwrap();
    let stand: Vec<(&str, u64, u64, u64)> = limits
        .iter()
        .map(|own| {
            let scope = own.scope.split(' ').next().unwrap();
            (
                scope,
                own.settled.get(),
                own.reserved.get(),
                own.limit.get(),
            )
        })
        .collect();
    let dollars = |count: u64| count * 1_000_000_000_000;
    let paid = paid.get();
    assert_eq!(
        stand,
        [
            ("day", paid, 0, dollars(10)),
            ("hour", paid, 0, dollars(5)),
            ("tier", paid, 0, dollars(2)),
            ("tier", 0, 0, dollars(3)),
        ]
    );
    assert_eq!(limits[0].left().get(), dollars(10) - paid);
    host.close().await.unwrap();
}

#[tokio::test]
async fn a_callers_limit_stops_that_caller_alone() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let mut settings = config(&vendor.url);
    settings.budget.caller_limits = [
        ("ci".to_owned(), "5".to_owned()),
        ("*".to_owned(), "0.000001".to_owned()),
    ]
    .into();
    let host = host(settings, home.path()).await;
    let ask = |caller: &str| {
        host.run(Task {
            caller: caller.to_owned(),
            routing_tier: Some(Tier::Small),
            ..Task::new("Rename x to y")
        })
    };
    let paid = ask("ci").await;
    assert_eq!(paid.outcome.status, Status::Success);
    assert_eq!(paid.outcome.caller, "ci");
    let cost = paid.outcome.cost.get();
    for (caller, told) in [
        ("guest", "caller guest on"),
        ("", "tasks without a caller on"),
    ] {
        let refused = ask(caller).await;
        assert_eq!(refused.outcome.status, Status::RefusedByBudget, "{caller}");
        let words = refused.result.unwrap_err().to_string();
        assert!(words.contains(told), "{words}");
    }
    assert_eq!(vendor.asked().len(), 1);
    host.store().flush().await.unwrap();
    let limits = host.limits().await.unwrap();
    let own = limits
        .iter()
        .find(|own| own.scope.starts_with("caller ci on"))
        .unwrap();
    assert_eq!(own.settled.get(), cost);
    let groups = host
        .store()
        .breakdown(&Query::default(), Axis::Caller)
        .await
        .unwrap();
    let found: Vec<(&str, u64, u64)> = groups
        .iter()
        .map(|group| {
            let own = group.figures;
            (group.name.as_str(), own.tasks, own.cost.get())
        })
        .collect();
    assert_eq!(found, [("ci", 1, cost), ("", 1, 0), ("guest", 1, 0)]);
    reconciles(host.store()).await;
    host.close().await.unwrap();
}
