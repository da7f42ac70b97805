//! What a clause says that makes it more or less than the edit: an exception, a part of the places, a further act, something to be made.

use super::known::{Part, acts, parts_of_code};
use super::vocabulary::*;
use super::why::{self, Why};

/// Goes before what an edit is not to be done to.
const EXCEPTIONS: &[&str] = &[
    "except",
    "excepting",
    "excluding",
    "außer",
    "ausser",
    "sauf",
    "excepté",
    "salvo",
    "excepto",
    "exceto",
    "tranne",
    "eccetto",
    "behalve",
    "oprócz",
    "кроме",
    "besides",
];
/// Less than all, before "of".
const SOME: &[&str] = &[
    "one", "two", "three", "some", "most", "half", "few", "several", "either",
];
/// Tells one place of several, before the place.
const ORDINALS: &[&str] = &[
    "first",
    "second",
    "third",
    "fourth",
    "last",
    "erste",
    "ersten",
    "zweite",
    "zweiten",
    "dritte",
    "dritten",
    "letzte",
    "letzten",
    "premier",
    "première",
    "deuxième",
    "dernier",
    "dernière",
    "primera",
    "primer",
    "primero",
    "segunda",
    "segundo",
    "tercera",
    "última",
    "último",
    "primeira",
    "primeiro",
    "ultima",
    "ultimo",
    "prima",
    "primo",
    "seconda",
    "eerste",
    "tweede",
    "laatste",
    "первый",
    "первую",
    "первой",
    "второй",
    "последний",
    "последнюю",
    "pierwszy",
    "pierwszej",
    "drugiej",
    "ostatni",
];
/// What goes after an ordinal that tells no place.
const NO_PLACE: &[&str] = &[
    "of", "thing", "time", "step", "pr", "week", "sprint", "night", "one", "year", "month", "and",
    "file", "module",
];
/// Makes something.
const MAKES: &[&str] = &[
    "make",
    "create",
    "add",
    "write",
    "set",
    "configure",
    "generate",
    "disable",
    "ignore",
    "silence",
    "suppress",
    "change",
    "update",
    "need",
];
/// What is made beside code.
const MADE: &[&str] = &[
    "rule",
    "rules",
    "config",
    "configuration",
    "preset",
    "plugin",
    "script",
    "codemod",
    "checklist",
    "list",
    "test",
    "tests",
    "docs",
    "wrapper",
    "helper",
    "logger",
    "warning",
    "todo",
    "example",
    "loader",
    "hook",
];

/// Before a word they make no act of it: its subject or its article.
const HELD: &[&str] = &[
    "the", "a", "an", "this", "that", "these", "those", "all", "every", "each", "any", "both",
    "my", "our", "your", "their", "its", "i", "i'm", "i'll", "i've", "we", "we're", "we'll",
    "we've", "they", "it", "he", "she", "u", "in", "of", "for", "on", "at", "from", "by",
];

/// Before what is told, not asked for.
const HELD_SUBJECTS: &[&str] = &[
    "i", "i'm", "i've", "we", "we're", "we've", "it", "it's", "they", "this", "these", "the", "my",
    "our", "hab",
];

