//! From text to a syntax tree with scopes and references, and the check of a result.
//!
//! Which grammar: the extension or the caller's dialect say the language; ES module syntax in the text makes it a module. Whether a
//! script's top-level names are its own is a question apart: CommonJS code is a script with names of its own.

use oxc_allocator::Allocator;
use oxc_ast::AstKind;
use oxc_ast::ast::Expression;
use oxc_parser::{ParseOptions, Parser, ParserReturn};
use oxc_semantic::{Semantic, SemanticBuilder};
use oxc_span::{GetSpan as _, SourceType};

use crate::{Dialect, Granted, Position, Refusal, SourceFile, depth};

/// A text, understood.
pub(crate) struct Parsed<'a> {
    pub(crate) semantic: Semantic<'a>,
    /// The grammar that it was parsed by.
    pub(crate) source_type: SourceType,
    /// Top-level names are the text's own: no other script sees them.
    pub(crate) owns_names: bool,
    /// The text is an ES module that imports others, and may so be part of a cycle.
    pub(crate) has_imports: bool,
    /// A declaration file, or the like: nothing in it runs.
    pub(crate) ambient: bool,
}

/// Parses and analyses a text.
///
/// # Errors
/// Another language, too deep a nesting, or a text that does not parse.
pub(crate) fn parse<'a>(
    allocator: &'a Allocator,
    file: &'a SourceFile,
    granted: Granted,
) -> Result<Parsed<'a>, Refusal> {
    let language = source_type(file)?;
    if !depth::is_within_limit(&file.text) {
        return Err(Refusal::TooDeep(depth::LIMIT));
    }
    let (parsed, source_type) = parse_as_fits(allocator, &file.text, language);
    if let Some(error) = parsed.diagnostics.errors().next() {
        let at = error.labels.iter().next().map_or(0, |label| label.offset());
        return Err(Refusal::Parse((
            position(&file.text, at as usize),
            error.message.to_string(),
        )));
    }
    if parsed.panicked {
        return Err(Refusal::Parse((
            position(&file.text, 0),
            "it does not parse".to_owned(),
        )));
    }
    let program = allocator.alloc(parsed.program);
    let built = SemanticBuilder::new()
        .with_build_nodes(true)
        .with_check_syntax_error(true)
        .build(program);
    if let Some(error) = built.diagnostics.errors().next() {
        let at = error.labels.iter().next().map_or(0, |label| label.offset());
        return Err(Refusal::Parse((
            position(&file.text, at as usize),
            error.message.to_string(),
        )));
    }
    let semantic = built.semantic;
    let is_module = source_type.is_module();
    let shown = file.module == Some(true) || granted.module || source_type.is_commonjs();
    // What the caller says the text is not, its own CommonJS look does not change.
    let owns_names = is_module || shown || (file.module.is_none() && is_common_js(&semantic));
    let has_imports = program.body.iter().any(|statement| {
        use oxc_ast::ast::Statement;
        matches!(
            statement,
            Statement::ImportDeclaration(_)
                | Statement::ExportFromDeclaration(_)
                | Statement::ExportAllDeclaration(_)
        )
    });
    let ambient = source_type.is_typescript_definition();
    Ok(Parsed {
        semantic,
        source_type,
        owns_names,
        has_imports,
        ambient,
    })
}

/// Whether a result parses as its original did. Redeclared names and the like are looked for too: a transform that makes one has a
/// fault.
///
/// # Errors
/// The first new error, in words.
pub(crate) fn check(text: &str, source_type: SourceType) -> Result<(), Refusal> {
    let allocator = crate::allocator_for(text);
    let parsed = parser(&allocator, text, source_type, false).parse();
    let failed = |words: String| Refusal::Internal(format!("reparse: {words}"));
    if let Some(error) = parsed.diagnostics.errors().next() {
        return Err(failed(error.message.to_string()));
    }
    if parsed.panicked {
        Err(failed("the result does not parse".to_owned()))
    } else {
        Ok(())
    }
}

