//! What stays of files that are replaced: their mode, links and other names; and of a write that is interrupted.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{DONE, GOOD, MODULE};
use crate::command::{code, err, folder, names, out, run};

#[test]
fn writing_keeps_mode_bits_and_symbolic_links() {
    let at = folder();
    fs::write(at.path().join("real.js"), MODULE).unwrap();
    fs::set_permissions(at.path().join("real.js"), fs::Permissions::from_mode(0o751)).unwrap();
    symlink("real.js", at.path().join("link.js")).unwrap();
    let done = run(
        at.path(),
        &["transform", "var-to-const", "--write", "link.js"],
        "",
    );
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert!(
        fs::symlink_metadata(at.path().join("link.js"))
            .unwrap()
            .file_type()
            .is_symlink()
    );
    assert_eq!(
        fs::read_to_string(at.path().join("real.js")).unwrap(),
        "const x = 1;\nmodule.exports = x;\n"
    );
    assert_eq!(
        fs::metadata(at.path().join("real.js"))
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o751
    );
    assert_eq!(
        fs::read_dir(at.path()).unwrap().count(),
        2,
        "nothing is left beside"
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
