//! The commands that report: the doctor, components, the demo, sums and lists of outcomes, compaction.

use std::fs;

use serde_json::Value;

use crate::command::{code, err, folder, json, out, run, run_with};

#[test]
fn the_doctor_and_the_other_reports_speak() {
    let at = folder();
    let doctor = run(at.path(), &["doctor", "--ledger"], "");
    assert_eq!(code(&doctor), 0, "{}", err(&doctor));
    assert!(
        out(&doctor).contains("ANTHROPIC_API_KEY") && out(&doctor).contains("ledger"),
        "{}",
        out(&doctor)
    );
    assert!(out(&run(at.path(), &["budget"], "")).contains("ROUTING_COST_DAILY_LIMIT"));
    assert!(out(&run(at.path(), &["models"], "")).contains("claude-opus-5-5"));
    assert!(out(&run(at.path(), &["--help"], "")).contains("Exit codes:"));
    assert!(out(&run(at.path(), &["completions", "bash"], "")).contains("tinydancer"));
}

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

#[test]
fn outcomes_are_told_apart_and_exported() {
    let at = folder();
    for (kind, source) in [
        ("lint, \"strict\"", "var x = 1; module.exports = x;"),
        ("lint, \"strict\"", "var y = 1; module.exports = y;"),
        ("tidy", "var z = 1; module.exports = z;"),
    ] {
        let words = [
            "run",
            "--kind",
            kind,
            "--code",
            source,
            "Replace var by const",
        ];
        assert_eq!(code(&run(at.path(), &words, "")), 0);
    }
    let groups = json(&run(at.path(), &["stats", "--by", "kind", "--json"], ""));
    let groups: Vec<(&str, u64, u64)> = groups
        .as_array()
        .unwrap()
        .iter()
        .map(|group| {
            (
                group["name"].as_str().unwrap(),
                group["tasks"].as_u64().unwrap(),
                group["succeeded"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(groups, [("lint, \"strict\"", 2, 2), ("tidy", 1, 1)]);
    let days = json(&run(at.path(), &["stats", "--by", "day", "--json"], ""));
    let tasks: u64 = days
        .as_array()
        .unwrap()
        .iter()
        .map(|day| day["tasks"].as_u64().unwrap())
        .sum();
    assert_eq!(tasks, 3);
    let shown = run(at.path(), &["stats", "--by", "tier"], "");
    assert!(String::from_utf8_lossy(&shown.stdout).contains("100 %"));

    let exported = run(at.path(), &["outcomes", "--csv"], "");
    let text = String::from_utf8_lossy(&exported.stdout).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[0].starts_with("id,started_at,status,kind,"));
    // The newest first; a field with a comma is quoted, its quotes are doubled.
    assert!(lines[1].contains(",success,tidy,"), "{text}");
    assert!(
        lines[3].contains(",success,\"lint, \"\"strict\"\"\","),
        "{text}"
    );
}

#[test]
fn components_are_listed_and_exported() {
    let at = folder();
    let listed: Value =
        serde_json::from_str(&out(&run(at.path(), &["components", "--json"], ""))).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 3);
    assert_eq!(listed[2]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(
        code(&run(at.path(), &["components", "export", "out"], "")),
        0
    );
    for name in ["classifier", "router", "booster"] {
        let file = |extension: &str| at.path().join(format!("out/{name}.{extension}"));
        assert!(fs::read(file("wasm")).unwrap().starts_with(b"\0asm"));
        // The contract with its comments, which a reader of another language starts from.
        let wit = fs::read_to_string(file("wit")).unwrap();
        for words in [
            "package tinydancer:routing@",
            &format!("interface {name} {{"),
            &format!("world {name}-component {{"),
            "/// How urgent the caller says the task is.",
        ] {
            assert!(wit.contains(words), "{name}: {words}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::write(at.path().join("usual"), "").unwrap();
            let mode = |path: std::path::PathBuf| fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode(file("wasm")), mode(at.path().join("usual")));
            assert_eq!(mode(file("wit")), mode(at.path().join("usual")));
        }
    }
}

#[test]
fn the_demo_shows_the_whole_without_a_key() {
    let at = folder();
    let shown = run(at.path(), &["demo"], "");
    assert_eq!(code(&shown), 0, "{}", err(&shown));
    let text = out(&shown);
    for words in [
        "stands in",
        "tier 0, agent-booster",
        "tier 1, claude-haiku",
        "tier 2, claude-sonnet",
        "tier 3, claude-sonnet",
        "tier 4, claude-opus",
        "the same kind of task goes to tier 2",
        "saved",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(
        !at.path().join("home").exists(),
        "the demo keeps to a folder of its own"
    );
}
