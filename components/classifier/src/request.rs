//! Which source transform an instruction asks for, if it asks for that and nothing else.
//!
//! Tier 0 answers exactly one edit. An instruction that asks for more, asks about it, forbids it, or wants words written about it is
//! not answered by an edit.

use crate::lexicon::{IS_EDIT, IS_OTHER};
use crate::text::Word;

/// Longer instructions ask for more than an edit.
const LONGEST: usize = 40;

/// A transform and what names it: one word of each group has to stand in the instruction.
struct Wanted {
    transform: &'static str,
    groups: &'static [&'static [&'static str]],
}

const WANTED: [Wanted; 6] = [
    Wanted {
        transform: "remove-console",
        groups: &[&["console", "console.log", "consoles"], REMOVE],
    },
    Wanted {
        transform: "func-to-arrow",
        groups: &[
            &["arrow", "arrows", "flecha", "pfeilfunktionen"],
            &[
                "function",
                "functions",
                "func",
                "funciones",
                "funktionen",
                "pfeilfunktionen",
                "callbacks",
                "expressions",
            ],
        ],
    },
    Wanted {
        transform: "promise-to-async",
        groups: &[
            &["promise", "promises", "then", "chains"],
            &["async", "await"],
        ],
    },
    Wanted {
        transform: "cjs-to-esm",
        groups: &[
            &["commonjs", "cjs", "require", "requires"],
            &["esm", "import", "imports", "modules", "es6", "es"],
        ],
    },
    Wanted {
        transform: "add-types",
        groups: &[
            &["add", "annotate", "insert"],
            &["types", "annotations", "type"],
            &[
                "types",
                "annotations",
                "annotate",
                "parameters",
                "function",
                "functions",
                "signature",
                "signatures",
            ],
        ],
    },
    Wanted {
        transform: "var-to-const",
        groups: &[
            &["var", "vars"],
            &[
                "const",
                "let",
                "consts",
                "lets",
                "modernise",
                "modernize",
                "declarations",
                "statements",
                "keyword",
            ],
        ],
    },
];

const REMOVE: &[&str] = &[
    "remove",
    "delete",
    "drop",
    "strip",
    "rid",
    "clean",
    "eliminate",
    "entferne",
    "entfernen",
    "lösche",
    "elimina",
    "quita",
    "supprime",
    "enlève",
];

/// Verbs that ask for the edit itself.
pub(crate) const EDIT: &[&str] = &[
    "use",
    "replace",
    "convert",
    "change",
    "turn",
    "switch",
    "make",
    "modernise",
    "modernize",
    "update",
    "rewrite",
    "transform",
    "migrate",
    "refactor",
    "apply",
    "run",
    "swap",
    "prefer",
    "move",
    "upgrade",
    "remove",
    "delete",
    "drop",
    "strip",
    "rid",
    "clean",
    "eliminate",
    "add",
    "annotate",
    "insert",
    "do",
    "perform",
    "should",
    "instead",
    "swap",
    "troque",
    "ersetze",
    "ersetzen",
    "verwende",
    "wandle",
    "ändere",
    "entferne",
    "entfernen",
    "lösche",
    "remplace",
    "remplacer",
    "utilise",
    "convertis",
    "reemplaza",
    "cambia",
    "usa",
    "convierte",
    "elimina",
    "quita",
    "supprime",
    "enlève",
];

/// Words that show that words are wanted, or more than the edit.
pub(crate) const OTHER: &[&str] = &[
    "explain",
    "why",
    "what",
    "which",
    "how",
    "when",
    "difference",
    "better",
    "write",
    "blog",
    "post",
    "article",
    "document",
    "documentation",
    "describe",
    "summarize",
    "summarise",
    "implement",
    "fix",
    "test",
    "tests",
    "retry",
    "feature",
    "endpoint",
    "error",
    "errors",
    "handling",
    "review",
    "rename",
    "bug",
    "optimize",
    "performance",
    "logging",
    "logger",
    "validate",
    "validation",
    "pagination",
    "cache",
    "compare",
    "list",
    "count",
    "find",
    "show",
    "discuss",
    "poem",
    "limerick",
    "script",
    "codemod",
    "rule",
    "lint",
    "eslint",
    "readme",
    "comment",
    "comments",
    "design",
    "plan",
    "warum",
    "erkläre",
    "pourquoi",
    "explique",
    "explica",
    "typo",
    "extract",
    "split",
    "unless",
    "back",
    "regular",
    "normal",
    "named",
    "smaller",
];

/// The transform that is asked for.
pub(crate) fn transform(words: &[Word<'_>], kind: &str) -> Option<&'static str> {
    if words.is_empty() {
        return WANTED
            .iter()
            .map(|wanted| wanted.transform)
            .find(|transform| *transform == kind);
    }
    if words.len() > LONGEST || chinese_or_japanese(words) {
        return None;
    }
    let by_name = WANTED.iter().find(|wanted| named(words, wanted.transform));
    let asks = by_name.is_some() || words.iter().any(|word| !word.in_code && word.is(IS_EDIT));
    let denied = words.iter().any(|word| {
        word.negated
            && (word.is(IS_EDIT)
                || WANTED
                    .iter()
                    .any(|wanted| wanted.groups[0].contains(&word.text)))
    });
    let more = words.iter().any(|word| !word.in_code && word.is(IS_OTHER)) || asks_for_more(words);
    if !asks || denied || more {
        return None;
    }
    by_name
        .or_else(|| {
            let mut found = WANTED.iter().filter(|wanted| {
                wanted
                    .groups
                    .iter()
                    .all(|group| words.iter().any(|word| group.contains(&word.text)))
            });
            // Two transforms in one sentence are more than one edit.
            let first = found.next();
            if found.next().is_some() { None } else { first }
        })
        .map(|wanted| wanted.transform)
}

/// `var-to-const` itself stands in the words.
fn named(words: &[Word<'_>], transform: &str) -> bool {
    let parts: Vec<&str> = transform.split('-').collect();
    words.windows(parts.len()).any(|window| {
        window
            .iter()
            .zip(&parts)
            .all(|(word, part)| word.text == *part && !word.negated)
    })
}

/// After "and" or "then" another verb follows that is no part of the edit.
fn asks_for_more(words: &[Word<'_>]) -> bool {
    const NEXT: &[&str] = &[
        "add", "create", "build", "commit", "push", "deploy", "format", "sort", "merge", "send",
        "open", "install", "bump", "publish", "release", "convert", "remove", "replace", "delete",
        "make", "turn", "update", "ensure", "check", "verify",
    ];
    words.windows(2).any(|pair| {
        matches!(
            pair[0].text,
            "and" | "then" | "also" | "plus" | "und" | "et" | "y"
        ) && NEXT.contains(&pair[1].text)
    })
}

/// Scripts without spaces come as one long word: their requests are known by their signs in the cue tables, not here.
fn chinese_or_japanese(words: &[Word<'_>]) -> bool {
    words.iter().any(|word| {
        word.text
            .chars()
            .any(|c| ('\u{3040}'..='\u{9fff}').contains(&c))
    })
}
