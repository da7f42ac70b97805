//! `tinydancer transform`: several transforms at once, what is vouched for, reports to act on, records.

#[path = "support/command.rs"]
mod command;

use std::fs;

use command::{code, err, folder, json, out, run, run_with};
use serde_json::Value;

/// A top-level var, a local one and a console call.
const SOURCE: &str =
    "var top = 1;\nfunction f() {\n  var own = 2;\n  console.log('x');\n  return own + top;\n}\n";

#[test]
fn several_transforms_are_done_at_once_in_any_order() {
    let at = folder();
    fs::write(at.path().join("a.js"), SOURCE).unwrap();
    let both = out(&run(
        at.path(),
        &["transform", "var-to-const", "remove-console", "a.js"],
        "",
    ));
    let turned = out(&run(
        at.path(),
        &["transform", "remove-console", "var-to-const", "a.js"],
        "",
    ));
    assert_eq!(both, turned);
    assert!(
        both.contains("const own") && !both.contains("console"),
        "{both}"
    );
    let report = json(&run(
        at.path(),
        &[
            "transform",
            "var-to-const",
            "remove-console",
            "--json",
            "a.js",
        ],
        "",
    ));
    assert_eq!(report[0]["transform"], "var-to-const,remove-console");
    assert_eq!(report[0]["byTransform"].as_array().unwrap().len(), 2);
}

#[test]
fn a_misspelt_second_transform_is_not_taken_for_a_file() {
    let at = folder();
    fs::write(at.path().join("a.js"), SOURCE).unwrap();
    let failed = run(
        at.path(),
        &["transform", "var-to-const", "remove-consol", "a.js"],
        "",
    );
    assert_eq!(code(&failed), 2);
    assert!(err(&failed).contains("`remove-consol`") && err(&failed).contains("remove-console"));
    // A file of such a name is a file.
    fs::write(at.path().join("remove-consol"), SOURCE).unwrap();
    let taken = run(
        at.path(),
        &[
            "transform",
            "var-to-const",
            "--check",
            "remove-consol",
            "a.js",
        ],
        "",
    );
    assert!(err(&taken).contains("2 files"), "{}", err(&taken));
}

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
fn refusals_are_reported_with_place_code_words_and_what_would_lift_them() {
    let at = folder();
    fs::write(at.path().join("a.js"), SOURCE).unwrap();
    let told = run(
        at.path(),
        &["transform", "var-to-const", "--verbose", "a.js"],
        "",
    );
    assert!(
        err(&told).contains("a.js:1:5: ") || err(&told).contains("a.js:1:1: "),
        "{}",
        err(&told)
    );
    assert!(
        err(&told).contains("script_global); --assume module would lift it"),
        "{}",
        err(&told)
    );
    assert!(
        err(&told).contains("1  script_global; --assume module would lift 1"),
        "{}",
        err(&told)
    );
    let report = json(&run(
        at.path(),
        &["transform", "var-to-const", "--json", "a.js"],
        "",
    ));
    let site = &report[0]["refused"][0];
    assert_eq!(
        (
            &site["transform"],
            &site["code"],
            &site["line"],
            &site["liftedBy"]
        ),
        (
            &"var-to-const".into(),
            &"script_global".into(),
            &1.into(),
            &"module".into()
        )
    );
    assert!(site["message"].as_str().unwrap().len() > 10 && site["column"].is_u64());
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

#[test]
fn the_edit_list_makes_the_transformed_text() {
    let at = folder();
    let source = "/* ü😀 */ exports.a = 1;\nvar x = 1; var y = 2;\n";
    fs::write(at.path().join("a.js"), source).unwrap();
    let list = json(&run(
        at.path(),
        &["transform", "var-to-const", "--edits", "a.js"],
        "",
    ));
    let edits = list[0]["edits"].as_array().unwrap();
    let mut text = source.to_owned();
    for edit in edits.iter().rev() {
        let at = |key: &str| usize::try_from(edit[key].as_u64().unwrap()).unwrap();
        text.replace_range(
            at("start")..at("end"),
            edit["replacement"].as_str().unwrap(),
        );
    }
    let printed = out(&run(at.path(), &["transform", "var-to-const", "a.js"], ""));
    assert_eq!(text, printed);
    assert_eq!(
        (&edits[0]["startLine"], &edits[0]["startColumn"]),
        (&2.into(), &1.into())
    );
}

#[test]
fn the_sarif_log_holds_fixes_refusals_and_what_failed() {
    let at = folder();
    fs::write(at.path().join("a b.js"), SOURCE).unwrap();
    fs::write(at.path().join("broken.js"), "var = ;").unwrap();
    let done = run(
        at.path(),
        &[
            "transform",
            "var-to-const",
            "--sarif",
            "a b.js",
            "broken.js",
        ],
        "",
    );
    assert_eq!(code(&done), 1);
    let log = json(&done);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b.js");
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
    }
    let ids: Vec<&str> = results
        .iter()
        .map(|own| own["ruleId"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["var-to-const", "var-to-const/script_global"]);
    let fix = &results[0]["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(fix["insertedContent"]["text"], "const");
    assert_eq!(fix["deletedRegion"]["startLine"], 3);
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert!(
        invocation["toolExecutionNotifications"][0]["message"]["text"]
            .as_str()
            .unwrap()
            .contains("line 1")
    );
    assert_eq!(run["properties"]["byCode"][0]["code"], "script_global");
}

#[test]
fn a_stream_names_several_transforms_and_its_own_assumptions() {
    let at = folder();
    let lines = [
        r#"{"id":1,"code":"var x = 1; console.log(x);","transform":["var-to-const","remove-console"],"module":true}"#,
        r#"{"id":2,"code":"var x = 1;","transform":"var-to-const"}"#,
        r#"{"id":3,"code":"var x = 1;","assumptions":["module"]}"#,
        r#"{"id":4,"code":"var x = 1;","assumptions":["module"],"withdrawn":["module"]}"#,
        r#"{"id":5,"code":"var x = 1;","assumptions":["mdule"]}"#,
        r#"{"id":6,"code":"","transform":"var-to-const"}"#,
        r#"{"id":7,"code":"x","transform":7}"#,
        r#"{"id":{"a":[8]},"code":"x","transform":[]}"#,
    ];
    let done = run(
        at.path(),
        &["transform", "var-to-const", "--jsonl"],
        lines.join("\n"),
    );
    let answers: Vec<Value> = out(&done)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), lines.len());
    assert_eq!(
        answers[0]["code"].as_str().unwrap().trim_end(),
        "const x = 1;"
    );
    assert_eq!(answers[1]["changed"], false);
    let site = &answers[1]["refused"][0];
    assert_eq!(
        (&site["code"], site["start"].is_u64(), site["end"].is_u64()),
        (&"script_global".into(), true, true)
    );
    assert!(answers[1].get("error").is_none());
    assert_eq!(answers[2]["code"], "const x = 1;");
    assert_eq!(answers[3]["changed"], false);
    assert!(answers[4]["error"].as_str().unwrap().contains("mdule"));
    assert_eq!(
        (&answers[5]["changed"], answers[5].get("error")),
        (&false.into(), None)
    );
    assert!(answers[6]["error"].as_str().unwrap().contains("transform"));
    assert_eq!(answers[7]["id"]["a"][0], 8);
    assert!(answers[7]["error"].is_string());
}

