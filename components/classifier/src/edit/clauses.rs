//! Cuts a sentence into clauses.

use super::known::{Part, vocabulary};
use super::phrases::*;
use super::tokens::Token;
use super::vocabulary::*;

/// A part of a sentence.
pub(crate) struct Clause<'a> {
    pub(crate) parts: Vec<Part<'a>>,
    /// A word that gives a reason stood before it.
    pub(crate) because: bool,
}

/// Cuts a sentence at commas, before reasons and before a further act.
pub(crate) fn clauses<'a>(tokens: &[Token<'a>]) -> Vec<Clause<'a>> {
    let vocabulary = vocabulary();
    let new = |because| Clause {
        parts: Vec::new(),
        because,
    };
    let mut clauses = vec![new(false)];
    let mut at = 0;
    while at < tokens.len() {
        let Token::Word(word) = tokens[at] else {
            if tokens[at] == Token::Clause {
                clauses.push(new(false));
            }
            at += 1;
            continue;
        };
        let (text, roles, taken) = vocabulary.at(tokens, at, word);
        let mut part = Part { text, roles };
        at += taken;
        // "inline the callback" is an act, "the inline callbacks" are not.
        if text == "inline"
            && matches!(
                tokens.get(at),
                Some(Token::Word(
                    "the" | "these" | "this" | "that" | "it" | "them"
                ))
            )
        {
            part.roles = 0;
        }
        let begins = clauses
            .last()
            .is_none_or(|clause| clause.parts.last().is_none_or(|last| last.is(AND)));
        if text == "test"
            && begins
            && matches!(
                tokens.get(at),
                Some(Token::Word(
                    "the" | "it" | "this" | "that" | "them" | "these" | "everything" | "all"
                ))
            )
        {
            part.roles = 0;
        }
        if matches!(text, "run" | "perform" | "execute")
            && !(1..4).any(|next| {
                tokens
                    .get(at + next - 1)
                    .is_some_and(|next| vocabulary.token(next) & THINGS & !DECLARATION & !LOG != 0)
            })
        {
            part.roles = 0;
        }
        if matches!(
            text,
            "then"
                | "afterwards"
                | "dann"
                | "danach"
                | "ensuite"
                | "puis"
                | "luego"
                | "después"
                | "depois"
                | "poi"
        ) && part_is_first(&clauses)
        {
            part.roles = 0;
        }
        if matches!(text, "write" | "create")
            && matches!(
                tokens.get(at),
                Some(Token::Word("a" | "an" | "me" | "some"))
            )
        {
            part.roles = 0;
        }
        if text == "lets" && begins {
            part.roles = WISH;
        }
        // "line 2" is a part of the code.
        if matches!(
            text,
            "line"
                | "lines"
                | "row"
                | "l"
                | "zeile"
                | "zeilen"
                | "ligne"
                | "línea"
                | "linha"
                | "riga"
        ) && matches!(tokens.get(at), Some(Token::Word(next)) if next.bytes().all(|byte| byte.is_ascii_digit()))
        {
            part.roles = 0;
        }
        let last = clauses.len() - 1;
        let next = tokens.get(at).map_or(0, |next| vocabulary.token(next));
        let begins_reason = part.is(BECAUSE)
            || matches!(text, "as" | "so" | "after" | "given" | "until")
                && is_subject(tokens.get(at));
        if matches!(text, "while" | "whilst") {
            clauses.push(new(false));
            continue;
        }
        if text == "so" && next & (WISH | CHANGE | REMOVE | USE | DO) != 0 {
            clauses.push(new(false));
            continue;
        }
        if begins_reason {
            clauses.push(new(true));
            continue;
        }
        let act = REMOVE | CHANGE | USE | KEEP | NOT | MODERNISE | DO;
        if part.is(AND) && next & act != 0 && next & (LET | VAR) == 0 {
            clauses.push(new(false));
            continue;
        }
        clauses[last].parts.push(part);
    }
    clauses
}

fn part_is_first(clauses: &[Clause<'_>]) -> bool {
    clauses.iter().all(|clause| clause.parts.is_empty())
}

fn is_subject(token: Option<&Token<'_>>) -> bool {
    matches!(token, Some(Token::Word(word)) if STATES.split_whitespace().any(|own| own == *word))
}
