//! Calls to models, free of any vendor's form: a request, a reply, what was used, what can go wrong.
//!
//! One trait and one file for each provider, which alone knows its vendor's HTTP. Money, outcomes and the choice of a model are others'
//! business.

pub mod claude;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::money::Picodollars;

/// A call under way.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Somebody who serves models.
pub trait Provider: Send + Sync {
    /// Its name, as outcomes and configuration have it: `claude`.
    fn name(&self) -> &str;

    /// Asks a model. Dropping the future closes the connection to the vendor.
    fn call<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Reply, Error>>;
}

/// Who speaks a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The person, or the program that speaks for one.
    User,
    /// The model.
    Assistant,
}

/// One message. Its text is not shown by Debug: it is somebody's.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub text: String,
}

impl Message {
    /// A message of text.
    #[must_use]
    pub fn text(role: Role, text: impl Into<String>) -> Message {
        Message {
            role,
            text: text.into(),
        }
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("role", &self.role)
            .field("bytes", &self.text.len())
            .finish()
    }
}

/// A wish to think, in the form that the model takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thinking {
    /// As much as the model finds right, at an effort: `low`, `medium`, `high`, `xhigh`, `max`.
    Adaptive {
        /// The effort.
        effort: String,
    },
    /// Up to so many tokens.
    Budget {
        /// The tokens, of those that the answer may have.
        tokens: u32,
    },
}

/// What a model is asked.
#[derive(Clone, Default)]
pub struct Request {
    /// The model's id at its vendor.
    pub model: String,
    /// Standing instructions.
    pub system: Option<String>,
    /// The conversation, oldest first; the last message is the person's.
    pub messages: Vec<Message>,
    /// The most tokens that the answer may have, thinking included.
    pub max_output_tokens: u32,
    /// How it is to think; none sends no such setting.
    pub thinking: Option<Thinking>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("model", &self.model)
            .field("messages", &self.messages)
            .field("max_output_tokens", &self.max_output_tokens)
            .field("thinking", &self.thinking)
            .finish_non_exhaustive()
    }
}

/// Why a model stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum StopReason {
    /// It had said what it had to say.
    EndTurn,
    /// The most tokens were reached: the answer is cut off.
    MaxTokens,
    /// A stop sequence was reached.
    StopSequence,
    /// It wants a tool called.
    ToolUse,
    /// It declined.
    Refusal,
    /// Something else, in the vendor's word.
    Other(String),
}

/// Tokens that were used, each counted once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Usage {
    /// Prompt tokens that were neither read from nor written to a cache.
    pub input: u64,
    /// Answer tokens, reasoning included.
    pub output: u64,
    /// Prompt tokens read from the vendor's cache.
    pub cache_read: u64,
    /// Prompt tokens written to the cache for five minutes.
    pub cache_write_5m: u64,
    /// Prompt tokens written to the cache for an hour.
    pub cache_write_1h: u64,
    /// Those of the answer tokens that were reasoning, where the vendor tells.
    pub reasoning: u64,
    /// What the vendor says it costs, where it does.
    pub vendor_cost: Option<Picodollars>,
}

/// A model's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What it says.
    pub text: String,
    /// Why it stopped.
    pub stop: StopReason,
    /// What it used; none when the vendor did not tell.
    pub usage: Option<Usage>,
    /// The model that answered, in the vendor's word.
    pub model: String,
    /// How often it was tried, this time included.
    pub attempts: u32,
}

/// What stood in a call's way. Its words hold no key and no text of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{provider}: {kind}{}{}", of(.vendor_words), after(*.attempts))]
pub struct Error {
    /// Who was asked.
    pub provider: &'static str,
    /// What it was.
    pub kind: ErrorKind,
    /// What the vendor said of it, cut to a line.
    pub vendor_words: Option<String>,
    /// When to try again, where the vendor says.
    pub retry_after: Option<Duration>,
    /// How often it was tried.
    pub attempts: u32,
    /// A request may have reached a model: it may be on the bill.
    pub reached: bool,
}

fn of(words: &Option<String>) -> String {
    words
        .as_ref()
        .map_or_else(String::new, |words| format!(" ({words})"))
}

fn after(attempts: u32) -> String {
    if attempts > 1 {
        format!(", after {attempts} attempts")
    } else {
        String::new()
    }
}

/// Where a call spent too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Connecting.
    Connect,
    /// Waiting for the first byte.
    FirstByte,
    /// Waiting for the next byte.
    BetweenBytes,
    /// Altogether.
    Whole,
}

/// What can stand in a call's way, as far as callers decide on it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The key is missing or wrong.
    #[error("the key was not accepted: check the environment variable that holds it")]
    Authentication,
    /// The key may not do this.
    #[error("the key may not do this: check the model's and the account's permissions")]
    Permission,
    /// Too much in too little time.
    #[error("the rate limit is reached: try again later, or ask for a higher one")]
    RateLimited,
    /// The vendor has too much to do.
    #[error("the vendor is overloaded: try again later")]
    Overloaded,
    /// The request is longer than the model takes.
    #[error(
        "the request is longer than the model takes: hand over less, or use a model with a longer context"
    )]
    TooLong,
    /// The vendor does not accept the request.
    #[error("the vendor did not accept the request")]
    BadRequest,
    /// There is no such model or address.
    #[error("there is no such model or address: check the model's id and the base URL")]
    NotFound,
    /// The vendor failed.
    #[error("the vendor failed (status {0})")]
    Vendor(u16),
    /// It took too long.
    #[error("no answer in time ({})", stage(*.0))]
    Timeout(Stage),
    /// No connection, or it broke.
    #[error("the connection failed")]
    Connection,
    /// The answer cannot be understood.
    #[error("the answer cannot be understood: is this the vendor's address?")]
    Protocol,
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Connect => "connecting took too long",
        Stage::FirstByte => "the first byte took too long",
        Stage::BetweenBytes => "it fell silent",
        Stage::Whole => "the time for the whole call is over",
    }
}

impl Error {
    /// Whether a model may have worked on the request, so that it may be on the bill although there is no answer.
    #[must_use]
    pub fn may_have_been_billed(&self) -> bool {
        self.reached
    }

    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::RateLimited | ErrorKind::Overloaded | ErrorKind::Connection
        ) || matches!(self.kind, ErrorKind::Vendor(status) if status >= 500)
    }
}
