//! What is learned from verdicts, how it comes back at the next start, and how it is undone.

mod support;

use support::{Answer, Vendor, config, host};
use tinydancer::runtime::Restored;
use tinydancer::store::{Snapshot, Verdict};
use tinydancer::wit::SnapshotError;
use tinydancer::{Config, Host, Task, Tier};

const WORDS: &str = "Write a docstring for this function: function add(a, b) { return a + b; }";

fn docstring() -> Task {
    let mut task = Task::new(WORDS);
    task.kind = "docstring".to_owned();
    task
}

async fn tier(host: &Host) -> u8 {
    host.route(&docstring()).await.decision.unwrap().tier
}

/// A host whose tier 1 got three verdicts that it is too weak, and its settings.
async fn disappointed(home: &std::path::Path) -> (Host, Config) {
    let vendor = Vendor::start(vec![Answer::Text("fine")]).await;
    let config = config(&vendor.url);
    let host = host(config.clone(), home).await;
    assert_eq!(tier(&host).await, 1);
    for at in 0..3 {
        let mut task = docstring();
        task.id = Some(format!("task-{at}"));
        task.routing_tier = Some(Tier::Small);
        host.run(task).await;
        let id = format!("task-{at}");
        host.feedback(&id, Verdict::Underpowered).await.unwrap();
    }
    assert!(tier(&host).await > 1);
    (host, config)
}

#[tokio::test]
async fn each_verdict_has_its_quality_in_the_outcome_and_in_the_log() {
    let home = tempfile::tempdir().unwrap();
    let vendor = Vendor::start(vec![Answer::Text("fine")]).await;
    let host = host(config(&vendor.url), home.path()).await;
    for (verdict, quality) in [
        (Verdict::GoodFit, 1.0),
        (Verdict::Overprovisioned, 1.0),
        (Verdict::Underpowered, 0.15),
        (Verdict::Failed, 0.0),
        (Verdict::Score(0.6), 0.6),
    ] {
        let mut task = docstring();
        task.id = Some(verdict.name().to_owned());
        host.run(task).await;
        let judged = host.feedback(verdict.name(), verdict).await.unwrap();
        assert_eq!(judged.quality, Some(quality));
        let log = host.store().feedback_after(0).await.unwrap();
        let (_, last) = log.last().unwrap();
        assert_eq!((last.quality, last.weight), (quality, 1.0));
    }
}

#[tokio::test]
async fn a_snapshot_that_is_damaged_or_older_is_refused_and_the_log_replayed() {
    let home = tempfile::tempdir().unwrap();
    let (learned, config) = disappointed(home.path()).await;
    let good = learned.policy().snapshot().unwrap();
    let log = learned.store().feedback_after(0).await.unwrap();
    let through_seq = log.last().unwrap().0;
    let mut damaged = good.clone();
    damaged[30] ^= 1;
    let mut older = good.clone();
    older[3] = b'2';
    learned.close().await.unwrap();
    for (bytes, expected) in [
        (good.clone(), Restored::FromSnapshot),
        (damaged, Restored::Refused(SnapshotError::Checksum)),
        (older, Restored::Refused(SnapshotError::Version)),
    ] {
        let first = host(config.clone(), home.path()).await;
        let base = Snapshot { bytes, through_seq };
        first.store().save_snapshot(base).await.unwrap();
        first.close().await.unwrap();
        let again = host(config.clone(), home.path()).await;
        assert_eq!(again.restored(), expected);
        assert_eq!(again.policy().snapshot().unwrap(), good);
        again.close().await.unwrap();
    }
}

#[tokio::test]
async fn what_was_learned_can_be_undone_and_gone_back_to() {
    let home = tempfile::tempdir().unwrap();
    let (learned, config) = disappointed(home.path()).await;
    let good = learned.policy().snapshot().unwrap();
    let last = learned.store().feedback_after(0).await.unwrap();
    let last = last.last().unwrap().0;
    assert_eq!(learned.unlearn(0).await.unwrap(), 0);

    let fresh = host(config.clone(), home.path()).await;
    assert_eq!(tier(&fresh).await, 1);
    assert_eq!(fresh.policy().learned().unwrap(), 0);
    assert!(!fresh.store().feedback_after(0).await.unwrap().is_empty());
    assert!(fresh.unlearn(last).await.unwrap() > 0);

    let again = host(config, home.path()).await;
    assert_eq!(again.policy().snapshot().unwrap(), good);
    assert!(tier(&again).await > 1);
}

#[tokio::test]
async fn the_command_shows_what_was_learned_from_and_undoes_it() {
    let home = tempfile::tempdir().unwrap();
    let (learned, _) = disappointed(home.path()).await;
    learned.close().await.unwrap();
    let policy = |arguments: &[&str]| -> serde_json::Value {
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_tinydancer"))
            .env("TINYDANCER_HOME", home.path())
            .args(["policy", "--json"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        serde_json::from_slice(&done.stdout).unwrap()
    };
    let shown = policy(&[]);
    let latest = &shown["latest"][0];
    assert_eq!(
        (&latest["kind"], &latest["tier"]),
        (&"docstring".into(), &1.into())
    );
    assert_eq!(shown["learnedFrom"], shown["logged"]);
    let first = shown["latest"].as_array().unwrap().last().unwrap()["number"].clone();
    let undone = policy(&["--undo-to", &first.to_string()]);
    assert_eq!(undone["learnedFrom"], 1);
    assert_eq!(policy(&[])["learnedFrom"], 1);
}
