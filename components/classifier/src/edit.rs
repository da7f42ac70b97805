//! Reads an instruction as a request for one of the booster's edits and nothing else, in a closed vocabulary.
//!
//! A request counts only where every word of it is accounted for: as the thing that goes, the thing that comes, the wish, a place that means all of
//! the code, a promise to leave the rest alone, courtesy. Only a reason may be given in words of one's own, in a clause that states something and asks
//! for nothing. A word that has no role may be a second wish, a part, a condition: then a model reads it.

mod clauses;
mod judge;
mod known;
mod phrases;
mod promise;
mod reading;
mod sites;
mod tokens;
mod vocabulary;

use clauses::clauses;
use judge::judge;
use known::{Part, vocabulary};
use promise::{Promise, promise};
use reading::{
    asks_itself, is_question, keeps_something_else, place_names, states, tells_of_oneself,
};
use sites::Sites;
use tokens::{Token, tokens};

use crate::lexicon::NAMES_EDIT;
use crate::text::Word;
use vocabulary::*;

/// Longer instructions tell more than an edit.
const LONGEST: usize = 640;

/// What is looked for in Japanese and Chinese before anything else is done: a text without any of these names no edit.
const PIECES_NAMED: &[&str] = &[
    "var",
    "console",
    "アロー",
    "コンソール",
    "ログ",
    "箭头",
    "箭頭",
    "控制台",
    "日志",
    "=>",
];

/// The three edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit {
    Var,
    Arrow,
    Console,
}

impl Edit {
    const ALL: [Edit; 3] = [Edit::Var, Edit::Arrow, Edit::Console];

    fn name(self) -> &'static str {
        match self {
            Edit::Var => "var-to-const",
            Edit::Arrow => "func-to-arrow",
            Edit::Console => "remove-console",
        }
    }

    /// Words that can be of no other edit.
    fn strong(self) -> Roles {
        match self {
            Edit::Var => VAR | LET,
            Edit::Arrow => ARROW | FUNCTION,
            Edit::Console => CONSOLE,
        }
    }

    /// Words that are of this edit where nothing else is named.
    fn weak(self) -> Roles {
        match self {
            Edit::Var => DECLARATION,
            Edit::Arrow => CALLBACK,
            Edit::Console => LOG,
        }
    }
}

/// What a sentence comes to.
#[derive(Debug)]
enum Said {
    /// Courtesy, a promise, a reason, a bare "please convert"; with the roles of its wishes.
    Nothing(Roles),
    /// It names what an edit is about, and wishes nothing.
    Names(Edit),
    Asks(Edit),
    /// More than an edit, or something else.
    More,
}

/// The transform that is asked for, if nothing else is. `lowered` is the instruction in lower case, `code` the texts that it is about.
pub(crate) fn asked<'a>(
    lowered: &str,
    words: &[Word<'_>],
    code: impl Iterator<Item = &'a str>,
) -> Option<&'static str> {
    if lowered.len() > LONGEST || !may_ask(lowered, words) {
        return None;
    }
    let plain = lowered.replace('\u{2019}', "'");
    let sites = Sites::new(code);
    let mut kept = 0;
    let mut told = 0;
    let is_error = |token: &Token<'_>| {
        matches!(
            token,
            Token::Word(
                "error"
                    | "errors"
                    | "warning"
                    | "warnings"
                    | "issue"
                    | "issues"
                    | "violation"
                    | "violations"
                    | "finding"
                    | "findings"
                    | "fehler"
            )
        )
    };
    let (mut asked, mut named, mut wishes) = (None, None, 0);
    let vocabulary = vocabulary();
    let tokens = tokens(&plain, |text| vocabulary.piece(text));
    let mut from = 0;
    for (to, token) in tokens.iter().enumerate() {
        let Token::Sentence { asks } = *token else {
            continue;
        };
        if mends_another(&tokens[from..to], is_error) {
            return None;
        }
        let said = sentence(&tokens[from..to], asks, &sites, &mut kept, &mut told);
        match said {
            Said::Nothing(wished) => wishes |= wished,
            Said::Names(edit) if named.is_none_or(|other| other == edit) => named = Some(edit),
            Said::Asks(edit) if asked.is_none_or(|other| other == edit) => asked = Some(edit),
            _ => return None,
        }
        from = to + 1;
    }
    // "I left console.log in. Could you take it out?"
    let mut told_of = Edit::ALL
        .into_iter()
        .filter(|edit| told & (edit.strong() | if *edit == Edit::Console { LOG } else { 0 }) != 0);
    let told_of = told_of.next().filter(|_| told_of.next().is_none());
    let by_wish = named.or(told_of).filter(|edit| match edit {
        Edit::Var => wishes & (REMOVE | CHANGE | MODERNISE | DO) != 0,
        Edit::Arrow => false,
        Edit::Console => wishes & REMOVE != 0,
    });
    let edit = asked.or(by_wish)?;
    let also = named.is_some_and(|other| other != edit);
    let stays = kept & (edit.strong() | edit.weak()) != 0;
    (!also && !stays).then(|| edit.name())
}

