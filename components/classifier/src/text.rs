//! From an instruction to the words of a person: harness noise, quotations and code are told apart. It does not weigh words.

use std::borrow::Cow;

use crate::{Role, Task};

/// How much of an instruction is read: its beginning and its end. What a person asks for stands there; what lies between is material.
const HEAD: usize = 6 << 10;
const TAIL: usize = 2 << 10;

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

/// Beginnings of messages that a harness wrote in a person's name.
const HARNESS: [&str; 5] = [
    "this session is being continued from a previous conversation",
    "[request interrupted",
    "your todo list",
    "caveat: the messages below",
    "<command-name>",
];

/// A word as it counts.
#[derive(Debug, PartialEq)]
pub(crate) struct Word<'a> {
    /// In lower case.
    pub(crate) text: &'a str,
    /// Which sentence or line it stands in, from 0.
    pub(crate) sentence: u32,
    /// It stands in inline code.
    pub(crate) in_code: bool,
    /// A negation stands close before it in its sentence.
    pub(crate) negated: bool,
}

/// What a person said last: the instruction without noise or, where nothing is left of it, the newest words in the conversation.
pub(crate) fn persons_words(task: &Task) -> Cow<'_, str> {
    let own = without_noise(&task.instruction);
    if !own.trim().is_empty()
        || !task.kind.is_empty()
        || !task.files.is_empty() && task.history.is_empty()
    {
        return own;
    }
    task.history
        .iter()
        .rev()
        .filter(|message| message.role == Role::User)
        .map(|message| without_noise(&message.content))
        .find(|words| !words.trim().is_empty())
        .unwrap_or(own)
}

/// A message without the blocks that a program added to it; empty when a program wrote it all.
pub(crate) fn without_noise(message: &str) -> Cow<'_, str> {
    let capped = cap(message);
    let start = capped.trim_start();
    if HARNESS.iter().any(|known| {
        start
            .get(..known.len())
            .is_some_and(|own| own.eq_ignore_ascii_case(known))
    }) {
        return Cow::Borrowed("");
    }
    if !capped.contains('<') {
        return capped;
    }
    let mut text = capped.into_owned();
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
    Cow::Owned(text)
}

fn cap(text: &str) -> Cow<'_, str> {
    if text.len() <= HEAD + TAIL {
        return Cow::Borrowed(text);
    }
    let (mut head, mut tail) = (HEAD, text.len() - TAIL);
    while !text.is_char_boundary(head) {
        head -= 1;
    }
    while !text.is_char_boundary(tail) {
        tail += 1;
    }
    Cow::Owned(format!("{}\n{}", &text[..head], &text[tail..]))
}

/// The words outside of fenced code, quotations and traces, in order. `lowered` is the text in lower case: the words are pieces of it.
pub(crate) fn words<'a>(text: &str, lowered: &'a str) -> Vec<Word<'a>> {
    let mut words = Vec::with_capacity(lowered.len() / 5);
    let mut sentence = 0;
    let mut in_fence = false;
    // What a log writes in capitals is known by them, so both texts are looked at.
    for (original, line) in text.lines().zip(lowered.lines()) {
        let trimmed = original.trim_start();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            in_fence = !in_fence;
            continue;
        }
        if in_fence || is_material(trimmed) {
            continue;
        }
        line_words(line, &mut sentence, &mut words);
        sentence += 1;
    }
    mark_negated(&mut words);
    words
}

/// A line of a log, a stack trace, a diff or a quotation.
fn is_material(line: &str) -> bool {
    let starts = |prefix: &str| line.starts_with(prefix);
    starts("> ")
        || starts("at ") && line.contains('(')
        || starts("Traceback ")
        || starts("File \"")
        || starts("+++ ")
        || starts("--- ")
        || starts("@@ ")
        || (line.len() > 10
            && line.as_bytes()[..4].iter().all(u8::is_ascii_digit)
            && line.as_bytes()[4] == b'-')
        || [
            "ERROR ", "WARN ", "INFO ", "DEBUG ", "[ERROR]", "[WARN]", "[INFO]",
        ]
        .iter()
        .any(|level| starts(level))
}

