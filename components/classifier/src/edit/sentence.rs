//! Reads one sentence: its clauses one by one, then what they ask for taken together.

use super::clauses::clauses;
use super::judge::judge;
use super::known::{Part, vocabulary};
use super::limits::{left_alone, limits};
use super::promise::{Promise, promise};
use super::reading::{
    all_by_number, asks_itself, is_question, keeps_something_else, place_names, states,
    tells_of_oneself,
};
use super::sites::Sites;
use super::tokens::Token;
use super::vocabulary::*;
use super::why::{self, Why};
use super::{Said, weighed};

/// "Fix the error" is another wish, unless the error is a linter's.
pub(crate) fn mends_another(tokens: &[Token<'_>]) -> bool {
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

/// "Delete utils.js": the file itself goes.
pub(crate) fn acts_on_file(tokens: &[Token<'_>]) -> bool {
    let vocabulary = vocabulary();
    tokens.iter().enumerate().any(|(at, token)| {
        let Token::Word(word) = *token else {
            return false;
        };
        let (_, roles, taken) = vocabulary.at(tokens, at, word);
        roles & REMOVE != 0
            && roles & FILL == 0
            && !matches!(word, "in" | "from" | "of" | "out")
            && tokens.get(at + taken) == Some(&Token::Name)
    })
}

/// The reading of one sentence.
pub(crate) struct Sentence<'a> {
    pub(crate) sites: &'a Sites<'a>,
    pub(crate) lenient: bool,
    /// What is promised to be left alone.
    pub(crate) kept: &'a mut Roles,
    /// What reasons are about.
    pub(crate) told: &'a mut Roles,
    pub(crate) why: &'a mut Why,
    /// Whether something was denied in it already.
    pub(crate) denied: &'a mut bool,
    pub(crate) left: &'a mut Roles,
}

impl Sentence<'_> {
    /// Notes what speaks against a request; whether the reading ends there.
    fn ends(&mut self, why: Why) -> bool {
        *self.why |= why;
        !self.lenient
    }

    pub(crate) fn read(&mut self, tokens: &[Token<'_>], asks: bool) -> Said {
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
            place_names(&mut clause.parts, self.sites);
            all_by_number(&mut clause.parts, self.sites);
            let parts = &clause.parts;
            let limits = limits(parts, clause.because, *self.denied);
            *self.why |= limits;
            if limits & weighed::VETOES != 0 && !self.lenient {
                return Said::More(limits);
            }
            *self.left |= left_alone(parts);
            *self.denied |= parts.iter().any(|part| part.is(NOT | NO));
            if (asks || at == 0) && is_question(parts, asks) && self.ends(why::QUESTION) {
                return Said::More(why::QUESTION);
            }
            if keeps_something_else(parts, self.sites) {
                *self.kept |= LOG;
                continue;
            }
            if parts.iter().any(|part| part.roles == 0) || clause.because && !asks_itself(parts) {
                let is_stated = states(parts, clause.because) && (!asks || clause.because);
                if !is_stated && self.ends(why::STRANGE) {
                    return Said::More(why::STRANGE);
                }
                if is_stated || clause.because {
                    *self.told |= parts
                        .iter()
                        .fold(0, |told, part| told | part.roles & THINGS);
                    continue;
                }
                // "Do not touch process.stdout": a promise about something that is no edit's.
                let of_none = !parts.iter().any(|part| part.is(THINGS));
                if of_none && parts.iter().any(|part| part.is(NOT | KEEP)) {
                    *self.why |= why::PROMISES;
                    continue;
                }
                for part in &mut clause.parts {
                    if part.roles == 0 {
                        part.roles = FILL;
                    }
                }
            }
            let parts = &clause.parts;
            if tells_of_oneself(parts) && self.ends(why::TELLS) {
                return Said::More(why::TELLS);
            }
            let names = parts.iter().any(|part| part.is(THINGS));
            if !names
                && parts
                    .iter()
                    .any(|part| part.is(ONLY) && part.text != "just" && !part.is(FILL))
                && parts.iter().any(|part| part.is(IN | PLACE))
                && self.ends(why::ONLY_PLACE)
            {
                return Said::More(why::ONLY_PLACE);
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
            if at > 0
                && parts[0].is(USE)
                && !names
                && !parts.iter().any(|part| part.is(NEW))
                && self.ends(why::USES)
            {
                return Said::More(why::USES);
            }
            match promise(parts) {
                Promise::None => core.extend(parts),
                Promise::Of(roles) => *self.kept |= roles,
                Promise::Denial => {
                    if self.ends(why::DENIAL) {
                        return Said::More(why::DENIAL);
                    }
                }
            }
        }
        judge(&core, self.sites)
    }
}
