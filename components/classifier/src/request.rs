//! Which source transform an instruction asks for, if it asks for that and nothing else.
//!
//! Tier 0 answers exactly one edit. An instruction that asks for more, asks about it, forbids it, or wants words written about it is
//! not answered by an edit.

use crate::lexicon::{IS_EDIT, IS_OTHER};
use crate::text::Word;
use crate::wanted::{NAMES, WANTED};
use crate::{Task, edit};

/// Longer instructions ask for more than an edit.
const LONGEST: usize = 40;

/// The transform that is asked for. `lowered` is the instruction in lower case, `words` are its words.
pub(crate) fn transform(task: &Task, lowered: &str, words: &[Word<'_>]) -> Option<&'static str> {
    if words.is_empty() {
        return NAMES.into_iter().find(|name| *name == task.kind);
    }
    edit::asked(
        lowered,
        words,
        task.files.iter().map(|file| file.text.as_str()),
    )
    .or_else(|| larger(words))
}

/// The larger transforms: the words of one stand there, and none that shows that more is wanted.
fn larger(words: &[Word<'_>]) -> Option<&'static str> {
    if words.len() > LONGEST || chinese_or_japanese(words) {
        return None;
    }
    let by_name = WANTED.iter().find(|wanted| named(words, wanted.transform));
    let asks = by_name.is_some() || words.iter().any(|word| !word.in_code && word.is(IS_EDIT));
    let denied = words.iter().any(|word| {
        word.negated
            && (word.is(IS_EDIT)
                || WANTED
                    .iter()
                    .any(|wanted| wanted.groups[0].contains(&word.text)))
    });
    let more = words.iter().any(|word| !word.in_code && word.is(IS_OTHER)) || asks_for_more(words);
    if !asks || denied || more {
        return None;
    }
    by_name
        .or_else(|| {
            let mut found = WANTED.iter().filter(|wanted| {
                wanted
                    .groups
                    .iter()
                    .all(|group| words.iter().any(|word| group.contains(&word.text)))
            });
            // Two transforms in one sentence are more than one edit.
            let first = found.next();
            if found.next().is_some() { None } else { first }
        })
        .map(|wanted| wanted.transform)
}

/// `cjs-to-esm` itself stands in the words.
fn named(words: &[Word<'_>], transform: &str) -> bool {
    let parts: Vec<&str> = transform.split('-').collect();
    words.windows(parts.len()).any(|window| {
        window
            .iter()
            .zip(&parts)
            .all(|(word, part)| word.text == *part && !word.negated)
    })
}

/// After "and" or "then" another verb follows that is no part of the edit.
fn asks_for_more(words: &[Word<'_>]) -> bool {
    const NEXT: &[&str] = &[
        "add", "create", "build", "commit", "push", "deploy", "format", "sort", "merge", "send",
        "open", "install", "bump", "publish", "release", "convert", "remove", "replace", "delete",
        "make", "turn", "update", "ensure", "check", "verify",
    ];
    words.windows(2).any(|pair| {
        matches!(
            pair[0].text,
            "and" | "then" | "also" | "plus" | "but" | "und" | "et" | "y"
        ) && NEXT.contains(&pair[1].text)
    })
}

/// Scripts without spaces come as one long word: their requests are known by their signs in the cue tables, not here.
fn chinese_or_japanese(words: &[Word<'_>]) -> bool {
    words.iter().any(|word| {
        word.text
            .chars()
            .any(|c| ('\u{3040}'..='\u{9fff}').contains(&c))
    })
}
