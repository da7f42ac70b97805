//! `transform`: which texts and files it takes, what it prints, and its flags.

mod assumptions;
#[cfg(unix)]
mod git;
mod reports;
mod streams;
#[cfg(unix)]
mod unreadable;
#[cfg(unix)]
mod writing;

use std::fs;

use serde_json::Value;

use crate::command::{code, err, folder, json, out, run, run_with};

const MODULE: &str = "var x = 1;\nmodule.exports = x;\n";
/// [`MODULE`] transformed.
const DONE: &str = "const x = 1;\nmodule.exports = x;\n";
/// A top-level var, a local one and a console call.
const SOURCE: &str =
    "var top = 1;\nfunction f() {\n  var own = 2;\n  console.log('x');\n  return own + top;\n}\n";
/// A module by its exports; of its lines the last is changed.
pub(crate) const GOOD: &str = "exports.x = 1;\nvar y = 2;\n";

#[test]
fn one_file_is_printed_transformed_and_left_as_it_is() {
    let at = folder();
    fs::write(at.path().join("a.js"), MODULE).unwrap();
    let done = run(at.path(), &["transform", "var-to-const", "a.js"], "");
    assert_eq!(
        (code(&done), out(&done).as_str()),
        (0, "const x = 1;\nmodule.exports = x;\n")
    );
    assert_eq!(fs::read_to_string(at.path().join("a.js")).unwrap(), MODULE);
    assert!(!at.path().join("home").exists(), "it opens no store");
}

#[test]
fn standard_input_is_a_text_like_any_other() {
    let at = folder();
    let done = run(at.path(), &["transform", "var-to-const"], MODULE);
    assert_eq!(out(&done), "const x = 1;\nmodule.exports = x;\n");
    let typed = run(
        at.path(),
        &["transform", "var-to-const", "--stdin-path", "a.ts", "-"],
        "export {}; var x: number = 1;",
    );
    assert_eq!(out(&typed), "export {}; const x: number = 1;");
}

#[test]
fn folders_and_globs_are_searched_and_gitignore_is_kept_to() {
    let at = folder();
    fs::create_dir_all(at.path().join("src/gen")).unwrap();
    fs::create_dir_all(at.path().join("src/node_modules/x")).unwrap();
    for name in [
        "src/a.js",
        "src/b.mjs",
        "src/gen/c.js",
        "src/node_modules/x/d.js",
        "src/e.txt",
    ] {
        fs::write(at.path().join(name), MODULE).unwrap();
    }
    fs::write(at.path().join(".gitignore"), "gen/\n").unwrap();
    let done = run(
        at.path(),
        &["transform", "var-to-const", "--json", "src"],
        "",
    );
    let reports: Value = serde_json::from_str(&out(&done)).unwrap();
    let paths: Vec<&str> = reports
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["src/a.js", "src/b.mjs"]);
    let by_glob = run(
        at.path(),
        &["transform", "var-to-const", "--json", "src/*.js"],
        "",
    );
    assert_eq!(
        serde_json::from_str::<Value>(&out(&by_glob))
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let nothing = run(at.path(), &["transform", "var-to-const", "home*"], "");
    assert_eq!(code(&nothing), 2);
}

#[test]
fn check_and_diff_change_nothing() {
    let at = folder();
    fs::write(at.path().join("a.js"), MODULE).unwrap();
    assert_eq!(
        code(&run(
            at.path(),
            &["transform", "var-to-const", "--check", "a.js"],
            ""
        )),
        1
    );
    let diff = run(
        at.path(),
        &["transform", "var-to-const", "--diff", "a.js"],
        "",
    );
    assert!(
        out(&diff).contains("-var x = 1;\n+const x = 1;\n") && !out(&diff).contains('\u{1b}'),
        "{}",
        out(&diff)
    );
    assert_eq!(fs::read_to_string(at.path().join("a.js")).unwrap(), MODULE);
    fs::write(at.path().join("a.js"), "const x = 1;\n").unwrap();
    assert_eq!(
        code(&run(
            at.path(),
            &["transform", "var-to-const", "--check", "a.js"],
            ""
        )),
        0
    );
}

