//! Requests for one of the booster's edits, and near misses: an edit that was not asked for is a wrong answer, one that is not seen costs a model's call.

mod support;

use serde_json::Value;
use support::{classify, task, with_code};

const TRANSFORMS: [&str; 3] = ["var-to-const", "func-to-arrow", "remove-console"];

/// How many requests are seen, how many there are; how many times an edit is taken that is not asked for, how many times it could be.
fn counts(set: &str) -> [usize; 4] {
    let path = format!("{}/../../tests/labelled/{set}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let mut counts = [0; 4];
    for row in text.lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        let field = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let found = classify(&with_code(
            task(&field("instruction")),
            &field("codeContext"),
        ));
        let wanted = field("edit");
        let taken = found
            .transform
            .filter(|name| TRANSFORMS.contains(&name.as_str()));
        counts[0] += usize::from(wanted != "none" && taken.as_ref() == Some(&wanted));
        counts[1] += usize::from(wanted != "none");
        counts[2] += usize::from(taken.is_some_and(|taken| taken != wanted));
        counts[3] += usize::from(wanted == "none");
    }
    counts
}

#[test]
fn an_edit_is_hardly_ever_taken_that_is_not_asked_for() {
    // The share of requests that is seen at least and of near misses that is taken at most, in percent.
    for (set, least, most) in [
        ("edits-tuning.jsonl", 90, 1),
        ("edits-reported.jsonl", 42, 3),
        ("edits-unseen.jsonl", 60, 6),
    ] {
        let [seen, asked, wrong, near] = counts(set);
        println!("{set}: {seen} of {asked} seen; {wrong} of {near} near misses taken");
        assert!(wrong * 100 <= near * most, "{set}: {wrong} of {near}");
        assert!(seen * 100 >= asked * least, "{set}: {seen} of {asked}");
    }
}

const CODE: &str = "function load(list) {\n  var total = 0;\n  list.forEach(function (item) {\n    console.log(item);\n    total += item.price;\n  });\n  console.debug(total);\n}";

fn edit(instruction: &str, code: &str) -> Option<String> {
    classify(&with_code(task(instruction), code)).transform
}

#[test]
fn a_request_may_hold_a_reason_a_promise_and_courtesy() {
    for (instruction, expected) in [
        (
            "We target ES2020 now, so please swap var for const/let. Keep the formatting.",
            "var-to-const",
        ),
        (
            "cna you repalce teh vars wiht const adn let",
            "var-to-const",
        ),
        (
            "const instead of var, nothing else should change",
            "var-to-const",
        ),
        (
            "Callbacks to arrow functions please, don't touch the vars",
            "func-to-arrow",
        ),
        (
            "I left console.log in while debugging, could you take it out?",
            "remove-console",
        ),
        (
            "Bitte alle console.log entfernen, sonst nichts ändern.",
            "remove-console",
        ),
        ("把 var 都改成 const 或 let", "var-to-const"),
        ("var → let/const, TypeScript file", "var-to-const"),
        (
            "Per favore togli le chiamate a console, il resto resta com'è.",
            "remove-console",
        ),
        ("Remove these two console calls", "remove-console"),
        (
            "Review comment: \"use const/let\". Please apply it.",
            "var-to-const",
        ),
    ] {
        assert_eq!(
            edit(instruction, CODE).as_deref(),
            Some(expected),
            "{instruction}"
        );
    }
}

#[test]
fn a_part_a_condition_a_denial_or_a_second_wish_is_no_request() {
    for instruction in [
        "Replace only the first var with const",
        "If nothing relies on hoisting, replace var with const",
        "Don't replace var with const",
        "Leave the vars, but remove the logger",
        "Replace var with const and rename total",
        "Replace var with const. Also sort the list.",
        "Should I replace var with const?",
        "const to var, please",
        "Turn the arrow functions into function expressions",
        "Remove console.log from line 4",
        "Only remove console.debug",
        "Remove the console calls, except the last one",
        "Remove three of the console calls",
        "Remove the console calls in the catch",
        "Please review the change from var to const",
        "All the lets should be const",
        "Write a test for this, use arrow functions not `function`",
        "Delete cart.js, it still has var",
        "Turn off no-console here",
        "Replace var with const, and while you are there do a complete security review",
    ] {
        assert_eq!(edit(instruction, CODE), None, "{instruction}");
    }
}

#[test]
fn a_named_place_counts_where_all_of_the_code_is_in_it() {
    let two = format!("{CODE}\nfunction save() {{\n  console.log('saved');\n}}\n");
    let instruction = "Remove the console.log calls in load";
    assert_eq!(edit(instruction, CODE).as_deref(), Some("remove-console"));
    assert_eq!(edit(instruction, &two), None);
}
