//! Pieces are judged as the whole text is.

use super::*;
use crate::assume::Granted;
use crate::{Options, SourceFile, edit};

/// Whether the pieces of a text with these edits parse again, and whether its whole does; none where it has no pieces.
fn judged(text: &str, path: &str, edits: &[Edit]) -> (Option<bool>, bool) {
    let file = SourceFile {
        path: path.to_owned(),
        text: text.to_owned(),
        module: Some(true),
        dialect: None,
    };
    let options = Options {
        assumptions: Vec::new(),
        withdrawn: Vec::new(),
    };
    let reading = parse::Reading::of(&file, Granted::by(&options).unwrap()).unwrap();
    let allocator = Allocator::default();
    let parsed = parse::parse(&allocator, text, reading).unwrap();
    let touched = Touched::by(&parsed, edits);
    let result = edit::apply(text, edits).unwrap();
    let pieces =
        touched.map(|touched| touched.still_parse(&allocator, &result, edits, parsed.reading));
    let whole = parse::check(&Allocator::default(), &result, parsed.reading);
    (pieces, whole.is_ok())
}

/// Edits that put one word in place of every other one.
fn replacing(text: &str, gone: &str, word: &str) -> Vec<Edit> {
    let places = text.match_indices(gone);
    let edit = |(at, _)| edit::replace(crate::count(at), crate::count(at + gone.len()), word);
    places.map(edit).collect()
}

/// So much text around that the pieces are the smaller part of it.
fn padded(text: &str) -> String {
    format!("{text}\n;{}", "go();".repeat(text.len()))
}

#[test]
fn a_declaration_is_judged_as_the_whole_text_judges_it() {
    for (text, by_const, by_let) in [
        ("var a = b, c = (d, e), [f] = g", true, true),
        ("var a, b = c", false, true),
        ("for (var a = 1 in {}) b()", false, false),
        ("for (var a in {}, b) c()", true, true),
        ("for (var a of[1]) b()", true, true),
        (
            "for (var a = (b in c), d; (e = f()); (g++, h)) i()",
            false,
            true,
        ),
        ("for (var a = b ? c in d : e;;) break", true, true),
        ("for (var of of []) a()", true, true),
        ("for (var of = 0; of < 1; of++) a()", true, true),
        ("var async = 1\nvar yield\n= 2\n", true, true),
        ("if (a) var b = 1; else var c = d()", false, false),
        ("a: var b = function () { return 1 }", false, false),
        ("var { a = function () { var b = 1 } } = c", true, true),
        (
            "var a = function () { var b = 1; var c }, d = e",
            false,
            true,
        ),
        ("var a = () => {}\nvar b = a\n/c/g", true, true),
        (
            "switch (a) { case function () { var b = 1 }: var c = d }",
            true,
            true,
        ),
        (
            "function* a() { var b = yield c, d = yield\nvar e = yield* f }",
            true,
            true,
        ),
        (
            "async () => { for await (var a of await b) { var c = await d } }",
            true,
            true,
        ),
    ] {
        let text = padded(text);
        for (word, expected) in [("const", by_const), ("let", by_let)] {
            let (pieces, whole) = judged(&text, "a.cjs", &replacing(&text, "var", word));
            assert_eq!(whole, expected, "{word}: {text}");
            // Where no statement of its own holds an edit there are no pieces.
            assert!(
                pieces.is_none_or(|pieces| pieces == whole),
                "{word}: {text}"
            );
        }
    }
}

#[test]
fn an_edit_in_what_could_be_replaced_is_parsed() {
    let text = padded("var a = b(c), d = function () { e() };");
    let mut edits = replacing(&text, "var", "let");
    edits.extend(replacing(&text, "function", "function function"));
    assert_eq!(judged(&text, "a.cjs", &edits), (Some(false), false));
    let mut edits = replacing(&text, "var", "let");
    edits.extend(replacing(&text, "c)", "c"));
    assert_eq!(judged(&text, "a.cjs", &edits), (Some(false), false));
}
