//! The store by its public interface: what is durable and what is refused. What a kill leaves is in `kills.rs`.

#[path = "support/store.rs"]
mod ledger;
mod support;

use std::time::Duration;

use ledger::{DAY, begin, open, reconciles, settle, template};
use support::{Answer, Vendor, config, host};
use tinydancer::store::{BeginError, Error, Options, Query, Recorded, Store, Verdict};
use tinydancer::{Outcome, Status, Task, Tier};

#[tokio::test]
async fn money_is_reserved_settled_and_refused_at_the_limit() {
    let home = tempfile::tempdir().unwrap();
    let row = template().await;
    let store = open(&home.path().join("s.db")).await;
    let first = store.begin(begin(&row, "a", 60, Some(100))).await.unwrap();
    let refused = store
        .begin(begin(&row, "b", 50, Some(100)))
        .await
        .unwrap_err();
    assert!(matches!(refused, BeginError::BudgetSpent { .. }));
    assert_eq!(store.spent(DAY).await.unwrap().get(), 60);
    settle(first, &row, "a", 20).await;
    assert_eq!(store.spent(DAY).await.unwrap().get(), 20);
    // A vendor that bills more than was set aside is booked in full, and blocks what comes next.
    let second = store.begin(begin(&row, "c", 50, Some(100))).await.unwrap();
    settle(second, &row, "c", 90).await;
    assert_eq!(store.spending(1).await.unwrap()[0].overrun.get(), 40);
    assert!(store.begin(begin(&row, "d", 1, Some(100))).await.is_err());
    reconciles(&store).await;
    let twice = store.begin(begin(&row, "a", 1, None)).await.unwrap_err();
    assert!(
        matches!(twice, BeginError::Store(Error::Duplicate(_))),
        "{twice}"
    );
}

#[tokio::test]
async fn two_stores_on_one_file_keep_one_limit_and_leave_each_others_calls_alone() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("s.db");
    let row = template().await;
    let one = open(&path).await;
    let held = one.begin(begin(&row, "a", 60, Some(100))).await.unwrap();
    let two = open(&path).await;
    assert_eq!(two.recovered(), 0);
    assert!(two.begin(begin(&row, "b", 50, Some(100))).await.is_err());
    let other = two.begin(begin(&row, "c", 40, Some(100))).await.unwrap();
    drop(other);
    two.flush().await.unwrap();
    assert_eq!(two.outcome("c").await.unwrap().status, Status::Cancelled);
    settle(held, &row, "a", 1).await;
    assert_eq!(two.spent(DAY).await.unwrap().get(), 41);
}

#[tokio::test]
async fn an_outcome_comes_back_as_it_went_in_also_after_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("s.db");
    let row = template().await;
    let store = open(&path).await;
    assert_eq!(store.record(row.clone(), None).await, Recorded::Queued);
    // A caller's id that comes again is kept under another.
    assert_eq!(store.record(row.clone(), None).await, Recorded::Queued);
    store.close().await.unwrap();
    let again = open(&path).await;
    let kept = again.outcome(&row.id).await.unwrap();
    // The file keeps microseconds.
    let expected = Outcome {
        started_at: kept.started_at,
        ..row.clone()
    };
    assert_eq!(kept, expected);
    assert_eq!(
        kept.started_at.as_microsecond(),
        row.started_at.as_microsecond()
    );
    assert_eq!(again.outcomes(&Query::default()).await.unwrap().len(), 2);
    assert_eq!(
        again
            .outcomes(&Query {
                status: Some(Status::Failure),
                ..Query::default()
            })
            .await
            .unwrap()
            .len(),
        0
    );
}

