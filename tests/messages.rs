//! What the command line says: each fault with its place, what is wrong and what to do, under the exit code that is documented for it.

#[path = "support/command.rs"]
mod command;

use std::fs;
use std::path::Path;

use command::{code, err, folder, out, run, run_with};
use serde_json::Value;

const MODULE: &str = "var x = 1;\nmodule.exports = x;\n";

/// Messages are framed; what is looked for may stand on two lines of the frame.
fn said(at: &Path, arguments: &[&str], input: &str) -> (i32, String) {
    let done = run(at, arguments, input);
    let words = (err(&done) + &out(&done)).replace("\n  │ ", " ");
    (code(&done), words)
}

#[test]
fn what_is_named_wrongly_is_the_command_lines_fault() {
    let at = folder();
    fs::write(at.path().join("file"), "x").unwrap();
    for (arguments, words) in [
        (&["outcomes", "nope"][..], "there is no task `nope`"),
        (&["feedback", "nope", "good-fit"], "there is no task `nope`"),
        (
            &["run", "--task", "nofile.json"],
            "`nofile.json` cannot be read: No such file",
        ),
        (
            &["run", "x", "--file", "nofile.js"],
            "`nofile.js` cannot be read: No such file",
        ),
        (
            &["eval", "--test", "nofile"],
            "`nofile` cannot be read: No such file",
        ),
        (
            &["components", "export", "file"],
            "`file` cannot be made a folder",
        ),
        #[cfg(target_os = "linux")]
        (&["components", "export", "/proc/x"], "name another place"),
        (
            &["transform", "var-to-const", "nothing/*.mjs"],
            "holds no file",
        ),
    ] {
        let (code, said) = said(at.path(), arguments, "");
        assert_eq!(code, 2, "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
    // The others would have been transformed.
    let (code, missing) = said(at.path(), &["transform", "var-to-const", "nofile.mjs"], "");
    assert_eq!(code, 1);
    assert!(
        missing.contains("nofile.mjs: cannot be read: No such file")
            && missing.contains("check its name"),
        "{missing}"
    );
    let (_, help) = said(at.path(), &["transform", "--help"], "");
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("is named and not there"), "{help}");
}

#[test]
fn a_task_of_which_nothing_was_done_cannot_be_judged() {
    let at = folder();
    let failed = run(at.path(), &["run", "--json", "Rename x to y"], "");
    let answer: Value = serde_json::from_str(&out(&failed)).unwrap();
    let id = answer["id"].as_str().unwrap();
    let (code, said) = said(at.path(), &["feedback", id, "good-fit"], "");
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("nothing was done"), "{said}");
}

#[test]
fn a_text_that_cannot_be_worked_with_is_told_with_what_to_do() {
    let at = folder();
    fs::write(at.path().join("binary.js"), b"var x\0").unwrap();
    fs::write(at.path().join("latin.js"), b"var x = '\xe9';").unwrap();
    fs::write(at.path().join("broken.js"), "var = ;").unwrap();
    fs::write(at.path().join("deep.js"), "(".repeat(50_000)).unwrap();
    fs::write(at.path().join("huge.js"), vec![b' '; 3 << 20]).unwrap();
    fs::create_dir(at.path().join("folder")).unwrap();
    let arguments = [
        "transform",
        "var-to-const",
        "--check",
        "binary.js",
        "latin.js",
        "broken.js",
        "deep.js",
        "huge.js",
    ];
    let (_, said) = said(at.path(), &arguments, "");
    for (name, what, remedy) in [
        ("binary.js", "a zero byte at 5", "leave it out"),
        ("latin.js", "at byte 9", "convert it"),
        ("broken.js", "line 1, column 5", "correct it"),
        ("deep.js", "400 levels", "split"),
        ("huge.js", "3145728 bytes", "`runtime.max_input`"),
    ] {
        assert!(
            said.lines()
                .any(|line| line.contains(name) && line.contains(what) && line.contains(remedy)),
            "{name}: {said}"
        );
    }
}