/// What a clause says against a request for the whole edit and nothing but it.
pub(crate) fn limits(parts: &[Part<'_>], because: bool, denied_before: bool) -> Why {
    let mut found = 0;
    let denied = |at: usize| {
        denied_before
            || parts[..at]
                .iter()
                .any(|part| part.is(NOT | NO) || part.text.starts_with("nothing"))
    };
    let is_denied = parts.iter().any(|part| part.is(NOT | NO));
    for (at, part) in parts.iter().enumerate() {
        let next = parts.get(at + 1).map_or("", |next| next.text);
        if EXCEPTIONS.contains(&part.text) && !denied(at) {
            found |= why::EXCEPTS;
        }
        if SOME.contains(&part.text) && next == "of"
            || ORDINALS.contains(&part.text)
                && at + 1 < parts.len()
                && !NO_PLACE.contains(&next)
                && !parts[at + 1].is(AND | WISH)
            || part.text == "one" && next == "as"
            || part.text == "ones"
                && at > 2
                && parts[at - 2].text == "the"
                && parts[at - 3].text == "for"
        {
            found |= why::PART_OF;
        }
        if MAKES.contains(&part.text)
            && parts[at + 1..]
                .iter()
                .take(3)
                .take_while(|next| next.is(FILL | LINT) || MADE.contains(&next.text))
                .any(|next| MADE.contains(&next.text) && !next.is(THINGS))
            && !is_denied
        {
            found |= why::MAKES;
        }
        let speaks = |before: &Part<'_>| !HELD.contains(&before.text);
        let after_and = at > 0 && parts[at - 1].is(AND);
        let begins = parts[..at]
            .iter()
            .all(|before| before.is(FILL | WISH | AND) && speaks(before))
            || after_and
                && at + 1 < parts.len()
                && parts[..at - 1]
                    .iter()
                    .all(|before| !before.is(TO | IN) || before.is(THINGS))
            || at > 0 && matches!(parts[at - 1].text, "please" | "pls") && speaks(&parts[0]);
        let is_act = part.roles == 0 && acts().contains(part.text)
            || part.text == "sort" && next != "of"
            || matches!(part.text, "review" | "explain" | "document" | "test")
                && matches!(
                    next,
                    "the" | "this" | "my" | "our" | "these" | "it" | "whether"
                );
        if begins && is_act && !is_denied {
            found |= why::ACTS;
        }
        // "In the catch": a part of the code, unless the reason names it.
        if at > 0 && part.roles == 0 && !because && parts_of_code().contains(part.text) {
            let named = parts[..at]
                .iter()
                .rev()
                .take_while(|before| before.is(FILL))
                .any(|before| before.is(IN));
            let of_place = parts.get(at + 1).is_some_and(|next| next.is(PLACE));
            if named && !of_place && !denied(at) {
                found |= why::IN_PART;
            }
        }
        // "Into a logger", "behind a flag": what becomes of it is no edit's.
        let leads = part.is(TO) && !matches!(part.text, "for" | "a" | "in" | "on" | "im")
            || matches!(
                part.text,
                "through" | "behind" | "via" | "into" | "with" | "as" | "using"
            );
        if leads
            && !because
            && !HELD_SUBJECTS.contains(&parts[0].text)
            && parts[..at]
                .iter()
                .any(|before| before.is(THINGS | REMOVE | CHANGE | USE | WISH))
            && parts[at + 1..]
                .iter()
                .find(|next| !next.is(FILL))
                .is_some_and(|next| {
                    next.roles == 0 || next.is(KEPT) && !next.is(PLACE | LINT | WHICH)
                })
            && !is_denied
        {
            found |= why::BECOMES;
        }
        if part.is(REMOVE | CHANGE | USE)
            && !part.is(FILL)
            && parts[at + 1..]
                .iter()
                .find(|next| !next.is(FILL))
                .is_some_and(|object| object.roles == 0)
        {
            found |= why::OBJECT;
        }
    }
    found
}

/// The things of edits that a clause says to be left alone: "keep the console calls", "the handler untouched".
pub(crate) fn left_alone(parts: &[Part<'_>]) -> Roles {
    let keeps = parts.iter().any(|part| {
        part.is(KEEP) && !part.is(REST | FILL | WHICH) && !part.text.starts_with("remain")
    });
    if !keeps
        || parts
            .iter()
            .any(|part| part.is(NOT | NO | REMOVE | CHANGE | REST))
    {
        return 0;
    }
    parts.iter().fold(0, |things, part| {
        things | part.roles & (VAR | FUNCTION | CALLBACK | CONSOLE | LOG)
    })
}
