//! What is kept of tasks, what is learned from verdicts on them, and what is not kept.

use tinydancer::store::{Query, Verdict};
use tinydancer::{Host, Task, Tier};

use crate::support::{Answer, Vendor, config, error, host};
use crate::{generate_tests, home};

#[tokio::test]
async fn stats_show_what_was_routed_and_every_outcome_is_recorded() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Text("fine")]).await;
    let host = host(config(&vendor.url), home.path()).await;
    let before = host.store().stats(&Query::default()).await.unwrap();
    for _ in 0..20 {
        host.run(generate_tests("var x = 1;")).await;
    }
    host.run(Task::new("Rename x to y")).await;
    host.run(Task::new("Add pagination to the orders endpoint"))
        .await;
    host.store().flush().await.unwrap();
    let after = host.store().stats(&Query::default()).await.unwrap();
    assert_eq!((before.routed, after.routed), (0, 22));
    assert!(after.decision_average_ns < 10_000_000);
    assert_eq!((after.booster_tried, after.booster_answered), (20, 20));
    assert_eq!(host.store().unrecorded(), 0);
    assert!(after.cost < after.baseline);
}

#[tokio::test]
async fn verdicts_change_decisions_and_survive_a_restart() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Text("poor")]).await;
    let task = Task::new("Write a docstring for the parser");
    let mut judged = 0;
    {
        let host = host(config(&vendor.url), home.path()).await;
        while host.route(&task).await.tier == Some(Tier::Small) {
            assert!(judged < 6, "verdicts change nothing");
            let done = host.run(task.clone()).await;
            host.feedback(&done.outcome.id, Verdict::Underpowered)
                .await
                .unwrap();
            judged += 1;
        }
        assert!(judged > 0);
        assert_eq!(host.route(&task).await.tier, Some(Tier::Middle));
        host.close().await.unwrap();
    }
    let again: Host = host(config(&vendor.url), home.path()).await;
    let routed = again.route(&task).await;
    assert_eq!(routed.tier, Some(Tier::Middle));
    assert!(routed.decision.unwrap().learned);
    // Of each task the automatic piece and the verdict.
    assert_eq!(again.policy().learned().unwrap(), 2 * judged);
}

#[tokio::test]
async fn no_prompt_and_no_key_is_kept_unless_it_is_asked_for() {
    let home = home();
    let vendor = Vendor::start(vec![error(400, "invalid_request_error", "")]).await;
    let host = host(config(&vendor.url), home.path()).await;
    let done = host
        .run(Task::new("Rename xyzzyprompt to y").with_code("const xyzzycode = 1; function f() {}"))
        .await;
    assert_eq!(done.outcome.prompt, None);
    host.close().await.unwrap();
    let key = std::env::var("PATH").unwrap();
    for entry in std::fs::read_dir(home.path())
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().is_file())
    {
        let bytes = std::fs::read(entry.path()).unwrap();
        for secret in ["xyzzyprompt", "xyzzycode", key.as_str()] {
            assert!(
                !bytes
                    .windows(secret.len())
                    .any(|window| window == secret.as_bytes()),
                "{}",
                entry.path().display()
            );
        }
    }
    assert!(!format!("{done:?}").contains(&key));
}
