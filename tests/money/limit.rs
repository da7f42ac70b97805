//! A limit holds however many tasks come at once, vendors that fall silent, and callers that go away.

use std::sync::Arc;
use std::time::Duration;

use tinydancer::Status;
use tinydancer::money::Picodollars;

use crate::support::{Answer, Vendor, claude, host};
use crate::{LONG, bound_of_small, limited, run_at_once, small, statuses};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn vendors_that_fall_silent_are_booked_at_the_bound_and_512_tasks_keep_the_limit() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Silence]).await;
    let (mut settings, limit) = limited(&vendor, 100).await;
    claude(&mut settings).first_byte_timeout_ms = Some(300);
    let host = Arc::new(host(settings, home.path()).await);
    run_at_once(&host, vec![LONG; 512], limit).await;
    let counts = statuses(&host).await;
    // A breaker may stop calls before the limit does, once some have timed out: none of those is paid.
    let paid = vendor.asked().len();
    assert!(paid <= 100, "{paid}");
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<usize>(), 512);
    let spent = host.store().spent(host.today()).await.unwrap();
    assert_eq!(spent, bound_of_small().await.saturating_mul(paid as u64));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn answers_that_come_after_the_caller_hung_up_are_paid_for_and_512_tasks_keep_the_limit() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Late(Duration::from_secs(20), "late")]).await;
    let (settings, limit) = limited(&vendor, 100).await;
    let host = Arc::new(host(settings, home.path()).await);
    let patience = (0..512).map(|at| Duration::from_millis(1_500 + at % 7 * 50));
    run_at_once(&host, patience.collect(), limit).await;
    let counts = statuses(&host).await;
    assert_eq!(
        counts,
        [(Status::Cancelled, 100), (Status::RefusedByBudget, 412)]
    );
    assert_eq!(host.store().spent(host.today()).await.unwrap(), limit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_caller_that_goes_away_at_any_moment_leaves_exactly_one_outcome() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Late(Duration::from_millis(5), "ok")]).await;
    let (settings, limit) = limited(&vendor, 30).await;
    let host = Arc::new(host(settings, home.path()).await);
    // Among them such as go away while they are decided, reserved, refused, called and settled.
    let patience = (0..512).map(|at| Duration::from_micros(at * 100));
    run_at_once(&host, patience.collect(), limit).await;
    let counts = statuses(&host).await;
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<usize>(), 512);
    assert!(counts.iter().all(|(status, _)| *status != Status::Started));
    let gone = counts
        .iter()
        .find(|(status, _)| *status == Status::Cancelled);
    assert!(gone.is_some_and(|(_, count)| *count > 0), "{counts:?}");
}

#[tokio::test]
async fn a_caller_that_goes_away_before_a_call_is_made_pays_nothing() {
    // One look at it: the row is handed over, and nobody waits for its commit. Where the commit was quicker than the look, the call is made, and
    // another try shows what this is about.
    for _ in 0..50 {
        let home = tempfile::tempdir().unwrap();
        let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
        let (settings, _) = limited(&vendor, 10).await;
        let host = host(settings, home.path()).await;
        let begun = tokio::time::timeout(Duration::ZERO, host.run(small())).await;
        host.store().flush().await.unwrap();
        let spent = host.store().spent(host.today()).await.unwrap();
        if begun.is_ok() || spent > Picodollars::default() || !vendor.asked().is_empty() {
            continue;
        }
        assert_eq!(statuses(&host).await, [(Status::Cancelled, 1)]);
        return;
    }
    panic!("fifty times the commit was quicker");
}
