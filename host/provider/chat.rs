//! The chat completions form, which several vendors speak: `POST {base}/chat/completions`. Pure conversions; what differs between
//! vendors is in [`Dialect`], and the vendors' files say which they speak.
//!
//! Source: the API reference at platform.openai.com (chat completions) and OpenRouter's additions to it (`reasoning`, `usage.cost`,
//! `cache_control`). It knows no audio, log probabilities, several choices or predicted outputs.

mod answer;
mod refusal;
mod request;

pub(crate) use answer::{Decoder, from_wire};
pub(crate) use refusal::{WireError, refusal};
pub(crate) use request::{to_wire, url};

/// What differs between those who speak the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// OpenAI's own, and Azure's.
    OpenAi,
    /// OpenRouter's: its reasoning, its cost, its cache marks.
    OpenRouter,
}
