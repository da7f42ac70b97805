//! `route`: a stream of tasks, and what the environment changes in a decision.

use std::fs;

use serde_json::Value;

use crate::command::{code, err, folder, out, run, run_with};

#[test]
fn a_stream_of_tasks_is_routed_line_by_line() {
    let at = folder();
    let input = [
        r#"{"id":"a","instruction":"Replace var with const","files":[{"path":"a.js","text":"var x = 1; module.exports = x"}]}"#,
        r#"{"id":"b","instruction":"Replace var with const","files":[{"path":"a.js","text":"use(x); var x = 1; module.exports = x"}]}"#,
        r#"{"id":"c","instruction":"perform a security audit of the payment architecture"}"#,
        r#"{"id":"d"}"#,
        r#"{"id":"e","instruction":"rename x","routingTier":3,"note":"mine"}"#,
    ]
    .join("\n");
    let done = run(at.path(), &["route", "--jsonl"], &input);
    assert_eq!(code(&done), 1);
    let answers: Vec<Value> = out(&done)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let tiers: Vec<&Value> = answers.iter().map(|answer| &answer["tier"]).collect();
    assert_eq!(
        tiers,
        [
            &Value::from(0),
            &Value::from(1),
            &Value::from(4),
            &Value::Null,
            &Value::from(3)
        ]
    );
    assert_eq!(answers[1]["fallbackReason"], "low-confidence");
    assert!(answers[2]["model"].as_str().unwrap().contains("opus"));
    assert!(answers[3]["error"].is_string());
    let stats: Value =
        serde_json::from_str(&out(&run(at.path(), &["stats", "--json"], ""))).unwrap();
    assert_eq!(stats["routed"], 0, "deciding records nothing");
}

/// Where `route --json` sends an instruction under these variables.
fn routed(at: &std::path::Path, instruction: &str, variables: &[(&str, &str)]) -> Value {
    let done = run_with(at, &["route", "--json", instruction], "", variables);
    serde_json::from_str(&out(&done)).unwrap_or_else(|e| panic!("{e}: {}", err(&done)))
}

#[test]
fn the_factors_of_a_task_stand_by_themselves_and_among_the_reasons() {
    let at = folder();
    let found = routed(at.path(), "Rename x to y", &[]);
    let factor = &found["factors"][0];
    let (name, points) = (factor["name"].as_str(), factor["points"].as_i64());
    let said = format!("{} {:+}", name.unwrap(), points.unwrap());
    let reasons = found["reasons"].as_array().unwrap();
    assert!(
        reasons
            .iter()
            .any(|own| own.as_str().unwrap().starts_with(&said)),
        "{found}"
    );
}

#[test]
fn an_unsure_decision_goes_up_where_the_environment_asks_for_it() {
    let at = folder();
    let words = "Rename x to y";
    let plain = routed(at.path(), words, &[]);
    let sure = routed(
        at.path(),
        words,
        &[("ROUTING_CONFIDENCE_ESCALATION", "0.01")],
    );
    let raised = routed(at.path(), words, &[("ROUTING_CONFIDENCE_ESCALATION", "1")]);
    assert_eq!(sure["tier"], plain["tier"]);
    assert_eq!(
        raised["tier"].as_u64(),
        plain["tier"].as_u64().map(|tier| tier + 1)
    );
    assert!(
        raised["reasons"][0]
            .as_str()
            .unwrap()
            .contains("confidence"),
        "{raised}"
    );
}

#[test]
fn a_near_tie_goes_to_the_cheaper_tier_where_the_environment_asks_for_it() {
    let at = folder();
    let words = "Add pagination to the orders endpoint";
    let plain = routed(at.path(), words, &[]);
    let tier = plain["tier"].as_u64().unwrap();
    let below = &plain["estimates"][usize::try_from(tier).unwrap() - 1];
    let quality = below["quality"].as_f64().unwrap();
    // A target that the cheaper tier just misses, and may reach.
    let target = quality + below["uncertainty"].as_f64().unwrap() / 4.0;
    fs::create_dir_all(at.path().join("home")).unwrap();
    fs::write(
        at.path().join("home/config.toml"),
        format!("[router]\nquality_target = {target:.4}\n"),
    )
    .unwrap();
    assert_eq!(routed(at.path(), words, &[])["tier"].as_u64(), Some(tier));
    let cheaper = routed(at.path(), words, &[("ROUTING_COST_PREFER_CHEAPER", "true")]);
    assert_eq!(cheaper["tier"].as_u64(), Some(tier - 1), "{cheaper}");
}

#[test]
fn review_is_advised_by_the_thresholds_of_the_environment() {
    let at = folder();
    let words = "Rename x to y";
    let review =
        |variables: &[(&str, &str)]| routed(at.path(), words, variables)["needsReview"].clone();
    let never = [
        ("ROUTING_CONFIDENCE_MULTI_MODEL", "0"),
        ("ROUTING_CONFIDENCE_HUMAN_REVIEW", "1"),
        ("ROUTING_CONFIDENCE_SECURITY", "0"),
    ];
    assert_eq!(review(&never), false);
    assert_eq!(
        review(&[("ROUTING_CONFIDENCE_MULTI_MODEL", "1"), never[1], never[2]]),
        true
    );
    assert_eq!(
        review(&[never[0], ("ROUTING_CONFIDENCE_HUMAN_REVIEW", "0"), never[2]]),
        true
    );
    let security = |threshold| {
        let variables = [
            never[0],
            never[1],
            ("ROUTING_CONFIDENCE_SECURITY", threshold),
        ];
        routed(at.path(), "Audit the login for SQL injection", &variables)["needsReview"].clone()
    };
    assert_eq!((security("0"), security("1")), (false.into(), true.into()));
}
