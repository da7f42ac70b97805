//! Every hazard of var-to-const on both sides of its line: the nearest shape that is changed, and the one that is left alone.

use tinydancer_booster::{Options, Refusal, SourceFile, transform};

/// How a text is read.
#[derive(Clone, Copy, Debug)]
enum As {
    Module,
    Script,
    TypeScript,
}
use As::{Module, Script, TypeScript};

fn run(code: &str, how: As) -> Result<tinydancer_booster::Transformation, Refusal> {
    let (path, module) = match how {
        Module => ("a.js", Some(true)),
        Script => ("a.js", None),
        TypeScript => ("a.ts", Some(true)),
    };
    let file = SourceFile {
        path: path.into(),
        text: code.into(),
        module,
        dialect: None,
    };
    transform(
        &file,
        "var-to-const",
        &Options {
            assumptions: vec![],
        },
    )
}

const CHANGED: &[(u32, As, &str, &str)] = &[
    (
        1,
        Module,
        "function f() { var x = 1; return x } eval('x')",
        "function f() { const x = 1; return x } eval('x')",
    ),
    (
        1,
        Module,
        "function f() { var x = 1; return (0, eval)('y') + x }",
        "function f() { const x = 1; return (0, eval)('y') + x }",
    ),
    (
        2,
        Module,
        "function f(o) { with (o) { g() } } function h() { var x = 1; return x }",
        "function f(o) { with (o) { g() } } function h() { const x = 1; return x }",
    ),
    (
        3,
        Script,
        "var x = 1; module.exports = x;",
        "const x = 1; module.exports = x;",
    ),
    (
        3,
        Script,
        "var x = require('x'); x();",
        "const x = require('x'); x();",
    ),
    (
        3,
        Script,
        "var x = 1; export { x };",
        "const x = 1; export { x };",
    ),
    (
        3,
        Script,
        "(function () { var x = 1; return x })()",
        "(function () { const x = 1; return x })()",
    ),
    (3, Module, "var x = 1;", "const x = 1;"),
    (
        4,
        Module,
        "function f(y) { var x = y; return x }",
        "function f(y) { const x = y; return x }",
    ),
    (
        4,
        Module,
        "try {} catch (e) { var d = e; log(d) }",
        "try {} catch (e) { const d = e; log(d) }",
    ),
    (
        5,
        Module,
        "var x = 1; use(x, typeof x);",
        "const x = 1; use(x, typeof x);",
    ),
    (
        6,
        Module,
        "var x = 1; function f() { return x } f();",
        "const x = 1; function f() { return x } f();",
    ),
    (
        6,
        Module,
        "function f() { return x } var x = 1; f();",
        "function f() { return x } const x = 1; f();",
    ),
    (
        6,
        Module,
        "function f() { return g() } function g() { return x } var x = 1; f();",
        "function f() { return g() } function g() { return x } const x = 1; f();",
    ),
    (
        6,
        Module,
        "var f = function () { return x }; var x = 1; f();",
        "const f = function () { return x }; const x = 1; f();",
    ),
    (
        6,
        Module,
        "class A { m() { return x } } var x = 1; new A().m();",
        "class A { m() { return x } } const x = 1; new A().m();",
    ),
    (
        7,
        Module,
        "var f = function () { return f };",
        "const f = function () { return f };",
    ),
    (7, Module, "var f = () => f();", "const f = () => f();"),
    (
        7,
        Module,
        "var o = { m: function () { return o } };",
        "const o = { m: function () { return o } };",
    ),
    (
        8,
        Module,
        "var y = []; for (var x of y) use(x);",
        "const y = []; for (const x of y) use(x);",
    ),
    (
        9,
        Module,
        "if (a) { var x = 1; use(x) }",
        "if (a) { const x = 1; use(x) }",
    ),
    (
        9,
        Module,
        "try { var x = f(); use(x) } finally {}",
        "try { const x = f(); use(x) } finally {}",
    ),
    (
        10,
        Module,
        "while (a()) { var x = 1; use(x) }",
        "while (a()) { const x = 1; use(x) }",
    ),
    (
        10,
        Module,
        "if (a) { var x; x = 1; use(x) }",
        "if (a) { let x; x = 1; use(x) }",
    ),
    (
        11,
        Module,
        "for (var i = 0; i < 3; i++) use(i);",
        "for (let i = 0; i < 3; i++) use(i);",
    ),
    (
        11,
        Module,
        "for (const a of b) { var x = a; use(x) }",
        "for (const a of b) { const x = a; use(x) }",
    ),
    (
        12,
        Module,
        "for (var k in o) use(k);",
        "for (const k in o) use(k);",
    ),
    (
        12,
        Module,
        "for (var k in o) { k += 1; use(k) }",
        "for (let k in o) { k += 1; use(k) }",
    ),
    (
        12,
        Module,
        "for (var [a, b] of o) use(a, b);",
        "for (const [a, b] of o) use(a, b);",
    ),
    (
        13,
        Module,
        "for (var i in o) use(i);",
        "for (const i in o) use(i);",
    ),
    (
        14,
        Module,
        "switch (a) { case 1: { var x = 1; use(x) } }",
        "switch (a) { case 1: { const x = 1; use(x) } }",
    ),
    (15, Module, "if (a) { var x = 1 }", "if (a) { const x = 1 }"),
    (
        16,
        Module,
        "var lets = 1, NaNs = 2;",
        "const lets = 1, NaNs = 2;",
    ),
    (
        17,
        Module,
        "{ function g() {} } var f = 1; use(f);",
        "{ function g() {} } const f = 1; use(f);",
    ),
    (
        18,
        Module,
        "function f(a = () => y) { var x = 1; return x + a() }",
        "function f(a = () => y) { const x = 1; return x + a() }",
    ),
    (19, Module, "var a = 1; a = 2;", "let a = 1; a = 2;"),
    (19, Module, "var a = 1; a += 2;", "let a = 1; a += 2;"),
    (19, Module, "var a = 1; a++;", "let a = 1; a++;"),
    (19, Module, "var a = 1; a ??= 2;", "let a = 1; a ??= 2;"),
    (19, Module, "var a = 1; [a] = [2];", "let a = 1; [a] = [2];"),
    (
        19,
        Module,
        "var a = 1; ({ b: a } = c);",
        "let a = 1; ({ b: a } = c);",
    ),
    (
        19,
        Module,
        "var a = 1; for (a of b);",
        "let a = 1; for (a of b);",
    ),
    (
        19,
        Module,
        "var a = 1; function f() { a = 2 }",
        "let a = 1; function f() { a = 2 }",
    ),
    (
        19,
        Module,
        "var a = 1; if (0) a = 2;",
        "let a = 1; if (0) a = 2;",
    ),
    (20, Module, "var a; use(a);", "let a; use(a);"),
    (
        21,
        Module,
        "var a = 1, b = 2; b = 3;",
        "let a = 1, b = 2; b = 3;",
    ),
    (
        21,
        Module,
        "var a = 1,\r\n    b = 2;",
        "const a = 1,\r\n    b = 2;",
    ),
    (
        22,
        Module,
        "var { a, b } = o; use(a, b);",
        "const { a, b } = o; use(a, b);",
    ),
    (
        22,
        Module,
        "var { a, b } = o; a = b;",
        "let { a, b } = o; a = b;",
    ),
    (
        23,
        Module,
        "var x = {}; delete x.y;",
        "const x = {}; delete x.y;",
    ),
    (24, Module, "export var x = 1;", "export const x = 1;"),
    (
        25,
        Module,
        "var x = 1; jest.fn(() => x);",
        "const x = 1; jest.fn(() => x);",
    ),
    (
        26,
        TypeScript,
        "var x: number = 1; use(x);",
        "const x: number = 1; use(x);",
    ),
    (
        26,
        TypeScript,
        "type T = typeof x; var x = 1;",
        "type T = typeof x; const x = 1;",
    ),
    (
        26,
        TypeScript,
        "var x!: number; x = 1; use(x);",
        "let x!: number; x = 1; use(x);",
    ),
    (0, Module, "let a = 1; use(a);", "const a = 1; use(a);"),
    (
        0,
        Module,
        "for (let k of o) use(k);",
        "for (const k of o) use(k);",
    ),
    (
        0,
        Module,
        "#!/usr/bin/env node\nvar x = 1 // ü\n",
        "#!/usr/bin/env node\nconst x = 1 // ü\n",
    ),
    (0, Module, "\u{feff}var x = 1;", "\u{feff}const x = 1;"),
    (
        0,
        Module,
        "var /* why */ x /* what */ = 1;",
        "const /* why */ x /* what */ = 1;",
    ),
    (
        0,
        Module,
        "const el = <a>{(() => { var x = 1; return x })()}</a>;",
        "const el = <a>{(() => { const x = 1; return x })()}</a>;",
    ),
    (
        0,
        Script,
        "class A { static { var x = 1; use(x) } }",
        "class A { static { const x = 1; use(x) } }",
    ),
    (
        0,
        Script,
        "function* g() { var x = yield 1; yield x }",
        "function* g() { const x = yield 1; yield x }",
    ),
];

