//! The command line by its binary: what it prints, writes, and exits with.

#[path = "support/command.rs"]
mod command;

use std::fs;
use std::process::{Command, Stdio};

use command::{code, err, folder, out, run, run_with};
use serde_json::Value;

const MODULE: &str = "var x = 1;\nmodule.exports = x;\n";

#[test]
fn one_file_is_printed_transformed_and_left_as_it_is() {
    let at = folder();
    fs::write(at.path().join("a.js"), MODULE).unwrap();
    let done = run(at.path(), &["transform", "var-to-const", "a.js"], "");
    assert_eq!(
        (code(&done), out(&done).as_str()),
        (0, "const x = 1;\nmodule.exports = x;\n")
    );
    assert_eq!(fs::read_to_string(at.path().join("a.js")).unwrap(), MODULE);
    assert!(!at.path().join("home").exists(), "it opens no store");
}

#[test]
fn standard_input_is_a_text_like_any_other() {
    let at = folder();
    let done = run(at.path(), &["transform", "var-to-const"], MODULE);
    assert_eq!(out(&done), "const x = 1;\nmodule.exports = x;\n");
    let typed = run(
        at.path(),
        &["transform", "var-to-const", "--stdin-path", "a.ts", "-"],
        "export {}; var x: number = 1;",
    );
    assert_eq!(out(&typed), "export {}; const x: number = 1;");
}

#[cfg(unix)]
#[test]
fn writing_keeps_mode_bits_and_symbolic_links() {
    use std::os::unix::fs::PermissionsExt as _;
    let at = folder();
    fs::write(at.path().join("real.js"), MODULE).unwrap();
    fs::set_permissions(at.path().join("real.js"), fs::Permissions::from_mode(0o751)).unwrap();
    std::os::unix::fs::symlink("real.js", at.path().join("link.js")).unwrap();
    let done = run(
        at.path(),
        &["transform", "var-to-const", "--write", "link.js"],
        "",
    );
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert!(
        fs::symlink_metadata(at.path().join("link.js"))
            .unwrap()
            .file_type()
            .is_symlink()
    );
    assert_eq!(
        fs::read_to_string(at.path().join("real.js")).unwrap(),
        "const x = 1;\nmodule.exports = x;\n"
    );
    assert_eq!(
        fs::metadata(at.path().join("real.js"))
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o751
    );
    assert_eq!(
        fs::read_dir(at.path()).unwrap().count(),
        2,
        "nothing is left beside"
    );
}

#[test]
fn folders_and_globs_are_searched_and_gitignore_is_kept_to() {
    let at = folder();
    fs::create_dir_all(at.path().join("src/gen")).unwrap();
    fs::create_dir_all(at.path().join("src/node_modules/x")).unwrap();
    for name in [
        "src/a.js",
        "src/b.mjs",
        "src/gen/c.js",
        "src/node_modules/x/d.js",
        "src/e.txt",
    ] {
        fs::write(at.path().join(name), MODULE).unwrap();
    }
    fs::write(at.path().join(".gitignore"), "gen/\n").unwrap();
    let done = run(
        at.path(),
        &["transform", "var-to-const", "--json", "src"],
        "",
    );
    let reports: Value = serde_json::from_str(&out(&done)).unwrap();
    let paths: Vec<&str> = reports
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["src/a.js", "src/b.mjs"]);
    let by_glob = run(
        at.path(),
        &["transform", "var-to-const", "--json", "src/*.js"],
        "",
    );
    assert_eq!(
        serde_json::from_str::<Value>(&out(&by_glob))
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let nothing = run(at.path(), &["transform", "var-to-const", "home*"], "");
    assert_eq!(code(&nothing), 2);
}

