//! What stays of outcomes: files of every older release are upgraded, old outcomes become sums, and what was learned outlives both.

#[path = "support/store.rs"]
mod store;
mod support;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use store::{DAY, begin, open, reconciles, settle, template};
use support::{Answer, Vendor, config};
use tinydancer::money::Picodollars;
use tinydancer::store::{
    Axis, Begin, BeginError, Error, Group, Query, ScopeLimit, Snapshot, Store, Verdict,
};
use tinydancer::{Config, Host, Outcome, Status, Task, Tier};

/// Every schema that a release has had before this one's.
const SCHEMAS: [u8; 5] = [1, 6, 7, 8, 9];

#[tokio::test]
async fn a_store_of_each_older_schema_is_upgraded_with_its_rows_and_its_open_calls() {
    let row = template().await;
    for schema in SCHEMAS {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("s.db");
        let fixture = format!("tests/fixtures/stores/schema-{schema}.db");
        std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(fixture), &path).unwrap();
        let store = open(&path).await;
        // The call that was open when the old release ended is booked in full.
        assert_eq!(store.recovered(), 1, "{schema}");
        let call = store.outcome("open").await.unwrap();
        assert_eq!((call.status, call.cost.get()), (Status::Failure, 60));
        assert_eq!(call.caller, if schema >= 8 { "ci" } else { "" });
        assert_eq!(store.spent(DAY).await.unwrap().get(), 67, "{schema}");
        let rows = store.outcomes(&Query::default()).await.unwrap();
        assert_eq!(rows.len(), if schema < 7 { 3 } else { 4 }, "{schema}");
        let with_hops = rows.iter().filter(|row| !row.hops.is_empty()).count();
        // The open call's is told at recovery.
        assert_eq!(call.hops.last().unwrap().cost, call.cost, "{schema}");
        assert_eq!(with_hops, 1 + usize::from(schema == 6), "{schema}");
        let scopes = if schema < 7 { (0, 0) } else { (67, 0) };
        let (settled, reserved) = store.spent_of("hour 2026-03-01T14+00").await.unwrap();
        assert_eq!((settled.get(), reserved.get()), scopes, "{schema}");
        let learned = store.feedback_after(0).await.unwrap().len();
        assert_eq!(learned, usize::from(schema >= 8), "{schema}");
        // What it had leased and not used is given back.
        assert_eq!(store.under_way().await.unwrap().leased.get(), 0);
        reconciles(&store).await;

        // And it works on, under limits of every kind.
        let new = |id: &str| Begin {
            scopes: vec![ScopeLimit {
                scope: "hour 15".into(),
                limit: Picodollars::new(10),
            }],
            ..begin(&row, id, 10, Some(77))
        };
        settle(store.begin(new("new")).await.unwrap(), &row, "new", 10).await;
        reconciles(&store).await;
        let twice = store.begin(new("new")).await;
        assert!(matches!(twice, Err(BeginError::Store(Error::Duplicate(_)))));
        let refused = store.begin(new("more")).await;
        assert!(matches!(refused, Err(BeginError::BudgetSpent { .. })));
    }
}

/// A host whose clock is set by hand.
async fn host_at(clock: &Arc<AtomicI64>, config: Config, home: &Path) -> Host {
    let clock = clock.clone();
    Host::builder()
        .home(home)
        .config(config)
        .clock(move || Timestamp::from_second(clock.load(Ordering::SeqCst)).unwrap())
        .build()
        .await
        .unwrap()
}

fn seconds(time: &str) -> i64 {
    time.parse::<Timestamp>().unwrap().as_second()
}

fn kinds() -> Vec<Task> {
    let paid = |tier, caller: &str| Task {
        routing_tier: Some(tier),
        caller: caller.to_owned(),
        ..Task::new("Rename x to y")
    };
    vec![
        Task::new("Use const instead of var").with_code("var x = 1;"),
        paid(Tier::Small, "ci"),
        paid(Tier::Small, ""),
        paid(Tier::Strong, "ci"),
    ]
}

async fn figures(store: &Store) -> Vec<Vec<Group>> {
    let mut all = Vec::new();
    for axis in [
        Axis::Day,
        Axis::Tier,
        Axis::Model,
        Axis::Provider,
        Axis::Kind,
        Axis::Caller,
    ] {
        let mut groups = store.breakdown(&Query::default(), axis).await.unwrap();
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        all.push(groups);
    }
    all
}

