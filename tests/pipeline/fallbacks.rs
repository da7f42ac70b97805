//! What tier 0 cannot answer and guests that fail: the task goes on, with its reason.

use tinydancer::{File, Status, Task, Tier};

use crate::home;
use crate::support::{Answer, Misbehaviour, Vendor, config, host, misbehaving};

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
