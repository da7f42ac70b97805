//! A disk that is full, for which a limit of the shell's on the size of files stands.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::command::{code, err, folder, names, out};
use crate::store::{runtime, store_of_one_task, told_lost};
use crate::support::connection;
use crate::transform::GOOD;

/// Runs the binary by a shell that does something before it.
fn run_after(preparation: &str, folder: &Path, arguments: &str) -> Output {
    Command::new("sh")
        .arg("-c")
        .arg(format!(
            "{preparation}; exec '{}' {arguments}",
            env!("CARGO_BIN_EXE_tinydancer")
        ))
        .current_dir(folder)
        .env("TINYDANCER_HOME", folder.join("home"))
        .env_remove("ANTHROPIC_API_KEY")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// What a shell does so that no file can grow past some size: the limit stands for a disk that is full.
const NOTHING: &str = "trap '' XFSZ; ulimit -f 0";
const A_MEGABYTE: &str = "trap '' XFSZ; ulimit -f 1024";

/// Enough for the components, whose memory counts as a file too.
const SOME_MEGABYTES: &str = "trap '' XFSZ; ulimit -f 8192";

#[test]
fn a_disk_that_is_full_leaves_the_file_whole_and_nothing_beside_it() {
    let at = folder();
    let large = GOOD.to_owned() + &"use(y);\n".repeat(200_000);
    fs::write(at.path().join("a.js"), &large).unwrap();
    let failed = run_after(A_MEGABYTE, at.path(), "transform var-to-const --write a.js");
    assert_eq!(code(&failed), 1);
    assert!(
        err(&failed).contains("a.js")
            && err(&failed).contains("left as it was")
            && err(&failed).contains("`ulimit -f`"),
        "{}",
        err(&failed)
    );
    assert!(
        err(&failed).contains("0 of 1 file changed"),
        "{}",
        err(&failed)
    );
    assert!(fs::read_to_string(at.path().join("a.js")).unwrap() == large);
    assert_eq!(names(at.path()), ["a.js"]);
}

#[test]
fn a_store_on_a_full_disk_stops_a_task_before_it_costs_anything() {
    let at = folder();
    let failed = run_after(NOTHING, at.path(), "run 'summarise the changes'");
    assert_eq!(code(&failed), 4, "{}", err(&failed));
    assert!(
        err(&failed).contains("tinydancer.db") && err(&failed).contains("TINYDANCER_HOME"),
        "{}",
        err(&failed)
    );
}

/// A store whose next write lies beyond what a file may have, for as long as the connection is open.
fn store_on_a_full_disk(at: &Path) -> (tokio::runtime::Runtime, sqlx::SqliteConnection) {
    let database = store_of_one_task(at);
    let runtime = runtime();
    let mut held = runtime.block_on(connection(&database));
    runtime.block_on(async {
        let statements = [
            "PRAGMA wal_autocheckpoint = 0",
            "INSERT INTO snapshots (through_seq, at, bytes) VALUES (0, 0, zeroblob(16777216))",
            "DELETE FROM snapshots",
            "BEGIN",
            "SELECT count(*) FROM outcomes",
        ];
        for statement in statements {
            sqlx::query(statement).execute(&mut held).await.unwrap();
        }
    });
    (runtime, held)
}

#[test]
fn on_a_full_disk_tier_0_answers_unrecorded_and_the_doctor_says_what_is_wrong() {
    let at = folder();
    let _held = store_on_a_full_disk(at.path());
    let edit = "run --json 'replace var by const' --code 'var x = 1;'";
    let done = run_after(SOME_MEGABYTES, at.path(), edit);
    assert_eq!(code(&done), 0, "{}", err(&done));
    let answer: Value = serde_json::from_str(&out(&done)).unwrap();
    assert_eq!(answer["transformedCode"], "const x = 1;");
    assert_eq!(answer["recorded"], false, "{answer}");
    assert_eq!(told_lost(at.path()), 1);
    let checked = run_after(SOME_MEGABYTES, at.path(), "doctor");
    assert_eq!(code(&checked), 1, "{}", err(&checked));
    assert!(out(&checked).contains("BAD  store"), "{}", out(&checked));
}