#[test]
fn files_that_cannot_be_transformed_are_named_and_the_others_are_written() {
    let at = folder();
    fs::write(at.path().join("good.js"), MODULE).unwrap();
    fs::write(at.path().join("broken.js"), "var = ;").unwrap();
    fs::write(at.path().join("binary.js"), b"var x\0").unwrap();
    fs::write(at.path().join("latin.js"), b"var x = '\xe9';").unwrap();
    fs::write(at.path().join("huge.js"), vec![b' '; 50 << 20]).unwrap();
    fs::write(at.path().join("deep.js"), "(".repeat(50_000)).unwrap();
    fs::write(at.path().join("empty.js"), "").unwrap();
    let done = run(
        at.path(),
        &["transform", "var-to-const", "--write", "."],
        "",
    );
    assert_eq!(code(&done), 1);
    let said = err(&done);
    for words in [
        "broken.js: line 1, column 5",
        "binary.js: is a binary file",
        "latin.js: is not UTF-8 (at byte 9)",
        "huge.js: has 52428800 bytes",
        "deep.js: it nests deeper",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(said.contains("5 files not transformed"), "{said}");
    assert_eq!(
        fs::read_to_string(at.path().join("good.js")).unwrap(),
        "const x = 1;\nmodule.exports = x;\n"
    );
    assert_eq!(
        fs::read_to_string(at.path().join("broken.js")).unwrap(),
        "var = ;"
    );
    assert_eq!(
        code(&run(
            at.path(),
            &["transform", "var-to-const", "none.js"],
            ""
        )),
        1
    );
}

#[test]
fn several_transforms_are_done_at_once_in_any_order() {
    let at = folder();
    fs::write(at.path().join("a.js"), SOURCE).unwrap();
    let both = out(&run(
        at.path(),
        &["transform", "var-to-const", "remove-console", "a.js"],
        "",
    ));
    let turned = out(&run(
        at.path(),
        &["transform", "remove-console", "var-to-const", "a.js"],
        "",
    ));
    assert_eq!(both, turned);
    assert!(
        both.contains("const own") && !both.contains("console"),
        "{both}"
    );
    let report = json(&run(
        at.path(),
        &[
            "transform",
            "var-to-const",
            "remove-console",
            "--json",
            "a.js",
        ],
        "",
    ));
    assert_eq!(report[0]["transform"], "var-to-const,remove-console");
    assert_eq!(report[0]["byTransform"].as_array().unwrap().len(), 2);
}

#[test]
fn a_misspelt_second_transform_is_not_taken_for_a_file() {
    let at = folder();
    fs::write(at.path().join("a.js"), SOURCE).unwrap();
    let failed = run(
        at.path(),
        &["transform", "var-to-const", "remove-consol", "a.js"],
        "",
    );
    assert_eq!(code(&failed), 2);
    assert!(err(&failed).contains("`remove-consol`") && err(&failed).contains("remove-console"));
    // A file of such a name is a file.
    fs::write(at.path().join("remove-consol"), SOURCE).unwrap();
    let taken = run(
        at.path(),
        &[
            "transform",
            "var-to-const",
            "--check",
            "remove-consol",
            "a.js",
        ],
        "",
    );
    assert!(err(&taken).contains("2 files"), "{}", err(&taken));
}

#[test]
fn an_unknown_transform_names_those_that_there_are() {
    let at = folder();
    fs::write(at.path().join("a.js"), MODULE).unwrap();
    let done = run(at.path(), &["transform", "to-cobol", "a.js"], "");
    assert_eq!(code(&done), 2);
    assert!(err(&done).contains("var-to-const"), "{}", err(&done));
    let listed = run(at.path(), &["transform", "--list"], "");
    assert!(out(&listed).contains("tdz_closure") && out(&listed).contains("[--assume module]"));
}

#[test]
fn the_environment_makes_the_command_verbose() {
    let at = folder();
    let told = run_with(
        at.path(),
        &["transform", "var-to-const"],
        "var top = 1;",
        &[("ROUTING_VERBOSE", "1")],
    );
    assert!(err(&told).contains("standard input:1:"), "{}", err(&told));
}