const REFUSED: &[(u32, As, &str, &str)] = &[
    (
        1,
        Module,
        "function f() { var x = 1; eval('x = 2'); return x }",
        "eval",
    ),
    (
        1,
        Module,
        "function f() { var x = 1; return () => eval('x') }",
        "eval",
    ),
    (
        1,
        Module,
        "function f() { var x = 1; return (eval)('x') }",
        "eval",
    ),
    (
        1,
        Module,
        "function f() { let x = 1; eval('x = 2'); return x }",
        "eval",
    ),
    (
        2,
        Module,
        "function f(o) { with (o) { var x = 1 } }",
        "with",
    ),
    (
        2,
        Module,
        "function f(o) { var x = 1; with (o) { return x } }",
        "with",
    ),
    (3, Script, "var x = 1;", "script_global"),
    (3, Script, "let x = 1;", "script_global"),
    (3, Script, "if (a) { var x = 1 }", "script_global"),
    (
        3,
        Script,
        "var x = 1; if (typeof module !== 'undefined') module.exports = x;",
        "script_global",
    ),
    (4, Module, "var x = 1; var x = 2;", "redeclared"),
    (
        4,
        Module,
        "function f(x) { var x = 1; return x }",
        "redeclared",
    ),
    (4, Module, "function x() {} var x = 1;", "redeclared"),
    (4, Module, "try {} catch (e) { var e = 1 }", "redeclared"),
    (
        4,
        Module,
        "function f() { var arguments = 1 }",
        "redeclared",
    ),
    (5, Module, "use(x); var x = 1;", "tdz"),
    (5, Module, "typeof x; var x = 1;", "tdz"),
    (5, Module, "x = 2; var x = 1;", "tdz"),
    (5, Module, "var a = b, b = 1;", "tdz"),
    (
        6,
        Module,
        "f(); var x = 1; function f() { return x }",
        "tdz_closure",
    ),
    (
        6,
        Module,
        "g(); function g() { f() } var x = 1; function f() { return x }",
        "tdz_closure",
    ),
    (
        6,
        Module,
        "module.exports = f; var x = 1; function f() { return x }",
        "tdz_closure",
    ),
    (
        6,
        Script,
        "import 'a'; export function f() { return x } var x = 1;",
        "tdz_closure",
    ),
    (
        6,
        Module,
        "later(function () { return x }); var x = 1;",
        "tdz_closure",
    ),
    (
        6,
        Module,
        "new A(); class B { m() { return x } } new B(); var x = 1;",
        "captured_early",
    ),
    (
        6,
        Module,
        "class B { static y = x } var x = 1;",
        "captured_early",
    ),
    (7, Module, "var x = x || {};", "self_ref"),
    (7, Module, "var { a = a } = o;", "self_ref"),
    (
        7,
        Module,
        "var x = (function () { return x })();",
        "self_ref",
    ),
    (7, Module, "var x = wrap(() => x);", "self_ref"),
    (8, Module, "for (var x of x) use(x);", "tdz"),
    (8, Module, "for (var x in x) use(x);", "tdz"),
    (9, Module, "if (a) { var x = 1 } use(x);", "escapes_block"),
    (
        9,
        Module,
        "try { var x = 1 } catch (e) { use(x) }",
        "escapes_block",
    ),
    (
        9,
        Module,
        "for (var i = 0; i < 3; i++); use(i);",
        "escapes_block",
    ),
    (
        10,
        Module,
        "while (a()) { var x; use(x); x = 1 }",
        "loop_carry",
    ),
    (
        10,
        Module,
        "do { for (var i; i < 3;) use(i) } while (a())",
        "loop_carry",
    ),
    (
        11,
        Module,
        "for (var i = 0; i < 3; i++) later(() => i);",
        "loop_closure",
    ),
    (
        11,
        Module,
        "while (a()) { var x = b(); later(() => x) }",
        "loop_closure",
    ),
    (13, Module, "for (var i = 0 in o) use(i);", "annexb_init"),
    (
        14,
        Module,
        "switch (a) { case 1: var x = 1; use(x) }",
        "switch_scope",
    ),
    (15, Module, "if (a) var x = 1;", "not_in_block"),
    (15, Module, "if (a); else var x = 1;", "not_in_block"),
    (15, Module, "while (a()) var x = 1;", "not_in_block"),
    (15, Module, "l: var x = 1;", "not_in_block"),
    (16, Module, "var let = 1;", "name"),
    (16, Module, "function f() { var undefined = 1 }", "name"),
    (17, Module, "{ function f() {} } var f = 1;", "annexb_fn"),
    (
        18,
        Module,
        "function f(a = () => x) { var x = 1; return a() }",
        "param_scope",
    ),
    (23, Module, "var x = 1; delete x;", "delete"),
    (24, Script, "import 'a'; export var x = 1;", "export_live"),
    (
        24,
        Script,
        "import 'a'; var x = 1; export { x };",
        "export_live",
    ),
    (
        25,
        Script,
        "import 'a'; var x = 1; jest.mock('a', () => x);",
        "mock_hoist",
    ),
    (26, TypeScript, "declare var x: number;", "ambient"),
    (
        26,
        TypeScript,
        "declare global { var x: number }",
        "ambient",
    ),
    (
        26,
        TypeScript,
        "namespace N { export var x = 1 }",
        "ambient",
    ),
];