fn parser<'a>(
    allocator: &'a Allocator,
    text: &'a str,
    source_type: SourceType,
    analysed: bool,
) -> Parser<'a> {
    let options = ParseOptions {
        // CommonJS files are function bodies; in a browser's script a `return` there does not parse, which is no concern of ours.
        allow_return_outside_function: !source_type.is_module(),
        // Parentheses do not matter to what is asked of the tree, and would hide a direct `(eval)(...)`.
        preserve_parens: false,
        // Only an analysis looks names up by their hash.
        enable_ident_hashes: analysed,
        ..ParseOptions::default()
    };
    Parser::new(allocator, text, source_type).with_options(options)
}

/// Where the language leaves open whether a text is a module, the text's own syntax says it; top-level `await` alone is tried last.
fn parse_as_fits<'a>(
    allocator: &'a Allocator,
    text: &'a str,
    language: SourceType,
) -> (ParserReturn<'a>, SourceType) {
    let parsed = parser(allocator, text, language, true).parse();
    let found = parsed.program.source_type;
    if language.is_unambiguous() && parsed.diagnostics.has_errors() {
        let module = language.with_module(true);
        let again = parser(allocator, text, module, true).parse();
        if !again.diagnostics.has_errors() && !again.panicked {
            return (again, module);
        }
    }
    (parsed, found)
}

fn source_type(file: &SourceFile) -> Result<SourceType, Refusal> {
    let name = file
        .path
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    if name.ends_with(".d.ts") || name.ends_with(".d.mts") || name.ends_with(".d.cts") {
        return Ok(SourceType::d_ts());
    }
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let by_dialect = file.dialect.map(|dialect| match dialect {
        Dialect::Javascript => "js",
        Dialect::Jsx => "jsx",
        Dialect::Typescript => "ts",
        Dialect::Tsx => "tsx",
    });
    let open = |source_type: SourceType| source_type.with_unambiguous(true);
    Ok(match by_dialect.unwrap_or(extension) {
        "" => open(SourceType::jsx()),
        // JSX in .js files is common; no JavaScript without JSX means something else with it.
        "js" | "jsx" | "es6" | "es" => open(SourceType::jsx()),
        "mjs" => SourceType::mjs(),
        "cjs" => SourceType::cjs(),
        "ts" => open(SourceType::ts()),
        "mts" => SourceType::ts().with_module(true),
        "cts" => SourceType::ts().with_commonjs(true),
        "tsx" => open(SourceType::tsx()),
        other => return Err(Refusal::UnsupportedLanguage(other.to_owned())),
    })
}

/// Whether the text is CommonJS code beyond doubt: it requires or exports with the names that only a CommonJS loader gives, and does not
/// ask whether they are there, as code that runs in browsers too does.
fn is_common_js(semantic: &Semantic<'_>) -> bool {
    let (scoping, nodes) = (semantic.scoping(), semantic.nodes());
    let mut found = false;
    for name in ["require", "module", "exports", "define"] {
        let references = scoping
            .root_unresolved_references()
            .iter()
            .find(|(known, _)| known.as_str() == name);
        for &reference in references.into_iter().flat_map(|(_, ids)| ids.iter()) {
            let node = scoping.get_reference(reference).node_id();
            let own = nodes.kind(node).span();
            match nodes.parent_kind(node) {
                AstKind::UnaryExpression(unary) if unary.operator.is_typeof() => return false,
                // `if (module)`, `module && ...`: asked for as well.
                AstKind::IfStatement(_)
                | AstKind::LogicalExpression(_)
                | AstKind::ConditionalExpression(_) => return false,
                AstKind::CallExpression(call) if name == "require" && call.callee.span() == own => {
                    let literal = call
                        .arguments
                        .first()
                        .and_then(|argument| argument.as_expression());
                    found |= matches!(literal, Some(Expression::StringLiteral(_)));
                }
                AstKind::StaticMemberExpression(member) if member.object.span() == own => {
                    found |= (name == "module" && member.property.name == "exports")
                        || name == "exports";
                }
                _ => {}
            }
        }
    }
    found
}

/// A byte's place as people count.
fn position(text: &str, byte: usize) -> Position {
    let mut end = byte.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .map_or(0, |last| last.chars().count())
        + 1;
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Position {
        line: number(line),
        column: number(column),
    }
}
