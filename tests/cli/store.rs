//! A store that cannot be used: it is named with a way on and left as it is, tier 0 answers all the same, and what is lost is counted.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::{code, err, folder, names, out, run, run_with};
use crate::support::connection;

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
pub(crate) fn told_lost(at: &Path) -> u64 {
    let stats = run(at, &["stats", "--json"], "");
    let stats: Value = serde_json::from_str(&out(&stats)).unwrap();
    stats["unrecorded"].as_u64().unwrap()
}

/// A store as the binary makes one, with an outcome in it.
pub(crate) fn store_of_one_task(at: &Path) -> PathBuf {
    let done = run(
        at,
        &["run", "replace var by const", "--code", "var x = 1;"],
        "",
    );
    assert_eq!(code(&done), 0, "{}", err(&done));
    at.join("home/tinydancer.db")
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// Changes a database behind the binary's back.
fn sql(database: &Path, statement: &'static str) {
    let runtime = runtime();
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
    let runtime = runtime();
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
    let runtime = runtime();
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