#[test]
fn changes_what_can_be_shown_safe() {
    for &(hazard, how, before, after) in CHANGED {
        let done = run(before, how).unwrap_or_else(|e| panic!("hazard {hazard}: {before}: {e:?}"));
        assert_eq!(
            done.text, after,
            "hazard {hazard}: {:?}",
            done.sites_refused
        );
        assert!(
            done.sites_refused.is_empty(),
            "hazard {hazard}: {before}: {:?}",
            done.sites_refused
        );
        assert!(
            (done.confidence - 1.0).abs() < f32::EPSILON,
            "hazard {hazard}"
        );
    }
}

#[test]
fn leaves_alone_what_cannot_and_says_why() {
    for &(hazard, how, code, expected) in REFUSED {
        let done = run(code, how).unwrap_or_else(|e| panic!("hazard {hazard}: {code}: {e:?}"));
        let codes: Vec<&str> = done
            .sites_refused
            .iter()
            .map(|site| site.code.as_str())
            .collect();
        assert!(
            codes.contains(&expected),
            "hazard {hazard}: {code}: refused {codes:?}, became {}",
            done.text
        );
    }
}

#[test]
fn every_code_that_is_given_is_explained() {
    let known: Vec<String> = tinydancer_booster::transforms()
        .into_iter()
        .flat_map(|info| info.codes)
        .map(|code| code.code)
        .collect();
    for &(_, how, code, expected) in REFUSED {
        assert!(known.iter().any(|known| known == expected), "{expected}");
        for site in run(code, how).unwrap().sites_refused {
            assert!(known.contains(&site.code), "{}", site.code);
        }
    }
}

