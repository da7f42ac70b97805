//! What `transform --write` says of files that git has no copy of.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::MODULE;
use crate::command::{err, folder, json, run, run_with};

fn git(at: &Path, arguments: &[&str]) {
    let done = Command::new("git")
        .current_dir(at)
        // Whoever runs the tests has settings and may do so from a hook or within a repository.
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CEILING_DIRECTORIES", at)
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
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
    symlink("sub/tracked ü.js", at.path().join("link.js")).unwrap();
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

/// A repository with one file that is tracked and one that is not.
fn repository(at: &Path) {
    fs::create_dir(at).unwrap();
    git(at, &["init", "-q"]);
    fs::write(at.join("tracked.js"), MODULE).unwrap();
    git(at, &["add", "tracked.js"]);
    git(at, &["commit", "-qm", "x"]);
    fs::write(at.join("new.js"), MODULE).unwrap();
}

#[test]
fn variables_that_git_sets_for_its_hooks_change_nothing() {
    let at = folder();
    for name in ["own", "other"] {
        let root = at.path().join(name);
        repository(&root);
        fs::create_dir(root.join("sub")).unwrap();
        let file = format!("sub/{name}.js");
        fs::write(root.join(&file), MODULE).unwrap();
        git(&root, &["add", &file]);
        git(&root, &["commit", "-qm", "x"]);
    }
    for name in ["own", "other"] {
        for file in ["own/tracked.js", "own/new.js", "own/sub/own.js"] {
            fs::write(at.path().join(file), MODULE).unwrap();
        }
        let hook = at.path().join(name).join(".git");
        let hook = hook.to_str().unwrap();
        let variables = [
            ("GIT_DIR", hook),
            ("GIT_INDEX_FILE", &format!("{hook}/index")),
            ("GIT_PREFIX", "sub/"),
        ];
        let write = ["transform", "var-to-const", "--write", "own"];
        let said = err(&run_with(at.path(), &write, "", &variables));
        assert!(
            said.contains("1 file that was changed is not tracked: own/new.js"),
            "{name}: {said}"
        );
        assert!(!said.contains("not committed"), "{name}: {said}");
    }
}

#[test]
fn a_link_into_a_repository_is_what_it_leads_to() {
    let at = folder();
    repository(&at.path().join("own"));
    let write = |name: &str| {
        symlink(format!("own/{name}"), at.path().join(name)).unwrap();
        let arguments = ["transform", "var-to-const", "--write", name];
        err(&run(at.path(), &arguments, ""))
    };
    let said = write("new.js");
    assert!(said.contains("git has no copy"), "{said}");
    let said = write("tracked.js");
    assert!(!said.contains("git has no copy"), "{said}");
    fs::remove_file(at.path().join("tracked.js")).unwrap();
    fs::write(at.path().join("own/tracked.js"), MODULE).unwrap();
    fs::write(at.path().join("own/other.js"), "f();\n").unwrap();
    git(&at.path().join("own"), &["add", "other.js"]);
    let said = write("tracked.js");
    assert!(
        said.contains("own has changes that are not committed"),
        "{said}"
    );
}

#[test]
fn more_files_than_a_command_line_holds_and_names_like_patterns_are_told_apart() {
    const FILES: usize = 400;
    let at = folder();
    repository(&at.path().join("own"));
    let own = at.path().join("own");
    let name = |at: usize| format!("a file whose name is rather long {at}.js");
    for at in 0..FILES {
        fs::write(own.join(name(at)), MODULE).unwrap();
    }
    git(&own, &["add", "."]);
    fs::write(own.join("[t]racked.js"), MODULE).unwrap();
    let write = |paths: &[&str]| {
        let arguments = [&["transform", "var-to-const", "--write"][..], paths].concat();
        err(&run(&own, &arguments, ""))
    };
    let said = write(&["[t]racked.js", "tracked.js"]);
    assert!(
        said.contains("1 file that was changed is not tracked: [t]racked.js"),
        "{said}"
    );
    fs::write(own.join("last.js"), MODULE).unwrap();
    let said = write(&["."]);
    assert!(
        said.contains("1 file that was changed is not tracked: ./last.js"),
        "{said}"
    );
    assert!(said.contains("402 of"), "{said}");
}
