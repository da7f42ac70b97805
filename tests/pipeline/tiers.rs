//! Where a task ends: the original plan's own tests, tiers that are asked for, a vendor without a key.

use tinydancer::{Answer as Result_, Config, Status, Task, Tier};

use crate::support::{Answer, Vendor, claude, config, host};
use crate::{generate_tests, home};

/// A class of 500 lines with nothing that a source transform changes.
fn long_class() -> String {
    let methods: String =
        (0..100).map(|at| format!("  method{at}(value) {{\n    const sum = value + {at};\n    return sum * 2;\n  }}\n\n")).collect();
    format!("class Complex {{\n{methods}}}\n")
}

#[tokio::test]
async fn a_trivial_edit_ends_at_tier_0_and_calls_no_model() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Text("unused")]).await;
    let host = host(config(&vendor.url), home.path()).await;
    let done = host.run(generate_tests("var x = 1;")).await;
    assert_eq!(done.outcome.tier_done, Some(Tier::Booster));
    let Ok(Result_::Transformed(boosted)) = &done.result else {
        panic!("{:?}", done.result)
    };
    assert_eq!(boosted.files[0].transformed_code, "const x = 1;");
    assert_eq!(boosted.transform, "var-to-const");
    assert_eq!(done.outcome.cost.get(), 0);
    assert!(vendor.asked().is_empty());
}

#[tokio::test]
async fn a_simple_task_ends_at_tier_1_with_a_haiku_class_model() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Text("tests")]).await;
    let host = host(config(&vendor.url), home.path()).await;
    let done = host
        .run(generate_tests("function add(a, b) { return a + b; }"))
        .await;
    assert_eq!(done.outcome.tier_done, Some(Tier::Small));
    assert!(done.outcome.model.as_deref().unwrap().contains("haiku"));
    assert!(vendor.asked()[0].contains("function add(a, b)"));
}

#[tokio::test]
async fn a_security_scan_ends_at_tier_4_with_an_opus_class_model() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Text("findings")]).await;
    let host = host(config(&vendor.url), home.path()).await;
    let (task, _) =
        Task::from_json(r#"{"type":"security-scan","payload":{"target":"src/","sast":true,"compliance":["OWASP"]}}"#).unwrap();
    let done = host.run(task).await;
    assert_eq!(
        done.outcome.tier_done,
        Some(Tier::Strong),
        "{:?}",
        done.outcome
    );
    assert!(done.outcome.model.as_deref().unwrap().contains("opus"));
    let asked = &vendor.asked()[0];
    assert!(asked.contains("src/") && asked.contains("OWASP"));
}

#[tokio::test]
async fn a_long_class_that_asks_for_tier_0_ends_at_tier_1_with_the_reason() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Text("tests")]).await;
    let host = host(config(&vendor.url), home.path()).await;
    let mut task = generate_tests(&long_class());
    task.routing_tier = Some(Tier::Booster);
    let done = host.run(task).await;
    assert_eq!(done.outcome.tier_done, Some(Tier::Small));
    assert_eq!(done.outcome.tier_asked, Some(Tier::Booster));
    assert_eq!(
        done.outcome.fallback_reason.as_deref(),
        Some("no-applicable-transform")
    );
}

#[tokio::test]
async fn tier_3_sends_the_thinking_setting() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Text("a proof")]).await;
    let host = host(config(&vendor.url), home.path()).await;
    let done = host
        .run(Task::new(
            "prove the lock-free queue correct and fix the race",
        ))
        .await;
    assert_eq!(done.outcome.tier_done, Some(Tier::Thinking));
    let asked = &vendor.asked()[0];
    assert!(
        asked.contains(r#""thinking":{"type":"adaptive"}"#) && asked.contains(r#""effort":"high""#),
        "{asked}"
    );
    assert!(asked.contains("anthropic-version: 2023-06-01"));
}

#[tokio::test]
async fn a_critical_task_never_falls_below_tier_2() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let host = host(config(&vendor.url), home.path()).await;
    let mut task = Task::new("Use const instead of var").with_code("const x = 1;");
    task.is_critical = true;
    assert_eq!(
        host.run(task.clone()).await.outcome.tier_done,
        Some(Tier::Middle)
    );
    task.routing_tier = Some(Tier::Booster);
    assert_eq!(host.run(task).await.outcome.tier_done, Some(Tier::Middle));
}

#[tokio::test]
async fn a_tier_set_by_hand_is_obeyed() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let host = host(config(&vendor.url), home.path()).await;
    for tier in Tier::PAID {
        let mut task = Task::new("Rename x to y");
        task.routing_tier = Some(tier);
        let done = host.run(task).await;
        assert_eq!(
            (done.outcome.tier_done, done.outcome.tier_decided),
            (Some(tier), Some(tier))
        );
    }
}

#[tokio::test]
async fn without_a_key_a_model_task_fails_with_what_to_do_and_tier_0_works() {
    let home = home();
    let mut config = Config::default();
    claude(&mut config).api_key_env = Some("TINYDANCER_NO_SUCH_VARIABLE".into());
    let host = host(config, home.path()).await;
    let done = host.run(Task::new("Rename x to y")).await;
    assert!(
        done.result
            .unwrap_err()
            .to_string()
            .contains("TINYDANCER_NO_SUCH_VARIABLE")
    );
    assert_eq!(
        host.run(generate_tests("var x = 1;")).await.outcome.status,
        Status::Success
    );
}
