//! What the build does where the compiler lacks the components' target. The commands are scripts that stand in for the compiler and rustup.
#![cfg(unix)]

#[path = "../host/build/target.rs"]
mod target;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use target::{Commands, NO_RUSTUP, require_target};

const TARGET: &str = "wasm32-unknown-unknown";

/// A script cannot be run while any process has it open for writing, and a process that another test starts meanwhile inherits that for
/// a moment: so there is one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// What comes of a compiler with or without the target, and a rustup that does this; and the warnings.
fn outcome(has_target: bool, rustup: Rustup) -> (Result<(), String>, Vec<String>) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let lib = folder.path().join("lib");
    if has_target {
        fs::create_dir(&lib).unwrap();
    }
    let asked = format!("[ \"$*\" = '--print target-libdir --target {TARGET}' ] || exit 1");
    let rustc = script(
        folder.path(),
        "rustc",
        &format!("{asked}\necho '{}'", lib.display()),
    );
    let asked = format!("[ \"$*\" = 'target add {TARGET}' ] || exit 1");
    let rustup = match rustup {
        Rustup::Forbidden => None,
        Rustup::Missing => Some(folder.path().join("none")),
        Rustup::Adds => {
            let add = format!("{asked}\nmkdir '{}'", lib.display());
            Some(script(folder.path(), "rustup", &add))
        }
        Rustup::Fails => Some(script(folder.path(), "rustup", "exit 1")),
        Rustup::AddsNothing => Some(script(folder.path(), "rustup", "exit 0")),
    };
    let mut warnings = Vec::new();
    let commands = Commands {
        rustc: rustc.as_os_str(),
        rustup: rustup.as_deref().map(Path::as_os_str),
    };
    let required = require_target(TARGET, &commands, |words| warnings.push(words.to_owned()));
    (required, warnings)
}

enum Rustup {
    Forbidden,
    Missing,
    Adds,
    Fails,
    AddsNothing,
}

fn script(folder: &Path, name: &str, body: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    path
}

/// The error's words, which say what to install and how.
fn refused(required: Result<(), String>) -> String {
    let words = required.unwrap_err();
    let remedy = format!("rustup target add {TARGET}");
    assert!(words.contains(&remedy), "{words}");
    words
}

#[test]
fn a_target_that_is_there_asks_nothing_of_rustup() {
    for rustup in [Rustup::Forbidden, Rustup::Missing, Rustup::Fails] {
        assert_eq!(outcome(true, rustup), (Ok(()), vec![]));
    }
}

#[test]
fn a_missing_target_is_added_by_rustup_with_a_warning_that_says_how_to_forbid_it() {
    let (required, warnings) = outcome(false, Rustup::Adds);
    assert_eq!(required, Ok(()));
    let [warning] = warnings.as_slice() else {
        panic!("{warnings:?}")
    };
    assert!(
        warning.contains(TARGET) && warning.contains(NO_RUSTUP),
        "{warning}"
    );
}

#[test]
fn a_missing_target_that_may_not_be_added_is_an_error_that_says_how_to_install_it() {
    let (required, warnings) = outcome(false, Rustup::Forbidden);
    let words = refused(required);
    assert!(words.contains(NO_RUSTUP), "{words}");
    assert!(warnings.is_empty());
}

#[test]
fn a_missing_target_that_rustup_does_not_add_is_an_error_that_says_how_to_install_it() {
    for rustup in [Rustup::Fails, Rustup::AddsNothing] {
        let words = refused(outcome(false, rustup).0);
        assert!(words.starts_with("rustup could not add"), "{words}");
    }
}

#[test]
fn a_missing_target_without_a_rustup_is_an_error_that_says_what_to_install() {
    let words = refused(outcome(false, Rustup::Missing).0);
    assert!(words.contains("there is no rustup"), "{words}");
}

#[test]
fn a_compiler_that_cannot_be_started_is_an_error_that_names_it() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let commands = Commands {
        rustc: OsStr::new("/none/rustc"),
        rustup: None,
    };
    let words = require_target(TARGET, &commands, |_| {}).unwrap_err();
    assert!(words.contains("`/none/rustc`"), "{words}");
}
