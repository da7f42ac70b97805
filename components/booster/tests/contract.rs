//! What callers may count on, whatever the transform: assumptions, errors with their place, texts that stay as they are.

mod support;

use support::{As::Module, edited, file, granting, names, none, run};
use tinydancer_booster::{Refusal, SourceFile, transform};

#[test]
fn a_refusal_names_the_assumption_that_lifts_it() {
    let file = file("var x = 1;", support::As::Unknown);
    let refused = transform(&file, &names(&["var-to-const"]), &none()).unwrap();
    assert_eq!(
        refused.sites_refused[0].lifted_by.as_deref(),
        Some("module")
    );
    let granted = transform(&file, &names(&["var-to-const"]), &granting(&["module"])).unwrap();
    assert_eq!(granted.text, "const x = 1;");
}

#[test]
fn a_comma_in_jsx_is_wrong_only_without_parentheses() {
    for text in [
        "a(<b c={d, 1} />)",
        "a(<b>{(c), d}</b>)",
        "a(<b>{(c, d), e}</b>)",
    ] {
        assert!(
            matches!(run(text, Module), Err(Refusal::Parse(_))),
            "{text}"
        );
    }
    let comment = "a(<b c={ // (\n d, 1} />)";
    assert!(matches!(run(comment, Module), Err(Refusal::Parse(_))));
    for text in ["a(<b c={(d, 1)} />)", "a(<b c={( /* e */ // f\n d, 1)} />)"] {
        assert!(run(text, Module).is_ok(), "{text}");
    }
    let text = "var a = <b c={(d, 1)} />; use(a);";
    let done = run(text, Module).unwrap();
    assert_eq!(done.text, text.replace("var", "const"));
}

#[test]
fn a_text_that_does_not_parse_is_named_with_its_place() {
    let error = run("var a = 1;\nvar é = ;", Module).unwrap_err();
    let Refusal::Parse((at, _)) = error else {
        panic!("{error:?}")
    };
    assert_eq!((at.line, at.column), (2, 9));
}

#[test]
fn what_it_does_not_know_is_refused_by_name() {
    let file = |path: &str| SourceFile {
        path: path.into(),
        text: "var x".into(),
        module: None,
        dialect: None,
    };
    let wanted = names(&["var-to-const"]);
    assert_eq!(
        transform(&file("a.py"), &wanted, &none()),
        Err(Refusal::UnsupportedLanguage("py".into()))
    );
    assert_eq!(
        transform(&file("a.js"), &names(&["to-cobol"]), &none()),
        Err(Refusal::UnknownTransform("to-cobol".into()))
    );
    assert_eq!(
        transform(&file("a.js"), &wanted, &granting(&["luck"])),
        Err(Refusal::UnknownAssumption("luck".into()))
    );
}

#[test]
fn a_text_that_nothing_names_is_read_as_typescript_where_it_is_no_javascript() {
    let text = "type A = { x: number };\nvar a: A = { x: 1 };\n";
    let read = |path: &str, text: &str| {
        let file = SourceFile {
            path: path.into(),
            text: text.into(),
            module: Some(true),
            dialect: None,
        };
        transform(&file, &names(&["var-to-const"]), &none())
    };
    assert_eq!(
        read("", text).unwrap().text,
        "type A = { x: number };\nconst a: A = { x: 1 };\n"
    );
    for (path, text) in [("a.js", text), ("", "type A = { x: number }; var é = ;")] {
        assert!(matches!(read(path, text), Err(Refusal::Parse(_))));
    }
}

#[test]
fn a_text_without_a_site_comes_back_as_it_was() {
    let done = run("use(1);", Module).unwrap();
    assert_eq!(
        (done.text.as_str(), done.sites_changed, done.confidence),
        ("use(1);", 0, 0.0)
    );
    let empty = run("", Module).unwrap();
    assert!(empty.text.is_empty() && empty.edits.is_empty());
}

#[test]
fn real_packages_stay_as_they_are_outside_of_the_edits() {
    let root =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/packages");
    let mut seen = 0;
    for package in std::fs::read_dir(root).unwrap() {
        for file in std::fs::read_dir(package.unwrap().path())
            .into_iter()
            .flatten()
        {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "js") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let done = run(&text, Module).unwrap();
            assert!(done.sites_changed > 0, "{}", path.display());
            assert_eq!(edited(&text, &done), done.text, "{}", path.display());
            assert_eq!(
                run(&done.text, Module).unwrap().sites_changed,
                0,
                "{}",
                path.display()
            );
            seen += 1;
        }
    }
    assert!(seen >= 7, "the fixtures are there");
}
