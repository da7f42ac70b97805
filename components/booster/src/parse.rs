//! From text to a syntax tree with scopes, references and an outline, and the check of a result.
//!
//! Which grammar: the path or the caller's dialect say the language; ES module syntax in the text makes it a module. Whether a
//! script's top-level names are its own is a question apart: CommonJS code is a script with names of its own.

use oxc_allocator::Allocator;
use oxc_ast::ast::{ImportOrExportKind, Program, Statement, TSModuleReference};
use oxc_diagnostics::OxcDiagnostic;
use oxc_parser::{ParseOptions, Parser, ParserReturn};
use oxc_semantic::{Semantic, SemanticBuilder, Stats, SymbolId};
use oxc_span::{GetSpan as _, SourceType};

use crate::assume::{Assumption, Granted};
use crate::common_js::WRAPPER;
use crate::outline::Outline;
use crate::{Edit, Position, Refusal, SourceFile, common_js, depth, language};

/// How a text is to be read, apart from the text.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    language: SourceType,
    /// Whether neither a path nor the caller says which language it is.
    is_unnamed: bool,
    /// Whether top-level names are the text's own: none where only the text can show it.
    owns_names: Option<bool>,
    granted: Granted,
}

impl Reading {
    /// What a file's name and its caller say.
    ///
    /// # Errors
    /// The file is of another language.
    pub(crate) fn of(file: &SourceFile, granted: Granted) -> Result<Reading, Refusal> {
        let language = language::of(file)?;
        let is_shown = file.module == Some(true)
            || granted.has(Assumption::Module)
            || language::is_common_js(&file.path);
        Ok(Reading {
            language,
            is_unnamed: file.path.is_empty() && file.dialect.is_none(),
            owns_names: if is_shown { Some(true) } else { file.module },
            granted,
        })
    }
}

/// A text, understood.
pub(crate) struct Parsed<'a> {
    pub(crate) semantic: Semantic<'a>,
    pub(crate) outline: Outline,
    /// The grammar that it was parsed by.
    pub(crate) source_type: SourceType,
    /// Top-level names are the text's own: no other script sees them.
    pub(crate) owns_names: bool,
    /// The text is an ES module that loads others, and may so be part of a cycle.
    pub(crate) may_be_in_cycle: bool,
    /// What the caller vouches for.
    pub(crate) granted: Granted,
    /// How the text was read, with what the text itself showed.
    pub(crate) reading: Reading,
    /// A bound on how deep it nests.
    pub(crate) depth: u32,
}

impl Parsed<'_> {
    /// Whether a `var` may find a value that nothing in the text has given it: it names the arguments of its function, or of the one that a
    /// CommonJS loader wraps around the text.
    pub(crate) fn is_given(&self, symbol: SymbolId) -> bool {
        let scoping = self.semantic.scoping();
        let name = scoping.symbol_name(symbol);
        let is_at_top = scoping.symbol_scope_id(symbol) == scoping.root_scope_id();
        name == "arguments"
            || (is_at_top && !self.source_type.is_module() && WRAPPER.contains(&name))
    }

    /// The piece of the text that an edit replaces.
    pub(crate) fn replaced_by(&self, edit: &Edit) -> &str {
        let span = edit.span.start as usize..edit.span.end as usize;
        self.semantic.source_text().get(span).unwrap_or("")
    }

    /// Whether a function, a class or a block begins in what edits replace. The edits ascend.
    pub(crate) fn hold_scopes(&self, edits: &[Edit]) -> bool {
        let (scoping, nodes) = (self.semantic.scoping(), self.semantic.nodes());
        // The first one is the program's.
        scoping.scope_descendants_from_root().skip(1).any(|scope| {
            let start = nodes.kind(scoping.get_node_id(scope)).span().start;
            let next = edits.partition_point(|edit| edit.span.end <= start);
            edits.get(next).is_some_and(|edit| edit.span.start <= start)
        })
    }
}

/// A syntax tree with its analysis takes some twenty times its text; one chunk of that size saves growing in steps.
pub(crate) fn allocator_for(text: &str) -> Allocator {
    Allocator::with_capacity(text.len().saturating_mul(16).clamp(4 << 10, 32 << 20))
}

/// How many nodes, scopes, names and references a text usually has, rather more than less: room that is made for them at once. Counting
/// them would be a walk over the tree; where there are more, the room grows.
fn usual_counts(text: &str) -> Stats {
    let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
    Stats::new(
        bytes / 4 + 16,
        bytes / 64 + 4,
        bytes / 32 + 4,
        bytes / 12 + 4,
    )
}

/// How deep a text nests, if it may be parsed.
fn within_limit(text: &str) -> Result<u32, Refusal> {
    match depth::of(text) {
        depth @ 0..=depth::LIMIT => Ok(depth),
        _ => Err(Refusal::TooDeep(depth::LIMIT)),
    }
}

