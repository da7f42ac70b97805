//! A home that cannot be one is told as such, with what to do.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{code, err, folder, run_with};

#[test]
fn a_home_that_is_no_folder_is_told_with_what_it_is() {
    let at = folder();
    fs::write(at.path().join("file"), "x").unwrap();
    symlink("loop", at.path().join("loop")).unwrap();
    for (home, words) in [
        ("file", "home `file` is a file, not a folder"),
        (
            "file/below",
            "home `file/below` cannot be reached: Not a directory",
        ),
        (
            "loop",
            "home `loop` cannot be reached: Too many levels of symbolic links",
        ),
    ] {
        for command in [&["models"][..], &["transform", "--list"]] {
            let failed = run_with(at.path(), command, "", &[("TINYDANCER_HOME", home)]);
            let said = err(&failed).replace("\n  │ ", " ");
            assert_eq!(code(&failed), 3, "{said}");
            assert!(
                said.contains(words) && said.contains("set TINYDANCER_HOME or --home to a folder"),
                "{said}"
            );
            assert!(!said.contains("configuration"), "{said}");
        }
    }
}

#[test]
fn a_home_that_leads_nowhere_or_is_no_folder_is_told_whatever_configuration_is_named() {
    let at = folder();
    fs::write(at.path().join("file"), "x").unwrap();
    fs::write(at.path().join("own.toml"), "").unwrap();
    symlink("nowhere", at.path().join("link")).unwrap();
    for (home, words) in [
        (
            "link",
            "home `link` cannot be reached: No such file or directory",
        ),
        ("file", "home `file` is a file, not a folder"),
    ] {
        for command in [
            &["models"][..],
            &["models", "--config", "own.toml"],
            &["transform", "--list", "--config", "own.toml"],
        ] {
            let failed = run_with(at.path(), command, "", &[("TINYDANCER_HOME", home)]);
            let said = err(&failed).replace("\n  │ ", " ");
            assert_eq!(code(&failed), 3, "{command:?}: {said}");
            assert!(
                said.contains(words) && said.contains("set TINYDANCER_HOME or --home to a folder"),
                "{command:?}: {said}"
            );
        }
    }
    let absent = run_with(
        at.path(),
        &["transform", "--list", "--config", "own.toml"],
        "",
        &[("TINYDANCER_HOME", "not/there")],
    );
    assert_eq!(code(&absent), 0, "{}", err(&absent));
}

/// A privileged user may go everywhere, so the binary is run as nobody then.
#[test]
fn a_home_that_may_not_be_entered_is_told_apart_from_a_file_in_it_that_may_not_be_read() {
    const NOBODY: u32 = 65_534;
    let is_privileged = is_privileged(folder().path());
    let at = if is_privileged {
        folder_for_anybody()
    } else {
        folder()
    };
    let open = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let home = at.path().join("home");
    fs::create_dir(&home).unwrap();
    fs::write(home.join("config.toml"), "").unwrap();
    open(at.path(), 0o755);
    // The build's folder need not be one that anybody may enter. The copy is another process's work: a child of another test could hold it open
    // for writing.
    let binary = at.path().join("tinydancer");
    let copied = Command::new("cp")
        .arg(env!("CARGO_BIN_EXE_tinydancer"))
        .arg(&binary)
        .status();
    assert!(copied.unwrap().success());
    let models = || {
        let mut command = Command::new(&binary);
        command
            .args(["models"])
            .current_dir(at.path())
            .env("TINYDANCER_HOME", &home);
        if is_privileged {
            command.uid(NOBODY).gid(NOBODY);
        }
        let failed = command.output().unwrap_or_else(|e| {
            panic!(
                "{} cannot be run{}: {e}",
                binary.display(),
                if is_privileged {
                    " as nobody, as whom a privileged user has to run it (it takes CAP_SETUID and CAP_SETGID, and a folder that programs may run in)"
                } else {
                    ""
                }
            )
        });
        (code(&failed), err(&failed).replace("\n  │ ", " "))
    };
    open(&home.join("config.toml"), 0o000);
    open(&home, 0o755);
    let (exit, said) = models();
    assert_eq!(exit, 3, "{said}");
    assert!(
        said.contains("config.toml` cannot be read") && said.contains("chmod u+r"),
        "{said}"
    );
    open(&home, 0o000);
    let (exit, said) = models();
    open(&home, 0o755);
    assert_eq!(exit, 3, "{said}");
    assert!(
        said.contains("may not be entered") && said.contains("chmod u+rwx"),
        "{said}"
    );
}

/// Whether this user may read what nobody may.
fn is_privileged(at: &Path) -> bool {
    let path = at.join("closed");
    fs::write(&path, "x").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    fs::read(&path).is_ok()
}

/// A folder that every user can go to, though the one for temporary files may be this user's alone.
fn folder_for_anybody() -> tempfile::TempDir {
    let is_open = |folder: &PathBuf| {
        fs::canonicalize(folder).is_ok_and(|path| {
            path.ancestors().all(|on_the_way| {
                fs::metadata(on_the_way).is_ok_and(|found| found.permissions().mode() & 0o001 != 0)
            })
        })
    };
    [std::env::temp_dir(), "/tmp".into(), "/var/tmp".into()]
        .into_iter()
        .filter(is_open)
        .find_map(|folder| tempfile::tempdir_in(folder).ok())
        .expect("a folder that every user may enter: TMPDIR, /tmp or /var/tmp (`chmod o+x` on them and above)")
}
