//! What a clause promises to leave alone, or denies.

use super::known::Part;
use super::vocabulary::*;

/// What a clause of known words comes to.
pub(crate) enum Promise {
    /// It promises nothing.
    None,
    /// These things stay.
    Of(Roles),
    /// The edit itself is denied, or it is not known what stays.
    Denial,
}

/// What a clause of known words promises to leave alone.
pub(crate) fn promise(parts: &[Part<'_>]) -> Promise {
    let any = |roles: Roles| parts.iter().any(|part| part.is(roles));
    let things = parts
        .iter()
        .fold(0, |things, part| things | part.roles & THINGS);
    // "let otherwise, const if it never changes" tells which, and denies nothing.
    if any(LET)
        && any(WHICH)
        && !parts
            .iter()
            .any(|part| part.is(KEEP | TOUCH) && !part.is(WHICH))
    {
        return Promise::None;
    }
    let denies = parts.iter().position(|part| part.is(NOT) && !part.is(NO));
    let no = parts.iter().position(|part| part.is(NO));
    let keeps = parts.iter().any(|part| part.is(KEEP) && !part.is(WHICH));
    // "no var", "no more console.log".
    if let Some(no) = no {
        let thing = parts[no + 1..].iter().position(|part| {
            part.is(THINGS) || part.is(CHANGE | TOUCH | REMOVE | USE | KEEP) && !part.is(FILL)
        });
        let of_thing =
            thing.is_some_and(|at| parts[no + 1 + at].is(VAR | CONSOLE | LOG | FUNCTION));
        if of_thing && !keeps {
            return Promise::None;
        }
    }
    let refused = denies.or(no);
    // "don't leave console.log in".
    if denies.is_some()
        && keeps
        && things & (VAR | CONSOLE) != 0
        && !parts.iter().any(|part| part.is(REST) && !part.is(FILL))
        && parts
            .iter()
            .any(|part| matches!(part.text, "leave" | "keep"))
    {
        return Promise::None;
    }
    if let Some(refused) = refused.filter(|_| !keeps) {
        let verb = parts[refused..].iter().find(|part| {
            part.is(TOUCH | CHANGE | REMOVE | USE | MODERNISE | DO) && !part.is(FILL | NOT | NO)
        });
        let sources = things & (VAR | CONSOLE | LOG | FUNCTION);
        // "we don't use var any more" wishes that it go.
        if verb.is_some_and(|verb| verb.is(USE)) && sources != 0 && things & (LET | ARROW) == 0 {
            return Promise::None;
        }
        if verb.is_none()
            && (any(REMOVE) || sources != 0 && things & (LET | ARROW) == 0 && !any(REST | KEPT))
        {
            return Promise::None;
        }
    }
    let rest = parts.iter().any(|part| {
        part.is(REST | KEPT)
            && (!part.is(FILL | WHICH)
                || matches!(
                    part.text,
                    "otherwise"
                        | "anything"
                        | "everything"
                        | "something"
                        | "alles"
                        | "tout"
                        | "todo"
                        | "tudo"
                        | "tutto"
                ))
    });
    if !keeps
        && refused.is_none()
        && !parts
            .iter()
            .any(|part| part.is(REST) && !part.is(FILL | WHICH))
    {
        return Promise::None;
    }
    if things == 0 && !rest {
        // "do not touch", "leave it": it is not said what.
        return if parts
            .iter()
            .any(|part| part.is(KEEP | TOUCH | CHANGE | REMOVE | USE) && !part.is(FILL))
            || refused.is_some()
        {
            Promise::Denial
        } else {
            Promise::None
        };
    }
    Promise::Of(things)
}
