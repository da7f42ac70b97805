//! `transform --jsonl`: an answer for each line.

use serde_json::Value;

use crate::command::{code, folder, out, run};

#[test]
fn every_line_of_a_stream_gets_its_answer_in_order() {
    let at = folder();
    let input = [
        r#"{"id":"a","code":"var x = 1;","transform":"var-to-const","module":true}"#,
        "this is no json",
        r#"{"id":7,"code":"var x = 1;","transform":"var-to-const"}"#,
        "",
        r#"{"id":"c","code":"var =","transform":"var-to-const"}"#,
        r#"{"id":"d","code":"x","transform":"to-cobol"}"#,
        r#"{"id":"e","transform":"var-to-const"}"#,
        r#"{"id":"f","code":"var y = 2; export { y }","transform":"var-to-const"}"#,
    ]
    .join("\n");
    let done = run(at.path(), &["transform", "--jsonl"], &input);
    assert_eq!(code(&done), 1);
    let answers: Vec<Value> = out(&done)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), 7);
    assert_eq!(
        (answers[0]["code"].as_str(), answers[0]["changed"].as_bool()),
        (Some("const x = 1;"), Some(true))
    );
    assert_eq!(
        (&answers[1]["id"], &answers[1]["line"]),
        (&Value::Null, &Value::from(2))
    );
    assert_eq!(
        (&answers[2]["id"], &answers[2]["changed"]),
        (&Value::from(7), &Value::from(false))
    );
    assert_eq!(answers[2]["refused"][0]["code"], "script_global");
    assert!(answers[2].get("error").is_none(), "a refusal is no error");
    for (at, id) in [(3, "c"), (4, "d"), (5, "e")] {
        assert_eq!(answers[at]["id"], id);
        assert!(answers[at]["error"].is_string());
    }
    assert_eq!(answers[6]["code"], "const y = 2; export { y }");
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
