//! Calls of the console go, where nothing but what they print goes with them.
//!
//! ```text
//! start(); console.log("started");     ->  start();
//! if (a) console.log(1); else b();     ->  if (a) {} else b();
//! list.forEach(x => console.log(x));   ->  list.forEach(x => {});
//! console.log(next());                 ->  left alone: side_effect
//! ```
//!
//! A site is a call of a method of the console, however it is written: `console.x()`, `console?.x()`, `console["x"]()`, and the same
//! through the global object. What is no such call is none: a method that is passed on or kept under another name, `console.log.call()`.
//! A call within one that goes, goes with it, and is not counted.
//!
//! The proof for a call that goes: `console` is the host's, as far as the text can tell, and the method is one of the standard's, which
//! return nothing and do nothing but print. Making the arguments runs no code of the program's, changes nothing and cannot fail. The
//! call's value is not used, and the text without the call is read as before: statements do not join, no string becomes a directive,
//! an else stays with its if, and the value of a script stays the same.

mod calls;
mod codes;
mod cut;
mod effects;
mod elided;
mod integrity;
mod memo;
mod methods;
mod operators;
mod pairs;
mod place;
mod ready;
mod types;

use oxc_ast::ast::{Argument, Expression};
use oxc_semantic::NodeId;
use oxc_span::GetSpan as _;

use super::{Code, Fate, Hazard, SCRIPTS, Site, Transform};
use crate::assume::Assumption;
use crate::parse::Parsed;
use crate::{Edit, Span, edit, words};
use calls::Call;
use effects::Effects;
use elided::Elided;
use integrity::Integrity;
use memo::Memo;
use methods::Method;
use place::{Completion, Place};
use types::{Types, Values};

pub(super) static TRANSFORM: Transform = Transform {
    name: "remove-console",
    summary: "Removes calls of the console where nothing but what they print goes with them",
    extensions: SCRIPTS,
    codes: codes::ALL,
    sites,
    frees: Some(frees),
};

/// What goes with the arguments of a call may have kept other calls: another call of the same group, timer or counter, and what changes a variable
/// at another time or without naming it: a function, a class, `arguments`.
fn frees(parsed: &Parsed<'_>, edits: &[Edit]) -> bool {
    let is_keeper = |edit: &Edit| {
        let gone = parsed.replaced_by(edit);
        gone.matches("console").nth(1).is_some() || words::mentions(gone, "arguments")
    };
    parsed.hold_scopes(edits) || edits.iter().any(is_keeper)
}

fn sites(parsed: &Parsed<'_>) -> Vec<Site> {
    if !words::mentions(parsed.semantic.source_text(), "console") {
        return Vec::new();
    }
    let calls = calls::all(parsed);
    if calls.is_empty() {
        return Vec::new();
    }
    let integrity = Integrity::of(parsed);
    let removal = Removal {
        parsed,
        values: Values::of(parsed),
        elided: Elided::of(parsed),
        catches: Memo::default(),
        completion: Completion::default(),
        integrity: &integrity,
    };
    let mut sites: Vec<Site> = calls.iter().map(|call| removal.site(call)).collect();
    pairs::refuse_broken(&calls, &integrity.read, &mut sites);
    let mut sites = drop_nested(sites);
    let changed = sites.iter_mut().filter_map(|site| match &mut site.fate {
        Fate::Changed(edit, _) => Some(edit),
        Fate::Refused(_) => None,
    });
    let mut edits: Vec<&mut Edit> = changed.collect();
    cut::widen(parsed.semantic.source_text(), &mut edits);
    for site in &mut sites {
        if let Fate::Changed(edit, _) = &site.fate {
            site.span = edit.span;
        }
    }
    sites
}

/// Calls within one that goes are gone with it.
fn drop_nested(mut sites: Vec<Site>) -> Vec<Site> {
    let mut gone = 0;
    sites.retain(|site| {
        let is_gone = site.span.start < gone;
        if !is_gone && let Fate::Changed(..) = site.fate {
            gone = site.span.end;
        }
        !is_gone
    });
    sites
}

