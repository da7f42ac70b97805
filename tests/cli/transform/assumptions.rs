//! What is vouched for: by the command line, by the configuration, by a task; and how codes and assumptions are explained.

use std::fs;

use super::SOURCE;
use crate::command::{code, err, folder, json, out, run};

#[test]
fn what_is_vouched_for_lifts_refusals_and_can_be_withdrawn() {
    let at = folder();
    fs::write(at.path().join("a.js"), SOURCE).unwrap();
    let transformed = |flags: &[&str]| {
        let arguments: Vec<&str> = ["transform", "var-to-const", "a.js"]
            .iter()
            .chain(flags)
            .copied()
            .collect();
        out(&run(at.path(), &arguments, "")).contains("const top")
    };
    assert!(!transformed(&[]));
    assert!(transformed(&["--assume", "module"]));
    let config = "[booster]\nassumptions = [\"module\"]\n";
    fs::create_dir_all(at.path().join("home")).unwrap();
    fs::write(at.path().join("home/config.toml"), config).unwrap();
    assert!(transformed(&[]));
    assert!(!transformed(&["--no-assume", "module"]));
    for (flags, words) in [
        (["--assume", "mdule"], "there is no assumption `mdule`"),
        (["--no-assume", "mdule"], "there is no assumption `mdule`"),
    ] {
        let failed = run(
            at.path(),
            &["transform", "var-to-const", flags[0], flags[1], "a.js"],
            "",
        );
        assert_eq!(code(&failed), 2);
        assert!(err(&failed).contains(words), "{}", err(&failed));
    }
    let both = run(
        at.path(),
        &[
            "transform",
            "var-to-const",
            "--assume",
            "module",
            "--no-assume",
            "module",
            "a.js",
        ],
        "",
    );
    assert_eq!(code(&both), 2);
    fs::write(
        at.path().join("home/config.toml"),
        "[booster]\nwithdrawn = [\"mdule\"]\n",
    )
    .unwrap();
    let configured = run(at.path(), &["transform", "var-to-const", "a.js"], "");
    assert_eq!(code(&configured), 3);
    assert!(err(&configured).contains("mdule"), "{}", err(&configured));
}

#[test]
fn the_configuration_vouches_by_file() {
    let at = folder();
    fs::create_dir_all(at.path().join("src/legacy")).unwrap();
    fs::create_dir_all(at.path().join("home")).unwrap();
    fs::write(
        at.path().join("home/config.toml"),
        "[[booster.grants]]\nfiles = [\"src/**\"]\nassumptions = [\"module\"]\n\n[[booster.grants]]\nfiles = [\"legacy/**\"]\nwithdrawn = [\"module\"]\n",
    )
    .unwrap();
    for path in ["src/a.js", "src/legacy/b.js", "c.js"] {
        fs::write(at.path().join(path), "var top = 1;\n").unwrap();
    }
    let report = json(&run(
        at.path(),
        &["transform", "var-to-const", "--json", "."],
        "",
    ));
    let changed: Vec<&str> = report
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["changed"] == true)
        .map(|one| one["path"].as_str().unwrap())
        .collect();
    assert_eq!(changed, ["./src/a.js"]);
    // A task's files are held against the same patterns.
    let task = |path: &str| {
        let task = format!(
            r#"{{"instruction":"Use const instead of var","files":[{{"path":"{path}","text":"var top = 1;"}}]}}"#
        );
        json(&run(at.path(), &["route", "--json"], task))["tier"].clone()
    };
    assert_eq!(task("src/a.js"), 0);
    assert_ne!(task("c.js"), 0);
}

#[test]
fn a_task_vouches_for_its_own_code() {
    let at = folder();
    let tier = |extra: &str| {
        let task = format!(
            r#"{{"instruction":"Use const instead of var","files":[{{"path":"a.js","text":"var top = 1;"}}]{extra}}}"#
        );
        json(&run(at.path(), &["route", "--json"], task))["tier"].clone()
    };
    assert_ne!(tier(""), 0);
    assert_eq!(tier(r#","assumptions":["module"]"#), 0);
    assert_ne!(
        tier(r#","assumptions":["module"],"withdrawn":["module"]"#),
        0
    );
}

#[test]
fn codes_and_assumptions_are_explained() {
    let at = folder();
    let code_words = out(&run(
        at.path(),
        &["transform", "--explain", "script_global"],
        "",
    ));
    assert!(
        code_words.contains("var-to-const") && code_words.contains("--assume module: "),
        "{code_words}"
    );
    let assumption = out(&run(at.path(), &["transform", "--explain", "module"], ""));
    assert!(assumption.contains("script_global"), "{assumption}");
    let value = json(&run(
        at.path(),
        &["transform", "--explain", "script_global", "--json"],
        "",
    ));
    assert_eq!(value["codes"][0]["liftedBy"][0]["name"], "module");
    let unknown = run(at.path(), &["transform", "--explain", "bad_weather"], "");
    assert_eq!(code(&unknown), 2);
    assert!(err(&unknown).contains("script_global"));
    let listed = out(&run(at.path(), &["transform", "--list"], ""));
    assert!(listed.contains("granted by default"), "{listed}");
}
