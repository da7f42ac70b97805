//! The classifier: says what a task is from its words, its code and its fields.
//!
//! It reads what is meant, by rules over whole words: the head act of the instruction ("rename", "prove") says how much work it is, cues of
//! reasoning and of stakes raise it, negation and quotation silence a cue, and a light act ("write a limerick about ...") keeps what it is
//! about from counting. Everything that adds to the complexity is a named factor with the words that caused it. It does not learn,
//! does not parse code, and does not decide a tier.

mod code;
#[cfg(target_arch = "wasm32")]
mod component;
mod cues;
mod features;
mod lexicon;
mod request;
mod score;
mod text;
mod wit;

pub use wit::tinydancer::routing::types::{
    Classification, Dialect, Factor, Features, Level, Message, Priority, Role, SourceFile, Task,
};

/// Says what a task is. Total: any task has a classification.
#[must_use]
pub fn classify(task: &Task) -> Classification {
    let instruction = text::persons_words(task);
    let lowered = text::lowered(&instruction);
    let words = text::words(&instruction, &lowered);
    let code = code::facts(task, &instruction);
    let transform = request::transform(&words, &task.kind);
    let wordless = words.is_empty();
    let bare_code = wordless && transform.is_none() && code.has_code && !code.callable;
    let score::Scored {
        complexity,
        factors,
        security,
        kind,
    } = score::score(task, &words, &code, transform.is_some() || bare_code);
    let level = match complexity {
        0..20 => Level::Simple,
        20..45 => Level::Moderate,
        45..70 => Level::Complex,
        _ => Level::Critical,
    };
    let features = features::features(task, &lowered, &words, complexity, &code, &kind);
    Classification {
        kind,
        domain: task.domain.clone(),
        complexity,
        level,
        factors,
        security,
        transform: transform.map(str::to_owned),
        bare_code,
        language: code.language.to_owned(),
        input_tokens: code.tokens,
        features,
    }
}
