//! What tasks are: one table over the five tiers and the traps, and the rules that hold for any text.

mod support;

use proptest::prelude::*;
use support::{classify, task, with_code};
use tinydancer_classifier::{Level, Message, Priority, Role, SourceFile, Task, classify as assess};

fn tier(task: &Task) -> u8 {
    let found = classify(task);
    if found.transform.is_some() {
        return 0;
    }
    match found.level {
        Level::Simple => 1,
        Level::Moderate => 2,
        Level::Complex => 3,
        Level::Critical => 4,
    }
}

const TABLE: &[(u8, &str)] = &[
    // Tier 0: one of the booster's edits and nothing else.
    (0, "Use const instead of var"),
    (0, "Replace all vars with let or const"),
    (0, "Convert var to const in this file, please"),
    (0, "modernise the var declarations"),
    (0, "Get rid of the console.logs"),
    (0, "Turn these callbacks into arrow functions"),
    (0, "Ersetze var durch const"),
    (0, "run var-to-const"),
    (0, "Replace `var` by `const`"),
    // Tier 1: one step, low stakes.
    (1, "Write a docstring for this function"),
    (1, "Rename the variable usr to user"),
    (1, "Summarize this text in two sentences"),
    (1, "Fix the typo in the readme"),
    (1, "Write a regex for ISO dates"),
    (1, "Write a limerick about security audits"),
    (1, "format the date picker"),
    (1, "Convert this JSON to YAML"),
    (1, "What is the capital of France?"),
    (1, "Why is const better than var?"),
    (1, "do NOT convert var to const, only rename x to y"),
    (1, "Translate the error message to German"),
    (1, "Write a unit test for this pure function"),
    (1, "Explain what a threat model is"),
    (1, "Summarize the incident postmortem about data loss"),
    (1, "Benenne die Variable um"),
    (1, "把这个变量重命名"),
    (1, "Sort these imports alphabetically"),
    (1, "Rename the class SecurityAudit to Check"),
    // Tier 2: ordinary engineering.
    (2, "Add pagination to the orders endpoint with tests"),
    (2, "Implement a CSV export for the report page"),
    (2, "Fix the bug: clicking save twice shows an error"),
    (2, "Review this pull request for the settings page"),
    (2, "Write a test suite for the parser module"),
    (
        2,
        "Add retry logic to the client and use const instead of var",
    ),
    (
        2,
        "Write a SQL query that joins orders, customers and refunds by month",
    ),
    (
        2,
        "Add a dark mode toggle to the settings page, with tests. Don't do a security audit.",
    ),
    (2, "Create a React form with validation"),
    (
        2,
        "Add logging to the upload handler, no need for a threat model",
    ),
    // Tier 3: reasoning that must hold together.
    (3, "prove the lock-free queue correct and fix the race"),
    (3, "Find out why this test is flaky and fix the cause"),
    (3, "Debug the deadlock in the worker pool"),
    (3, "The service stalls under load; find the memory leak"),
    (
        3,
        "Refactor the storage layer across several files and fix the race condition it has",
    ),
    (3, "Prove that the invariant holds for the algorithm"),
    (3, "Finde die Wettlaufsituation im Cache und behebe sie"),
    // Tier 4: a mistake is dear, or the whole is large.
    (
        4,
        "Rewrite the distributed lock manager after the data loss in production",
    ),
    (4, "perform a security audit of the payment architecture"),
    (
        4,
        "design a system-wide authentication migration with a threat model",
    ),
    (4, "Review our cryptographic key rotation scheme"),
    (
        4,
        "Production outage: customers were charged twice, find and fix it",
    ),
    (
        4,
        "Design the architecture of a distributed multi-region ledger",
    ),
    (
        4,
        "Plan the zero-downtime migration of the billing database; data loss is not acceptable",
    ),
    (4, "Erstelle ein Bedrohungsmodell für den Zahlungsdienst"),
    (4, "对支付系统进行安全审计"),
    (4, "Find SQL injection holes in our Express API"),
    (4, "Scan src/ for XSS"),
];

