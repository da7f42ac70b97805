//! `run` on the original plan's own tasks, by its JSON.

use serde_json::{Value, json};

use crate::command::{code, err, folder, json, run_with};
use crate::support::{Answer, Vendor};

/// What `run --json` says of a task.
async fn done(task: &Value) -> Value {
    let vendor = Vendor::start(vec![Answer::Text("done")]).await;
    let task = task.to_string();
    let ended = tokio::task::spawn_blocking(move || {
        let variables = [
            ("ANTHROPIC_API_KEY", "k"),
            ("ANTHROPIC_BASE_URL", vendor.url.as_str()),
        ];
        run_with(folder().path(), &["run", "--json"], task, &variables)
    })
    .await
    .unwrap();
    assert_eq!(code(&ended), 0, "{}", err(&ended));
    json(&ended)
}

/// The fields that tell where a task ended.
fn end(answer: &Value) -> [&Value; 3] {
    ["actualTier", "implementationUsed", "fallbackReason"].map(|field| &answer[field])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trivial_edit_is_the_boosters() {
    let task = json!({"type": "generate-tests", "payload": {"sourceCode": "var x = 1;"}});
    let answer = done(&task).await;
    assert_eq!(
        end(&answer),
        [&json!(0), &json!("agent-booster"), &json!(null)]
    );
    assert_eq!(answer["success"], true);
    assert_eq!(answer["transformedCode"], "const x = 1;");
    assert_eq!(answer["costUsd"], 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simple_task_is_tier_1s() {
    let code = "function add(a, b) { return a + b; }";
    let task = json!({"type": "generate-tests", "payload": {"sourceCode": code}});
    let answer = done(&task).await;
    assert_eq!(end(&answer), [&json!(1), &json!("claude"), &json!(null)]);
    assert!(
        answer["model"].as_str().unwrap().contains("haiku"),
        "{answer}"
    );
    assert!(answer["costUsd"].as_f64().unwrap() > 0.0, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_security_scan_is_tier_4s() {
    let payload = json!({"target": "src/", "sast": true, "compliance": ["OWASP"]});
    let answer = done(&json!({"type": "security-scan", "payload": payload})).await;
    assert_eq!(end(&answer), [&json!(4), &json!("claude"), &json!(null)]);
    assert!(
        answer["model"].as_str().unwrap().contains("opus"),
        "{answer}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_class_that_asks_for_tier_0_is_tier_1s_with_the_reason() {
    let methods: String = (0..100)
        .map(|at| format!("  method{at}(value) {{\n    return value + {at};\n  }}\n\n"))
        .collect();
    let code = format!("class Complex {{\n{methods}}}\n");
    let payload = json!({"sourceCode": code, "routingTier": 0});
    let answer = done(&json!({"type": "generate-tests", "payload": payload})).await;
    assert_eq!(
        end(&answer),
        [
            &json!(1),
            &json!("claude"),
            &json!("no-applicable-transform")
        ]
    );
    assert_eq!(answer["routingTier"], 0);
    assert_eq!(answer["text"], "done");
}
