//! The day and the hour that money belongs to, by a clock that is set by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tinydancer::config::Candidate;
use tinydancer::store::{Axis, Query};
use tinydancer::{Config, Host, Status};

use crate::support::{self, Answer, Vendor, claude};
use crate::{bound_of_small, dollars, limited, small};

/// A clock that is set by hand.
#[derive(Clone)]
pub(crate) struct Clock(Arc<AtomicI64>);

impl Clock {
    pub(crate) fn at(time: &str) -> Clock {
        let clock = Clock(Arc::new(AtomicI64::new(0)));
        clock.set(time);
        clock
    }

    fn set(&self, time: &str) {
        let time: Timestamp = time.parse().unwrap();
        self.0.store(time.as_microsecond(), Ordering::SeqCst);
    }

    pub(crate) async fn host(&self, config: Config, home: &std::path::Path) -> Host {
        let own = self.0.clone();
        Host::builder()
            .home(home)
            .config(config)
            .clock(move || Timestamp::from_microsecond(own.load(Ordering::SeqCst)).unwrap())
            .build()
            .await
            .unwrap()
    }
}

async fn settled(host: &Host, day: &str) -> u64 {
    let (settled, _) = host.store().spent_on(day.parse().unwrap()).await.unwrap();
    settled.get()
}

#[tokio::test]
async fn money_belongs_to_the_day_on_which_it_was_set_aside_also_where_the_answer_comes_after_midnight()
 {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Late(Duration::from_millis(500), "ok")]).await;
    let (mut settings, _) = limited(&vendor, 1).await;
    settings.budget.time_zone = "Europe/Berlin".into();
    let clock = Clock::at("2026-01-31T22:59:59Z");
    let host = Arc::new(clock.host(settings, home.path()).await);
    let running = tokio::spawn({
        let host = host.clone();
        async move { host.run(small()).await.outcome }
    });
    while vendor.asked().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    clock.set("2026-01-31T23:00:01Z");
    assert_eq!(host.today().to_string(), "2026-02-01");
    // The new day has its whole limit, while the call of the old one is under way.
    assert_eq!(host.run(small()).await.outcome.status, Status::Success);
    let first = running.await.unwrap();
    assert_eq!(settled(&host, "2026-01-31").await, first.cost.get());
    assert_eq!(settled(&host, "2026-02-01").await, first.cost.get());
    assert!(host.store().check_ledger().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn a_clock_that_jumps_back_and_forth_opens_no_days_limit_twice() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Untold("ok")]).await;
    let (settings, limit) = limited(&vendor, 2).await;
    let clock = Clock::at("2026-03-02T12:00:00Z");
    let host = clock.host(settings, home.path()).await;
    for time in [
        "2026-03-02T12:00:00Z",
        "2026-03-01T12:00:00Z",
        "2026-03-03T00:00:00Z",
        "2026-03-02T00:00:00Z",
        "2026-03-02T23:59:59Z",
        "2026-03-01T23:59:59Z",
        "2026-03-03T12:00:00Z",
        "2026-03-02T12:00:00Z",
    ] {
        clock.set(time);
        for _ in 0..2 {
            host.run(small()).await;
        }
    }
    for day in ["2026-03-01", "2026-03-02", "2026-03-03"] {
        assert_eq!(settled(&host, day).await, limit.get(), "{day}");
    }
    assert_eq!(vendor.asked().len(), 6);
    assert!(host.store().check_ledger().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn a_day_of_25_hours_is_one_day_and_the_hour_that_it_repeats_is_two() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Untold("ok")]).await;
    let (mut settings, limit) = limited(&vendor, 3).await;
    settings.budget.time_zone = "Europe/Berlin".into();
    settings.budget.hourly_limit = Some(dollars(bound_of_small().await));
    // Summer time ends in this night: half past two comes twice.
    let clock = Clock::at("2026-10-25T00:30:00Z");
    let host = clock.host(settings, home.path()).await;
    let mut ended = Vec::new();
    for time in [
        "2026-10-25T00:30:00Z",
        "2026-10-25T00:59:59Z",
        "2026-10-25T01:30:00Z",
        "2026-10-25T01:59:59Z",
        "2026-10-25T22:59:59Z",
        "2026-10-25T22:00:00Z",
        "2026-10-25T21:00:00Z",
    ] {
        clock.set(time);
        ended.push(host.run(small()).await.outcome.status == Status::Success);
    }
    // The first of each hour is paid, the second is not; the last one meets the day's limit.
    assert_eq!(ended, [true, false, true, false, true, false, false]);
    assert_eq!(settled(&host, "2026-10-25").await, limit.get());
    clock.set("2026-10-25T23:00:00Z");
    assert_eq!(host.today().to_string(), "2026-10-26");
    assert_eq!(host.run(small()).await.outcome.status, Status::Success);
}

#[tokio::test]
async fn a_hop_after_midnight_counts_where_the_first_one_did() {
    let home = tempfile::tempdir().unwrap();
    let down = support::error(529, "overloaded_error", "");
    let vendor = Vendor::start(vec![Answer::Half, Answer::Untold("ok"), down]).await;
    let (mut settings, _) = limited(&vendor, 100).await;
    settings.budget.hourly_limit = settings.budget.daily_limit.clone();
    settings.tiers.entry("1".to_owned()).or_default().fallbacks = vec![Candidate {
        model: "claude-sonnet-5-5".to_owned(),
        ..Candidate::default()
    }];
    claude(&mut settings).idle_timeout_ms = Some(400);
    let clock = Clock::at("2026-01-31T23:59:59Z");
    let host = Arc::new(clock.host(settings, home.path()).await);
    let running = tokio::spawn({
        let host = host.clone();
        async move { host.run(small()).await.outcome }
    });
    while vendor.asked().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    clock.set("2026-02-01T00:00:01Z");
    let done = running.await.unwrap();
    assert_eq!(done.hops.len(), 2, "{:?}", done.reasons);
    assert_eq!(settled(&host, "2026-01-31").await, done.cost.get());
    assert_eq!(settled(&host, "2026-02-01").await, 0);
    let hour = host
        .store()
        .spent_of("hour 2026-01-31T23+00")
        .await
        .unwrap();
    assert_eq!(hour.0, done.cost);
    let days = host
        .store()
        .breakdown(&Query::default(), Axis::Day)
        .await
        .unwrap();
    assert_eq!(days.len(), 1);
    assert!(host.store().check_ledger().await.unwrap().faults.is_empty());
}