fn line_words<'a>(line: &'a str, sentence: &mut u32, words: &mut Vec<Word<'a>>) {
    let mut start: Option<usize> = None;
    let mut in_code = false;
    let mut quoted_until: Option<char> = None;
    let quotes = line.bytes().filter(|byte| *byte == b'"').count();
    let mut characters = line.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if let Some(end) = quoted_until {
            if character == end {
                quoted_until = None;
            }
            continue;
        }
        let next_is_letter = characters
            .peek()
            .is_some_and(|(_, next)| next.is_alphanumeric());
        let apostrophe =
            matches!(character, '\'' | '\u{2019}') && start.is_some() && next_is_letter;
        if character.is_alphanumeric() || apostrophe || character == '_' {
            start.get_or_insert(at);
            continue;
        }
        if let Some(start) = start.take() {
            words.push(Word {
                text: &line[start..at],
                sentence: *sentence,
                in_code,
                negated: false,
            });
        }
        match character {
            '`' => in_code = !in_code,
            '"' if quotes >= 2 => quoted_until = Some('"'),
            '\u{201c}' => quoted_until = Some('\u{201d}'),
            '\u{ab}' => quoted_until = Some('\u{bb}'),
            '\u{201e}' => quoted_until = Some('\u{201c}'),
            '.' | '!' | '?' | ';' | '\u{3002}' | '\u{ff01}' | '\u{ff1f}' if !next_is_letter => {
                *sentence += 1
            }
            _ => {}
        }
    }
    if let Some(start) = start {
        words.push(Word {
            text: &line[start..],
            sentence: *sentence,
            in_code,
            negated: false,
        });
    }
}

/// How far a negation reaches, in words.
const REACH: usize = 5;

fn mark_negated(words: &mut [Word<'_>]) {
    let mut last: Option<(usize, u32)> = None;
    for at in 0..words.len() {
        if let Some((from, sentence)) = last {
            words[at].negated = at - from <= REACH && sentence == words[at].sentence;
        }
        // "not only" denies nothing, and "but" ends what was denied.
        let only = words.get(at + 1).is_some_and(|next| next.text == "only");
        match words[at].text {
            "but" | "instead" | "just" | "sondern" => last = None,
            "not" | "don\u{2019}t" | "don't" | "dont" | "never" | "without" | "avoid" | "no"
            | "doesn't" | "isn't" | "nicht" | "kein" | "keine" | "ohne" | "pas" | "sans"
            | "sin" | "nunca" | "skip"
                if !only =>
            {
                last = Some((at, words[at].sentence))
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        let lowered = text.to_lowercase();
        words(text, &lowered)
            .into_iter()
            .filter(|word| !word.negated && !word.in_code)
            .map(|word| word.text.to_owned())
            .collect()
    }

    #[test]
    fn quotations_code_and_traces_are_not_words_of_the_person() {
        assert_eq!(said("Rename \"security audit\" to `x`"), ["rename", "to"]);
        assert_eq!(
            said("Fix it:\n```\nthreat model\n```\nat foo (a.js:1)\nthanks"),
            ["fix", "it", "thanks"]
        );
    }

    #[test]
    fn negation_reaches_a_few_words_within_its_sentence() {
        assert_eq!(
            said("do not convert var. Format it"),
            ["do", "not", "format", "it"]
        );
        assert_eq!(said("not only format it"), ["not", "only", "format", "it"]);
    }

    #[test]
    fn noise_around_a_persons_words_is_dropped() {
        assert_eq!(
            without_noise("<system-reminder>audit</system-reminder>commit it").trim(),
            "commit it"
        );
        assert_eq!(without_noise("a <tool_result>never closed").trim(), "a");
    }
}