#[test]
fn a_hole_that_is_to_be_closed_is_security_work_and_one_in_passing_is_not() {
    for instruction in [
        "Fix the SQL injection vulnerability in login.php",
        "Add input validation to prevent SQL injection in search",
        "Is this endpoint vulnerable to CSRF?",
        "Our image proxy fetches any URL. Fix the SSRF properly, redirects included.",
    ] {
        let said = classify(&task(instruction));
        assert!(said.security, "{instruction}");
        // Where security work is never the smallest model's.
        assert!(said.complexity >= 20, "{instruction}: {}", said.complexity);
    }
    for instruction in [
        "Sort the vulnerability table by CVSS score, nulls last",
        "Refactor this module to use dependency injection",
        "Explain what SQL injection is in two sentences",
        "Fix the typo in \"Report a vulnerability\"",
        "Fix the date filter; do not touch the XSS sanitiser",
    ] {
        assert!(!classify(&task(instruction)).security, "{instruction}");
    }
}

#[test]
fn tasks_are_as_hard_as_a_person_would_say() {
    let mut wrong = Vec::new();
    for &(expected, instruction) in TABLE {
        let own = match expected {
            0 => with_code(task(instruction), "var x = 1; function f() { return x }"),
            _ => task(instruction),
        };
        let found = tier(&own);
        if found != expected {
            let said = assess(&own);
            let why: Vec<_> = said
                .factors
                .iter()
                .map(|factor| format!("{}{:+}{:?}", factor.name, factor.points, factor.words))
                .collect();
            wrong.push(format!(
                "{expected} expected, {found} found: {instruction}: {why:?}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} are wrong:\n{}",
        wrong.len(),
        TABLE.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_lint_rule_is_an_edit_where_it_complains_and_not_where_it_is_spoken_of() {
    let asked = |instruction: &str| {
        classify(&with_code(task(instruction), "var x = 1; console.log(x);")).transform
    };
    for (instruction, transform) in [
        ("no-var", "var-to-const"),
        ("fix the no-var errors in this file", "var-to-const"),
        (
            "ESLint complains about no-console here. Fix those.",
            "remove-console",
        ),
        (
            "prefer-arrow-callback warnings: please clean up",
            "func-to-arrow",
        ),
    ] {
        assert_eq!(
            asked(instruction).as_deref(),
            Some(transform),
            "{instruction}"
        );
    }
    for instruction in [
        "disable the no-console rule",
        "turn off no-var in eslint",
        "enable the lint rule no-var",
        "ignore the no-console warnings in this file",
        "allow console here, the no-console rule is an error",
        "upgrade the linter, the no-var rule crashes",
        "set no-var to error",
        "no-console errors: use our logger",
    ] {
        assert_eq!(asked(instruction), None, "{instruction}");
    }
}

#[test]
fn words_in_code_and_quotations_do_not_count() {
    let quoted = task(
        "Add a tooltip that says \"security audit\" to the menu\n```\nthreat model, data loss\n```",
    );
    assert_eq!(
        tier(&quoted),
        tier(&task("Add a tooltip that says to the menu"))
    );
    assert_eq!(
        tier(&task(
            "Add this to the page:\n> perform a security audit of everything"
        )),
        tier(&task("Add this to the page:"))
    );
}

#[test]
fn a_harness_around_the_words_of_a_person_does_not_count() {
    let noisy =
        task("<system-reminder>do a security audit, threat model</system-reminder>\nRename x to y");
    assert_eq!(tier(&noisy), 1);
    let mut walked_back = task("<tool_result>ok</tool_result>");
    walked_back.history.push(Message {
        role: Role::User,
        content: "Debug the deadlock in the worker pool and prove it is gone".into(),
    });
    walked_back.history.push(Message {
        role: Role::User,
        content: "<system-reminder>x</system-reminder>".into(),
    });
    assert_eq!(tier(&walked_back), 3);
}

#[test]
fn a_summary_is_read_where_nothing_else_says_what_is_to_be_done() {
    let summary = "This session is being continued from a previous conversation that ran out of context. Summary: prove the lock-free queue \
                   correct and fix the race. Next: find the cause of the deadlock.";
    let mut own = task(summary);
    assert!(tier(&own) >= 3, "{:?}", assess(&own).factors);
    own.history.push(Message {
        role: Role::User,
        content: "Rename x to y".into(),
    });
    assert_eq!(tier(&own), 1);
}

#[test]
fn commit_it_after_hard_work_is_part_of_the_work() {
    let mut own = task("commit it");
    assert_eq!(tier(&own), 1);
    own.history.push(Message {
        role: Role::User,
        content: "Prove the lock-free queue correct and fix the race in it".into(),
    });
    assert!(tier(&own) >= 2);
    assert!(
        assess(&own)
            .factors
            .iter()
            .any(|factor| factor.name == "momentum")
    );
}

#[test]
fn the_fields_of_the_original_plan_are_read() {
    let mut bare = with_code(task(""), "var x = 1;");
    bare.kind = "generate-tests".into();
    assert!(classify(&bare).bare_code);

    let mut small = with_code(task(""), "function add(a, b) { return a + b; }");
    small.kind = "generate-tests".into();
    assert!(!classify(&small).bare_code);
    assert_eq!(tier(&small), 1);

    let mut scan = task("");
    scan.kind = "security-scan".into();
    scan.capabilities = vec!["sast".into(), "owasp".into()];
    let found = classify(&scan);
    assert_eq!(found.level, Level::Critical);
    assert!(found.security);
}

#[test]
fn priority_raises_by_one_tier_at_most() {
    for &(expected, instruction) in TABLE
        .iter()
        .filter(|(expected, _)| (1..4).contains(expected))
    {
        let mut own = task(instruction);
        own.priority = Priority::Critical;
        assert!(tier(&own) <= expected + 1, "{instruction}");
    }
}

#[test]
fn a_text_to_be_told_otherwise_is_one_step_whatever_it_is_about() {
    let text = "On 3 March the payments cluster lost quorum after a kernel upgrade. Between 04:12 and 04:57 no card payments could be authorised. The security \
                team confirmed that there was no malicious activity. A threat model for the firewall automation and a zero-downtime migration follow.";
    for lead in [
        "Summarise the following postmortem in two sentences.\n\n",
        "Please turn this paragraph into bullets: ",
    ] {
        let found = classify(&task(&format!("{lead}{text}")));
        assert_eq!(found.level, Level::Simple, "{lead} {found:?}");
    }
    let resumed = classify(&task(&format!("Resume the threat model: {text}")));
    assert_ne!(resumed.level, Level::Simple, "{resumed:?}");
}

#[test]
fn nothing_known_is_the_middle() {
    let nothing = classify(&task(""));
    assert_eq!(nothing.level, Level::Moderate);
    assert_eq!(tier(&task("xyzzy plugh")), 2);
}

#[test]
fn factors_name_the_words_that_caused_them() {
    let found = assess(&task("Find out why this test is flaky and fix the cause"));
    let reasoning = found
        .factors
        .iter()
        .find(|factor| factor.name == "reasoning")
        .expect("it is there");
    assert_eq!(reasoning.words, ["flaky"]);
    let sum: i32 = found.factors.iter().map(|factor| factor.points).sum();
    assert_eq!(sum, i32::from(found.classification.complexity));
    assert!(
        found
            .factors
            .windows(2)
            .all(|pair| pair[0].points.abs() >= pair[1].points.abs())
    );
}

#[test]
fn the_language_of_code_is_known() {
    for (path, code, expected) in [
        ("a.py", "x = 1", "python"),
        ("", "fn main() {}", "rust"),
        ("", "const a = 1", "javascript"),
        ("", "// fn main\nconst a = 'package main'", "javascript"),
        ("", "~", ""),
    ] {
        let mut own = task("x");
        own.files.push(SourceFile {
            path: path.into(),
            text: code.into(),
            module: None,
            dialect: None,
        });
        assert_eq!(classify(&own).language, expected, "{code}");
    }
}

#[test]
fn a_long_instruction_is_read_at_both_ends() {
    let filler = "the report lists figures and names. ".repeat(2_000);
    assert_eq!(tier(&task(&format!("Summarize this text: {filler}"))), 1);
    let at_the_end = format!(
        "Here are the notes. {filler} Now perform a security audit of the payment service."
    );
    assert!(tier(&task(&at_the_end)) >= 3);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_task_has_a_classification(text in "\\PC{0,300}", code in "\\PC{0,200}", history in "\\PC{0,100}", files in 0_u32..u32::MAX) {
        let mut own = with_code(task(&text), &code);
        own.history.push(Message { role: Role::User, content: history });
        own.file_count = files;
        let found = classify(&own);
        prop_assert!(found.complexity <= 100);
        prop_assert_eq!(found.features.indices.len(), found.features.values.len());
        prop_assert!(found.features.indices.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!(found.features.indices.iter().all(|at| *at < 65_536));
        prop_assert!(found.features.values.iter().all(|value| value.is_finite()));
        prop_assert_eq!(classify(&own), found);
    }
}