/// A cheap look before the text is read: whether something of an edit is named, and most words are of the vocabulary.
fn may_ask(lowered: &str, words: &[Word<'_>]) -> bool {
    if !lowered.is_ascii() && lowered.chars().any(tokens::is_without_blanks) {
        return PIECES_NAMED.iter().any(|name| lowered.contains(name));
    }
    if !words.iter().any(|word| word.is(NAMES_EDIT)) && !lowered.contains("=>") {
        return false;
    }
    let vocabulary = vocabulary();
    let strange = words
        .iter()
        .filter(|word| !vocabulary.holds(word.hash))
        .count();
    strange * 3 <= words.len() * 2 + 3
}

/// The words that name what an edit is about, but for those that stand in any text.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let of = |wanted: Roles| {
        WORDS
            .iter()
            .filter(move |(roles, _)| roles & wanted != 0)
            .flat_map(|(_, list)| list.split_whitespace())
    };
    let common: std::collections::BTreeSet<&str> = of(FILL | LINT).collect();
    of(THINGS & !DECLARATION)
        .filter(move |word| !common.contains(word))
        .flat_map(|word| word.split(['.', '*']))
        .filter(|word| !word.is_empty())
        .chain([
            "declaration",
            "declarations",
            "deklarationen",
            "declaraciones",
        ])
}

/// "Fix the error" is another wish, unless the error is a linter's.
fn mends_another(tokens: &[Token<'_>], is_error: impl Fn(&Token<'_>) -> bool) -> bool {
    tokens.windows(3).any(|three| {
        matches!(
            three[0],
            Token::Word("fix" | "handle" | "resolve" | "catch" | "solve" | "address" | "correct")
        ) && (is_error(&three[1]) || three[1] == Token::Word("the") && is_error(&three[2]))
            && !tokens.iter().any(|token| {
                matches!(
                    token,
                    Token::Word(
                        "lint"
                            | "eslint"
                            | "linter"
                            | "linting"
                            | "no"
                            | "prefer"
                            | "sonar"
                            | "ci"
                            | "biome"
                    )
                )
            })
    })
}

/// Reads one sentence. What it promises to leave alone is added to `kept`, what its reasons are about to `told`.
fn sentence(
    tokens: &[Token<'_>],
    asks: bool,
    sites: &Sites<'_>,
    kept: &mut Roles,
    told: &mut Roles,
) -> Said {
    let mut clauses = clauses(tokens);
    let mut core: Vec<Part<'_>> = Vec::new();
    for (at, clause) in clauses.iter_mut().enumerate() {
        if clause.parts.is_empty() {
            continue;
        }
        for at in 1..clause.parts.len() {
            // Portuguese "no" before a place is "in the".
            if clause.parts[at].is(PLACE) && clause.parts[at - 1].text == "no" {
                clause.parts[at - 1].roles = IN | FILL;
            }
        }
        place_names(&mut clause.parts, sites);
        let parts = &clause.parts;
        if (asks || at == 0) && is_question(parts, asks) {
            return Said::More;
        }
        if keeps_something_else(parts, sites) {
            *kept |= LOG;
            continue;
        }
        if parts.iter().any(|part| part.roles == 0) || clause.because && !asks_itself(parts) {
            if !states(parts, clause.because) || asks && !clause.because {
                return Said::More;
            }
            *told |= parts
                .iter()
                .fold(0, |told, part| told | part.roles & THINGS);
            continue;
        }
        if tells_of_oneself(parts) {
            return Said::More;
        }
        let names = parts.iter().any(|part| part.is(THINGS));
        if !names
            && parts
                .iter()
                .any(|part| part.is(ONLY) && part.text != "just" && !part.is(FILL))
            && parts.iter().any(|part| part.is(IN | PLACE))
        {
            return Said::More;
        }
        let of_it = matches!(
            parts[0].text,
            "they" | "it" | "none" | "these" | "those" | "this" | "that"
        ) && !parts.iter().any(|part| part.is(KEEP | REST | ONLY));
        let of_us = of_it
            || matches!(
                parts[0].text,
                "i" | "i'm" | "i'll" | "i've" | "we" | "we're" | "we'll" | "we've"
            );
        if !names && of_us && !parts.iter().any(|part| part.is(WISH)) && states(parts, false) {
            continue;
        }
        // "... and use for of": something else is to be used.
        if at > 0 && parts[0].is(USE) && !names && !parts.iter().any(|part| part.is(NEW)) {
            return Said::More;
        }
        match promise(parts) {
            Promise::None => core.extend(parts),
            Promise::Of(roles) => *kept |= roles,
            Promise::Denial => return Said::More,
        }
    }
    judge(&core, sites)
}
