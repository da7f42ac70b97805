//! `var` becomes `const` where nothing writes the name again and `let` where something does; `let` becomes `const` likewise.
//!
//! ```text
//! var a = 1, b = 2; b++;      ->  let a = 1, b = 2; b++;
//! for (var k in o) use(k);    ->  for (const k in o) use(k);
//! use(x); var x = 1;          ->  left alone: tdz
//! ```
//!
//! One declaration is one site; it is never split, so one name that has to stay keeps its neighbours. A `let` that is written again,
//! or has no initialiser, is as it should be and no site.

mod hazards;

use oxc_ast::AstKind;
use oxc_ast::ast::{VariableDeclaration, VariableDeclarationKind};
use oxc_semantic::NodeId;
use oxc_span::GetSpan as _;

use super::{Code, Site, Transform};
use crate::edit;
use crate::parse::Parsed;
use crate::{RefusedSite, Span};
use hazards::Facts;

pub(super) const TRANSFORM: Transform = Transform {
    name: "var-to-const",
    summary: "Replaces var by const, or by let where the name is written again; let by const where it never is",
    extensions: &["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"],
    codes: &CODES,
    sites,
};

const CODES: [Code; 22] = [
    (
        "eval",
        "a direct eval can see the name and may write it",
        None,
    ),
    ("with", "inside of `with` a name may mean a property", None),
    (
        "script_global",
        "at the top of a script the name is a property of the global object, which other scripts see",
        Some("module"),
    ),
    (
        "redeclared",
        "the name is declared more than once, or is a parameter, a function or a catch parameter too",
        None,
    ),
    (
        "tdz",
        "the name is used before the declaration, where const and let throw",
        None,
    ),
    (
        "tdz_closure",
        "a function that uses the name may run before the declaration, where const and let throw",
        None,
    ),
    ("self_ref", "the initialiser uses the name itself", None),
    (
        "escapes_block",
        "the name is used outside of the block that declares it",
        None,
    ),
    (
        "loop_carry",
        "without an initialiser the value stays from one round of the loop to the next",
        None,
    ),
    (
        "loop_closure",
        "a closure in the loop sees one variable now, and would see a new one for each round",
        None,
    ),
    (
        "annexb_init",
        "only var may have an initialiser in the head of for-in",
        None,
    ),
    (
        "switch_scope",
        "a case may be entered past the declaration",
        None,
    ),
    (
        "not_in_block",
        "const and let cannot stand as the sole body of if, else, a loop or a label",
        None,
    ),
    ("name", "const and let cannot have this name here", None),
    (
        "annexb_fn",
        "a function in a block has the same name, and assigns to it when the block is entered",
        None,
    ),
    ("param_scope", "a parameter's default uses the name", None),
    (
        "delete",
        "the name is deleted, which strict declarations do not allow",
        None,
    ),
    (
        "export_live",
        "other modules of an import cycle may read the export before it is initialised",
        None,
    ),
    (
        "mock_hoist",
        "a test framework moves this mock above the declaration",
        None,
    ),
    (
        "ambient",
        "it declares something that is elsewhere, or is part of a namespace",
        None,
    ),
    (
        "captured_early",
        "a class that uses the name may run before the declaration",
        None,
    ),
    (
        "for_name",
        "the name cannot follow let or const in this loop's head",
        None,
    ),
];

fn sites(parsed: &Parsed<'_>) -> Vec<Site> {
    let facts = Facts::gather(parsed);
    parsed
        .semantic
        .nodes()
        .iter_enumerated()
        .filter_map(|(id, node)| match node.kind() {
            AstKind::VariableDeclaration(declaration) => site(&facts, id, declaration),
            _ => None,
        })
        .collect()
}

/// Why a name keeps its `var`.
struct Hazard {
    code: &'static str,
    message: String,
}

impl Hazard {
    fn new(code: &'static str, message: impl Into<String>) -> Hazard {
        Hazard {
            code,
            message: message.into(),
        }
    }
}

fn site(facts: &Facts<'_, '_>, id: NodeId, declaration: &VariableDeclaration<'_>) -> Option<Site> {
    let from = match declaration.kind {
        VariableDeclarationKind::Var => "var",
        VariableDeclarationKind::Let => "let",
        _ => return None,
    };
    let is_var = from == "var";
    let written = facts.is_written(declaration);
    let head = facts.loop_head(id);
    let initialised = match head {
        // The loop itself gives the name its value.
        Some(AstKind::ForInStatement(_) | AstKind::ForOfStatement(_)) => true,
        _ => declaration
            .declarations
            .iter()
            .all(|declarator| declarator.init.is_some()),
    };
    let definite = declaration
        .declarations
        .iter()
        .any(|declarator| declarator.definite);
    let keep_writable = matches!(head, Some(AstKind::ForStatement(_)));
    let to = if written || !initialised || definite || (is_var && keep_writable) {
        "let"
    } else {
        "const"
    };
    if to == from {
        return None;
    }
    let start = declaration.span.start;
    match facts.hazard(id, declaration, is_var) {
        None => Some(Site::Changed(vec![edit::replace(start, start + 3, to)])),
        Some(hazard) => {
            let code = CODES.iter().find(|(code, ..)| *code == hazard.code);
            Some(Site::Refused(RefusedSite {
                span: Span {
                    start,
                    end: declaration.span().end,
                },
                code: hazard.code.to_owned(),
                message: hazard.message,
                lifted_by: code.and_then(|(_, _, lifted)| lifted.map(str::to_owned)),
            }))
        }
    }
}
