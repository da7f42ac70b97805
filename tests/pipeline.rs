//! Tasks from end to end: the original plan's own tests, every fallback with its reason, money and records.

mod support;

use std::sync::Arc;

use support::{Answer, Misbehaviour, Vendor, claude, config, error, host, misbehaving};
use tinydancer::store::{Query, Verdict};
use tinydancer::{Answer as Result_, Config, Failure, File, Host, Status, Task, Tier};

fn home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn generate_tests(code: &str) -> Task {
    Task {
        kind: "generate-tests".into(),
        test_type: "unit".into(),
        ..Task::default()
    }
    .with_code(code)
}

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
async fn what_tier_0_cannot_answer_goes_up_with_its_reason() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Text("done by hand")]).await;
    let mut config = config(&vendor.url);
    config.runtime.max_input = Some(20_000);
    let host = host(config, home.path()).await;
    let deep = "(".repeat(5_000);
    let huge = "var x = 1;\n".repeat(3_000);
    for (code, expected) in [
        ("const x = 1;", "no-applicable-transform"),
        (
            "use(a); var a = 1; use(b); var b = 1; var c = 1;",
            "low-confidence",
        ),
        ("var = ;", "parse-error"),
        (deep.as_str(), "too-deep"),
        (huge.as_str(), "input-too-large"),
    ] {
        let done = host
            .run(Task::new("Use const instead of var").with_code(code))
            .await;
        assert_eq!(
            done.outcome.fallback_reason.as_deref(),
            Some(expected),
            "{:.40}",
            code
        );
        assert_eq!(done.outcome.tier_decided, Some(Tier::Booster));
        assert_eq!(done.outcome.tier_done, Some(Tier::Small));
        assert_eq!(done.outcome.status, Status::Success, "{:?}", done.result);
        if expected == "low-confidence" {
            let boosted = done.attempt.unwrap().boosted.unwrap();
            assert_eq!(
                (
                    boosted.files[0].sites_changed,
                    boosted.files[0].sites_refused.len()
                ),
                (1, 2)
            );
        }
    }
    let mut python = Task::new("Use const instead of var");
    python.files.push(File {
        path: "a.py".into(),
        text: "var = 1".into(),
        module: None,
    });
    assert_eq!(
        host.run(python).await.outcome.fallback_reason.as_deref(),
        Some("unsupported-language")
    );
    let mut odd = Task::new("Use const instead of var").with_code("var x = 1;");
    odd.assumptions.push("luck".into());
    assert_eq!(
        host.run(odd).await.outcome.fallback_reason.as_deref(),
        Some("unknown-assumption")
    );
    let mut forbidden = Task::new("x").with_code("var x = 1;");
    forbidden.routing_tier = Some(Tier::Booster);
    forbidden.use_agent_booster = Some(false);
    assert_eq!(
        host.run(forbidden).await.outcome.fallback_reason.as_deref(),
        Some("booster-forbidden")
    );
}

#[tokio::test]
async fn who_asks_for_an_edit_vouches_for_what_it_gives_up() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Text("done by hand")]).await;
    let host = host(config(&vendor.url), home.path()).await;
    let logs = "export function pay(cart) {\n  console.log(cart.id, cart.total % 7);\n}\n";
    let asks = |words: &str, code: &str| Task::new(words).with_code(code);
    for task in [
        asks("Remove the console calls.", logs),
        asks(
            "Turn the function expressions into arrow functions.",
            "export const words = function (s) { return s.list.filter(function (w) { return w; }); };",
        ),
    ] {
        let done = host.run(task).await;
        assert_eq!(
            done.outcome.tier_done,
            Some(Tier::Booster),
            "{:?}",
            done.outcome
        );
        let said = "taken as vouched for, because the words ask for the edit: ";
        let reasons = &done.outcome.reasons;
        assert!(
            reasons.iter().any(|own| own.starts_with(said)),
            "{reasons:?}"
        );
    }
    let mut withdrawn = asks("Remove the console calls.", logs);
    withdrawn.withdrawn.push("getters-are-pure".into());
    let errors = asks(
        "Remove the console calls.",
        "console.error('lost'); start();",
    );
    for task in [withdrawn, errors] {
        assert_eq!(
            host.run(task).await.outcome.fallback_reason.as_deref(),
            Some("low-confidence")
        );
    }
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
async fn a_guest_that_fails_is_stood_in_for_with_its_reason() {
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    for (how, expected) in Misbehaviour::ALL {
        let home = home();
        let mut broken = config(&vendor.url);
        broken.runtime.booster_deadline_ms = Some(30);
        broken.runtime.decision_deadline_ms = Some(30);
        broken.components.classifier = Some(misbehaving("classifier-component", how, home.path()));
        let host = host(broken, home.path()).await;
        let done = host.run(Task::new("Rename x to y")).await;
        assert_eq!(
            done.outcome.tier_done,
            Some(Tier::Middle),
            "nothing is known, so the default"
        );
        assert_eq!(done.outcome.fallback_reason.as_deref(), Some(expected));
        assert!(
            done.outcome
                .reasons
                .iter()
                .any(|reason| reason.starts_with("classifier:")),
            "{:?}",
            done.outcome.reasons
        );
    }
}