#[tokio::test]
async fn old_outcomes_become_sums_and_every_figure_and_all_that_was_learned_stays() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let mut settings = config(&vendor.url);
    settings.budget.daily_limit = Some("10".into());
    settings.budget.tier_limits = [("1".to_owned(), "5".to_owned())].into();
    let clock = Arc::new(AtomicI64::new(0));
    let host = host_at(&clock, settings.clone(), home.path()).await;
    for day in [
        "2026-03-01T10:00:00Z",
        "2026-03-02T23:59:59Z",
        "2026-06-01T10:00:00Z",
    ] {
        clock.store(seconds(day), Ordering::SeqCst);
        for task in kinds() {
            let done = host.run(task).await;
            assert_eq!(done.outcome.status, Status::Success, "{:?}", done.result);
            host.store().flush().await.unwrap();
            host.feedback(&done.outcome.id, Verdict::Underpowered)
                .await
                .unwrap();
        }
    }
    let before = figures(host.store()).await;
    let stats = host.store().stats(&Query::default()).await.unwrap();
    let asked = Task::new("Rename x to y");
    let decided = host.route(&asked).await.decision.unwrap();
    let march = host.store().spending(9).await.unwrap();
    let pieces = host.store().feedback_after(0).await.unwrap().len();

    let done = host
        .compact("2026-04-01T00:00:00Z".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(done.outcomes, 8);
    let rows = host.store().outcomes(&Query::default()).await.unwrap();
    assert_eq!(rows.len(), 4);
    assert_eq!(figures(host.store()).await, before);
    let after = host.store().stats(&Query::default()).await.unwrap();
    assert_eq!(
        (after.routed, after.by_tier, after.cost, after.baseline),
        (stats.routed, stats.by_tier, stats.cost, stats.baseline)
    );
    assert_eq!(
        (after.booster_tried, after.booster_answered, after.fallbacks),
        (stats.booster_tried, stats.booster_answered, stats.fallbacks)
    );
    assert_eq!(host.store().spending(9).await.unwrap(), march);
    reconciles(host.store()).await;
    host.store().shrink().await.unwrap();
    host.close().await.unwrap();

    // What the deleted feedback taught is in the base.
    let host = host_at(&clock, settings, home.path()).await;
    let again = host.route(&asked).await.decision.unwrap();
    assert_eq!(again.tier, decided.tier);
    for (after, before) in again.estimates.iter().zip(&decided.estimates) {
        assert_eq!(after.tier, before.tier);
        assert!(
            (after.quality - before.quality).abs() < 1e-3,
            "{again:?} {decided:?}"
        );
    }
    let kept = host.store().feedback_after(0).await.unwrap();
    // That of one day of three.
    assert_eq!(kept.len() * 3, pieces);
    reconciles(host.store()).await;
    let error = host.unlearn(1).await.unwrap_err().to_string();
    assert!(error.contains("was compacted"), "{error}");
}

#[tokio::test]
async fn outcomes_older_than_they_are_to_be_kept_go_at_the_end_and_those_of_two_days_never_do() {
    let home = tempfile::tempdir().unwrap();
    let mut settings = config("http://127.0.0.1:9");
    let clock = Arc::new(AtomicI64::new(0));
    let transform = || Task::new("Use const instead of var").with_code("var x = 1;");
    let host = host_at(&clock, settings.clone(), home.path()).await;
    for day in [
        "2026-03-01T10:00:00Z",
        "2026-03-05T10:00:00Z",
        "2026-03-06T10:00:00Z",
    ] {
        clock.store(seconds(day), Ordering::SeqCst);
        host.run(transform()).await;
    }
    host.close().await.unwrap();
    settings.outcomes.keep_days = Some(3);
    let host = host_at(&clock, settings.clone(), home.path()).await;
    assert_eq!(
        host.store()
            .outcomes(&Query::default())
            .await
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        host.store().stats(&Query::default()).await.unwrap().routed,
        3
    );
    host.compact(Timestamp::MAX).await.unwrap();
    assert_eq!(
        host.store()
            .outcomes(&Query::default())
            .await
            .unwrap()
            .len(),
        2
    );
    host.close().await.unwrap();
    clock.store(seconds("2026-03-09T12:00:00Z"), Ordering::SeqCst);
    let host = host_at(&clock, settings, home.path()).await;
    assert!(
        host.store()
            .outcomes(&Query::default())
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        host.store().stats(&Query::default()).await.unwrap().routed,
        3
    );
}

