//! Files, disks and stores in trouble: each gets a message with its place and a way on, and loses nothing.
#![cfg(unix)]

#[path = "support/command.rs"]
mod command;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use command::{code, err, folder, out, run, run_with};
use serde_json::Value;

const GOOD: &str = "exports.x = 1;\nvar y = 2;\n";

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

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn files_that_cannot_be_read_are_named_and_the_others_are_done() {
    let at = folder();
    fs::write(at.path().join("good.js"), GOOD).unwrap();
    fs::write(at.path().join("binary.js"), b"var a\0 = 1").unwrap();
    fs::write(at.path().join("latin.js"), b"var a = '\xe9'").unwrap();
    fs::write(at.path().join("broken.js"), "var = 1").unwrap();
    fs::write(at.path().join("huge.js"), vec![b' '; 50 << 20]).unwrap();
    symlink("nowhere.js", at.path().join("dangling.js")).unwrap();
    let files = [
        ("binary.js", "binary"),
        ("latin.js", "UTF-8"),
        ("broken.js", "line 1, column 5"),
        (
            "huge.js",
            "has 52428800 bytes, more than the limit of 2097152",
        ),
        ("dangling.js", "No such file"),
        ("good.js/below.js", "Not a directory"),
        ("missing.js", "No such file"),
    ];
    let mut arguments = vec!["transform", "var-to-const", "--write", "good.js"];
    arguments.extend(files.iter().map(|(name, _)| *name));
    let before: Vec<Vec<u8>> = files[..3]
        .iter()
        .map(|(name, _)| fs::read(at.path().join(name)).unwrap())
        .collect();
    let done = run(at.path(), &arguments, "");
    assert_eq!(code(&done), 1);
    let said = err(&done) + &out(&done);
    for (name, words) in files {
        assert!(
            said.lines()
                .any(|line| line.contains(name) && line.contains(words)),
            "{name}: {words}: {said}"
        );
    }
    assert_eq!(
        fs::read_to_string(at.path().join("good.js")).unwrap(),
        "exports.x = 1;\nconst y = 2;\n"
    );
    for ((name, _), before) in files.iter().zip(before) {
        assert_eq!(fs::read(at.path().join(name)).unwrap(), before, "{name}");
    }
}

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