/// Parses and analyses a text.
///
/// # Errors
/// Too deep a nesting, or a text that does not parse.
pub(crate) fn parse<'a>(
    allocator: &'a Allocator,
    text: &'a str,
    reading: Reading,
) -> Result<Parsed<'a>, Refusal> {
    let depth = within_limit(text)?;
    let failed = |at: usize, words: String| Refusal::Parse((position(text, at), words));
    let (parsed, source_type) = parse_as_fits(allocator, text, reading);
    if let Some(error) = error_in(&parsed, text) {
        return Err(failed(place_of(error), error.message.to_string()));
    }
    if parsed.panicked {
        return Err(failed(0, "it does not parse".to_owned()));
    }
    let program = allocator.alloc(parsed.program);
    let built = SemanticBuilder::new()
        .with_build_nodes(true)
        .with_check_syntax_error(true)
        .with_stats(usual_counts(text))
        .build(program);
    if let Some(error) = built.diagnostics.errors().next() {
        return Err(failed(place_of(error), error.message.to_string()));
    }
    let semantic = built.semantic;
    let is_module = source_type.is_module();
    // What the caller says the text is not, its own CommonJS look does not change.
    let owns_names = is_module
        || reading
            .owns_names
            .unwrap_or_else(|| common_js::is_shown(&semantic));
    let may_be_in_cycle = is_module
        && !reading.granted.has(Assumption::NoImportCycles)
        && (program.body.iter().any(loads) || common_js::mentions_require(&semantic));
    let outline = Outline::of(&semantic);
    Ok(Parsed {
        semantic,
        outline,
        source_type,
        owns_names,
        may_be_in_cycle,
        granted: reading.granted,
        reading: Reading {
            language: source_type,
            is_unnamed: false,
            owns_names: Some(owns_names),
            granted: reading.granted,
        },
        depth,
    })
}

/// Whether a statement loads another module when the program runs.
fn loads(statement: &Statement<'_>) -> bool {
    let is_value = |kind: ImportOrExportKind| kind == ImportOrExportKind::Value;
    match statement {
        Statement::ImportDeclaration(import) => is_value(import.import_kind),
        Statement::ExportFromDeclaration(export) => is_value(export.export_kind),
        Statement::ExportAllDeclaration(export) => is_value(export.export_kind),
        Statement::TSImportEqualsDeclaration(import) => {
            is_value(import.import_kind)
                && matches!(
                    import.module_reference,
                    TSModuleReference::ExternalModuleReference(_)
                )
        }
        _ => false,
    }
}

/// Whether a result parses as its original did: a transform whose result does not has a fault.
///
/// # Errors
/// The first error, in words.
pub(crate) fn check(allocator: &Allocator, text: &str, reading: Reading) -> Result<(), Refusal> {
    within_limit(text)?;
    let parsed = parser(allocator, text, reading.language, false).parse();
    let failed = |words: String| Refusal::Internal(format!("reparse: {words}"));
    if let Some(error) = error_in(&parsed, text) {
        return Err(failed(error.message.to_string()));
    }
    if parsed.panicked {
        Err(failed("the result does not parse".to_owned()))
    } else {
        Ok(())
    }
}

/// Whether statements of a text parse on their own, and `fits` holds for what they parse to.
pub(crate) fn statements(
    allocator: &Allocator,
    text: &str,
    reading: Reading,
    fits: impl FnOnce(&Program<'_>) -> bool,
) -> bool {
    let parsed = parser(allocator, text, reading.language, false).parse();
    is_read(&parsed, text) && fits(&parsed.program)
}

/// The first thing that is wrong with a text.
///
/// `{(a, b)}` in JSX is not: the parser reports the comma there because it was told to forget the parentheses.
fn error_in<'p>(parsed: &'p ParserReturn<'_>, text: &str) -> Option<&'p OxcDiagnostic> {
    const COMMA_IN_JSX: Option<&str> = Some("18007");
    let comments = &parsed.program.comments;
    let is_in_parentheses = |error: &OxcDiagnostic| {
        let mut before = text.get(..place_of(error)).unwrap_or("").trim_end();
        // Comments may stand between.
        while let Some(comment) = comments
            .iter()
            .find(|comment| comment.span.end as usize == before.len())
        {
            before = text[..comment.span.start as usize].trim_end();
        }
        before.ends_with('(')
    };
    parsed
        .diagnostics
        .errors()
        .find(|error| error.code.number.as_deref() != COMMA_IN_JSX || !is_in_parentheses(error))
}

/// Whether a text was read to its end, and nothing is wrong with it.
fn is_read(parsed: &ParserReturn<'_>, text: &str) -> bool {
    !parsed.panicked && error_in(parsed, text).is_none()
}

/// Where an error stands, in bytes.
fn place_of(error: &OxcDiagnostic) -> usize {
    let label = error.labels.iter().next();
    label.map_or(0, |label| label.offset() as usize)
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

/// Where the language leaves open whether a text is a module, the text's own syntax says it; what shows itself by errors alone (a
/// top-level `await`, or the `new.target` of a function that a loader wraps around the text) is tried after it. A text that nothing names may be
/// TypeScript: it is read so where it is no JavaScript; what is wrong with it is said of the JavaScript.
fn parse_as_fits<'a>(
    allocator: &'a Allocator,
    text: &'a str,
    reading: Reading,
) -> (ParserReturn<'a>, SourceType) {
    let language = reading.language;
    let parsed = parser(allocator, text, language, true).parse();
    let found = parsed.program.source_type;
    if language.is_unambiguous() && error_in(&parsed, text).is_some() {
        for other in [language.with_module(true), language.with_commonjs(true)] {
            let again = parser(allocator, text, other, true).parse();
            if is_read(&again, text) {
                return (again, other);
            }
        }
    }
    if reading.is_unnamed && error_in(&parsed, text).is_some() {
        for other in [SourceType::ts(), SourceType::tsx()] {
            let again = parser(allocator, text, other.with_unambiguous(true), true).parse();
            if is_read(&again, text) {
                let found = again.program.source_type;
                return (again, found);
            }
        }
    }
    (parsed, found)
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
