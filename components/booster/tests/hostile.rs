//! What must hold for any text: no panic, no overflow, edits that apply, a second run that changes nothing.

mod support;

use proptest::prelude::*;
use support::{
    As::{Module, TypeScript},
    all, edited, file, none,
};
use tinydancer_booster::{DEPTH_LIMIT, Refusal, Transformation, detect, transform};

/// Does every transform together.
fn run(code: &str) -> Result<Transformation, Refusal> {
    transform(&file(code, Module), &all(), &none())
}

/// Pieces that meet each other in every way.
fn program() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "var a = 1;",
        "var b;",
        "let c = a;",
        "a = b;",
        "use(a);",
        "{",
        "}",
        "function a() { return b }",
        "(() => a)();",
        "for (var a of b) {",
        "while (a) {",
        "try {",
        "} catch (a) {",
        "} finally {",
        "if (b) var a = 2;",
        "switch (a) { case b:",
        "var { a, b } = c;",
        "class a { static { var b = a } }",
        "eval('a');",
        "with (b) {",
        "delete a;",
        "// é\n",
        "`${a}`;",
        "\r\n",
        "label: ",
        "var c = function () { return c };",
        "(function () {",
        "(function a(b) { return b })(c);",
        "!function () { use(this) }.bind(this)();",
        "})();",
        "setTimeout(function () { a() });",
        "(function () { a = this }).call(this);",
        "c = () => function () { return a };",
        "a = a.concat(b).map(function (c) { return c }, this);",
        "module.exports = a;",
        "[a].map(function b(c) { return c });",
        "const f = function () { a() };",
        "f();",
        "a = function () { return arguments }",
        "export var a = 1;",
        "import b from 'b';",
        "async function b() { await a }",
        "console.log(a);",
        "console.log(`${c}`)",
        "console.log(function () { a = 1; console.log(b) });",
        "if (a) console.log(1); else",
        "b(() => console.log(a));",
        "console.group(); console.time('a'); console.groupEnd();",
        "console.timeEnd('a'); console.error(b)",
        "console.log = a;",
        "'use strict'",
        "(b)",
        "// eslint-disable-next-line",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| {
        let mut text = String::new();
        let mut open = 0;
        for piece in pieces {
            let closes = piece.starts_with('}');
            if closes && open == 0 {
                continue;
            }
            open = open + piece.matches('{').count()
                - piece
                    .matches('}')
                    .count()
                    .min(open + piece.matches('{').count());
            text.push_str(piece);
            text.push('\n');
        }
        text.push_str(&"}".repeat(open));
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn edits_apply_and_a_second_run_changes_nothing(code in program()) {
        if let Ok(done) = run(&code) {
            prop_assert_eq!(&edited(&code, &done), &done.text);
            prop_assert!(done.edits.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start));
            let again = run(&done.text).expect("a result parses");
            prop_assert_eq!(again.sites_changed, 0, "{}", done.text);
        }
    }

    #[test]
    fn a_transform_never_finds_a_fault_of_its_own(code in program()) {
        prop_assert!(!matches!(run(&code), Err(Refusal::Internal(_))), "{:?}", run(&code));
    }

    #[test]
    fn each_transform_does_what_detection_finds_and_leaves_nothing_for_itself(code in program()) {
        let read = file(&code, Module);
        let Ok(found) = detect(&read, &none()) else { return Ok(()) };
        for name in all() {
            let only = std::slice::from_ref(&name);
            let done = transform(&read, only, &none()).unwrap();
            let expected: Vec<_> = found.iter().filter(|one| one.transform == name).cloned().collect();
            prop_assert_eq!(&done.by_transform, &expected);
            prop_assert_eq!(&edited(&code, &done), &done.text);
            let again = transform(&file(&done.text, Module), only, &none()).expect("a result parses");
            prop_assert_eq!(again.sites_changed, 0, "{}: {}", name, done.text);
        }
    }

    #[test]
    fn any_text_has_an_answer(code in "\\PC{0,200}") {
        let _ = run(&code);
    }
}

#[test]
fn no_nesting_overflows_the_stack_of_a_thread() {
    const DEEP: usize = 100_000;
    let shapes: Vec<(&str, String)> = vec![
        (
            "parentheses",
            format!("{}1{}", "(".repeat(DEEP), ")".repeat(DEEP)),
        ),
        (
            "arrays",
            format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP)),
        ),
        (
            "blocks",
            format!("{}{}", "{".repeat(DEEP), "}".repeat(DEEP)),
        ),
        ("open only", "(".repeat(DEEP)),
        ("unary", format!("{}1", "!".repeat(DEEP))),
        ("words", format!("{}1", "typeof ".repeat(DEEP))),
        ("sum", format!("{}1", "1+".repeat(DEEP))),
        ("sum over lines", format!("{}1", "1 +\n".repeat(DEEP))),
        ("conditional", format!("{}1", "a ? b : ".repeat(DEEP))),
        ("arrows", format!("{}1", "a => ".repeat(DEEP))),
        ("assignments", format!("{}1", "a = ".repeat(DEEP))),
        ("members", format!("a{}", ".b".repeat(DEEP))),
        ("members over lines", format!("a{}", "\n.b".repeat(DEEP))),
        ("calls", format!("a{}", "()".repeat(DEEP))),
        (
            "else if",
            format!("if (a) b;{}", " else if (a) b;".repeat(DEEP)),
        ),
        (
            "else if with blocks",
            format!("if (a) {{ b }}{}", " else if (a) { b }".repeat(DEEP)),
        ),
        (
            "templates",
            format!("{}1{}", "`${".repeat(DEEP), "}`".repeat(DEEP)),
        ),
        (
            "functions",
            format!("{}{}", "function f() {".repeat(DEEP), "}".repeat(DEEP)),
        ),
        ("labels", format!("{};", "a: ".repeat(DEEP))),
        (
            "elements",
            format!("{}{}", "<a>".repeat(DEEP), "</a>".repeat(DEEP)),
        ),
        ("if without blocks", format!("{}b", "if (a) ".repeat(DEEP))),
        ("new", format!("{}a", "new ".repeat(DEEP))),
        (
            "patterns",
            format!("var {}a{} = b", "[".repeat(DEEP), "]".repeat(DEEP)),
        ),
    ];
    for (name, text) in shapes {
        for (label, text) in [(name, text.clone()), (name, text.replace('\n', " "))] {
            let thread = std::thread::Builder::new().stack_size(2 << 20);
            let answer = thread.spawn(move || run(&text)).unwrap().join();
            assert!(answer.is_ok(), "{label}");
        }
    }
}