#[tokio::test]
async fn outcomes_are_found_by_time_tier_model_kind_caller_and_status() {
    let home = tempfile::tempdir().unwrap();
    let template = template().await;
    let store = open(&home.path().join("s.db")).await;
    for hour in 0..24_u8 {
        let row = Outcome {
            id: format!("h{hour:02}"),
            started_at: format!("2026-03-01T{hour:02}:00:00Z").parse().unwrap(),
            tier_done: Tier::try_from(hour % 5).ok(),
            model: (hour % 2 == 1).then(|| "m".to_owned()),
            kind: if hour < 12 { "fix" } else { "docs" }.to_owned(),
            caller: if hour % 3 == 0 { "ci" } else { "" }.to_owned(),
            status: if hour == 7 {
                Status::Failure
            } else {
                Status::Success
            },
            ..template.clone()
        };
        store.record(row, None).await;
    }
    store.flush().await.unwrap();
    let at = |time: &str| Some(time.parse().unwrap());
    let all = Query::default;
    let cases: [(Query, &[u8]); 9] = [
        (
            Query {
                // Not before the one, and before the other.
                since: at("2026-03-01T03:00:00Z"),
                until: at("2026-03-01T06:00:00Z"),
                ..all()
            },
            &[5, 4, 3],
        ),
        (
            Query {
                tier: Some(Tier::Strong),
                ..all()
            },
            &[19, 14, 9, 4],
        ),
        (
            Query {
                model: Some("m".into()),
                until: at("2026-03-01T06:00:00Z"),
                ..all()
            },
            &[5, 3, 1],
        ),
        (
            Query {
                kind: Some("docs".into()),
                tier: Some(Tier::Small),
                ..all()
            },
            &[21, 16],
        ),
        (
            Query {
                caller: Some("ci".into()),
                limit: Some(2),
                ..all()
            },
            &[21, 18],
        ),
        (
            Query {
                status: Some(Status::Failure),
                ..all()
            },
            &[7],
        ),
        (
            Query {
                model: Some("other".into()),
                ..all()
            },
            &[],
        ),
        (
            Query {
                since: at("2026-03-02T00:00:00Z"),
                ..all()
            },
            &[],
        ),
        (
            Query {
                limit: Some(1),
                ..all()
            },
            &[23],
        ),
    ];
    for (query, hours) in cases {
        let found = store.outcomes(&query).await.unwrap();
        let found: Vec<&str> = found.iter().map(|row| row.id.as_str()).collect();
        let expected: Vec<String> = hours.iter().map(|hour| format!("h{hour:02}")).collect();
        assert_eq!(found, expected, "{query:?}");
        if query.limit.is_none() {
            let counted = store.stats(&query).await.unwrap().routed;
            assert_eq!(counted, hours.len() as u64, "{query:?}");
        }
    }
}

#[tokio::test]
async fn a_dropped_store_has_written_what_it_took() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("s.db");
    let row = template().await;
    let store = open(&path).await;
    for at in 0..500 {
        store
            .record(
                Outcome {
                    id: format!("r{at}"),
                    ..row.clone()
                },
                None,
            )
            .await;
    }
    drop(store);
    let again = open(&path).await;
    assert_eq!(again.outcomes(&Query::default()).await.unwrap().len(), 500);
}

#[tokio::test]
async fn of_many_outcomes_that_come_at_once_none_is_lost_also_where_ids_came_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = open(&path).await;
    let template = template().await;
    for at in 0..100_u8 {
        // Each tenth has the id of the one before it.
        let id = format!("task-{}", at - u8::from(at % 10 == 8));
        let row = Outcome {
            id,
            complexity: at,
            ..template.clone()
        };
        assert_eq!(store.record(row, None).await, Recorded::Queued);
    }
    store.flush().await.unwrap();
    let kept = store.outcomes(&Query::default()).await.unwrap();
    let mut complexities: Vec<u8> = kept.iter().map(|row| row.complexity).collect();
    complexities.sort_unstable();
    assert_eq!(complexities, (0..100).collect::<Vec<u8>>());
    let renamed = kept.iter().filter(|row| row.id.contains('~')).count();
    assert_eq!(renamed, 10);
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_full_queue_is_waited_for_and_then_told() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("s.db");
    let row = template().await;
    let store = Store::open(
        &path,
        Options {
            queue: 2,
            busy_timeout: Duration::from_secs(3),
            ..Options::default()
        },
    )
    .await
    .unwrap();
    // Another program holds the file, so that nothing can be written for a while.
    let mut other = <sqlx::SqliteConnection as sqlx::Connection>::connect(&format!(
        "sqlite:{}",
        path.display()
    ))
    .await
    .unwrap();
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut other)
        .await
        .unwrap();
    let mut refused = None;
    for at in 0..5_000 {
        if let Recorded::Unrecorded(reason) = store
            .record(
                Outcome {
                    id: format!("r{at}"),
                    ..row.clone()
                },
                None,
            )
            .await
        {
            refused = Some(reason);
            break;
        }
    }
    assert!(refused.unwrap().contains("100 ms"));
    assert_eq!(store.unrecorded(), 1);
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    store.flush().await.unwrap();
}

