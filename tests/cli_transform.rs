//! `transform` on real folders: what cannot be read, and what stays of a file that is replaced.
#![cfg(unix)]

#[path = "support/command.rs"]
mod command;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
#[cfg(target_os = "linux")]
use std::path::Path;

#[cfg(target_os = "linux")]
use command::json;
use command::{code, err, folder, out, run};

const MODULE: &str = "var x = 1;\nmodule.exports = x;\n";
const DONE: &str = "const x = 1;\nmodule.exports = x;\n";

/// Makes a folder in `src` that nobody can open, whoever asks: its path is longer than the system takes. Elsewhere than on Linux not even its
/// halves could be made.
#[cfg(target_os = "linux")]
fn with_a_folder_too_deep(at: &Path) {
    let name = "d".repeat(200);
    let below = |top: &Path| (0..12).fold(top.to_owned(), |path, _| path.join(&name));
    let (upper, lower) = (below(&at.join("src")), at.join("lower"));
    fs::create_dir_all(&upper).unwrap();
    fs::create_dir_all(below(&lower)).unwrap();
    fs::rename(&lower, upper.join("lower")).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_read_is_named_and_the_files_around_it_are_done() {
    let at = folder();
    with_a_folder_too_deep(at.path());
    fs::write(at.path().join("src/a.js"), MODULE).unwrap();
    fs::write(at.path().join("src/z.js"), MODULE).unwrap();
    let transform = |flags: &[&str]| {
        let arguments = [&["transform", "var-to-const"], flags, &["src"]].concat();
        run(at.path(), &arguments, "")
    };
    let report = transform(&["--json"]);
    assert_eq!(code(&report), 1, "{}", err(&report));
    let report = json(&report);
    let errors: Vec<&str> = report
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|own| own["error"].as_str())
        .collect();
    assert_eq!(
        (report.as_array().unwrap().len(), errors.len()),
        (3, 1),
        "{report}"
    );
    assert!(errors[0].contains("folder cannot be read"), "{errors:?}");
    let log = json(&transform(&["--sarif"]));
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(
        invocation["toolExecutionNotifications"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let done = transform(&["--write"]);
    assert_eq!(code(&done), 1);
    let said = err(&done);
    assert!(
        said.lines()
            .any(|line| line.contains("src/ddd") && line.contains("shorter")),
        "{said}"
    );
    assert!(
        said.contains("2 of 2 files changed: 2 sites, 0 sites left alone, 1 folder not read"),
        "{said}"
    );
    for name in ["src/a.js", "src/z.js"] {
        assert_eq!(fs::read_to_string(at.path().join(name)).unwrap(), DONE);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_without_files_but_with_an_unreadable_one_is_no_wrong_command_line() {
    let at = folder();
    with_a_folder_too_deep(at.path());
    let done = run(at.path(), &["transform", "var-to-const", "src"], "");
    assert_eq!(code(&done), 1, "{}", err(&done));
    assert!(
        !err(&done).contains("holds no file") && err(&done).contains("folder cannot be read"),
        "{}",
        err(&done)
    );
}

#[test]
fn writing_keeps_every_mode_bit() {
    let at = folder();
    let path = at.path().join("a.js");
    fs::write(&path, MODULE).unwrap();
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o6754)).unwrap();
    // A system may refuse some of them at once.
    let before = mode();
    let done = run(
        at.path(),
        &["transform", "var-to-const", "--write", "a.js"],
        "",
    );
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert_eq!(fs::read_to_string(&path).unwrap(), DONE);
    assert_eq!(mode(), before, "{:o}", mode());
}

#[test]
fn a_link_that_leads_to_itself_is_told_what_to_do() {
    let at = folder();
    symlink("loop.js", at.path().join("loop.js")).unwrap();
    let done = run(at.path(), &["transform", "var-to-const", "loop.js"], "");
    assert_eq!(code(&done), 1);
    assert!(
        err(&done).contains("make it lead to a file"),
        "{}",
        err(&done)
    );
    assert!(out(&done).is_empty());
}