#[test]
fn check_and_diff_change_nothing() {
    let at = folder();
    fs::write(at.path().join("a.js"), MODULE).unwrap();
    assert_eq!(
        code(&run(
            at.path(),
            &["transform", "var-to-const", "--check", "a.js"],
            ""
        )),
        1
    );
    let diff = run(
        at.path(),
        &["transform", "var-to-const", "--diff", "a.js"],
        "",
    );
    assert!(
        out(&diff).contains("-var x = 1;\n+const x = 1;\n") && !out(&diff).contains('\u{1b}'),
        "{}",
        out(&diff)
    );
    assert_eq!(fs::read_to_string(at.path().join("a.js")).unwrap(), MODULE);
    fs::write(at.path().join("a.js"), "const x = 1;\n").unwrap();
    assert_eq!(
        code(&run(
            at.path(),
            &["transform", "var-to-const", "--check", "a.js"],
            ""
        )),
        0
    );
}

#[test]
fn files_that_cannot_be_transformed_are_named_and_the_others_are_written() {
    let at = folder();
    fs::write(at.path().join("good.js"), MODULE).unwrap();
    fs::write(at.path().join("broken.js"), "var = ;").unwrap();
    fs::write(at.path().join("binary.js"), b"var x\0").unwrap();
    fs::write(at.path().join("latin.js"), b"var x = '\xe9';").unwrap();
    fs::write(at.path().join("huge.js"), vec![b' '; 50 << 20]).unwrap();
    fs::write(at.path().join("deep.js"), "(".repeat(50_000)).unwrap();
    fs::write(at.path().join("empty.js"), "").unwrap();
    let done = run(
        at.path(),
        &["transform", "var-to-const", "--write", "."],
        "",
    );
    assert_eq!(code(&done), 1);
    let said = err(&done);
    for words in [
        "broken.js: line 1, column 5",
        "binary.js: is a binary file",
        "latin.js: is not UTF-8 (at byte 9)",
        "huge.js: has 52428800 bytes",
        "deep.js: it nests deeper",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(said.contains("5 files not transformed"), "{said}");
    assert_eq!(
        fs::read_to_string(at.path().join("good.js")).unwrap(),
        "const x = 1;\nmodule.exports = x;\n"
    );
    assert_eq!(
        fs::read_to_string(at.path().join("broken.js")).unwrap(),
        "var = ;"
    );
    assert_eq!(
        code(&run(
            at.path(),
            &["transform", "var-to-const", "none.js"],
            ""
        )),
        1
    );
}

#[test]
fn a_dirty_work_tree_is_warned_about() {
    let at = folder();
    fs::write(at.path().join("a.js"), MODULE).unwrap();
    let git = |arguments: &[&str]| {
        let done = Command::new("git")
            .current_dir(at.path())
            .args(["-c", "user.name=t", "-c", "user.email=t@t"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", err(&done));
    };
    git(&["init", "-q"]);
    git(&["add", "a.js"]);
    git(&["commit", "-qm", "x"]);
    let clean = run(
        at.path(),
        &["transform", "var-to-const", "--write", "a.js"],
        "",
    );
    assert!(!err(&clean).contains("not committed"), "{}", err(&clean));
    let dirty = run(
        at.path(),
        &["transform", "var-to-const", "--write", "a.js"],
        "",
    );
    assert!(err(&dirty).contains("not committed"), "{}", err(&dirty));
}

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
fn an_unknown_transform_names_those_that_there_are() {
    let at = folder();
    fs::write(at.path().join("a.js"), MODULE).unwrap();
    let done = run(at.path(), &["transform", "to-cobol", "a.js"], "");
    assert_eq!(code(&done), 2);
    assert!(err(&done).contains("var-to-const"), "{}", err(&done));
    let listed = run(at.path(), &["transform", "--list"], "");
    assert!(out(&listed).contains("tdz_closure") && out(&listed).contains("[--assume module]"));
}

#[test]
fn a_task_at_tier_0_is_done_recorded_and_judged() {
    let at = folder();
    let done = run(
        at.path(),
        &[
            "run",
            "--json",
            "--code",
            "var x = 1;",
            "Use const instead of var",
        ],
        "",
    );
    assert_eq!(code(&done), 0, "{}", err(&done));
    let answer: Value = serde_json::from_str(&out(&done)).unwrap();
    assert_eq!(answer["tier"], 0);
    assert_eq!(answer["implementationUsed"], "agent-booster");
    assert_eq!(answer["transformedCode"], "const x = 1;");
    assert_eq!(answer["recorded"], true);
    let id = answer["id"].as_str().unwrap();
    let kept: Value = serde_json::from_str(&out(&run(at.path(), &["outcomes", id], ""))).unwrap();
    assert_eq!(kept["status"], "success");
    assert_eq!(code(&run(at.path(), &["feedback", id, "good-fit"], "")), 0);
    let stats: Value =
        serde_json::from_str(&out(&run(at.path(), &["stats", "--json"], ""))).unwrap();
    assert_eq!(
        (
            &stats["routed"],
            &stats["boosterAnswered"],
            &stats["unrecorded"]
        ),
        (&Value::from(1), &Value::from(1), &Value::from(0))
    );
    assert_eq!(
        code(&run(at.path(), &["feedback", "none", "good-fit"], "")),
        2
    );
    assert_eq!(code(&run(at.path(), &["feedback", id, "splendid"], "")), 2);
}

#[test]
fn a_task_is_read_from_json_and_its_faults_are_named() {
    let at = folder();
    let task = r#"{"type":"generate-tests","payload":{"sourceCode":"var x = 1;"}}"#;
    let done = run(at.path(), &["run", "--json"], task);
    assert_eq!(
        serde_json::from_str::<Value>(&out(&done)).unwrap()["transformedCode"],
        "const x = 1;"
    );
    for (input, words) in [
        ("{\"a\"", "line 1, column 4"),
        ("[]", "JSON object"),
        ("{}", "the task is empty"),
        (r#"{"instruction":"x","routingTier":9}"#, "no tier 9"),
    ] {
        let failed = run(at.path(), &["run"], input);
        assert_eq!(code(&failed), 2, "{input}");
        assert!(
            err(&failed).replace("\n  │ ", " ").contains(words),
            "{input}: {}",
            err(&failed)
        );
    }
    let warned = run(
        at.path(),
        &["route"],
        r#"{"instruction":"rename x to y","routingteir":1}"#,
    );
    assert!(err(&warned).contains("routingteir"));
}

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

#[test]
fn a_dry_run_shows_what_would_be_reserved() {
    let at = folder();
    let shown = run(at.path(), &["run", "--dry-run", "Rename x to y"], "");
    assert_eq!(code(&shown), 0);
    assert!(
        out(&shown).contains("at most $") && out(&shown).contains("claude-haiku-5-5"),
        "{}",
        out(&shown)
    );
}

#[test]
fn settings_that_are_wrong_stop_the_command_with_their_place() {
    let at = folder();
    fs::write(at.path().join("c.toml"), "[budget]\ndaily_limt = \"5\"\n").unwrap();
    let failed = run(at.path(), &["--config", "c.toml", "models"], "");
    assert_eq!(code(&failed), 3);
    assert!(
        err(&failed).contains("line 2") && err(&failed).contains("daily_limt"),
        "{}",
        err(&failed)
    );
    fs::write(
        at.path().join("c.toml"),
        "[components]\nbooster = \"c.toml\"\n",
    )
    .unwrap();
    let broken = run(
        at.path(),
        &["--config", "c.toml", "transform", "--list"],
        "",
    );
    assert_eq!(code(&broken), 3);
    assert!(err(&broken).contains("booster"), "{}", err(&broken));
}

#[test]
fn a_damaged_store_stops_the_command_and_is_left_as_it_is() {
    let at = folder();
    fs::create_dir_all(at.path().join("home")).unwrap();
    let database = at.path().join("home/tinydancer.db");
    fs::write(&database, "no database ".repeat(100)).unwrap();
    let failed = run(at.path(), &["stats"], "");
    assert_eq!(code(&failed), 4);
    assert!(err(&failed).contains("damaged"), "{}", err(&failed));
    assert_eq!(
        fs::read_to_string(&database).unwrap(),
        "no database ".repeat(100)
    );
}

#[test]
fn a_budget_that_does_not_reach_has_an_exit_code_of_its_own() {
    let at = folder();
    fs::create_dir_all(at.path().join("home")).unwrap();
    fs::write(
        at.path().join("home/config.toml"),
        "[budget]\ndaily_limit = \"0.000001\"\n",
    )
    .unwrap();
    let refused = run(at.path(), &["run", "--tier", "4", "Rename x to y"], "");
    assert_eq!(code(&refused), 5, "{}", err(&refused));
    assert!(err(&refused).contains("budget"));
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

#[cfg(unix)]
#[test]
fn a_signal_in_the_middle_of_a_call_leaves_a_cancelled_outcome() {
    let at = folder();
    // A listener that never answers.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut child = Command::new(env!("CARGO_BIN_EXE_tinydancer"))
        .args(["run", "Rename x to y"])
        .env("TINYDANCER_HOME", at.path().join("home"))
        .env("ANTHROPIC_API_KEY", "k")
        .env("ANTHROPIC_BASE_URL", url)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (connection, _) = listener.accept().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(
        Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(1));
    drop(connection);
    let kept: Value =
        serde_json::from_str(&out(&run(at.path(), &["outcomes", "--json"], ""))).unwrap();
    assert_eq!(
        (kept.as_array().unwrap().len(), &kept[0]["status"]),
        (1, &Value::from("cancelled"))
    );
    let kept = &kept[0];
    let least = 150_000_000;
    for stage in ["provider", "total"] {
        let took = kept["durations"][stage].as_u64().unwrap();
        assert!(took > least, "{stage}: {kept}");
    }
    assert!(kept["durations"]["classify"].as_u64().unwrap() > 0);
    let hops = kept["hops"].as_array().unwrap();
    assert_eq!((hops.len(), &hops[0]["tier"]), (1, &Value::from(1)));
    assert_eq!(hops[0]["cost"], kept["cost"]);
    assert!(hops[0]["duration"].as_u64().unwrap() > least);
}

#[cfg(unix)]
#[test]
fn a_process_that_is_killed_in_the_middle_of_a_call_leaves_the_call_in_the_outcome() {
    let at = folder();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut child = Command::new(env!("CARGO_BIN_EXE_tinydancer"))
        .args(["run", "Rename x to y"])
        .env("TINYDANCER_HOME", at.path().join("home"))
        .env("ANTHROPIC_API_KEY", "k")
        .env("ANTHROPIC_BASE_URL", url)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (connection, _) = listener.accept().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    drop(connection);
    let kept: Value =
        serde_json::from_str(&out(&run(at.path(), &["outcomes", "--json"], ""))).unwrap();
    assert_eq!(kept[0]["status"], "failure");
    assert_eq!(kept[0]["hops"].as_array().unwrap().len(), 1, "{kept}");
    assert_eq!(kept[0]["hops"][0]["cost"], kept[0]["cost"]);
    assert!(kept[0]["cost"].as_u64().unwrap() > 0);
}

/// Where `route --json` sends an instruction under these variables.
fn routed(at: &std::path::Path, instruction: &str, variables: &[(&str, &str)]) -> Value {
    let done = run_with(at, &["route", "--json", instruction], "", variables);
    serde_json::from_str(&out(&done)).unwrap_or_else(|e| panic!("{e}: {}", err(&done)))
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

#[test]
fn without_fallbacks_a_task_ends_where_it_was_sent() {
    let at = folder();
    let arguments = [
        "run",
        "--json",
        "--tier",
        "0",
        "--code",
        "class A {}",
        "Use const instead of var",
    ];
    let failed = run_with(
        at.path(),
        &arguments,
        "",
        &[("ROUTING_FALLBACK_ENABLED", "false")],
    );
    assert_eq!(code(&failed), 1);
    let answer: Value = serde_json::from_str(&out(&failed)).unwrap();
    assert_eq!(
        (
            &answer["status"],
            &answer["actualTier"],
            &answer["fallbackReason"]
        ),
        (
            &"failure".into(),
            &0.into(),
            &"no-applicable-transform".into()
        )
    );
    assert!(
        answer["error"]
            .as_str()
            .unwrap()
            .contains("ROUTING_FALLBACK_ENABLED")
    );
    let with: Value = serde_json::from_str(&out(&run(at.path(), &arguments, ""))).unwrap();
    assert!(
        with["error"]
            .as_str()
            .unwrap()
            .contains("ANTHROPIC_API_KEY"),
        "it goes on to tier 1: {with}"
    );
}

#[test]
fn a_verbose_run_says_why_and_logs() {
    let at = folder();
    let arguments = ["run", "--code", "var x = 1;", "Use const instead of var"];
    let quiet = err(&run(at.path(), &arguments, ""));
    let verbose = err(&run_with(
        at.path(),
        &arguments,
        "",
        &[("ROUTING_VERBOSE", "true")],
    ));
    assert!(
        !quiet.contains("decided") && !quiet.contains("  - "),
        "{quiet}"
    );
    assert!(
        verbose.contains("note: decided") && verbose.contains("  - "),
        "{verbose}"
    );
}

#[test]
fn a_variable_that_is_out_of_range_stops_the_command() {
    let at = folder();
    for (name, value) in [
        ("ROUTING_CONFIDENCE_ESCALATION", "1.5"),
        ("ROUTING_FALLBACK_ENABLED", "perhaps"),
        ("ROUTING_FALLBACK_MAX_ATTEMPTS", "many"),
        ("ROUTING_COST_PREFER_CHEAPER", "2"),
        ("ROUTING_VERBOSE", "loud"),
        ("TINYDANCER_LOG", "[[["),
    ] {
        let failed = run_with(at.path(), &["models"], "", &[(name, value)]);
        assert_eq!(code(&failed), 3, "{name}");
        assert!(err(&failed).contains(name), "{}", err(&failed));
    }
}

#[cfg(unix)]
#[test]
fn a_limit_that_is_no_text_stops_the_command_and_one_that_is_misspelt_is_warned_about() {
    use std::os::unix::ffi::OsStrExt as _;
    let at = folder();
    let budget = |name: &str, value: &[u8]| {
        Command::new(env!("CARGO_BIN_EXE_tinydancer"))
            .args(["budget"])
            .env("TINYDANCER_HOME", at.path().join("home"))
            .env(name, std::ffi::OsStr::from_bytes(value))
            .stdin(Stdio::null())
            .output()
            .unwrap()
    };
    let failed = budget("ROUTING_COST_DAILY_LIMIT", b"5\xff");
    assert_eq!(code(&failed), 3, "{}", out(&failed));
    assert!(
        err(&failed).contains("ROUTING_COST_DAILY_LIMIT") && err(&failed).contains("UTF-8"),
        "{}",
        err(&failed)
    );
    let warned = budget("ROUTING_COST_DAILY_LIMT", b"5");
    assert_eq!(code(&warned), 0, "{}", err(&warned));
    assert!(
        err(&warned).contains("warning: the environment variable ROUTING_COST_DAILY_LIMT")
            && err(&warned).contains("ROUTING_COST_DAILY_LIMIT is like it"),
        "{}",
        err(&warned)
    );
    let fine = budget("ROUTING_COST_DAILY_LIMIT", b"5");
    assert!(!err(&fine).contains("warning"), "{}", err(&fine));
}

#[test]
fn limits_of_the_components_that_cannot_be_right_stop_the_command() {
    let at = folder();
    let edit = [
        "--config",
        "c.toml",
        "run",
        "--code",
        "var x = 1;",
        "Use const instead of var",
    ];
    for (setting, words) in [
        ("max_input = 0", "runtime.max_input is 0"),
        ("memory = 1", "runtime.memory is 1"),
    ] {
        fs::write(at.path().join("c.toml"), format!("[runtime]\n{setting}\n")).unwrap();
        let failed = run(at.path(), &edit, "");
        assert_eq!(code(&failed), 3, "{}", out(&failed));
        assert!(err(&failed).contains(words), "{}", err(&failed));
    }
    fs::write(at.path().join("c.toml"), "[runtime]\nmemory = 4194304\n").unwrap();
    let least = run(at.path(), &edit, "");
    assert_eq!(out(&least), "const x = 1;\n", "{}", err(&least));
}
