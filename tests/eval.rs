//! `tinydancer eval` by its binary: what it learns shows in the scores it writes, and wrong lines are named.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn eval(home: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tinydancer"))
        .env("TINYDANCER_HOME", home)
        .current_dir(home)
        .arg("eval")
        .args(arguments)
        .output()
        .expect("the binary runs")
}

/// Prompts in which one word tells whether the weak model fails.
fn outcomes(path: &Path, rounds: std::ops::Range<u32>) {
    let lines: String = rounds
        .map(|round| {
            let (word, weak) = if round % 2 == 0 {
                ("glacier", 0)
            } else {
                ("meadow", 1)
            };
            format!("{{\"prompt\":\"Tell number {round} of the {word} in the valley\",\"weak\":{weak},\"strong\":1,\"kind\":\"places\"}}\n")
        })
        .collect();
    fs::write(path, lines).unwrap();
}

#[test]
fn what_is_learned_shows_in_the_scores() {
    let home = tempfile::tempdir().unwrap();
    outcomes(&home.path().join("train.jsonl"), 0..120);
    outcomes(&home.path().join("test.jsonl"), 120..160);
    let done = eval(
        home.path(),
        &[
            "--train",
            "train.jsonl",
            "--test",
            "test.jsonl",
            "--scores",
            "scores.jsonl",
            "--plot",
            "plot.svg",
            "--json",
        ],
    );
    assert!(done.status.success(), "{done:?}");
    let figures: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    // Sending just the half on which the weak model fails recovers .75 at best.
    assert!(figures["apgr"].as_f64().unwrap() > 0.7, "{figures}");
    let scores = fs::read_to_string(home.path().join("scores.jsonl")).unwrap();
    let scores: Vec<serde_json::Value> = scores
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(scores.len(), 40);
    assert_eq!(scores[7]["index"], 7);
    assert!(scores[0]["score"].as_f64() > scores[1]["score"].as_f64());
    assert!(
        fs::read_to_string(home.path().join("plot.svg"))
            .unwrap()
            .starts_with("<svg")
    );
    assert!(
        !home.path().join("tinydancer.db").exists(),
        "no store is opened"
    );
}

#[test]
fn wrong_lines_are_named() {
    let home = tempfile::tempdir().unwrap();
    for (line, expected) in [
        ("{\"prompt\":\"x\",\"weak\":2,\"strong\":1}", "line 1"),
        ("{\"prompt\":\"x\",\"weak\":1}", "strong"),
        ("no json", "line 1 is not JSON"),
        ("", "has no line"),
    ] {
        fs::write(home.path().join("test.jsonl"), line).unwrap();
        let done = eval(home.path(), &["--test", "test.jsonl"]);
        assert_eq!(done.status.code(), Some(2), "{line}");
        let words = String::from_utf8_lossy(&done.stderr);
        assert!(words.contains(expected), "{line}: {words}");
    }
}

#[test]
fn labelled_tasks_are_decided_and_counted() {
    let home = tempfile::tempdir().unwrap();
    let tasks = "{\"id\":\"a\",\"instruction\":\"Replace var by const or let\",\"codeContext\":\"var x = 1;\",\"label\":0}\n\
                 {\"id\":\"b\",\"instruction\":\"Perform a security audit of the payment architecture\",\"label\":4}\n";
    fs::write(home.path().join("tasks.jsonl"), tasks).unwrap();
    let done = eval(home.path(), &["tiers", "tasks.jsonl", "--json"]);
    assert!(done.status.success(), "{done:?}");
    let figures: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(figures["router"]["accuracy"], 1.0, "{figures}");
    assert_eq!(figures["pointsTable"]["accuracy"], 0.0);
}
