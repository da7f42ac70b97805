//! Reports to act on (refusals, edits, SARIF) and records.

use std::fs;

use super::SOURCE;
use crate::command::{code, err, folder, json, out, run};

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
