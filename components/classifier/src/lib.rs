//! The classifier: says what a task is from its words, its code and its fields.
//!
//! It reads what is meant, by rules over whole words: the head act of the instruction ("rename", "prove") says how much work it is, cues of
//! reasoning and of stakes raise it, negation and quotation silence a cue, and a light act ("write a limerick about ...") keeps what it is
//! about from counting. A word problem or a question with answers to choose from is told by its form alone. A model that was trained beforehand
//! reads the same words together and corrects the rules' sum. Everything that adds to the complexity is a named factor with the words that
//! caused it. It learns nothing while it runs, does not parse code, and does not decide a tier.

mod bytes;
mod code;
#[cfg(target_arch = "wasm32")]
mod component;
// Linked for its allocator.
use tinydancer_memory as _;
mod cues;
mod edit;
mod features;
mod learned;
mod lexicon;
mod noise;
mod request;
mod score;
mod stems;
mod text;
mod wanted;
mod wit;

pub use wit::tinydancer::routing::types::{
    Assessment, Classification, Dialect, Factor, Features, Level, Message, Priority, Role,
    SourceFile, Task,
};

/// Says what a task is, and why. Total: any task has a classification.
#[must_use]
pub fn classify(task: &Task) -> Assessment {
    let plain = noise::persons_words(task);
    let lowered = text::Lowered::new(&plain);
    let words = text::words(&plain, &lowered);
    let said = words.of(&plain);
    let code = code::facts(task, &plain);
    let transform = request::transform(task, lowered.text(), said.words);
    let wordless = said.words.is_empty();
    let bare_code = wordless && transform.is_none() && code.has_code && !code.callable;
    let score::Scored {
        complexity,
        factors,
        security,
        kind,
        form,
    } = score::score(task, said, &code, transform.is_some() || bare_code);
    let level = match complexity {
        0..20 => Level::Simple,
        20..45 => Level::Moderate,
        45..70 => Level::Complex,
        _ => Level::Critical,
    };
    let about = features::About {
        complexity,
        form,
        code: &code,
        kind: &kind,
    };
    let features = features::features(task, lowered.text(), said, &about);
    let classification = Classification {
        kind,
        domain: task.domain.clone(),
        complexity,
        level,
        security,
        transform: transform.map(str::to_owned),
        bare_code,
        language: code.language.to_owned(),
        input_tokens: code.tokens,
        features,
    };
    Assessment {
        classification,
        factors,
    }
}

/// What the model of words is trained on and with; not part of the component.
#[cfg(feature = "training")]
pub mod training {
    use crate::{Task, code, edit, learned, noise, request, score, text};

    /// How many places of hashed text there are; hand-made ones are numbered from 0 too.
    pub const TEXT: usize = learned::TEXT;
    /// How many hand-made places there are.
    pub const HAND: usize = learned::HAND;

    /// How many bits tell the known words.
    pub const KNOWN: usize = learned::KNOWN;

    /// What the model reads of a task.
    pub struct Places {
        /// Places of the text, one for each time that something stands there.
        pub text: Vec<u32>,
        /// Hand-made places.
        pub hand: Vec<u32>,
        /// The bits of its words.
        pub words: Vec<usize>,
    }

    /// The edit that the rules alone see a request for.
    #[must_use]
    pub fn asked_by_rules(task: &Task) -> Option<&'static str> {
        let plain = noise::persons_words(task);
        let lowered = text::Lowered::new(&plain);
        let words = text::words(&plain, &lowered);
        let code = task.files.iter().map(|file| file.text.as_str());
        edit::asked_by_rules(lowered.text(), &words.list, code)
    }

    /// How many places the model of left-over words has.
    pub const EDIT_PLACES: usize = edit::PLACES;

    /// What that model reads of a task: for each edit that its words may ask for, the edit's name and the places that count.
    #[must_use]
    pub fn edit_places(task: &Task) -> Vec<(&'static str, Vec<u16>)> {
        let plain = noise::persons_words(task);
        let lowered = text::Lowered::new(&plain);
        let words = text::words(&plain, &lowered);
        let code = task.files.iter().map(|file| file.text.as_str());
        edit::places(lowered.text(), &words.list, code)
    }

    /// A task's places; none for a task that the model is not asked about.
    #[must_use]
    pub fn places(task: &Task) -> Option<Places> {
        let plain = noise::persons_words(task);
        let lowered = text::Lowered::new(&plain);
        let words = text::words(&plain, &lowered);
        if request::transform(task, lowered.text(), &words.list).is_some() {
            return None;
        }
        score::places(task, words.of(&plain), &code::facts(task, &plain))
    }
}
