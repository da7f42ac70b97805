//! Which grammar a text is read by, from its path and what the caller says.
//!
//! It looks at names only, never at the text.

use oxc_span::SourceType;

use crate::{Dialect, Refusal, SourceFile};

/// Endings of files that are known to be neither JavaScript nor TypeScript. Any other ending is read as JavaScript with JSX.
const OTHER_LANGUAGES: &[&str] = &[
    "astro", "bash", "bat", "c", "cc", "clj", "cpp", "cs", "css", "csv", "cxx", "dart", "elm",
    "erl", "ex", "exs", "fish", "fs", "go", "gql", "gradle", "graphql", "groovy", "h", "hpp",
    "hrl", "hs", "htm", "html", "ini", "ipynb", "java", "jl", "json", "json5", "jsonc", "kt",
    "kts", "less", "lisp", "lock", "lua", "m", "md", "mdx", "mjml", "ml", "mm", "nim", "php", "pl",
    "pm", "proto", "ps1", "py", "pyi", "pyx", "r", "rb", "rs", "rst", "sass", "scala", "scss",
    "sh", "sol", "sql", "styl", "svelte", "svg", "swift", "tex", "tf", "toml", "txt", "vb", "vue",
    "wat", "wgsl", "xml", "yaml", "yml", "zig", "zsh",
];

/// The grammar of a file. Where the name leaves open whether it is a module, the text decides later (`is_unambiguous`).
///
/// # Errors
/// The file's ending belongs to another language.
pub(crate) fn of(file: &SourceFile) -> Result<SourceType, Refusal> {
    let name = file
        .path
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
    if matches!(extension, "ts" | "mts" | "cts") && (stem == "d" || stem.ends_with(".d")) {
        return Ok(SourceType::d_ts());
    }
    let language = match file.dialect {
        Some(Dialect::Javascript | Dialect::Jsx) => "js",
        Some(Dialect::Typescript) => "ts",
        Some(Dialect::Tsx) => "tsx",
        None => extension,
    };
    let base = match language {
        "ts" | "mts" | "cts" => SourceType::ts(),
        "tsx" => SourceType::tsx(),
        other if OTHER_LANGUAGES.contains(&other) => {
            return Err(Refusal::UnsupportedLanguage(other.to_owned()));
        }
        // JSX stands in files of any name; no JavaScript without it means something else with it.
        _ => SourceType::jsx(),
    };
    Ok(match extension {
        "mjs" | "mts" => base.with_module(true),
        "cjs" => base.with_commonjs(true),
        // TypeScript writes imports in .cts too, so the text decides the grammar.
        _ => base.with_unambiguous(true),
    })
}

/// Whether the name alone says that the file is a CommonJS module.
pub(crate) fn is_common_js(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| {
        extension.eq_ignore_ascii_case("cjs") || extension.eq_ignore_ascii_case("cts")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str, dialect: Option<Dialect>) -> Result<SourceType, Refusal> {
        of(&SourceFile {
            path: path.into(),
            text: String::new(),
            module: None,
            dialect,
        })
    }

    #[test]
    fn a_path_tells_the_grammar() {
        type Holds = fn(SourceType) -> bool;
        let cases: &[(&str, Holds)] = &[
            ("", |t| {
                t.is_javascript() && t.is_jsx() && t.is_unambiguous()
            }),
            ("a.js", |t| t.is_jsx() && t.is_unambiguous()),
            ("dir.py/a.JSX", |t| t.is_jsx()),
            ("a.unheard-of", |t| t.is_javascript() && t.is_jsx()),
            ("a.mjs", |t| t.is_module() && t.is_javascript()),
            ("a.cjs", |t| t.is_commonjs()),
            ("a.ts", |t| {
                t.is_typescript() && !t.is_jsx() && t.is_unambiguous()
            }),
            ("a.mts", |t| t.is_typescript() && t.is_module()),
            ("a.tsx", |t| t.is_typescript() && t.is_jsx()),
            ("a.d.ts", |t| t.is_typescript_definition()),
            ("C:\\x\\a.d.mts", |t| t.is_typescript_definition()),
        ];
        for (path, holds) in cases {
            assert!(read(path, None).is_ok_and(holds), "{path}");
        }
        assert!(read("a.py", Some(Dialect::Tsx)).is_ok_and(|t| t.is_typescript() && t.is_jsx()));
        assert!(
            read("a.mjs", Some(Dialect::Typescript))
                .is_ok_and(|t| t.is_typescript() && t.is_module())
        );
        assert_eq!(
            read("a.py", None),
            Err(Refusal::UnsupportedLanguage("py".into()))
        );
        assert!(is_common_js("a.CTS") && is_common_js("a.cjs") && !is_common_js("a.js"));
    }
}