#[test]
fn ordinary_code_is_never_too_deep() {
    let statements = "var a = f(b.c.d, e ? g : h) + 1\n".repeat(20_000);
    assert!(run(&statements).is_ok());
    let elements = format!(
        "const e = <ul>{}</ul>;",
        "<li class=\"a\"><b>don't</b></li>\n".repeat(5_000)
    );
    assert!(!matches!(run(&elements), Err(Refusal::TooDeep(_))));
    let cases = format!(
        "switch (a) {{ {} }}",
        "case 1:\n  b()\n  break\n".repeat(5_000)
    );
    assert!(!matches!(run(&cases), Err(Refusal::TooDeep(_))));
    let nested = format!(
        "{}1{};",
        "f(".repeat(DEPTH_LIMIT as usize / 3),
        ")".repeat(DEPTH_LIMIT as usize / 3)
    );
    assert!(run(&nested).is_ok());
    assert_eq!(
        run(&"(".repeat(DEPTH_LIMIT as usize + 1)),
        Err(Refusal::TooDeep(DEPTH_LIMIT))
    );
}

#[test]
fn a_megabyte_takes_linear_time() {
    let one = "function f(a) { var b = a + 1; var c = b * 2; return function () { return c } }\n";
    let time = |times: usize| {
        let text = one.repeat(times);
        let began = std::time::Instant::now();
        assert_eq!(run(&text).unwrap().sites_changed as usize, times * 2);
        began.elapsed().as_secs_f64()
    };
    time(100);
    // Twelve times the text; a quadratic step would take 144 times as long.
    let (small, large) = (time(1_000), time(12_000));
    assert!(large < small * 60.0, "{small} s and {large} s");
}

#[test]
fn many_calls_in_one_list_take_linear_time() {
    for (before, one, after) in [
        ("namespace N {\n", "console.log(1);\n", "}"),
        ("import * as a from 'a';\n", "console.log(a);\n", ""),
        ("import * as a from 'a';\n", "console.log(() => a);\n", ""),
        ("try { f() } catch {\n", "console.log(1);\n", "}"),
        ("'a'\n", "console.log(1);;\n", "'b'"),
        ("", "for (var i = 0; i < 3; i++) f(i);\n", ""),
        ("", "{ var f = function () { return y } }\n", "var y = 1;"),
        ("switch (a) { case 1:\n", "{ var x = 1; f(x) }\n", "}"),
    ] {
        let time = |times: usize| {
            let text = format!("{before}{}{after}", one.repeat(times));
            let began = std::time::Instant::now();
            for name in all() {
                transform(&file(&text, TypeScript), &[name], &none()).unwrap();
            }
            began.elapsed().as_secs_f64()
        };
        time(100);
        // Twelve times the text; a quadratic step would take 144 times as long.
        let (small, large) = (time(1_000), time(12_000));
        assert!(
            large < small * 60.0,
            "{before}{one}{after}: {small} s and {large} s"
        );
    }
}

/// What the first run sees has to be seen through: a site that another one kept from changing changes in the same call.
#[test]
fn a_function_that_a_bound_one_kept_is_changed_in_the_same_run() {
    let only = ["func-to-arrow".to_owned()];
    for code in [
        "[1].map(function () { setTimeout(function () { a() }.bind(this)) });",
        "(function () { (function () {}.bind(this)) })();",
    ] {
        let done = transform(&file(code, Module), &only, &none()).unwrap();
        assert_eq!(edited(code, &done), done.text);
        assert!(!done.text.contains("function"), "{}", done.text);
        assert_eq!((done.sites_changed, done.sites_refused.len()), (2, 0));
        let again = transform(&file(&done.text, Module), &only, &none()).unwrap();
        assert_eq!(again.text, done.text);
    }
}

#[test]
fn a_result_that_would_nest_too_deep_is_no_result() {
    let only = ["func-to-arrow".to_owned()];
    let parentheses = "(".repeat(398) + "function () { }" + &")".repeat(398) + "();";
    let functions = "(function () { ".repeat(100) + "a()" + &" })()".repeat(100);
    for code in [parentheses, functions] {
        let refused = Err(Refusal::TooDeep(DEPTH_LIMIT));
        assert_eq!(transform(&file(&code, Module), &only, &none()), refused);
        assert_eq!(run(&code), refused);
    }
}
