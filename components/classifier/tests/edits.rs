//! Requests for one of the booster's edits, and near misses: an edit that was not asked for is a wrong answer, one that is not seen costs a model's call.

mod support;

use serde_json::Value;
use support::{task, with_code};
use tinydancer_classifier::classify;

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
    for set in ["edits-tuning.jsonl", "edits-reported.jsonl"] {
        let [seen, asked, wrong, near] = counts(set);
        println!("{set}: {seen} of {asked} seen; {wrong} of {near} near misses taken");
        assert!(wrong * 100 <= near * 4, "{set}: {wrong} of {near}");
        assert!(seen * 100 >= asked * 25, "{set}: {seen} of {asked}");
    }
}
