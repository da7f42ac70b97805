//! Files and folders that cannot be read or written are named with what to do, and the others are done.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use super::{DONE, GOOD, MODULE};
use crate::command::{code, err, folder, json, out, run};

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
fn a_file_that_may_not_be_read_or_written_is_told_how_it_could() {
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

/// Makes a folder in `src` that nobody can open, whoever asks: its path is longer than the system takes.
/// Elsewhere than on Linux not even its halves could be made.
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