#[test]
fn an_interrupted_write_leaves_whole_files_and_nothing_beside_them() {
    let at = folder();
    let source = "exports.x = 1;\n".to_owned()
        + &"{ let f = () => { var y = 2; use(y); }; f(); }\n".repeat(4_000);
    let count = 200;
    for number in 0..count {
        fs::write(at.path().join(format!("f{number:03}.js")), &source).unwrap();
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_tinydancer"))
        .args(["transform", "var-to-const", "--write", "."])
        .current_dir(at.path())
        .env("TINYDANCER_HOME", at.path().join("home"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let first_is_written = || {
        (0..count).any(|number| {
            fs::read_to_string(at.path().join(format!("f{number:03}.js"))).unwrap() != source
        })
    };
    while !first_is_written() {
        assert!(child.try_wait().unwrap().is_none(), "nothing was written");
        std::thread::sleep(Duration::from_millis(1));
    }
    let asked = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(asked.success());
    let done = child.wait_with_output().unwrap();
    assert_eq!(code(&done), 1, "{}", err(&done));
    let said = err(&done);
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("stopped: "))
        .collect();
    assert!(
        lines.len() == 1 && lines[0].contains("files left alone; run the command again"),
        "{said}"
    );
    assert!(!said.contains("interrupted before its turn"), "{said}");
    let names = names(at.path());
    assert_eq!(names.len(), count, "{names:?}");
    let texts: Vec<String> = names
        .iter()
        .map(|name| fs::read_to_string(at.path().join(name)).unwrap())
        .collect();
    let whole =
        |text: &String| text.lines().count() == 4_001 && text.ends_with("use(y); }; f(); }\n");
    assert!(texts.iter().all(whole));
    assert!(texts.contains(&source), "some were left for another time");
}

#[test]
fn a_file_that_is_named_twice_is_done_once_under_its_first_name() {
    let at = folder();
    fs::create_dir(at.path().join("sub")).unwrap();
    fs::write(at.path().join("sub/n.mjs"), GOOD).unwrap();
    fs::write(at.path().join("m.mjs"), GOOD).unwrap();
    symlink("sub/n.mjs", at.path().join("link.mjs")).unwrap();
    let names = ["link.mjs", "sub/n.mjs", "m.mjs", "./m.mjs", "sub", "."];
    let mut arguments = vec!["transform", "var-to-const", "--write", "--json"];
    arguments.extend(names);
    let done = run(at.path(), &arguments, "");
    let reports: serde_json::Value = serde_json::from_str(&out(&done)).unwrap();
    let paths: Vec<&str> = reports
        .as_array()
        .unwrap()
        .iter()
        .map(|report| report["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["link.mjs", "m.mjs"], "{}", err(&done));
    for file in ["sub/n.mjs", "m.mjs"] {
        assert!(
            fs::read_to_string(at.path().join(file))
                .unwrap()
                .contains("const y")
        );
    }
    assert!(at.path().join("link.mjs").is_symlink());
}

#[test]
fn writing_warns_where_other_names_keep_the_old_text() {
    let at = folder();
    fs::write(at.path().join("a.mjs"), GOOD).unwrap();
    fs::hard_link(at.path().join("a.mjs"), at.path().join("b.mjs")).unwrap();
    let done = run(
        at.path(),
        &["transform", "var-to-const", "--write", "a.mjs"],
        "",
    );
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert!(
        err(&done).contains("a.mjs: ") && err(&done).contains("1 other name by a hard link"),
        "{}",
        err(&done)
    );
    assert_eq!(fs::read_to_string(at.path().join("b.mjs")).unwrap(), GOOD);
    let alone = run(
        at.path(),
        &["transform", "var-to-const", "--write", "b.mjs"],
        "",
    );
    assert!(!err(&alone).contains("hard link"), "{}", err(&alone));
}

#[test]
fn a_file_that_may_not_be_read_or_written_is_told_how_it_could() {
    use std::os::unix::fs::PermissionsExt as _;
    let at = folder();
    let path = at.path().join("a.mjs");
    fs::write(&path, GOOD).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let write = || {
        let arguments = ["transform", "var-to-const", "--write", "a.mjs"];
        err(&run(at.path(), &arguments, ""))
    };
    let said = write();
    assert!(
        said.contains("read-only") && said.contains("chmod u+w"),
        "{said}"
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    // A privileged user may read everything.
    if fs::read(&path).is_err() {
        let said = write();
        assert!(
            said.contains("a.mjs: cannot be read") && said.contains("chmod u+r"),
            "{said}"
        );
    }
}

/// What commands do with a store that cannot be used: those that need it say so, and tier 0 answers all the same.
fn every_command_says(at: &Path, words: &str) {
    let commands: [&[&str]; 5] = [
        &["stats"],
        &["outcomes"],
        &["budget"],
        &["compact", "--before", "2020-01-01T00:00:00Z"],
        &["feedback", "some-task", "good-fit"],
    ];
    for command in commands {
        let failed = run(at, command, "");
        assert_eq!(code(&failed), 4, "{command:?}: {}", err(&failed));
        for words in [words, "tinydancer.db"] {
            assert!(
                err(&failed).contains(words),
                "{command:?}: {}",
                err(&failed)
            );
        }
    }
    let key = [
        ("ANTHROPIC_API_KEY", "k"),
        ("ANTHROPIC_BASE_URL", "http://127.0.0.1:9"),
    ];
    let paid = run_with(at, &["run", "summarise the changes"], "", &key);
    assert_eq!(code(&paid), 4);
    assert!(
        err(&paid).contains("no model is called") && err(&paid).contains(words),
        "{}",
        err(&paid)
    );
    tier_0_answers_and_says_that_it_is_not_recorded(at, words);
    let checked = run(at, &["doctor"], "");
    assert_eq!(code(&checked), 1);
    let said = out(&checked);
    for words in [
        words,
        "BAD  store",
        "ok   components",
        "ANTHROPIC_API_KEY",
        "priced",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let routed = run(at, &["route", "summarise the changes"], "");
    assert_eq!(code(&routed), 0, "{}", err(&routed));
    assert!(
        out(&routed).contains("what was learned is not known"),
        "{}",
        out(&routed)
    );
}

fn tier_0_answers_and_says_that_it_is_not_recorded(at: &Path, words: &str) {
    let edit = [
        "run",
        "--json",
        "replace var by const",
        "--code",
        "var x = 1;",
    ];
    let done = run(at, &edit, "");
    assert_eq!(code(&done), 0, "{}", err(&done));
    let answer: Value = serde_json::from_str(&out(&done)).unwrap();
    assert_eq!(answer["transformedCode"], "const x = 1;");
    assert_eq!(answer["recorded"], false);
    let reason = answer["unrecordedReason"].as_str().unwrap();
    assert!(reason.contains(words), "{reason}");
}

/// How many outcomes `stats` says were lost.
fn told_lost(at: &Path) -> u64 {
    let stats = run(at, &["stats", "--json"], "");
    let stats: Value = serde_json::from_str(&out(&stats)).unwrap();
    stats["unrecorded"].as_u64().unwrap()
}

/// A store as the binary makes one, with an outcome in it.
fn store_of_one_task(at: &Path) -> std::path::PathBuf {
    let done = run(
        at,
        &["run", "replace var by const", "--code", "var x = 1;"],
        "",
    );
    assert_eq!(code(&done), 0, "{}", err(&done));
    at.join("home/tinydancer.db")
}

#[test]
fn a_store_that_is_cut_off_is_named_as_damaged_and_left_as_it_is() {
    let at = folder();
    let database = store_of_one_task(at.path());
    assert_eq!(
        names(database.parent().unwrap()),
        ["tinydancer.db", "tinydancer.db.owners"],
        "after a normal end the file alone is the whole store"
    );
    let whole = fs::read(&database).unwrap();
    fs::write(&database, &whole[..whole.len() / 2]).unwrap();
    every_command_says(at.path(), "damaged");
    assert_eq!(fs::read(&database).unwrap(), &whole[..whole.len() / 2]);
}

#[test]
fn a_store_of_a_newer_release_is_refused_and_left_as_it_is() {
    let at = folder();
    let database = store_of_one_task(at.path());
    sql(
        &database,
        "UPDATE _sqlx_migrations SET version = 9999 WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
    );
    let before = fs::read(&database).unwrap();
    every_command_says(at.path(), "newer");
    assert_eq!(fs::read(&database).unwrap(), before);
}

#[test]
fn a_store_that_another_program_holds_is_waited_for_and_then_said_to_be_locked() {
    let at = folder();
    let database = store_of_one_task(at.path());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut held = runtime.block_on(connection(&database));
    runtime.block_on(async {
        sqlx::query("PRAGMA locking_mode = EXCLUSIVE")
            .execute(&mut held)
            .await
            .unwrap();
        sqlx::query("BEGIN EXCLUSIVE")
            .execute(&mut held)
            .await
            .unwrap();
    });
    let failed = run(at.path(), &["run", "summarise the changes"], "");
    assert_ne!(code(&failed), 0, "{}", err(&failed));
    assert!(err(&failed).contains("locked"), "{}", err(&failed));
    tier_0_answers_and_says_that_it_is_not_recorded(at.path(), "locked");
    runtime.block_on(async {
        sqlx::query("ROLLBACK").execute(&mut held).await.unwrap();
    });
    drop(held);
    // The paid task and the edit.
    assert_eq!(told_lost(at.path()), 2);
}

#[test]
fn an_outcome_that_is_lost_after_the_start_is_told_so_in_the_reply_and_stays_counted() {
    let at = folder();
    let database = store_of_one_task(at.path());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut held = runtime.block_on(connection(&database));
    // Others can read, so that the store is opened, and nobody else can write.
    runtime.block_on(async {
        sqlx::query("BEGIN IMMEDIATE")
            .execute(&mut held)
            .await
            .unwrap();
    });
    tier_0_answers_and_says_that_it_is_not_recorded(at.path(), "locked");
    let edit = ["run", "replace var by const", "--code", "var x = 1;"];
    let said = err(&run(at.path(), &edit, ""));
    assert_eq!(
        said.matches("locked by another process").count(),
        1,
        "{said}"
    );
    assert!(!said.contains("INSERT"), "{said}");
    runtime.block_on(async {
        sqlx::query("ROLLBACK").execute(&mut held).await.unwrap();
    });
    assert_eq!(told_lost(at.path()), 2);
    let told = out(&run(at.path(), &["stats"], ""));
    assert!(told.contains("2 outcomes could not be recorded"), "{told}");
}

/// A store whose next write lies beyond what a file may have, for as long as the connection is open.
fn store_on_a_full_disk(at: &Path) -> (tokio::runtime::Runtime, sqlx::SqliteConnection) {
    let database = store_of_one_task(at);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
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

/// Enough for the components, whose memory counts as a file too.
const SOME_MEGABYTES: &str = "trap '' XFSZ; ulimit -f 8192";

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

#[test]
fn another_programs_database_is_named_with_a_way_on_and_left_as_it_is() {
    let at = folder();
    fs::create_dir_all(at.path().join("home")).unwrap();
    let database = at.path().join("home/tinydancer.db");
    fs::write(&database, "").unwrap();
    sql(
        &database,
        "CREATE TABLE outcomes (theirs TEXT); CREATE TABLE songs (title TEXT)",
    );
    let before = fs::read(&database).unwrap();
    every_command_says(at.path(), "another program");
    let said = err(&run(at.path(), &["stats"], ""));
    assert!(said.contains("TINYDANCER_HOME"), "{said}");
    assert_eq!(fs::read(&database).unwrap(), before);
}

async fn connection(database: &Path) -> sqlx::SqliteConnection {
    use sqlx::ConnectOptions as _;
    sqlx::sqlite::SqliteConnectOptions::new()
        .filename(database)
        .connect()
        .await
        .unwrap()
}

/// Changes a database behind the binary's back.
fn sql(database: &Path, statement: &'static str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut connection = connection(database).await;
        sqlx::query(statement)
            .execute(&mut connection)
            .await
            .unwrap();
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&mut connection)
            .await
            .unwrap();
    });
}
