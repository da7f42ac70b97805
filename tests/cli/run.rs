//! `run`: tasks and their faults, what a task that ends early leaves.

#[cfg(unix)]
use std::net::{TcpListener, TcpStream};
#[cfg(unix)]
use std::path::Path;
#[cfg(unix)]
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::command::{code, err, folder, out, run, run_with};

#[test]
fn a_task_at_tier_0_is_done_recorded_and_judged() {
    let at = folder();
    let done = run(
        at.path(),
        &[
            "run",
            "--json",
            "--code",
            "var x = 1;",
            "Use const instead of var",
        ],
        "",
    );
    assert_eq!(code(&done), 0, "{}", err(&done));
    let answer: Value = serde_json::from_str(&out(&done)).unwrap();
    assert_eq!(answer["tier"], 0);
    assert_eq!(answer["implementationUsed"], "agent-booster");
    assert_eq!(answer["transformedCode"], "const x = 1;");
    assert_eq!(answer["recorded"], true);
    let id = answer["id"].as_str().unwrap();
    let kept: Value = serde_json::from_str(&out(&run(at.path(), &["outcomes", id], ""))).unwrap();
    assert_eq!(kept["status"], "success");
    assert_eq!(code(&run(at.path(), &["feedback", id, "good-fit"], "")), 0);
    let stats: Value =
        serde_json::from_str(&out(&run(at.path(), &["stats", "--json"], ""))).unwrap();
    assert_eq!(
        (
            &stats["routed"],
            &stats["boosterAnswered"],
            &stats["unrecorded"]
        ),
        (&Value::from(1), &Value::from(1), &Value::from(0))
    );
    assert_eq!(
        code(&run(at.path(), &["feedback", "none", "good-fit"], "")),
        2
    );
    assert_eq!(code(&run(at.path(), &["feedback", id, "splendid"], "")), 2);
}

#[test]
fn a_task_is_read_from_json_and_its_faults_are_named() {
    let at = folder();
    let task = r#"{"type":"generate-tests","payload":{"sourceCode":"var x = 1;"}}"#;
    let done = run(at.path(), &["run", "--json"], task);
    assert_eq!(
        serde_json::from_str::<Value>(&out(&done)).unwrap()["transformedCode"],
        "const x = 1;"
    );
    for (input, words) in [
        ("{\"a\"", "line 1, column 4"),
        ("[]", "JSON object"),
        ("{}", "the task is empty"),
        (r#"{"instruction":"x","routingTier":9}"#, "no tier 9"),
    ] {
        let failed = run(at.path(), &["run"], input);
        assert_eq!(code(&failed), 2, "{input}");
        assert!(
            err(&failed).replace("\n  │ ", " ").contains(words),
            "{input}: {}",
            err(&failed)
        );
    }
    let warned = run(
        at.path(),
        &["route"],
        r#"{"instruction":"rename x to y","routingteir":1}"#,
    );
    assert!(err(&warned).contains("routingteir"));
}

#[test]
fn a_dry_run_shows_what_would_be_reserved() {
    let at = folder();
    let shown = run(at.path(), &["run", "--dry-run", "Rename x to y"], "");
    assert_eq!(code(&shown), 0);
    assert!(
        out(&shown).contains("at most $") && out(&shown).contains("claude-haiku-5-5"),
        "{}",
        out(&shown)
    );
}

#[test]
fn without_fallbacks_a_task_ends_where_it_was_sent() {
    let at = folder();
    let arguments = [
        "run",
        "--json",
        "--tier",
        "0",
        "--code",
        "class A {}",
        "Use const instead of var",
    ];
    let failed = run_with(
        at.path(),
        &arguments,
        "",
        &[("ROUTING_FALLBACK_ENABLED", "false")],
    );
    assert_eq!(code(&failed), 1);
    let answer: Value = serde_json::from_str(&out(&failed)).unwrap();
    assert_eq!(
        (
            &answer["status"],
            &answer["actualTier"],
            &answer["fallbackReason"]
        ),
        (
            &"failure".into(),
            &0.into(),
            &"no-applicable-transform".into()
        )
    );
    assert!(
        answer["error"]
            .as_str()
            .unwrap()
            .contains("ROUTING_FALLBACK_ENABLED")
    );
    let with: Value = serde_json::from_str(&out(&run(at.path(), &arguments, ""))).unwrap();
    assert!(
        with["error"]
            .as_str()
            .unwrap()
            .contains("ANTHROPIC_API_KEY"),
        "it goes on to tier 1: {with}"
    );
}

#[test]
fn a_verbose_run_says_why_and_logs() {
    let at = folder();
    let arguments = ["run", "--code", "var x = 1;", "Use const instead of var"];
    let quiet = err(&run(at.path(), &arguments, ""));
    let verbose = err(&run_with(
        at.path(),
        &arguments,
        "",
        &[("ROUTING_VERBOSE", "true")],
    ));
    assert!(
        !quiet.contains("decided") && !quiet.contains("  - "),
        "{quiet}"
    );
    assert!(
        verbose.contains("note: decided") && verbose.contains("  - "),
        "{verbose}"
    );
}

/// A process whose call was taken by a listener that never answers, and the connection between them.
#[cfg(unix)]
fn in_the_middle_of_a_call(at: &Path) -> (Child, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let child = Command::new(env!("CARGO_BIN_EXE_tinydancer"))
        .args(["run", "Rename x to y"])
        .env("TINYDANCER_HOME", at.join("home"))
        .env("ANTHROPIC_API_KEY", "k")
        .env("ANTHROPIC_BASE_URL", url)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (connection, _) = listener.accept().unwrap();
    (child, connection)
}

#[cfg(unix)]
#[test]
fn a_signal_in_the_middle_of_a_call_leaves_a_cancelled_outcome() {
    let at = folder();
    let (mut child, connection) = in_the_middle_of_a_call(at.path());
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(
        Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(1));
    drop(connection);
    let kept: Value =
        serde_json::from_str(&out(&run(at.path(), &["outcomes", "--json"], ""))).unwrap();
    assert_eq!(
        (kept.as_array().unwrap().len(), &kept[0]["status"]),
        (1, &Value::from("cancelled"))
    );
    let kept = &kept[0];
    let least = 150_000_000;
    for stage in ["provider", "total"] {
        let took = kept["durations"][stage].as_u64().unwrap();
        assert!(took > least, "{stage}: {kept}");
    }
    assert!(kept["durations"]["classify"].as_u64().unwrap() > 0);
    let hops = kept["hops"].as_array().unwrap();
    assert_eq!((hops.len(), &hops[0]["tier"]), (1, &Value::from(1)));
    assert_eq!(hops[0]["cost"], kept["cost"]);
    assert!(hops[0]["duration"].as_u64().unwrap() > least);
}

#[cfg(unix)]
#[test]
fn a_process_that_is_killed_in_the_middle_of_a_call_leaves_the_call_in_the_outcome() {
    let at = folder();
    let (mut child, connection) = in_the_middle_of_a_call(at.path());
    child.kill().unwrap();
    child.wait().unwrap();
    drop(connection);
    let kept: Value =
        serde_json::from_str(&out(&run(at.path(), &["outcomes", "--json"], ""))).unwrap();
    assert_eq!(kept[0]["status"], "failure");
    assert_eq!(kept[0]["hops"].as_array().unwrap().len(), 1, "{kept}");
    assert_eq!(kept[0]["hops"][0]["cost"], kept[0]["cost"]);
    assert!(kept[0]["cost"].as_u64().unwrap() > 0);
}
