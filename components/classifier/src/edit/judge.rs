//! Which edit the words of a sentence ask for, by what stands before what.

use super::known::Part;
use super::sites::Sites;
use super::vocabulary::*;
use super::wishes::{asks_for_arrows, asks_for_let, asks_for_silence, becomes};
use super::{Edit, Said, why};

/// What the clauses that promise nothing ask for, taken together.
pub(crate) fn judge(parts: &[Part<'_>], sites: &Sites<'_>) -> Said {
    let any = |roles: Roles| parts.iter().any(|part| part.is(roles));
    let wishes = parts.iter().fold(0, |wishes, part| {
        wishes | part.roles & (REMOVE | CHANGE | MODERNISE | DO | USE)
    });
    let is_place = |at: usize| {
        parts[..at]
            .iter()
            .rev()
            .take(3)
            .any(|part| part.is(IN) && part.text != "for")
    };
    let mut strong = Edit::ALL.into_iter().filter(|edit| {
        (0..parts.len())
            .any(|at| parts[at].is(edit.strong()) && !(parts[at].is(FUNCTION) && is_place(at)))
    });
    let edit = match (strong.next(), strong.next()) {
        (Some(edit), None) => edit,
        (Some(_), Some(_)) => return Said::More(why::TWO_EDITS),
        (None, _) => {
            let mut weak = Edit::ALL.into_iter().filter(|edit| any(edit.weak()));
            match (weak.next(), weak.next()) {
                (None, _)
                    if sites.function()
                        && any(USE | BE | WISH)
                        && parts.iter().any(|part| part.text == "=>") =>
                {
                    Edit::Arrow
                }
                (None, _)
                    if wishes != 0
                        && parts.iter().any(|part| {
                            part.is(KEPT) && !part.is(FILL | WHICH | LINT | IN | PLACE)
                        }) =>
                {
                    return Said::More(why::OTHER_THING);
                }
                (None, _) => return Said::Nothing(wishes),
                (Some(edit), None) => edit,
                // "statements" are of two.
                (Some(Edit::Var), Some(Edit::Console)) => Edit::Console,
                _ => return Said::More(why::TWO_THINGS),
            }
        }
    };
    // "Both functions": all of the code.
    if parts
        .iter()
        .all(|part| part.is(FUNCTION | CALLBACK | FILL | AND))
        && !parts.iter().any(|part| part.text == "=>")
    {
        return Said::Nothing(0);
    }
    // A thing of another edit may only be where the edit's own things are.
    let foreign = Edit::ALL
        .into_iter()
        .filter(|other| *other != edit)
        .fold(0, |all, other| all | other.strong() | other.weak());
    if (0..parts.len()).any(|at| {
        parts[at].is(foreign)
            && !parts[at].is(edit.strong() | edit.weak() | FILL | WISH)
            && !is_place(at)
    }) {
        return Said::More(why::FOREIGN);
    }
    let belongs = |part: &Part<'_>| {
        part.text.ends_with(" be")
            && (part.text.contains("not")
                || part.text.contains("n't")
                || part.text.contains("never"))
    };
    if parts
        .windows(2)
        .any(|pair| belongs(&pair[0]) && pair[1].is(REMOVE | CHANGE))
    {
        return Said::More(why::BELONGS);
    }
    // A condition is one, unless it tells which declarations become what.
    let which = edit == Edit::Var && any(LET) && any(WHICH);
    if !which
        && parts
            .iter()
            .any(|part| part.is(WHERE | WHICH) && part.roles & !(WHERE | WHICH | REST) == 0)
    {
        return Said::More(why::CONDITION);
    }
    let holds_code = |part: &Part<'_>| {
        matches!(
            part.text,
            "exports"
                | "imports"
                | "methods"
                | "object"
                | "objects"
                | "props"
                | "properties"
                | "interface"
        )
    };
    if parts
        .iter()
        .any(|part| part.is(TOUCH) && !part.is(CHANGE | WHICH | KEPT | FILL | DO))
    {
        return Said::More(why::TOUCHES);
    }
    // "remove this file and the calls" has two objects.
    let acts_on_place = parts.windows(3).any(|three| {
        three[0].is(REMOVE | CHANGE)
            && three[1].is(FILL | PLACE)
            && !three[1].is(IN)
            && (three[1].is(PLACE) && three[2].is(AND) || three[2].is(PLACE) && !three[2].is(FILL))
    });
    if acts_on_place && parts.iter().any(|part| part.is(AND)) {
        return Said::More(why::PLACE_TOO);
    }
    // "Plus the cleanup of imports": a second thing that is wished.
    let joined = |at: usize| {
        parts[..at]
            .iter()
            .position(|part| part.is(AND))
            .is_some_and(|and| parts[and..at].iter().any(|part| part.is(REMOVE | CHANGE)))
    };
    if parts.iter().enumerate().any(|(at, part)| {
        part.is(KEPT)
            && !part.is(FILL | WHICH | LINT | IN | PLACE)
            && !(is_place(at) && holds_code(part) && !joined(at))
    }) {
        return Said::More(why::CHANGES_KEPT);
    }
    let wished = match edit {
        Edit::Var => asks_for_let(parts, sites),
        Edit::Arrow => asks_for_arrows(parts, sites),
        Edit::Console => asks_for_silence(parts, sites),
    };
    match wished {
        Some(true) => Said::Asks(edit),
        None if !any(CHANGE | REMOVE | MODERNISE)
            && (edit == Edit::Console
                || !parts.iter().any(|part| {
                    becomes(part)
                        && !matches!(
                            part.text,
                            "by" | "with" | "w" | "mit" | "avec" | "con" | "com"
                        )
                })) =>
        {
            Said::Names(edit)
        }
        _ => Said::More(why::NOT_WISHED),
    }
}
