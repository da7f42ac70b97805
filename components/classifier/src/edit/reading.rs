//! What a clause is that asks for no edit: the name of a place, a question, a reason, a story.

use super::known::{Part, acts, more, parts_of_code};
use super::phrases::*;
use super::sites::Sites;
use super::vocabulary::*;

/// Strange words that only name where the code is or which callbacks it holds: "in the checkout module", "the event handlers". A name that may be of
/// a part of the code stays strange.
pub(crate) fn place_names(parts: &mut [Part<'_>], sites: &Sites<'_>) {
    if parts
        .iter()
        .any(|part| part.is(ONLY) && part.text != "just")
    {
        return;
    }
    // "..., TypeScript file" says what the code is.
    if let [what, place] = parts
        && what.roles == 0
        && place.is(PLACE)
        && !matches!(what.text, "new" | "other" | "next" | "separate" | "test")
    {
        what.roles = FILL;
        return;
    }
    let mut at = 0;
    while at < parts.len() {
        if parts[at].roles != 0 {
            at += 1;
            continue;
        }
        let strange = parts[at..]
            .iter()
            .take_while(|part| part.roles == 0)
            .count();
        let acts_here = |part: &Part<'_>| acts().contains(part.text);
        let harmless = parts[at..at + strange]
            .iter()
            .all(|part| !more().contains(part.text) && !parts_of_code().contains(part.text));
        let before = parts[..at]
            .iter()
            .rev()
            .take_while(|part| part.is(FILL) && !part.is(IN))
            .count();
        let in_place = at > before && parts[at - before - 1].is(IN);
        let whole = || {
            parts[at..at + strange]
                .iter()
                .all(|part| sites.is_whole(part.text))
        };
        let next = parts.get(at + strange);
        let only_one = || parts.iter().any(|part| part.is(ARROW)) && sites.one_function();
        let of_callbacks = next.is_some_and(|next| {
            next.is(CALLBACK | ARROW) && (next.text.ends_with('s') || sites.one_function())
        });
        let no_act = !parts[at..at + strange].iter().any(acts_here);
        // "in load" names a function where the code has one.
        let of_code = || {
            parts[at..at + strange]
                .iter()
                .all(|part| sites.hold_word(part.text))
        };
        if strange <= 3
            && harmless
            && (in_place && (no_act || of_code()) && (whole() || only_one())
                || (at == 0 && no_act || at > 0 && !parts[at - 1].is(AND))
                    && strange <= 2
                    && of_callbacks)
        {
            parts[at..at + strange]
                .iter_mut()
                .for_each(|part| part.roles = FILL);
        }
        at += strange;
    }
}

/// "These three vars" are all where the code has three.
pub(crate) fn all_by_number(parts: &mut [Part<'_>], sites: &Sites<'_>) {
    const NUMBERS: [&[&str]; 5] = [
        &[
            "two", "zwei", "beiden", "deux", "dos", "dois", "due", "twee", "две", "два", "dwa",
        ],
        &[
            "three", "drei", "trois", "tres", "três", "tre", "drie", "три", "trzy",
        ],
        &[
            "four",
            "vier",
            "quatre",
            "cuatro",
            "quatro",
            "quattro",
            "четыре",
            "cztery",
        ],
        &["five", "fünf", "cinq", "cinco", "cinque", "vijf", "пять"],
        &["six", "sechs", "seis", "sei", "zes", "шесть"],
    ];
    let named = parts.iter().fold(0, |named, part| named | part.roles);
    for at in 0..parts.len() {
        let own = parts[at].text;
        let Some(number) = NUMBERS.iter().position(|words| words.contains(&own)) else {
            continue;
        };
        let is_part = parts.get(at + 1).is_some_and(|next| next.text == "of");
        if !is_part && parts[at].roles & !FILL == 0 && sites.has_so_many(number + 2, named) {
            parts[at].roles = FILL;
        }
    }
}

/// "Is it", "should I", "why": asked to know. "Could you", "can these be": asked to have.
pub(crate) fn is_question(parts: &[Part<'_>], asks: bool) -> bool {
    let spoken = parts.iter().find(|part| {
        !matches!(
            part.text,
            "hey" | "hi" | "hello" | "ok" | "so" | "and" | "or"
        )
    });
    let Some(first) = spoken else { return false };
    if matches!(
        first.text,
        "which" | "what" | "why" | "how" | "who" | "whose"
    ) || asks && matches!(first.text, "when" | "where")
    {
        return true;
    }
    let second = parts.get(1).map_or("", |part| part.text);
    if asks
        && matches!(first.text, "would" | "could" | "can" | "will" | "might")
        && parts
            .get(1)
            .is_some_and(|part| part.is(CHANGE | REMOVE | USE) && part.text.ends_with("ing"))
    {
        return true;
    }
    let of_oneself = matches!(
        first.text,
        "can"
            | "could"
            | "may"
            | "should"
            | "shall"
            | "do"
            | "kann"
            | "soll"
            | "sollte"
            | "puedo"
            | "posso"
            | "debo"
            | "devo"
    ) && matches!(second, "i" | "ich" | "we" | "wir");
    let has = parts
        .iter()
        .take(4)
        .any(|part| matches!(part.text, "get" | "have" | "ask" | "asked for"));
    of_oneself && second != "we" && !has
        || second == "we" && first.text == "should"
        || asks && first.is(ASKS)
}

/// "Keep the licence text": that something stays which is neither an edit's nor in the code. What is output is not known by its name.
pub(crate) fn keeps_something_else(parts: &[Part<'_>], sites: &Sites<'_>) -> bool {
    let strange = |part: &&Part<'_>| part.roles == 0;
    let harmless = |part: &Part<'_>| {
        !more().contains(part.text)
            && !parts_of_code().contains(part.text)
            && !sites.hold_word(part.text)
    };
    parts.iter().filter(strange).count() > 0
        && parts.iter().any(|part| part.is(KEEP))
        && !parts
            .iter()
            .any(|part| part.is(THINGS | NOT | NO | WHERE | ONLY | REMOVE | CHANGE | USE))
        && parts.iter().filter(strange).all(harmless)
}

/// "I replaced var": what was done already.
pub(crate) fn tells_of_oneself(parts: &[Part<'_>]) -> bool {
    matches!(
        parts[0].text,
        "i" | "i've" | "we" | "we've" | "he" | "she" | "they"
    ) && parts.iter().skip(1).take(2).any(|part| {
        part.is(CHANGE | REMOVE) && part.text.ends_with("ed") && !part.text.contains(' ')
    }) && parts.iter().any(|part| part.is(THINGS))
}

/// Whether a clause with strange words only states something: it begins with no act and holds no word of a further wish.
pub(crate) fn states(parts: &[Part<'_>], because: bool) -> bool {
    let of_lint = parts.iter().any(|part| part.is(LINT));
    let own = matches!(
        parts[0].text,
        "we" | "we're"
            | "we've"
            | "i"
            | "i'm"
            | "i've"
            | "our"
            | "my"
            | "i'll"
            | "we'll"
            | "hab"
            | "habe"
            | "j'ai"
            | "wir"
            | "ich"
            | "nous"
            | "on"
    );
    let past = matches!(
        parts[0].text,
        "it" | "they" | "these" | "those" | "this" | "es" | "ils" | "elles"
    ) || parts.iter().any(|part| matches!(part.text, "was" | "were"))
        || matches!(parts[0].text, "there's" | "there");
    let solved = parts.iter().any(|part| {
        matches!(
            part.text,
            "fixed" | "solved" | "found" | "gone" | "resolved" | "closed"
        )
    });
    let begins = |at: usize| {
        at == 0 && !because
            || at > 0
                && (parts[at - 1].is(AND)
                    || matches!(parts[at - 1].text, "please" | "pls" | "or" | "to"))
    };
    // "the release is near", "review hangs": some acts are things as well.
    let of_noun = |at: usize| {
        matches!(
            parts[at].text,
            "release"
                | "review"
                | "test"
                | "build"
                | "log"
                | "commit"
                | "deploy"
                | "config"
                | "class"
                | "type"
                | "types"
        ) && parts[at + 1..].iter().take(4).any(|part| part.is(BE))
    };
    // Of a language whose verbs are not listed only a sentence with a subject in front is taken for a statement.
    let english = parts.iter().any(|part| ENGLISH.contains(&part.text));
    let subject =
        because || parts[0].is(LINT) || STATES.split_whitespace().any(|own| own == parts[0].text);
    let joined = parts[0].is(AND)
        && !parts.get(1).is_some_and(|next| {
            next.is(LINT) || STATES.split_whitespace().any(|own| own == next.text)
        });
    let is_more = |at: usize, part: &Part<'_>| {
        let next = parts.get(at + 1);
        let unless_reason = !because
            && (more().contains(part.text) && !(part.text == "bug" && solved)
                || part.is(KEEP)
                || part.roles == 0
                    && parts_of_code().contains(part.text)
                    && next.is_none_or(|next| !next.is(PLACE))
                || part.is(NOT) && !own && !of_lint
                || part.is(VAR | LET | FUNCTION | ARROW | CONSOLE) && !of_lint && !own && !past);
        let another = because
            && MORE_OF_REASONS
                .split_whitespace()
                .any(|own| own == part.text);
        let act = begins(at)
            && (acts().contains(part.text) && !of_noun(at)
                || part.is(REMOVE | CHANGE | USE | DO | MODERNISE | KEEP) && !part.is(FILL | LINT));
        let able = at > 0
            && matches!(part.text, "can" | "could")
            && next.is_none_or(|next| next.text != "you");
        let wish = part.is(WISH) && part.text != "like" && !able;
        // "do a review" asks, wherever it stands.
        let task = matches!(part.text, "do" | "perform" | "run" | "give")
            && next.is_some_and(|next| matches!(next.text, "a" | "an" | "the" | "me" | "another"));
        unless_reason || another || act || wish || task || part.is(ONLY)
    };
    (english || subject) && !joined && !parts.iter().enumerate().any(|(at, part)| is_more(at, part))
}

/// Words by which a clause is known to be English.
const ENGLISH: &[&str] = &[
    "the", "a", "an", "is", "are", "was", "were", "we", "i", "it", "it's", "i'm", "we're", "in",
    "to", "with", "and", "on", "not", "all", "so", "still", "here", "by", "from", "be", "as", "of",
    "our", "my", "this", "that", "these", "for", "at", "have", "has",
];

/// A reason of known words that asks for the edit by itself: "because these should be arrows".
pub(crate) fn asks_itself(parts: &[Part<'_>]) -> bool {
    parts.iter().any(|part| part.is(WISH | NO))
        && parts
            .iter()
            .any(|part| part.is(VAR | LET | ARROW | CONSOLE))
}
