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
            &[
                "arrow",
                "arrows",
                "flecha",
                "flechas",
                "fléchées",
                "pfeilfunktionen",
            ],
            &[
                "function",
                "functions",
                "func",
                "funciones",
                "funktionen",
                "pfeilfunktionen",
                "callbacks",
                "callback",
                "expressions",
                "anonymous",
                "literals",
                "anonyme",
                "anonimas",
                "anónimas",
                "anônimas",
                "anonime",
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
                "rid",
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
    "kill",
    "nuke",
    "purge",
    "scrub",
    "throw",
    "wipe",
    "del",
    "raus",
    "weg",
    "gone",
    "out",
    "away",
    "quitar",
    "eliminar",
    "togli",
    "rimuovi",
    "remova",
    "tira",
    "retire",
    "enlever",
    "supprimer",
    "убери",
    "удали",
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
    "kill",
    "nuke",
    "purge",
    "scrub",
    "throw",
    "wipe",
    "del",
    "raus",
    "weg",
    "gone",
    "out",
    "away",
    "quitar",
    "eliminar",
    "togli",
    "rimuovi",
    "remova",
    "tira",
    "retire",
    "enlever",
    "supprimer",
    "убери",
    "удали",
    "замени",
    "преобразуй",
    "sostituisci",
    "converti",
    "trocar",
    "troca",
    "substitui",
    "passe",
    "cambiar",
    "convertir",
    "reemplazar",
    "port",
    "bring",
    "get",
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
    "keep",
    "except",
    "those",
    "first",
    "second",
    "third",
    "last",
    "next",
    "level",
    "inside",
    "only",
    "safe",
    "sed",
    "liner",
    "whether",
    "talk",
    "pros",
    "cons",
    "about",
    "argument",
    "arguments",
    "commented",
    "logged",
    "before",
    "relying",
    "hoisting",
    "destructure",
    "whitespace",
    "strict",
    "some",
    "two",
    "unused",
    "wrap",
    "guard",
    "template",
    "comment",
    "garde",
    "sauf",
    "gardez",
    "salvo",
    "excepto",
    "außer",
    "behalte",
    "behalt",
    "nur",
    "become",
    "becomes",
    "alert",
    "messages",
    "commit",
    "blog",
    "summary",
    "pr",
    "possible",
    "opinion",
    "recommend",
    "meaning",
    "ajoute",
    "añade",
    "aggiungi",
    "ergänze",
    "remaining",
    "stay",
    "stays",
    "solo",
    "sólo",
    "seulement",
    "soltanto",
    "configure",
    "rules",
    "assignment",
    "help",
    "got",
    "now",
    "además",
    "renombrar",
    "traduci",
    "traduire",
    "übersetze",
    "breakpoints",
    "debugger",
    "else",
    "остальные",
    "оставь",
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
    if let Some(transform) = lint_rule(words) {
        return Some(transform);
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

/// A lint rule that the edit satisfies is named, and nothing but that it complains: "no-var", "ESLint no-console errors: clean up".
fn lint_rule(words: &[Word<'_>]) -> Option<&'static str> {
    const RULES: [(&[&str], &str); 4] = [
        (&["no", "var"], "var-to-const"),
        (&["no", "console"], "remove-console"),
        (&["prefer", "arrow", "callback"], "func-to-arrow"),
        (&["prefer", "arrow"], "func-to-arrow"),
    ];
    const COMPLAINS: [&str; 15] = [
        "fix",
        "eslint",
        "tslint",
        "lint",
        "linter",
        "error",
        "errors",
        "warning",
        "warnings",
        "rule",
        "rules",
        "clean",
        "about",
        "those",
        "complains",
    ];
    const LONGEST: usize = 12;
    let more = |word: &Word<'_>| word.is(IS_OTHER) && !COMPLAINS.contains(&word.text);
    if words.len() > LONGEST || words.iter().any(more) || asks_for_more(words) {
        return None;
    }
    // Without a word of complaint "no var" may as well be a wish for something else.
    let is_about_rules =
        words.len() <= 3 || words.iter().any(|word| COMPLAINS.contains(&word.text));
    let stands = |rule: &[&str]| {
        words.windows(rule.len()).any(|window| {
            window
                .iter()
                .zip(rule)
                .all(|(word, part)| word.text == *part)
        })
    };
    RULES
        .iter()
        .find(|(rule, _)| is_about_rules && stands(rule))
        .map(|(_, transform)| *transform)
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
            "and" | "then" | "also" | "plus" | "but" | "und" | "et" | "y"
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
