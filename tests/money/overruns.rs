//! Bills above the bound: recorded as overruns, and what they hold back.

use std::sync::Arc;

use tinydancer::money::Picodollars;
use tinydancer::store::Query;
use tinydancer::{Status, Task, Tier};

use crate::support::{self, Answer, Vendor, config, host};
use crate::{LONG, limited, run_at_once, small};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_bill_above_the_bound_passes_the_limit_by_the_recorded_overrun_alone() {
    let home = tempfile::tempdir().unwrap();
    // Every tenth answer costs a hundred times what it may.
    let answers = (0..200)
        .map(|at| match at % 10 {
            9 => Answer::Billed(1_000_000, "dear"),
            _ => Answer::Untold("ok"),
        })
        .collect();
    let vendor = Vendor::start(answers).await;
    let (settings, limit) = limited(&vendor, 100).await;
    let host = Arc::new(host(settings, home.path()).await);
    run_at_once(&host, vec![LONG; 512], Picodollars::new(u64::MAX)).await;
    let day = &host.store().spending(1).await.unwrap()[0];
    assert!(day.overrun.get() > 0);
    assert!(day.settled.saturating_sub(day.overrun) <= limit, "{day:?}");
    assert_eq!(day.reserved.get(), 0);
    let told = host.store().overruns().await.unwrap();
    let beyond: u64 = told
        .iter()
        .map(|own| own.cost.get() - own.bound.get())
        .sum();
    assert_eq!(beyond, day.overrun.get());
    // Nothing is dispatched after it.
    let before = vendor.asked().len();
    let refused = host.run(small()).await;
    assert_eq!(refused.outcome.status, Status::RefusedByBudget);
    assert_eq!(vendor.asked().len(), before);
}

#[tokio::test]
async fn an_absurd_bill_is_recorded_as_an_overrun_too_however_many_come_at_once() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("ok"), Answer::Billed(u64::MAX, "absurd")]).await;
    let host = Arc::new(host(config(&vendor.url), home.path()).await);
    let first = host.run(small()).await.outcome.cost.get();
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let host = host.clone();
            tokio::spawn(async move { host.run(small()).await })
        })
        .collect();
    let mut absurd = 0;
    for task in tasks {
        let done = task.await.unwrap();
        assert_eq!(done.unrecorded, None);
        absurd += u64::from(done.outcome.status == Status::Success);
    }
    assert!(absurd > 0);
    let day = &host.store().spending(1).await.unwrap()[0];
    let most = tinydancer::money::DEAREST_CALL;
    assert_eq!(day.settled.get(), first + absurd * most.get());
    assert_eq!(
        host.run(small()).await.outcome.status,
        Status::RefusedByBudget
    );
    // Every figure can still be added up.
    host.store().stats(&Query::default()).await.unwrap();
    assert_eq!(
        host.store().check_ledger().await.unwrap().faults,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_model_that_billed_above_its_bound_is_held_back_until_somebody_accepts_it() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Billed(1_000_000, "dear"), Answer::Text("ok")]).await;
    // Of the limit much is left.
    let (settings, _) = limited(&vendor, 1_000_000).await;
    let host = support::host(settings.clone(), home.path()).await;
    let dear = host.run(small()).await.outcome;
    assert_eq!(dear.status, Status::Success);
    assert!(
        dear.reasons
            .iter()
            .any(|words| words.contains("was billed"))
    );
    let refused = host.run(small()).await;
    assert_eq!(refused.outcome.status, Status::RefusedByBudget);
    let words = refused.result.unwrap_err().to_string();
    assert!(
        words.contains("above its bound") && words.contains(&dear.id),
        "{words}"
    );
    assert_eq!(vendor.asked().len(), 1);
    // Another model's bound is as good as before.
    let other = Task {
        routing_tier: Some(Tier::Middle),
        ..small()
    };
    assert_eq!(host.run(other).await.outcome.status, Status::Success);
    host.close().await.unwrap();

    // A new start forgets nothing.
    let host = support::host(settings, home.path()).await;
    let again = host.run(small()).await.outcome.status;
    assert_eq!(again, Status::RefusedByBudget);
    assert_eq!(host.store().accept_overruns().await.unwrap(), 1);
    assert_eq!(host.run(small()).await.outcome.status, Status::Success);
    assert!(
        host.store().overruns().await.unwrap()[0]
            .accepted_at
            .is_some()
    );
}

#[tokio::test]
async fn a_model_that_is_held_back_leaves_its_work_to_a_lower_tier_with_the_reason() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Billed(1_000_000, "dear"), Answer::Text("ok")]).await;
    let host = support::host(config(&vendor.url), home.path()).await;
    let task =
        || Task::new("Add pagination to the orders endpoint, with tests for the first page.");
    let dear = host.run(task()).await.outcome;
    assert!(dear.tier_done > Some(Tier::Small), "{:?}", dear.tier_done);
    let lower = host.run(task()).await.outcome;
    assert_eq!(lower.status, Status::Success);
    assert!(lower.tier_done < dear.tier_done);
    assert_eq!(lower.fallback_reason.as_deref(), Some("held-back"));
}
