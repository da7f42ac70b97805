//! What the smaller reports say: the doctor's verdicts, counts in words, compaction.

#[path = "support/command.rs"]
mod command;

use std::fs;

use command::{code, err, folder, json, out, run, run_with};

#[test]
fn the_doctors_notes_are_no_faults() {
    let at = folder();
    let done = run(at.path(), &["doctor", "--json"], "");
    assert_eq!(code(&done), 0, "{}", err(&done));
    let checks = json(&done);
    let checks = checks.as_array().unwrap();
    assert!(checks.iter().all(|own| own["ok"] == true), "{checks:?}");
    let notes: Vec<&str> = checks
        .iter()
        .filter(|own| own["state"] == "note")
        .map(|own| own["words"].as_str().unwrap())
        .collect();
    for words in ["ANTHROPIC_API_KEY", "no daily limit"] {
        assert!(
            notes.iter().any(|note| note.contains(words)),
            "{words}: {notes:?}"
        );
    }
    assert!(
        checks
            .iter()
            .any(|own| own["check"] == "store" && own["state"] == "ok")
    );
    let text = out(&run(at.path(), &["doctor"], ""));
    assert_eq!(text.matches("note ").count(), notes.len(), "{text}");
    fs::write(
        at.path().join("home/tinydancer.db"),
        "no database ".repeat(100),
    )
    .unwrap();
    let broken = run(at.path(), &["doctor", "--json"], "");
    assert_eq!(code(&broken), 1);
    for own in json(&broken).as_array().unwrap() {
        assert_eq!(own["ok"] == false, own["state"] == "bad", "{own}");
        assert_eq!(own["ok"] == false, own["check"] == "store", "{own}");
    }
}

#[test]
fn one_of_a_kind_is_told_in_the_singular() {
    let at = folder();
    let edit = |words: &str| {
        let arguments = ["run", "--json", "--code", "var x = 1;", words];
        let done = json(&run(at.path(), &arguments, ""));
        done["id"].as_str().unwrap().to_owned()
    };
    let ids = [
        edit("Use const instead of var"),
        edit("Replace var by const"),
    ];
    let said = |arguments: &[&str]| out(&run(at.path(), arguments, ""));
    for (id, words) in [
        (&ids[0], "1 piece of feedback so far"),
        (&ids[1], "2 pieces of feedback so far"),
    ] {
        let noted = said(&["feedback", id, "good-fit"]);
        assert!(noted.contains(words), "{noted}");
        let words = words.strip_suffix(" so far").unwrap();
        for command in ["policy", "doctor"] {
            let told = said(&[command]);
            assert!(told.contains(words), "{command}: {told}");
        }
    }
    let first = "1 piece of feedback makes";
    let undone = said(&["policy", "--undo-to", "1"]);
    assert!(undone.contains(first), "{undone}");
}

#[test]
fn compaction_speaks_json() {
    let at = folder();
    let compact = ["compact", "--before", "90d"];
    assert_eq!(
        out(&run(at.path(), &compact, "")),
        "0 outcomes became sums\n"
    );
    let done = json(&run(at.path(), &[&compact[..], &["--json"]].concat(), ""));
    assert_eq!(done, serde_json::json!({ "outcomes": 0 }));
}

#[test]
fn a_limit_of_0_is_none_and_is_said_to_be() {
    let at = folder();
    let none = run_with(
        at.path(),
        &["budget"],
        "",
        &[("ROUTING_COST_DAILY_LIMIT", "0")],
    );
    assert!(out(&none).contains("no limit"), "{}", out(&none));
    let help = out(&run(at.path(), &["budget", "--help"], ""));
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("0 is no limit"), "{help}");
}
