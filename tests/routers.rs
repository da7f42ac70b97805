//! A router whose guest fails in one of its calls: what becomes of the task, of the outcome, and of what was learned.

#[path = "support/store.rs"]
mod store;
mod support;

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, Once};

use store::{open, template};
use support::{Answer, FailingRouter, Misbehaviour, Vendor, config, host};
use tinydancer::config::TierConfig;
use tinydancer::runtime::{ComponentError, Name};
use tinydancer::store::{Query, Verdict};
use tinydancer::wit::{Features, Feedback};
use tinydancer::{Config, Error, Host, Outcome, Status, Task, Tier};

const ORDINARY: &str =
    "Add pagination to the orders endpoint, with tests for the first, the last and an empty page";

/// Settings with a router that sends every task to tier 1 and fails in one function.
fn failing(function: &str, how: Misbehaviour, url: &str, folder: &Path) -> Config {
    let router = FailingRouter {
        tier: 1,
        function,
        how,
        after: 0,
    };
    with_router(&router, url, folder)
}

fn with_router(router: &FailingRouter<'_>, url: &str, folder: &Path) -> Config {
    let mut settings = config(url);
    settings.components.router = Some(router.write(folder));
    settings.runtime.decision_deadline_ms = Some(30);
    settings
}

/// What the test's own thread logs while it is held.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        // Beside one that takes everything, nothing is taken to be never logged because a thread that does not listen reached it first.
        static NOWHERE: Once = Once::new();
        NOWHERE.call_once(|| {
            let nowhere = tracing_subscriber::fmt()
                .with_writer(std::io::sink)
                .finish();
            tracing::subscriber::set_global_default(nowhere).unwrap();
        });
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false);
        tracing::subscriber::set_default(subscriber.with_writer(move || log.clone()).finish())
    }

    fn warnings(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines().filter(|line| line.contains(" WARN "));
        lines.map(str::to_owned).collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_router_that_cannot_decide_is_stood_in_for_by_the_tasks_level() {
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    for (how, code) in Misbehaviour::ALL {
        let home = tempfile::tempdir().unwrap();
        let host = host(
            failing("decide", how, &vendor.url, home.path()),
            home.path(),
        )
        .await;
        // Twice: a ruined guest is replaced, and not kept.
        for _ in 0..2 {
            let done = host.run(Task::new(ORDINARY)).await;
            let row = done.outcome;
            assert_eq!(row.status, Status::Success, "{:?}", done.result);
            assert_eq!(row.fallback_reason.as_deref(), Some(code));
            assert_eq!(
                (row.tier_decided, row.tier_done),
                (Some(Tier::Middle), Some(Tier::Middle))
            );
            for part in ["router: ", "so the tier is the one of the task's level"] {
                assert!(
                    row.reasons.iter().any(|reason| reason.contains(part)),
                    "{:?}",
                    row.reasons
                );
            }
        }
        let routed = host.route(&Task::new(ORDINARY)).await;
        assert_eq!(
            (routed.tier, routed.fallback_reason.as_deref()),
            (Some(Tier::Middle), Some(code))
        );
        let mut task = Task::new(ORDINARY);
        task.routing_tier = Some(Tier::Strong);
        assert_eq!(host.run(task).await.outcome.tier_done, Some(Tier::Strong));
        host.close().await.unwrap();
    }
}

#[tokio::test]
async fn security_work_is_refused_rather_than_done_by_the_smallest_model_whoever_decides() {
    const SECURITY: &str =
        "Review the login endpoint for SQL injection and fix the vulnerabilities that you find";
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let home = tempfile::tempdir().unwrap();
    let failing = failing("decide", Misbehaviour::Traps, &vendor.url, home.path());
    let mut at_tier_0 = Task::new(SECURITY).with_code("class A {}");
    at_tier_0.routing_tier = Some(Tier::Booster);
    for (mut settings, task) in [
        (config(&vendor.url), Task::new(SECURITY)),
        (failing, Task::new(SECURITY)),
        (config(&vendor.url), at_tier_0),
    ] {
        // Enough for a call at tier 1, and for none above it.
        settings.budget.daily_limit = Some("0.006".to_owned());
        let home = tempfile::tempdir().unwrap();
        let host = host(settings, home.path()).await;
        let row = host.run(task).await.outcome;
        assert_eq!(row.status, Status::RefusedByBudget, "{:?}", row.reasons);
        assert_eq!(row.tier_done, None);
        host.close().await.unwrap();
    }
    assert!(vendor.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_router_failed_route_says_so_and_why_the_levels_tier_does_not_do_it() {
    let home = tempfile::tempdir().unwrap();
    let router = FailingRouter {
        tier: 1,
        function: "decide",
        how: Misbehaviour::Traps,
        after: 0,
    };
    let toml = format!(
        "[components]\nrouter = \"{}\"\n[tiers.2]\nmodel = \"nope-1\"\n",
        router.write(home.path()).display()
    );
    let arguments = ["route", ORDINARY];
    let at = home.path().join("home");
    let (said, well) = support::program(&at, &toml, "http://127.0.0.1:9", &arguments).await;
    assert!(well, "{said}");
    for part in [
        "a component failed (guest-trap)",
        "tier 3 instead of tier 2: it cannot be called",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert!(!said.contains("instead of tier 2: guest-trap"), "{said}");
}

#[tokio::test]
async fn where_the_router_cannot_decide_and_the_levels_tier_cannot_be_called_the_nearest_tier_does_it()
 {
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    for (without, expected) in [
        (&["2"][..], Tier::Thinking),
        (&["2", "3", "4"], Tier::Small),
    ] {
        let home = tempfile::tempdir().unwrap();
        let mut settings = failing("decide", Misbehaviour::Traps, &vendor.url, home.path());
        for tier in without {
            let own = TierConfig {
                model: Some("nope-1".to_owned()),
                ..TierConfig::default()
            };
            settings.tiers.insert((*tier).to_owned(), own);
        }
        let host = host(settings, home.path()).await;
        let done = host.run(Task::new(ORDINARY)).await;
        assert_eq!(done.outcome.status, Status::Success, "{:?}", done.result);
        assert_eq!(done.outcome.tier_done, Some(expected));
        assert_eq!(done.outcome.fallback_reason.as_deref(), Some("guest-trap"));
        host.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_router_that_cannot_decide_after_tier_0_is_stood_in_for_and_said() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let router = FailingRouter {
        tier: 0,
        function: "decide",
        how: Misbehaviour::Traps,
        after: 1,
    };
    let host = host(with_router(&router, &vendor.url, home.path()), home.path()).await;
    // Nothing to change in it.
    let done = host
        .run(Task::new("Use const instead of var").with_code("class A {}"))
        .await;
    let row = done.outcome;
    assert_eq!(row.status, Status::Success, "{:?}", done.result);
    assert_eq!(
        row.fallback_reason.as_deref(),
        Some("no-applicable-transform")
    );
    assert!(
        row.reasons
            .iter()
            .any(|reason| reason.starts_with("router: ")),
        "{:?}",
        row.reasons
    );
}

#[tokio::test]
async fn where_the_router_cannot_learn_the_outcome_is_kept_the_fault_told_and_the_next_task_decided()
 {
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    for (how, code) in Misbehaviour::ALL {
        let home = tempfile::tempdir().unwrap();
        let log = Log::default();
        let listening = log.listen();
        let host = host(failing("learn", how, &vendor.url, home.path()), home.path()).await;
        for _ in 0..2 {
            let done = host.run(Task::new(ORDINARY)).await;
            assert_eq!(
                (done.outcome.status, done.outcome.fallback_reason),
                (Status::Success, None)
            );
            assert_eq!(done.outcome.tier_done, Some(Tier::Small));
            let judged = host
                .feedback(&done.outcome.id, Verdict::Failed)
                .await
                .unwrap();
            assert_eq!(judged.quality, Some(0.0));
        }
        let told = log.warnings();
        // What an end says by itself, and the verdict on it.
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(
            told.iter()
                .all(|line| line.contains(code) && line.contains("in the log")),
            "{told:?}"
        );
        host.close().await.unwrap();
        drop(listening);

        let store = open(&home.path().join("tinydancer.db")).await;
        assert_eq!(store.outcomes(&Query::default()).await.unwrap().len(), 2);
        assert_eq!(store.feedback_after(0).await.unwrap().len(), 4);
    }
}

fn piece() -> Feedback {
    Feedback {
        kind: "docs".to_owned(),
        complexity: 10,
        features: Features {
            indices: vec![7],
            values: vec![1.0],
        },
        tier: 1,
        quality: 0.5,
        weight: 1.0,
    }
}

#[tokio::test]
async fn a_router_that_cannot_write_a_snapshot_learns_and_decides_all_the_same() {
    for (how, code) in Misbehaviour::ALL {
        let home = tempfile::tempdir().unwrap();
        let settings = failing("snapshot", how, "http://127.0.0.1:9", home.path());
        let host = host(settings, home.path()).await;
        // More than are learned before a snapshot is taken for the next rebuild.
        for at in 0..600 {
            assert_eq!(host.policy().learn(piece()), Ok(()), "{at}");
        }
        assert_eq!(host.policy().snapshot().unwrap_err().code(), code);
        assert_eq!(
            host.route(&Task::new(ORDINARY))
                .await
                .decision
                .unwrap()
                .tier,
            1
        );
        host.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_router_that_does_not_start_is_refused_with_its_name_its_file_and_what_to_do() {
    for (how, _) in Misbehaviour::ALL {
        let home = tempfile::tempdir().unwrap();
        let settings = failing("constructor", how, "http://127.0.0.1:9", home.path());
        let file = settings.components.router.clone().unwrap();
        let host = Host::builder().home(home.path()).config(settings);
        let Err(Error::Component(refused)) = host.build().await else {
            panic!("{how:?}")
        };
        assert!(matches!(
            refused,
            ComponentError::Failed {
                name: Name::Router,
                ..
            }
        ));
        let words = refused.to_string();
        let file = file.display().to_string();
        for part in ["the router", &file, "correct or remove `components.router`"] {
            assert!(words.contains(part), "{words}");
        }
    }
}

/// Leaves a task of March with a verdict on it in the store, and says how much feedback that is.
async fn judged_in_march(url: &str, home: &Path) -> usize {
    let host = Host::builder()
        .home(home)
        .config(config(url))
        .clock(|| "2026-03-01T10:00:00Z".parse().unwrap())
        .build()
        .await
        .unwrap();
    let done = host.run(Task::new(ORDINARY)).await;
    host.feedback(&done.outcome.id, Verdict::Underpowered)
        .await
        .unwrap();
    let pieces = host.store().feedback_after(0).await.unwrap().len();
    host.close().await.unwrap();
    pieces
}

#[tokio::test]
async fn old_outcomes_stay_while_the_router_cannot_keep_what_they_taught_and_the_end_says_so() {
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    for function in ["snapshot", "learn"] {
        for (how, _) in Misbehaviour::ALL {
            let home = tempfile::tempdir().unwrap();
            let pieces = judged_in_march(&vendor.url, home.path()).await;
            let mut settings = failing(function, how, &vendor.url, home.path());
            settings.outcomes.keep_days = Some(1);
            let log = Log::default();
            let host = host(settings, home.path()).await;
            let listening = log.listen();
            host.close().await.unwrap();
            drop(listening);
            let told = log.warnings();
            assert!(
                told.iter()
                    .any(|line| line.contains("old outcomes could not be compacted")),
                "{told:?}"
            );
            let store = open(&home.path().join("tinydancer.db")).await;
            assert_eq!(store.outcomes(&Query::default()).await.unwrap().len(), 1);
            assert_eq!(store.feedback_after(0).await.unwrap().len(), pieces);
            assert!(store.latest_snapshot().await.unwrap().is_none());
        }
    }
}

#[tokio::test]
async fn a_long_log_without_a_base_is_no_obstacle_to_the_start() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("tinydancer.db");
    let row = template().await;
    let store = open(&path).await;
    for at in 0..1_000 {
        let row = Outcome {
            id: at.to_string(),
            ..row.clone()
        };
        store.record(row, Some(piece())).await;
    }
    store.close().await.unwrap();
    for function in ["snapshot", "learn"] {
        let settings = failing(
            function,
            Misbehaviour::Traps,
            "http://127.0.0.1:9",
            home.path(),
        );
        let log = Log::default();
        let listening = log.listen();
        let host = host(settings, home.path()).await;
        drop(listening);
        assert!(!log.warnings().is_empty());
        assert_eq!(
            host.route(&Task::new(ORDINARY))
                .await
                .decision
                .unwrap()
                .tier,
            1
        );
        assert!(host.store().latest_snapshot().await.unwrap().is_none());
        host.close().await.unwrap();
    }
}
