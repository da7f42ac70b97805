//! `transform --diff`: what it prints is a patch that programs apply.

#[path = "support/command.rs"]
mod command;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use command::{err, folder, out, run};

#[test]
fn a_diff_of_a_folder_is_a_patch_that_applies() {
    let at = folder();
    let before = "exports.x = 1;\nvar y = 2;\n";
    let names = [
        "a.js",
        "a b.js",
        "sub/c.js",
        "sub/\u{e9} \"q\".js",
        "no-end.js",
        "cr.js",
    ];
    fs::create_dir(at.path().join("sub")).unwrap();
    for name in names {
        fs::write(at.path().join(name), before).unwrap();
    }
    fs::write(at.path().join("no-end.js"), before.trim_end()).unwrap();
    fs::write(
        at.path().join("cr.js"),
        "exports.x = 1;\rvar y = 2;\r\nvar z = '\u{1b}[0m';\r\n",
    )
    .unwrap();
    let here = at.path().to_str().unwrap();
    for path in [".", "./", here] {
        let patch = out(&run(
            at.path(),
            &["transform", "var-to-const", "--diff", path],
            "",
        ));
        assert_eq!(
            patch.matches("\n+++ b/").count() + patch.matches("\n+++ \"b/").count(),
            names.len(),
            "{patch}"
        );
        assert!(
            patch.contains("--- a/a b.js\t\n+++ b/a b.js\t\n"),
            "{patch}"
        );
        assert!(patch.contains("--- a/sub/c.js\n"), "{patch}");
        assert!(!patch.contains("/./") && !patch.contains("//"), "{patch}");
        for (program, arguments) in [
            ("git", &["apply", "--check", "-"][..]),
            ("patch", &["--dry-run", "--binary", "-p1"]),
        ] {
            if let Some(applied) = piped(at.path(), program, arguments, &patch) {
                assert!(
                    applied.status.success(),
                    "{program}: {}{}",
                    out(&applied),
                    err(&applied)
                );
            }
        }
    }
}

/// What a program says to a text; none where there is no such program.
fn piped(at: &Path, program: &str, arguments: &[&str], input: &str) -> Option<Output> {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(at)
        .env("GIT_CEILING_DIRECTORIES", at)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(input.as_bytes()).ok()?;
    child.wait_with_output().ok()
}