/// What is asked of each call of a text.
struct Removal<'p, 'a> {
    parsed: &'p Parsed<'a>,
    values: Values<'p, 'a>,
    elided: Elided<'p, 'a>,
    /// Blocks of catch clauses, and whether calls of the console are all that they hold.
    catches: Memo<NodeId>,
    completion: Completion,
    integrity: &'p Integrity,
}

impl<'a> Removal<'_, 'a> {
    fn site(&self, call: &Call<'a>) -> Site {
        let place = Place::of(self.parsed, call);
        let own = call.call.span;
        match self.hazard(call, &place) {
            Some(hazard) => Site {
                span: Span {
                    start: own.start,
                    end: own.end,
                },
                fate: Fate::Refused(hazard),
            },
            None => {
                let edit = self.edit(call, &place);
                Site {
                    span: edit.span,
                    fate: Fate::Changed(edit, Vec::new()),
                }
            }
        }
    }

    /// The piece of the text that is taken out or replaced.
    fn piece(&self, call: &Call<'a>, place: &Place<'a>) -> oxc_span::Span {
        let semantic = &self.parsed.semantic;
        match place {
            Place::Listed { statement, .. } | Place::Body { statement } => {
                semantic.nodes().kind(*statement).span()
            }
            Place::Arrow(arrow) => cut::arrow_body(semantic.source_text(), call.call.span, arrow)
                .unwrap_or(call.call.span),
            Place::Part => call.call.span,
        }
    }

    fn edit(&self, call: &Call<'a>, place: &Place<'a>) -> Edit {
        let piece = self.piece(call, place);
        match place {
            Place::Listed { list, .. } => {
                cut::listed(self.parsed.semantic.source_text(), piece, list)
            }
            _ => edit::replace(piece.start, piece.end, "{}"),
        }
    }

    /// Whether a loader that goes by the text alone may take it for a script once the call is gone.
    fn may_make_a_module(&self, call: &Call<'_>) -> bool {
        let semantic = &self.parsed.semantic;
        let span = call.call.span;
        let own = &semantic.source_text()[span.start as usize..span.end as usize];
        words::mentions(own, "import")
            && !semantic
                .nodes()
                .program()
                .body
                .iter()
                .any(|statement| statement.is_module_declaration())
    }

    /// The first thing that stands against taking a call away; what a caller can lift comes last.
    fn hazard(&self, call: &Call<'a>, place: &Place<'a>) -> Option<Hazard> {
        let parsed = self.parsed;
        let scoping = parsed.semantic.scoping();
        let hazard = |code: &'static Code, words: &str| Some(Hazard::new(code, words));
        let is_bound = scoping.get_reference(call.root.reference_id()).symbol_id();
        if is_bound.is_some() {
            return Some(Hazard::new(
                &codes::SHADOWED,
                format!("`{}` is a name of the text's own", call.root.name),
            ));
        }
        if let Some(words) = self.integrity.broken {
            return Some(Hazard::new(&codes::SHADOWED, format!("the text {words}")));
        }
        if self.integrity.redirected && call.root.name != "console" {
            let words = format!("the text may give `{}` another meaning", call.root.name);
            return Some(Hazard::new(&codes::SHADOWED, words));
        }
        if self.integrity.is_evaluated(parsed, call.node) {
            return hazard(&codes::EVAL, "a direct eval may change what its names mean");
        }
        if parsed.outline.around(call.node).withs > 0 {
            return hazard(&codes::WITH, "it stands inside of `with`");
        }
        let Some(name) = call.method else {
            return hazard(&codes::COMPUTED, "the method's name is computed");
        };
        let Some(method) = methods::named(name) else {
            return Some(Hazard::new(
                &codes::UNKNOWN_METHOD,
                format!("`{name}` is no method of the console standard"),
            ));
        };
        if let Place::Part = place {
            return hazard(&codes::VALUE_USED, "its value is used");
        }
        let is_listed = matches!(place, Place::Listed { .. });
        if cut::has_comment(
            &parsed.semantic,
            self.piece(call, place),
            call.call.span,
            is_listed,
        ) {
            return hazard(&codes::COMMENT, "a comment belongs to it");
        }
        if self.may_make_a_module(call) {
            let words = "`import.meta` in it may be all that makes the text an ES module";
            return hazard(&codes::SIDE_EFFECT, words);
        }
        if self.elided.namespace(place) {
            let words = "without it the namespace may hold nothing, and not be there";
            return hazard(&codes::SIDE_EFFECT, words);
        }
        if let Some(effect) = self.effect(call, method) {
            let hazard = Hazard::new(&codes::SIDE_EFFECT, effect.words);
            return Some(match effect.lifted_by {
                Some(assumption) => hazard.lifted_by(assumption),
                None => hazard,
            });
        }
        let may_go = parsed.granted.has(Assumption::ErrorsMayGo);
        if method.is_report && !may_go {
            let hazard = Hazard::new(&codes::LEVEL, format!("`{name}` reports what went wrong"));
            return Some(hazard.lifted_by(Assumption::ErrorsMayGo));
        }
        if !may_go && place::is_alone_in_catch(parsed, place, &self.catches) {
            let hazard = Hazard::new(
                &codes::SWALLOW,
                "it is all that shows that an error was caught",
            );
            return Some(hazard.lifted_by(Assumption::ErrorsMayGo));
        }
        let (Place::Listed { statement, .. } | Place::Body { statement }) = place else {
            return None;
        };
        if !self.completion.is_kept(parsed, *statement) {
            let words = "if this text is a script, its value may be that of this call";
            let hazard = Hazard::new(&codes::COMPLETION_VALUE, words);
            return Some(hazard.lifted_by(Assumption::Module));
        }
        None
    }

    /// What making the arguments, and printing them, may do besides.
    fn effect(&self, call: &Call<'a>, method: Method) -> Option<effects::Effect> {
        let mut effects = Effects::new(self.parsed, &self.values, &self.elided);
        let arguments = &call.call.arguments;
        for (place, argument) in arguments.iter().enumerate() {
            let Some(argument) = argument.as_expression() else {
                effects.note("spreading runs an iterator");
                break;
            };
            effects.of(argument);
            let types = self.values.types(argument);
            if method.converted == Some(place) && types.may_be(Types::SYMBOL | Types::OBJECT) {
                effects.note("making a string of this may fail");
            }
            let is_kept = place == 0 && method.name == "assert";
            if types.may_be(Types::OBJECT) && !is_kept {
                effects.note_unless(
                    Assumption::ConsoleFormattingIsPure,
                    "showing an object may run code of the program",
                );
            }
            if place > 0 && types.may_be(Types::BIGINT) && self.may_ask_for_json(arguments) {
                let words = "`%j` does not take a BigInt";
                if types.is_only(Types::BIGINT) {
                    effects.note(words);
                }
                effects.note_unless(Assumption::ConsoleFormattingIsPure, words);
            }
            if place == 1 && !self.is_taken(argument, method) {
                effects.note("the console may reject this option");
            }
        }
        effects.found()
    }

    /// Whether a method takes an option: a table's list of names, plain values for an inspection. Other methods have none.
    fn is_taken(&self, option: &Expression<'a>, method: Method) -> bool {
        let is_plain = |value: &Expression<'a>| {
            let plain = Types::STRING | Types::NUMBER | Types::BOOLEAN | Types::NULLISH;
            self.values.types(value).is_only(plain)
        };
        match (method.name, option) {
            ("table", Expression::ArrayExpression(names)) => names
                .elements
                .iter()
                .all(|name| name.as_expression().is_some_and(is_plain)),
            ("dir", Expression::ObjectExpression(options)) => {
                options.properties.iter().all(|option| {
                    option
                        .as_property()
                        .is_some_and(|option| is_plain(&option.value))
                })
            }
            ("table" | "dir", _) => false,
            _ => true,
        }
    }

    /// Whether the first argument may be a format with `%j`.
    fn may_ask_for_json(&self, arguments: &[Argument<'a>]) -> bool {
        match arguments.first() {
            Some(Argument::StringLiteral(text)) => text.value.contains("%j"),
            Some(first) => first
                .as_expression()
                .is_none_or(|first| self.values.types(first).may_be(Types::STRING)),
            None => false,
        }
    }
}
