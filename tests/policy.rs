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

/// A host that has done three tasks at tier 3 and was told these verdicts on them, by their numbers.
async fn told(home: &std::path::Path, verdicts: &[(u8, Verdict)]) -> (Host, Config) {
    let vendor = Vendor::start(vec![Answer::Text("fine")]).await;
    let config = config(&vendor.url);
    let host = host(config.clone(), home).await;
    for at in 0..3 {
        let mut task = docstring();
        task.id = Some(at.to_string());
        task.routing_tier = Some(Tier::Thinking);
        host.run(task).await;
    }
    host.store().flush().await.unwrap();
    for (at, verdict) in verdicts {
        let judged = host.feedback(&at.to_string(), *verdict).await.unwrap();
        assert_eq!(judged.quality, Some(verdict.quality()));
    }
    (host, config)
}

async fn log(host: &Host) -> Vec<(u8, f32, f32)> {
    let log = host.store().feedback_after(0).await.unwrap();
    log.into_iter()
        .map(|(_, own)| (own.tier, own.quality, own.weight))
        .collect()
}

#[tokio::test]
async fn a_later_verdict_stands_as_if_the_earlier_one_had_never_been_given() {
    let (good, poor) = (Verdict::GoodFit, Verdict::Score(0.25));
    for (first, then) in [
        (Verdict::Failed, good),
        (Verdict::Failed, poor),
        (Verdict::Overprovisioned, poor),
        (good, Verdict::Score(0.75)),
    ] {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (changed, settings) = told(one.path(), &[(0, first), (1, good), (0, then)]).await;
        let (straight, _) = told(other.path(), &[(0, then), (1, good)]).await;
        // A piece about a lower tier that the first did not speak of comes at the end of the log.
        let sorted = |mut log: Vec<(u8, f32, f32)>| {
            log.sort_by(|a, b| a.partial_cmp(b).unwrap());
            log
        };
        assert_eq!(sorted(log(&changed).await), sorted(log(&straight).await));
        assert_eq!(
            changed.policy().learned().unwrap(),
            straight.policy().learned().unwrap()
        );
        let now = changed.policy().snapshot().unwrap();
        if first == Verdict::Failed {
            assert_eq!(now, straight.policy().snapshot().unwrap());
        }
        changed.close().await.unwrap();
        let again = host(settings, one.path()).await;
        assert_eq!(again.policy().snapshot().unwrap(), now);
    }
}

#[tokio::test]
async fn the_same_verdict_again_teaches_nothing_more() {
    for verdict in [Verdict::Failed, Verdict::GoodFit, Verdict::Score(0.3)] {
        let home = tempfile::tempdir().unwrap();
        let (host, _) = told(home.path(), &[(0, verdict)]).await;
        let (before, learned) = (log(&host).await, host.policy().snapshot().unwrap());
        host.feedback("0", verdict).await.unwrap();
        assert_eq!(log(&host).await, before);
        assert_eq!(host.policy().snapshot().unwrap(), learned);
    }
}

#[tokio::test]
async fn a_later_verdict_brings_nothing_back_that_was_undone() {
    let home = tempfile::tempdir().unwrap();
    let (learned, config) = disappointed(home.path()).await;
    assert_eq!(learned.unlearn(0).await.unwrap(), 0);
    let fresh = host(config.clone(), home.path()).await;
    fresh.feedback("task-0", Verdict::GoodFit).await.unwrap();
    assert_eq!(fresh.policy().learned().unwrap(), 1);
    // And said once more it is no further piece.
    fresh.feedback("task-0", Verdict::GoodFit).await.unwrap();
    assert_eq!(fresh.policy().learned().unwrap(), 1);
    fresh.close().await.unwrap();
    let again = host(config, home.path()).await;
    assert_eq!(again.policy().learned().unwrap(), 1);
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