#[tokio::test]
async fn what_is_under_way_or_not_yet_learned_or_not_accepted_is_not_compacted() {
    let home = tempfile::tempdir().unwrap();
    let row = template().await;
    let store = open(&home.path().join("s.db")).await;
    let old = |id: &str| Outcome {
        id: id.into(),
        started_at: "2026-03-01T00:00:00Z".parse().unwrap(),
        model: Some("m".into()),
        provider: Some("p".into()),
        ..row.clone()
    };
    let begin = |id: &str| Begin {
        outcome: Outcome {
            status: Status::Started,
            ..old(id)
        },
        ..begin(&row, id, 10, None)
    };
    let running = store.begin(begin("open")).await.unwrap();
    let dear = store.begin(begin("dear")).await.unwrap();
    dear.settle(old("dear"), Picodollars::new(99), None)
        .await
        .unwrap();
    store.record(old("plain"), None).await;
    store.record(old("judged"), None).await;
    store.flush().await.unwrap();
    store.feedback("judged", Verdict::Failed).await.unwrap();
    let all = "2026-04-01T00:00:00Z".parse().unwrap();
    assert_eq!(store.compact(all).await.unwrap().outcomes, 1);
    assert_eq!(
        store.outcome("plain").await,
        Err(Error::NoSuchTask("plain".into()))
    );
    reconciles(&store).await;
    running
        .settle(old("open"), Picodollars::new(5), None)
        .await
        .unwrap();
    store.accept_overruns().await.unwrap();
    assert_eq!(store.compact(all).await.unwrap().outcomes, 2);
    let day = &store.spending(1).await.unwrap()[0];
    assert_eq!((day.settled.get(), day.overrun.get()), (104, 89));
    // The feedback has no base yet.
    assert!(store.outcome("judged").await.is_ok());
    assert_eq!(store.feedback_after(0).await.unwrap().len(), 1);
    reconciles(&store).await;
}

#[tokio::test]
async fn after_compaction_nothing_is_learned_from_a_base_whose_log_is_no_longer_whole() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let clock = Arc::new(AtomicI64::new(0));
    let host = host_at(&clock, config(&vendor.url), home.path()).await;
    let mut first = None;
    for day in ["2026-03-01T10:00:00Z", "2026-06-01T10:00:00Z"] {
        clock.store(seconds(day), Ordering::SeqCst);
        for task in kinds() {
            let done = host.run(task).await;
            host.store().flush().await.unwrap();
            host.feedback(&done.outcome.id, Verdict::Underpowered)
                .await
                .unwrap();
            if first.is_none() {
                let log = host.store().feedback_after(0).await.unwrap();
                let base = Snapshot {
                    bytes: host.policy().snapshot().unwrap(),
                    through_seq: log.last().unwrap().0,
                };
                first = Some((base.through_seq, done.outcome.id));
                host.store().save_snapshot(base).await.unwrap();
            }
        }
    }
    let young = host.store().outcomes(&Query::default()).await.unwrap()[0]
        .id
        .clone();
    let learned = host.policy().learned().unwrap();
    let done = host.compact("2026-04-01T00:00:00Z".parse().unwrap()).await;
    assert_eq!(done.unwrap().outcomes, 4);
    // The old base is there before the compaction, and what comes after it in the log is not.
    let (through, gone) = first.unwrap();
    let kept = host.store().snapshot_through(through).await.unwrap();
    assert_eq!(kept, None);
    let judged = host.feedback(&gone, Verdict::GoodFit).await;
    assert!(judged.is_err());
    // A verdict that a base holds for good has a later one beside it, and forgets nothing else.
    host.feedback(&young, Verdict::GoodFit).await.unwrap();
    assert_eq!(host.policy().learned().unwrap(), learned + 1);
    let error = host.unlearn(through + 1).await.unwrap_err().to_string();
    assert!(error.contains("was compacted"), "{error}");
}