#[tokio::test]
async fn verdicts_are_about_tasks_that_were_done() {
    let home = tempfile::tempdir().unwrap();
    let row = template().await;
    let store = open(&home.path().join("s.db")).await;
    store.record(row.clone(), None).await;
    store
        .record(
            Outcome {
                id: "none".into(),
                tier_done: None,
                ..row.clone()
            },
            None,
        )
        .await;
    store.flush().await.unwrap();
    let feedback = store.feedback(&row.id, Verdict::Failed).await.unwrap();
    let taught: Vec<(f32, u8)> = feedback.iter().map(|own| (own.quality, own.tier)).collect();
    assert_eq!(taught, [(0.0, 0)]);
    assert_eq!(store.outcome(&row.id).await.unwrap().quality, Some(0.0));
    assert_eq!(
        store.feedback("none", Verdict::GoodFit).await,
        Err(Error::NothingDone("none".into()))
    );
    assert_eq!(
        store.feedback("never", Verdict::GoodFit).await,
        Err(Error::NoSuchTask("never".into()))
    );
    assert_eq!(store.feedback_after(0).await.unwrap().len(), 1);
}

#[tokio::test]
async fn files_that_cannot_be_used_are_refused_and_left_as_they_are() {
    let home = tempfile::tempdir().unwrap();
    let damaged = home.path().join("damaged.db");
    std::fs::write(
        &damaged,
        "this is no database, and it is longer than a header of one hundred bytes; ".repeat(20),
    )
    .unwrap();
    let before = std::fs::read(&damaged).unwrap();
    assert!(matches!(
        Store::open(&damaged, Options::default()).await.map(|_| ()),
        Err(Error::Damaged { .. })
    ));
    assert_eq!(std::fs::read(&damaged).unwrap(), before);

    let newer = home.path().join("newer.db");
    drop(Store::open(&newer, Options::default()).await.unwrap());
    let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(&format!(
        "sqlite:{}",
        newer.display()
    ))
    .await
    .unwrap();
    sqlx::query("UPDATE _sqlx_migrations SET version = 999 WHERE version = (SELECT max(version) FROM _sqlx_migrations)")
        .execute(&mut connection)
        .await
        .unwrap();
    drop(connection);
    assert!(matches!(
        Store::open(&newer, Options::default()).await.map(|_| ()),
        Err(Error::Newer { found: 999, .. })
    ));

    let through_a_file = damaged.join("s.db");
    assert!(matches!(
        Store::open(&through_a_file, Options::default())
            .await
            .map(|_| ()),
        Err(Error::Io { .. })
    ));
}

#[tokio::test]
async fn a_store_that_is_down_refuses_paid_calls_and_lets_tier_0_answer() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let host = host(config(&vendor.url), home.path()).await;
    host.store().clone().close().await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let paid = host.run(Task::new("Rename x to y")).await;
    assert_eq!(paid.outcome.status, Status::Failure);
    assert!(vendor.asked().is_empty());
    let free = host
        .run(Task::new("Use const instead of var").with_code("var x = 1;"))
        .await;
    assert_eq!(free.outcome.status, Status::Success);
    assert!(free.unrecorded.is_some());
}
