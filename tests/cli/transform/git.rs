//! What `transform --write` says of files that git has no copy of.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::MODULE;
use crate::command::{err, folder, json, run};

fn git(at: &Path, arguments: &[&str]) {
    let done = Command::new("git")
        .current_dir(at)
        .args(["-c", "user.name=t", "-c", "user.email=t@t"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", err(&done));
}

#[test]
fn a_dirty_work_tree_is_warned_about() {
    let at = folder();
    fs::write(at.path().join("a.js"), MODULE).unwrap();
    let git = |arguments: &[&str]| git(at.path(), arguments);
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

#[cfg(unix)]
#[test]
fn writing_warns_of_changed_files_that_git_has_no_copy_of() {
    let at = folder();
    let write = |path: &str| {
        let arguments = ["transform", "var-to-const", "--write", path];
        err(&run(at.path(), &arguments, ""))
    };
    let make = |name: &str| fs::write(at.path().join(name), MODULE).unwrap();
    fs::create_dir_all(at.path().join("sub/nested")).unwrap();
    git(at.path(), &["init", "-q"]);
    git(&at.path().join("sub/nested"), &["init", "-q"]);
    fs::write(at.path().join(".gitignore"), "ignored.js\n").unwrap();
    for name in [
        "sub/tracked ü.js",
        "sub/new.js",
        "ignored.js",
        "sub/nested/own.js",
    ] {
        make(name);
    }
    fs::write(at.path().join("sub/nothing.js"), "f();\n").unwrap();
    git(at.path(), &["add", ".gitignore", "sub/tracked ü.js"]);
    git(at.path(), &["commit", "-qm", "x"]);
    git(&at.path().join("sub/nested"), &["add", "own.js"]);
    git(&at.path().join("sub/nested"), &["commit", "-qm", "x"]);
    std::os::unix::fs::symlink("sub/tracked ü.js", at.path().join("link.js")).unwrap();
    for tracked in ["link.js", "sub/nested/own.js"] {
        let said = write(tracked);
        assert!(!said.contains("git has no copy"), "{tracked}: {said}");
    }
    make("sub/tracked ü.js");
    let said = write("sub");
    assert_eq!(said.matches("git has no copy").count(), 1, "{said}");
    assert!(
        said.contains("1 file that was changed") && said.contains("sub/new.js"),
        "{said}"
    );
    assert!(!said.contains("nothing.js"), "{said}");
    let said = write("ignored.js");
    assert!(
        said.contains("git has no copy") && said.contains("ignored.js"),
        "{said}"
    );
    make("ignored.js");
    let arguments = ["transform", "var-to-const", "--write", "--json", "."];
    let report = json(&run(at.path(), &arguments, ""));
    assert!(
        report
            .as_array()
            .unwrap()
            .iter()
            .all(|own| own.get("untracked").is_none()),
        "what is not written is not told of: {report}"
    );
    let arguments = [
        "transform",
        "var-to-const",
        "--write",
        "--json",
        "ignored.js",
    ];
    let report = json(&run(at.path(), &arguments, ""));
    assert_eq!(report[0]["untracked"], true, "{report}");
}

#[test]
fn where_there_is_no_repository_git_is_not_spoken_of() {
    let at = folder();
    fs::write(at.path().join("a.js"), MODULE).unwrap();
    let done = run(
        at.path(),
        &["transform", "var-to-const", "--write", "a.js"],
        "",
    );
    assert!(!err(&done).contains("git"), "{}", err(&done));
}