#[test]
fn a_file_for_a_model_that_is_too_long_is_told_its_own_limit() {
    let at = folder();
    fs::write(at.path().join("big.mjs"), vec![b' '; 40 << 20]).unwrap();
    let (code, said) = said(at.path(), &["run", "x", "--file", "big.mjs"], "");
    assert_eq!(code, 2);
    assert!(
        said.contains("33554432") && said.contains("hand over the parts"),
        "{said}"
    );
    assert!(!said.contains("max_input"), "{said}");
}

#[test]
fn a_text_that_takes_more_memory_than_it_may_names_the_setting() {
    let at = folder();
    fs::create_dir_all(at.path().join("home")).unwrap();
    fs::write(
        at.path().join("home/config.toml"),
        "[runtime]\nmemory = 8388608\n",
    )
    .unwrap();
    fs::write(at.path().join("a.js"), "x = 1;\n".repeat(200_000)).unwrap();
    let (code, said) = said(at.path(), &["transform", "var-to-const", "a.js"], "");
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("guest-oom") && said.contains("`runtime.memory`"),
        "{said}"
    );
}

#[test]
fn a_task_that_cannot_be_read_is_told_where_and_how_one_looks() {
    let at = folder();
    fs::write(at.path().join("latin.json"), b"{\"instruction\":\"\xe9\"}").unwrap();
    fs::write(at.path().join("broken.json"), "{\"instruction\":}").unwrap();
    for (arguments, input, words) in [
        (
            &["run", "--task", "latin.json"][..],
            &b""[..],
            "`latin.json` is not UTF-8 (at byte 16): convert it",
        ),
        (
            &["run"],
            b"{\"instruction\":\"\xe9\"}",
            "standard input is not UTF-8 (at byte 16): convert it",
        ),
        (
            &["run", "--task", "broken.json"],
            b"",
            "`broken.json` is not JSON (line 1, column 16)",
        ),
        (
            &["run", "--task", "broken.json"],
            b"",
            "{\"instruction\": \"...\"}",
        ),
        (
            &["route"],
            b"{\"instruction\":\"x\",\"routingTier\":\"2\"}",
            "a number from 0 to 4",
        ),
    ] {
        let failed = run(at.path(), arguments, input);
        let said = err(&failed).replace("\n  │ ", " ");
        assert_eq!(code(&failed), 2, "{said}");
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn settings_that_cannot_be_used_are_told_with_what_to_do() {
    let at = folder();
    fs::write(at.path().join("c.toml"), "[budget]\ndaily_limit = 5\n").unwrap();
    let (code_of, amount) = said(at.path(), &["--config", "c.toml", "models"], "");
    assert_eq!(code_of, 3);
    assert!(
        amount.contains("in quotes") && amount.contains("\"5.00\""),
        "{amount}"
    );
    fs::write(at.path().join("empty.wasm"), "").unwrap();
    fs::write(
        at.path().join("c.toml"),
        "[components]\nbooster = \"empty.wasm\"\n",
    )
    .unwrap();
    let (code_of, broken) = said(
        at.path(),
        &["--config", "c.toml", "transform", "--list"],
        "",
    );
    assert_eq!(code_of, 3);
    assert!(
        broken.contains("`empty.wasm`") && broken.contains("`components.booster`"),
        "{broken}"
    );
    for name in ["TINYDANCER_HOME", "TINYDANCER_CONFIG"] {
        let failed = run_with(at.path(), &["models"], "", &[(name, "")]);
        assert_eq!(code(&failed), 3, "{}", err(&failed));
        assert!(
            err(&failed).contains(&format!("{name} is empty")),
            "{}",
            err(&failed)
        );
    }
}

#[test]
fn a_usage_line_asks_for_what_is_needed_alone() {
    let at = folder();
    for (arguments, usage) in [
        (
            &["completions", "bsh"][..],
            "tinydancer completions <SHELL>",
        ),
        (&["feedback", "x"], "tinydancer feedback <ID> <VERDICT>"),
    ] {
        let (code, said) = said(at.path(), arguments, "");
        assert_eq!(code, 2);
        assert!(!said.contains("--home"), "{said}");
        assert!(
            said.contains(usage) || said.contains("--help"),
            "{usage}: {said}"
        );
    }
    let (_, conflict) = said(at.path(), &["route", "--jsonl", "words"], "");
    assert!(!conflict.contains("--home"), "{conflict}");
}

#[test]
fn what_was_not_written_would_change() {
    let at = folder();
    fs::write(at.path().join("a.js"), MODULE).unwrap();
    fs::write(at.path().join("b.js"), MODULE).unwrap();
    for flags in [&[][..], &["--check"], &["--diff"]] {
        let arguments = [&["transform", "var-to-const"], flags, &["."]].concat();
        let (_, said) = said(at.path(), &arguments, "");
        assert!(
            said.contains("2 of 2 files would change: 2 sites"),
            "{flags:?}: {said}"
        );
    }
    let (_, checked) = said(at.path(), &["transform", "var-to-const", "--check"], MODULE);
    assert!(
        checked.contains("standard input: would change 1 site"),
        "{checked}"
    );
    let (_, written) = said(
        at.path(),
        &["transform", "var-to-const", "--write", "."],
        "",
    );
    assert!(written.contains("2 of 2 files changed"), "{written}");
}

#[test]
fn a_printed_text_keeps_every_byte_that_was_not_edited() {
    let at = folder();
    let source = "var x = '\u{1b}[1m\u{1}\u{7f}\u{9b}';\nmodule.exports = x;\n";
    let expected = source.replace("var", "const");
    fs::write(at.path().join("a.js"), source).unwrap();
    let printed = run(at.path(), &["transform", "var-to-const", "a.js"], "");
    assert_eq!(out(&printed), expected);
    let done = run(
        at.path(),
        &["run", "Use const instead of var", "--file", "a.js"],
        "",
    );
    assert_eq!(out(&done), expected);
}

#[test]
fn a_decision_names_the_tasks_level_and_what_tier_0_left_alone() {
    let at = folder();
    fs::write(at.path().join("a.js"), "var x = 1;\n").unwrap();
    let task = ["Use const instead of var", "--file", "a.js"];
    let routed = run(at.path(), &[&["route", "--json"], &task[..]].concat(), "");
    let routed: Value = serde_json::from_str(&out(&routed)).unwrap();
    assert!(
        ["simple", "moderate", "complex", "critical"].contains(&routed["level"].as_str().unwrap()),
        "{routed}"
    );
    assert_eq!(routed["fallbackReason"], "low-confidence");
    assert_eq!(routed["refused"][0]["code"], "script_global");
    assert_eq!(routed["refused"][0]["path"], "a.js");
    assert_eq!(routed["refused"][0]["liftedBy"], "module");
    for command in ["route", "run"] {
        let (_, said) = said(at.path(), &[&[command], &task[..]].concat(), "");
        assert!(
            said.contains("a.js:1:1:")
                && said.contains("var-to-const: script_global")
                && said.contains("--assume module would lift it"),
            "{command}: {said}"
        );
    }
}

#[test]
fn medium_is_a_priority_for_flags_as_for_json() {
    let at = folder();
    let (code, said) = said(
        at.path(),
        &["route", "--priority", "medium", "Rename x to y"],
        "",
    );
    assert_eq!(code, 0, "{said}");
}

#[test]
fn exports_and_feedback_speak_json() {
    let at = folder();
    let exported = run(at.path(), &["components", "export", "out", "--json"], "");
    let exported: Value = serde_json::from_str(&out(&exported)).unwrap();
    assert_eq!(exported[0]["name"], "classifier");
    assert!(
        at.path()
            .join(exported[2]["wasm"].as_str().unwrap())
            .is_file()
    );
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
    let done: Value = serde_json::from_str(&out(&done)).unwrap();
    let id = done["id"].as_str().unwrap();
    let noted = run(at.path(), &["feedback", id, "good-fit", "--json"], "");
    let noted: Value = serde_json::from_str(&out(&noted)).unwrap();
    assert_eq!(
        (&noted["id"], &noted["verdict"], &noted["learned"]),
        (&done["id"], &"good-fit".into(), &1.into())
    );
}