#[test]
fn a_record_is_kept_only_where_it_is_asked_for() {
    let at = folder();
    fs::write(at.path().join("a.js"), SOURCE).unwrap();
    fs::write(at.path().join("refused.js"), "var top = 1;\n").unwrap();
    fs::write(at.path().join("nothing.js"), "f();\n").unwrap();
    fs::write(at.path().join("broken.js"), "var secret = ;").unwrap();
    run(
        at.path(),
        &["transform", "var-to-const", "--check", "."],
        "",
    );
    assert!(!at.path().join("home").exists());
    let done = run(
        at.path(),
        &["transform", "var-to-const", "--check", "--record", "."],
        "",
    );
    assert_eq!(code(&done), 1);
    let kept = json(&run(at.path(), &["outcomes", "--json"], ""));
    let mut ends: Vec<(String, String)> = kept
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            assert_eq!(
                (&row["tierDone"], &row["transform"]),
                (&0.into(), &"var-to-const".into())
            );
            (
                row["status"].as_str().unwrap().to_owned(),
                row["error"].as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect();
    ends.sort();
    let expected = [
        ("failure", "every site was left alone"),
        ("failure", "parse-error"),
        ("success", ""),
    ];
    assert_eq!(
        ends,
        expected.map(|(status, error)| (status.to_owned(), error.to_owned()))
    );
    run(
        at.path(),
        &["transform", "--jsonl", "--record"],
        r#"{"id":1,"code":"var x = 1;","transform":"var-to-const","module":true}"#,
    );
    let stats = json(&run(at.path(), &["stats", "--json"], ""));
    assert_eq!(stats["routed"], 4);
    assert_eq!(stats["decisionAverageNs"], 0);
    run(
        at.path(),
        &[
            "run",
            "--tier",
            "0",
            "--code",
            "var x = 1; module.exports = x;",
            "Replace var by const",
        ],
        "",
    );
    let stats = json(&run(at.path(), &["stats", "--json"], ""));
    // What decided nothing does not pull the average down.
    assert_eq!(stats["routed"], 5);
    assert!(stats["decisionAverageNs"].as_u64().unwrap() > 0);
    assert_eq!(stats["decisionAverageNs"], stats["decisionP99Ns"]);
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
fn the_environment_makes_the_command_verbose() {
    let at = folder();
    let told = run_with(
        at.path(),
        &["transform", "var-to-const"],
        "var top = 1;",
        &[("ROUTING_VERBOSE", "1")],
    );
    assert!(err(&told).contains("standard input:1:"), "{}", err(&told));
}
