//! From a task to the words of a person: what programs put around them is told apart. It does not look at single words.

use std::borrow::Cow;

use crate::bytes::Counts;
use crate::{Role, Task};

/// How much of an instruction is read: its beginning and its end. What a person asks for stands there; what lies between is material.
const HEAD: usize = 3 << 10;
const TAIL: usize = 1 << 10;

/// Blocks that programs put around a person's words.
const NOISE: [&str; 9] = [
    "system-reminder",
    "system_reminder",
    "tool_result",
    "tool-result",
    "function_results",
    "command-output",
    "local-command-stdout",
    "environment_details",
    "context",
];

/// The beginning of a summary of the conversation so far.
const SUMMARY: &str = "this session is being continued from a previous conversation";

/// Beginnings of messages that a harness wrote in a person's name.
const HARNESS: [&str; 5] = [
    SUMMARY,
    "[request interrupted",
    "your todo list",
    "caveat: the messages below",
    "<command-name>",
];

/// What a person said, and what was counted in it.
pub(crate) struct Plain<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) counts: Counts,
}

impl<'a> Plain<'a> {
    fn new(text: Cow<'a, str>) -> Plain<'a> {
        let counts = Counts::of(text.as_bytes());
        Plain { text, counts }
    }

    /// Its beginning alone.
    pub(crate) fn beginning(&self, most: usize) -> Plain<'_> {
        Plain::new(Cow::Borrowed(beginning(&self.text, most)))
    }

    fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// What a person said last: the instruction without noise or, where nothing is left of it, the newest words in the conversation. Where the only text
/// is a summary that a harness goes on from, that says what is to be done.
pub(crate) fn persons_words(task: &Task) -> Plain<'_> {
    let own = without_noise(&task.instruction);
    if !own.is_blank() || !task.kind.is_empty() || !task.files.is_empty() && task.history.is_empty()
    {
        return own;
    }
    task.history
        .iter()
        .rev()
        .filter(|message| message.role == Role::User)
        .map(|message| without_noise(&message.content))
        .find(|words| !words.is_blank())
        .unwrap_or_else(|| {
            if begins_with(task.instruction.trim_start(), SUMMARY) {
                without_blocks(cap(&task.instruction))
            } else {
                own
            }
        })
}

/// Whether a message begins so, in any case.
fn begins_with(message: &str, known: &str) -> bool {
    message
        .get(..known.len())
        .is_some_and(|own| own.eq_ignore_ascii_case(known))
}

/// A message without the blocks that a program added to it; empty when a program wrote it all.
pub(crate) fn without_noise(message: &str) -> Plain<'_> {
    let begun = message.trim_start();
    if HARNESS.iter().any(|known| begins_with(begun, known)) {
        return Plain::new(Cow::Borrowed(""));
    }
    without_blocks(cap(message))
}

fn without_blocks(capped: Cow<'_, str>) -> Plain<'_> {
    let capped = Plain::new(capped);
    if capped.counts.opens == 0 {
        return capped;
    }
    let mut text = capped.text.into_owned();
    for name in NOISE {
        let (open, close) = (format!("<{name}"), format!("</{name}>"));
        while let Some(from) = text.find(&open) {
            // A block that is not closed goes to the end: what was cut off is noise too.
            let to = text[from..]
                .find(&close)
                .map_or(text.len(), |at| from + at + close.len());
            text.replace_range(from..to, " ");
        }
    }
    Plain::new(Cow::Owned(text))
}

/// The beginning of a text, cut where a character ends.
pub(crate) fn beginning(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn cap(text: &str) -> Cow<'_, str> {
    if text.len() <= HEAD + TAIL {
        return Cow::Borrowed(text);
    }
    let head = beginning(text, HEAD);
    let mut tail = text.len() - TAIL;
    while !text.is_char_boundary(tail) {
        tail += 1;
    }
    Cow::Owned(format!("{head}\n{}", &text[tail..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_around_a_persons_words_is_dropped() {
        assert_eq!(
            without_noise("<system-reminder>audit</system-reminder>commit it")
                .text
                .trim(),
            "commit it"
        );
        let left = without_noise("a <tool_result>never closed");
        assert_eq!(left.text.trim(), "a");
    }
}
