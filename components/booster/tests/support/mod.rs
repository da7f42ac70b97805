//! What the tests share: how a text is read, and the one call that they make.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test uses its part"
)]

use tinydancer_booster::{Options, Refusal, SourceFile, Transformation, transform};

/// How a text is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum As {
    /// A JavaScript file that is known to be a module of some kind.
    Module,
    /// A JavaScript file of which only the text is known.
    Unknown,
    /// A JavaScript file that is known to be an ES module.
    Es,
    /// A TypeScript file that is known to be a module of some kind.
    TypeScript,
}

/// The file that a text stands for.
pub(crate) fn file(text: &str, how: As) -> SourceFile {
    let (path, module) = match how {
        As::Module => ("a.js", Some(true)),
        As::Unknown => ("a.js", None),
        As::Es => ("a.mjs", None),
        As::TypeScript => ("a.ts", Some(true)),
    };
    SourceFile {
        path: path.into(),
        text: text.into(),
        module,
        dialect: None,
    }
}

/// No assumptions granted.
pub(crate) fn none() -> Options {
    Options {
        assumptions: vec![],
        withdrawn: vec![],
    }
}

/// Does var-to-const without assumptions.
pub(crate) fn run(text: &str, how: As) -> Result<Transformation, Refusal> {
    transform(&file(text, how), &names(&["var-to-const"]), &none())
}

/// The text after the edits, put together piece by piece: by another way than the booster's.
pub(crate) fn edited(text: &str, done: &Transformation) -> String {
    let mut from = 0;
    let mut pieces = Vec::new();
    for edit in &done.edits {
        pieces.push(&text[from..edit.span.start as usize]);
        pieces.push(&edit.replacement);
        from = edit.span.end as usize;
    }
    pieces.push(&text[from..]);
    pieces.concat()
}

/// Assumptions granted by name.
pub(crate) fn granting(assumptions: &[&str]) -> Options {
    Options {
        assumptions: names(assumptions),
        withdrawn: vec![],
    }
}

/// One assumption withdrawn: it may be one that holds unless it is.
pub(crate) fn without(assumption: &str) -> Options {
    Options {
        assumptions: vec![],
        withdrawn: names(&[assumption]),
    }
}

/// Owned names.
pub(crate) fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// The names of every transform.
pub(crate) fn all() -> Vec<String> {
    tinydancer_booster::transforms()
        .into_iter()
        .map(|info| info.name)
        .collect()
}