#[test]
fn a_result_is_not_changed_again() {
    let all = CHANGED
        .iter()
        .map(|&(_, how, code, _)| (how, code))
        .chain(REFUSED.iter().map(|&(_, how, code, _)| (how, code)));
    for (how, code) in all {
        let once = run(code, how).unwrap();
        let twice = run(&once.text, how).unwrap();
        assert_eq!(
            (twice.sites_changed, &twice.text),
            (0, &once.text),
            "{code}"
        );
    }
}

#[test]
fn a_refusal_names_the_assumption_that_lifts_it() {
    let file = SourceFile {
        path: "a.js".into(),
        text: "var x = 1;".into(),
        module: None,
        dialect: None,
    };
    let refused = transform(
        &file,
        "var-to-const",
        &Options {
            assumptions: vec![],
        },
    )
    .unwrap();
    assert_eq!(
        refused.sites_refused[0].lifted_by.as_deref(),
        Some("module")
    );
    let granted = transform(
        &file,
        "var-to-const",
        &Options {
            assumptions: vec!["module".into()],
        },
    )
    .unwrap();
    assert_eq!(granted.text, "const x = 1;");
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
    let none = Options {
        assumptions: vec![],
    };
    assert_eq!(
        transform(&file("a.py"), "var-to-const", &none),
        Err(Refusal::UnsupportedLanguage("py".into()))
    );
    assert_eq!(
        transform(&file("a.js"), "to-cobol", &none),
        Err(Refusal::UnknownTransform("to-cobol".into()))
    );
    let odd = Options {
        assumptions: vec!["luck".into()],
    };
    assert_eq!(
        transform(&file("a.js"), "var-to-const", &odd),
        Err(Refusal::UnknownAssumption("luck".into()))
    );
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
            let undone = done.edits.iter().rev().fold(text.clone(), |mut all, edit| {
                all.replace_range(
                    edit.span.start as usize..edit.span.end as usize,
                    &edit.replacement,
                );
                all
            });
            assert_eq!(undone, done.text, "{}", path.display());
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