#[tokio::test]
async fn a_booster_that_fails_sends_the_task_up_with_its_reason() {
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    for (how, expected) in Misbehaviour::ALL {
        let home = home();
        let mut broken = config(&vendor.url);
        broken.runtime.booster_deadline_ms = Some(30);
        broken.components.booster = Some(misbehaving("booster-component", how, home.path()));
        let host = host(broken, home.path()).await;
        let mut task = Task::new("Use const instead of var").with_code("var x = 1;");
        task.routing_tier = Some(Tier::Booster);
        let done = host.run(task).await;
        assert_eq!(done.outcome.fallback_reason.as_deref(), Some(expected));
        assert_eq!(
            (done.outcome.tier_done, done.outcome.status),
            (Some(Tier::Small), Status::Success)
        );
    }
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

fn limited(url: &str, dollars: &str) -> Config {
    let mut config = config(url);
    config.budget.daily_limit = Some(dollars.into());
    config
}

#[tokio::test]
async fn a_spent_budget_refuses_a_tier_set_by_hand_and_lowers_others_with_the_reason() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    // Enough for tier 1 (8,192 x $.5 per million, and a little), not for tier 4.
    let host = host(limited(&vendor.url, "0.006"), home.path()).await;
    let mut by_hand = Task::new("Rename x to y");
    by_hand.routing_tier = Some(Tier::Strong);
    let refused = host.run(by_hand).await;
    assert_eq!(refused.outcome.status, Status::RefusedByBudget);
    assert!(matches!(refused.result, Err(Failure::Budget(_))));
    assert!(vendor.asked().is_empty());

    let lowered = host
        .run(Task::new("Debug the deadlock in the worker pool"))
        .await;
    assert_eq!(
        lowered.outcome.status,
        Status::Success,
        "{:?}",
        lowered.result
    );
    assert_eq!(lowered.outcome.tier_done, Some(Tier::Small));
    assert!(
        lowered
            .outcome
            .reasons
            .iter()
            .any(|reason| reason.contains("budget") || reason.contains("left today")),
        "{:?}",
        lowered.outcome.reasons
    );

    // Security work is not done by the smallest model because money is short.
    let security = host
        .run(Task::new("Perform a security audit of the payment service"))
        .await;
    assert_eq!(security.outcome.status, Status::RefusedByBudget);

    let free = host.run(generate_tests("var x = 1;")).await;
    assert_eq!(free.outcome.tier_done, Some(Tier::Booster));
    host.store().flush().await.unwrap();
    assert_eq!(
        host.store()
            .outcomes(&Query::default())
            .await
            .unwrap()
            .len(),
        4
    );
    assert_eq!(
        host.store().check_ledger().await.unwrap().faults,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn many_tasks_at_once_never_pass_the_limit() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Text("ok")]).await;
    let mut config = limited(&vendor.url, "0.05");
    config.budget.policy = tinydancer::config::BudgetPolicy::Refuse;
    let host = Arc::new(host(config, home.path()).await);
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let host = host.clone();
            tokio::spawn(async move { host.run(Task::new("Rename x to y")).await.outcome.status })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        let status = task.await.unwrap();
        assert!(
            matches!(status, Status::Success | Status::RefusedByBudget),
            "{status:?}"
        );
        done += usize::from(status == Status::Success);
        assert!(host.store().spent(host.today()).await.unwrap() <= host.daily_limit().unwrap());
    }
    assert!(done > 0 && done < 64, "{done}");
    assert_eq!(vendor.asked().len(), done);
    assert!(host.store().check_ledger().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn a_vendors_failure_is_an_outcome_with_what_it_may_have_cost() {
    for (answer, billed) in [
        (error(401, "authentication_error", ""), false),
        (error(529, "overloaded_error", ""), false),
        (
            Answer::Raw("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>".into()),
            true,
        ),
        (Answer::Half, true),
        (Answer::Silence, true),
    ] {
        let home = home();
        let vendor = Vendor::start(vec![answer.clone()]).await;
        let mut config = config(&vendor.url);
        claude(&mut config).first_byte_timeout_ms = Some(300);
        claude(&mut config).idle_timeout_ms = Some(300);
        let host = host(config, home.path()).await;
        let done = host.run(Task::new("Rename x to y")).await;
        assert_eq!(done.outcome.status, Status::Failure, "{answer:?}");
        assert_eq!(done.outcome.cost.get() > 0, billed, "{answer:?}");
        let kept = host.store().outcome(&done.outcome.id).await.unwrap();
        assert_eq!(
            (kept.status, kept.cost),
            (Status::Failure, done.outcome.cost)
        );
        assert!(host.store().check_ledger().await.unwrap().faults.is_empty());
    }
}

#[tokio::test]
async fn a_vendor_that_does_not_tell_its_usage_is_booked_at_the_bound() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Untold("ok")]).await;
    let host = host(config(&vendor.url), home.path()).await;
    let task = Task::new("Rename x to y");
    let reserved = host.route(&task).await.reserved.unwrap();
    assert_eq!(host.run(task).await.outcome.cost, reserved);
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_one_cancelled_outcome() {
    let home = home();
    let vendor = Vendor::start(vec![Answer::Silence]).await;
    let host = host(config(&vendor.url), home.path()).await;
    let given_up = tokio::time::timeout(
        std::time::Duration::from_millis(500),
        host.run(Task::new("Rename x to y")),
    )
    .await;
    assert!(given_up.is_err());
    host.store().flush().await.unwrap();
    let kept = host.store().outcomes(&Query::default()).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].status, Status::Cancelled);
    assert!(kept[0].cost.get() > 0, "the call may be on the bill");
    assert!(host.store().check_ledger().await.unwrap().faults.is_empty());
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
