//! Streams of requests, and outputs that close or fill before their end.

#[path = "support/command.rs"]
mod command;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use command::{code, err, folder, out, run};
use serde_json::Value;

const STREAMS: [(&str, &str); 2] = [
    (
        "transform",
        "{\"id\":1,\"code\":\"var x = 1;\",\"transform\":\"var-to-const\",\"module\":true}\n",
    ),
    (
        "route",
        "{\"id\":\"1\",\"instruction\":\"rename x to y\"}\n",
    ),
];

/// More than all that waits between the command's threads and in the pipes.
const MANY: usize = 2_000;

fn start(at: &Path, arguments: &[&str], stdout: impl Into<Stdio>) -> Child {
    Command::new(env!("CARGO_BIN_EXE_tinydancer"))
        .args(arguments)
        .current_dir(at)
        .env("TINYDANCER_HOME", at.join("home"))
        .env_remove("ANTHROPIC_API_KEY")
        .stdin(Stdio::piped())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Writes lines for as long as they are taken, and holds the input open until it is joined.
fn feed(child: &mut Child, line: &str) -> JoinHandle<ChildStdin> {
    let mut input = child.stdin.take().unwrap();
    let text = line.repeat(MANY);
    std::thread::spawn(move || {
        // Who ends before the input does takes only a part of it.
        let _ = input.write_all(text.as_bytes());
        input
    })
}

/// The end of a process, which has to come by itself while its input is still held open.
fn ended(mut child: Child, feeding: JoinHandle<ChildStdin>) -> Output {
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("it goes on though nobody takes its output");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(feeding.join().unwrap());
    child.wait_with_output().unwrap()
}

#[test]
fn a_stream_whose_reader_has_gone_ends_quietly_though_its_input_stays_open() {
    for (command, line) in STREAMS {
        let at = folder();
        let mut child = start(at.path(), &[command, "--jsonl"], Stdio::piped());
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        let feeding = feed(&mut child, line);
        let mut first = String::new();
        answers.read_line(&mut first).unwrap();
        assert!(first.contains("\"id\""), "{command}: {first}");
        drop(answers);
        let done = ended(child, feeding);
        assert_eq!((code(&done), err(&done).as_str()), (0, ""), "{command}");
    }
}

#[cfg(target_os = "linux")]
fn full() -> fs::File {
    fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_stream_whose_output_is_full_ends_with_an_error_though_its_input_stays_open() {
    for (command, line) in STREAMS {
        let at = folder();
        let mut child = start(at.path(), &[command, "--jsonl"], full());
        let feeding = feed(&mut child, line);
        let done = ended(child, feeding);
        assert_eq!(code(&done), 1, "{command}: {}", err(&done));
        assert!(
            err(&done).contains("the output cannot be written")
                && err(&done).contains("make room on its disk"),
            "{command}: {}",
            err(&done)
        );
    }
}

#[test]
fn an_id_comes_back_as_it_came() {
    let at = folder();
    let long = "7".repeat(400);
    let ids = [
        // These two are in no answer but one that says why not.
        "1e400",
        &long,
        "7",
        "18446744073709551616",
        "-9223372036854775809",
        "123456789012345678901234567890.125",
        "0.1000",
        "1E2",
        "-0.0",
        "{ \"a\": [1.50, 18446744073709551617] }",
        "\"x\"",
        "[true,null]",
    ];
    for (command, good, wrong) in [
        (
            "transform",
            r#""code":"var x = 1;","transform":"var-to-const""#,
            r#""code":7"#,
        ),
        (
            "route",
            r#""payload":{"instruction":"rename x to y"}"#,
            r#""priority":7"#,
        ),
    ] {
        for id in ids {
            let lines = [
                format!("{{\"id\":{id},{good}}}"),
                format!("{{{wrong},\"id\" : {id} }}"),
                format!("{{{good},\"id\":{id},oops"),
            ];
            let done = run(at.path(), &[command, "--jsonl"], lines.join("\n"));
            let answers = out(&done);
            let answers: Vec<&str> = answers.lines().collect();
            assert_eq!(answers.len(), 3, "{command} {id}: {}", err(&done));
            // Of a line that cannot be read, the id is told where it is a word or a number.
            let told = if id.starts_with(['{', '[']) { 2 } else { 3 };
            for answer in &answers[..told] {
                assert!(
                    answer.starts_with(&format!("{{\"id\":{id},")),
                    "{command} {id}: {answer}"
                );
                // Not as a value: no number of ours is as large.
                serde_json::from_str::<serde::de::IgnoredAny>(answer).unwrap();
            }
        }
    }
}

#[test]
fn of_two_ids_the_last_one_counts() {
    let at = folder();
    for (ids, told) in [
        (r#""id":1,"id":2"#, "{\"id\":2,"),
        (r#""id":1,"id":null"#, "{\"id\":null,"),
    ] {
        let done = run(at.path(), &["route", "--jsonl"], format!("{{{ids}}}"));
        let answer = out(&done);
        let value: Value = serde_json::from_str(&answer).unwrap();
        assert!(format!("{{\"id\":{},", value["id"]) == told, "{answer}");
    }
}

#[test]
fn an_answer_comes_while_the_input_stays_open() {
    let at = folder();
    let mut child = start(at.path(), &["transform", "--jsonl"], Stdio::piped());
    let mut answers = BufReader::new(child.stdout.take().unwrap());
    let mut input = child.stdin.take().unwrap();
    for _ in 0..3 {
        input.write_all(STREAMS[0].1.as_bytes()).unwrap();
        let mut answer = String::new();
        answers.read_line(&mut answer).unwrap();
        assert!(answer.contains("const x = 1;"), "{answer}");
    }
    drop(input);
    assert_eq!(code(&child.wait_with_output().unwrap()), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn completions_for_nobody_end_without_a_panic() {
    let at = folder();
    let mut child = start(at.path(), &["completions", "bash"], Stdio::piped());
    drop(child.stdout.take());
    let closed = child.wait_with_output().unwrap();
    assert_eq!((code(&closed), err(&closed).as_str()), (0, ""));
    let filled = start(at.path(), &["completions", "zsh"], full())
        .wait_with_output()
        .unwrap();
    assert_eq!(code(&filled), 1);
    assert!(
        err(&filled).contains("the output cannot be written"),
        "{}",
        err(&filled)
    );
}

fn answers(at: &Path, arguments: &[&str], input: impl AsRef<[u8]>) -> Vec<Value> {
    let done = run(at, arguments, input);
    out(&done)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_key_that_no_request_has_is_noted_and_the_request_is_answered() {
    let at = folder();
    let routed = answers(
        at.path(),
        &["route", "--jsonl"],
        "{\"instruction\":\"Use const\",\"isCritcal\":true}\n{\"instruction\":\"Use const\"}\n",
    );
    assert!(routed[0]["tier"].is_number(), "{}", routed[0]);
    assert!(
        routed[0]["notes"][0]
            .as_str()
            .unwrap()
            .contains("`isCritcal`")
    );
    assert_eq!(routed[1]["notes"], Value::Array(vec![]));
    let transformed = answers(
        at.path(),
        &["transform", "--jsonl"],
        r#"{"id":1,"code":"var x = 1;","transform":"var-to-const","module":true,"zzz":true}
{"id":2,"code":"var x = 1;","transform":"var-to-const","module":true,"path":"a.js","assumptions":[],"withdrawn":[]}
{"id":3,"cod":"var x = 1;","transform":"var-to-const"}"#,
    );
    assert_eq!(transformed[0]["code"], "const x = 1;");
    assert!(
        transformed[0]["notes"][0]
            .as_str()
            .unwrap()
            .contains("`zzz`")
    );
    assert!(transformed[1].get("notes").is_none(), "{}", transformed[1]);
    assert!(transformed[2]["error"].is_string());
    assert!(
        transformed[2]["notes"][0]
            .as_str()
            .unwrap()
            .contains("`cod`")
    );
}

#[test]
fn a_line_that_cannot_be_read_is_answered_with_its_id_or_its_number() {
    let at = folder();
    let deep = format!(
        "{{\"code\":{}1{},\"id\":\"deep\"}}\n",
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    let mut input = b"{\"id\":1,\"code\":\"\\ud800\"}\n".to_vec();
    input.extend_from_slice(deep.as_bytes());
    input.extend_from_slice(b"{\"code\":\"\xff\",\"id\":3}\n");
    input.extend_from_slice(
        b"{\"instruction\":\"x\",\"code\":\"var x\",\"transform\":\"var-to-const\"}\n",
    );
    input.extend_from_slice(b"no json\n");
    let expected = [
        Value::from(1),
        "deep".into(),
        3.into(),
        Value::Null,
        Value::Null,
    ];
    for command in ["transform", "route"] {
        let answers = answers(at.path(), &[command, "--jsonl"], &input);
        assert_eq!(answers.len(), expected.len());
        for (number, (answer, id)) in (1..).zip(answers.iter().zip(&expected)) {
            assert_eq!(&answer["id"], id, "{command}: {answer}");
            if id.is_null() {
                assert_eq!(answer["line"], number, "{command}: {answer}");
            }
        }
    }
}
