//! Input that nobody can work with: each gets a message with its place and an exit code, and takes nothing else down with it.

#[path = "support/command.rs"]
mod command;

use std::fs;

use command::{code, err, folder, out, run};
use serde_json::Value;

#[test]
fn standard_input_that_is_no_source_text_is_named() {
    let at = folder();
    for (input, words) in [
        (
            &b"var x\0 = 1;"[..],
            "standard input: is a binary file (a zero byte at 5)",
        ),
        (
            &b"var x = '\xe9';"[..],
            "standard input: is not UTF-8 (at byte 9)",
        ),
        (&b"var = 1;"[..], "standard input: line 1, column 5"),
        (
            &[b' '; 3 << 20][..],
            "standard input: has more than the limit of 2097152 bytes",
        ),
        (&[b'('; 5_000][..], "standard input: it nests deeper"),
    ] {
        let failed = run(at.path(), &["transform", "var-to-const"], input);
        assert_eq!(code(&failed), 1, "{words}");
        assert!(err(&failed).contains(words), "{words}: {}", err(&failed));
        assert!(out(&failed).is_empty(), "{words}");
    }
    let empty = run(at.path(), &["transform", "var-to-const"], "");
    assert_eq!((code(&empty), out(&empty).as_str()), (0, ""));
}

#[test]
fn bad_lines_of_a_stream_get_their_answers_and_so_do_the_others() {
    let at = folder();
    let deep = format!(
        "{{\"id\":3,\"code\":\"{}\",\"transform\":\"var-to-const\"}}",
        "[".repeat(5_000)
    );
    let nested = format!("{{\"id\":4,\"code\":{}", "[".repeat(5_000));
    let huge = format!(
        "{{\"id\":5,\"code\":\"{}\",\"transform\":\"var-to-const\"}}",
        " ".repeat(3 << 20)
    );
    let mut input = b"{\"id\":1,\"code\":\"\xff\",\"transform\":\"var-to-const\"}\n[]\n".to_vec();
    for line in [&deep, &nested, &huge] {
        input.extend_from_slice(line.as_bytes());
        input.push(b'\n');
    }
    input.extend_from_slice(
        br#"{"id":6,"code":"var x = 1;","transform":"var-to-const","module":true}"#,
    );
    let done = run(at.path(), &["transform", "--jsonl"], input);
    assert_eq!(code(&done), 1);
    let answers: Vec<Value> = out(&done)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let said: Vec<&str> = answers
        .iter()
        .map(|answer| answer["error"].as_str().unwrap_or_default())
        .collect();
    for (words, said) in [
        "not UTF-8",
        "no request",
        "it nests deeper",
        "this line nests deeper than 127 levels (column",
        "more than the limit",
        "",
    ]
    .iter()
    .zip(&said)
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(answers[5]["code"], "const x = 1;");
}

#[test]
fn a_line_may_be_as_long_as_the_longest_source_that_is_allowed() {
    let at = folder();
    // Each of its bytes is written as six.
    let source = "\\u0020".repeat(3 << 20);
    let line = format!("{{\"id\":1,\"code\":\"{source}\",\"transform\":\"var-to-const\"}}\n");
    let settings = at.path().join("large.toml");
    fs::write(&settings, "[runtime]\nmax_input = 4194304\n").unwrap();
    for (arguments, said) in [
        (
            &["transform", "--jsonl"][..],
            Some("is longer than 16777216 bytes"),
        ),
        (&["transform", "--jsonl", "--config", "large.toml"], None),
    ] {
        let done = run(at.path(), arguments, &line);
        let answer: Value = serde_json::from_str(&out(&done)).unwrap();
        let error = answer["error"].as_str();
        assert_eq!(error.is_some(), said.is_some(), "{error:?}");
        assert!(
            error.unwrap_or_default().contains(said.unwrap_or_default()),
            "{error:?}"
        );
    }
}

#[test]
fn json_that_nests_too_deep_or_has_too_large_a_number_is_not_called_no_json() {
    let at = folder();
    let nested = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!("{{\"instruction\":\"rename x to y\",\"note\":{open}{close}}}")
    };
    // The object around it is a level of its own.
    assert_eq!(code(&run(at.path(), &["route"], nested(126))), 0);
    let large = r#"{"instruction":"rename x to y","note":1e999}"#;
    for (input, words) in [
        (nested(127), "nests deeper than 127 levels (line 1, column"),
        (
            large.to_owned(),
            "a number that is out of range (line 1, column",
        ),
    ] {
        let failed = run(at.path(), &["route"], &input);
        let said = err(&failed).replace("\n  │ ", " ");
        assert_eq!(code(&failed), 2, "{said}");
        assert!(said.contains(words) && !said.contains("not JSON"), "{said}");
        let line = out(&run(at.path(), &["route", "--jsonl"], &input));
        let words = words.replace("line 1, ", "");
        assert!(line.contains(&words), "{line}");
    }
}

#[cfg(unix)]
#[test]
fn standard_input_that_cannot_be_read_is_a_wrong_input() {
    let at = folder();
    let commands: [&[&str]; 4] = [
        &["transform", "var-to-const"],
        &["transform", "var-to-const", "--jsonl"],
        &["route"],
        &["route", "--jsonl"],
    ];
    for arguments in commands {
        let failed = std::process::Command::new(env!("CARGO_BIN_EXE_tinydancer"))
            .args(arguments)
            .env("TINYDANCER_HOME", at.path().join("home"))
            .stdin(fs::File::open(at.path()).unwrap())
            .output()
            .unwrap();
        let said = err(&failed).replace("\n  │ ", " ");
        assert_eq!(code(&failed), 2, "{arguments:?}: {said}");
        assert!(
            said.contains("standard input cannot be read: Is a directory")
                && said.contains("name a file in it"),
            "{arguments:?}: {said}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_is_full_is_told_what_to_do() {
    let at = folder();
    fs::write(at.path().join("a.js"), "exports.x = 1; var y = 2;\n").unwrap();
    let commands: [&[&str]; 5] = [
        &["transform", "var-to-const", "a.js"],
        &["transform", "--list"],
        &["completions", "bash"],
        &["models"],
        &["outcomes", "--csv"],
    ];
    for arguments in commands {
        let full = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let failed = std::process::Command::new(env!("CARGO_BIN_EXE_tinydancer"))
            .args(arguments)
            .current_dir(at.path())
            .env("TINYDANCER_HOME", at.path().join("home"))
            .stdout(full)
            .stderr(std::process::Stdio::piped())
            .output()
            .unwrap();
        let said = err(&failed).replace("\n  │ ", " ");
        assert_eq!(code(&failed), 1, "{arguments:?}: {said}");
        assert!(
            said.contains("No space left") && said.contains("make room on its disk"),
            "{arguments:?}: {said}"
        );
    }
}
