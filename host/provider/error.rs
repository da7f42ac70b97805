//! What stands in a call's way, free of any vendor's form.

use std::borrow::Cow;
use std::time::Duration;

/// What stood in a call's way. Its words hold no key and no text of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{provider}: {kind}{}{}", of(.vendor_words), after(*.attempts))]
pub struct Error {
    /// Who was asked.
    pub provider: Cow<'static, str>,
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
    #[error(
        "the key was not accepted: check the environment variable, file or command that gives it"
    )]
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
    /// The vendor's filter refuses the content.
    #[error("the vendor's filter refused the content")]
    ContentRefused,
    /// The vendor does not accept the request.
    #[error("the vendor did not accept the request")]
    BadRequest,
    /// There is no such model or address.
    #[error("there is no such model or address: check the model's id and the base URL")]
    NotFound,
    /// The account has no money left at the vendor.
    #[error("the account has no credit left at the vendor: add some, or use another provider")]
    OutOfCredit,
    /// The request holds something that this vendor's interface has no place for.
    #[error("this vendor's interface takes no {0}")]
    Unsupported(&'static str),
    /// The vendor failed.
    #[error("the vendor failed (status {0})")]
    Vendor(u16),
    /// It took too long.
    #[error("no answer in time ({})", stage(*.0))]
    Timeout(Stage),
    /// No connection, or it broke.
    #[error("the connection failed: check the network, the proxy and the address")]
    Connection,
    /// The answer cannot be understood.
    #[error("the answer cannot be understood: is this the vendor's address?")]
    Protocol,
    /// It failed so often that it is left alone for a while.
    #[error("it failed too often lately and is left alone for a while")]
    CircuitOpen,
    /// Too many calls wait for it here.
    #[error("too many calls are waiting for it here: raise max_concurrent or requests_per_minute")]
    Busy,
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
            ErrorKind::RateLimited
                | ErrorKind::Overloaded
                | ErrorKind::Connection
                | ErrorKind::Timeout(Stage::Connect)
        ) || matches!(self.kind, ErrorKind::Vendor(status) if status >= 500)
    }

    /// Whether it is the vendor's or the network's doing, and not the request's: what a breaker counts.
    #[must_use]
    pub fn is_vendors_fault(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::RateLimited
                | ErrorKind::Overloaded
                | ErrorKind::Vendor(_)
                | ErrorKind::Timeout(_)
                | ErrorKind::Connection
                | ErrorKind::Protocol
        )
    }

    /// Whether another provider or model may do what this one did not. A request that is wrong in itself stays wrong elsewhere; one that
    /// this vendor has no place for, finds too long or refuses may be fine there.
    #[must_use]
    pub fn may_fall_back(&self) -> bool {
        self.kind != ErrorKind::BadRequest
    }
}

/// What went wrong before a name, a count of tries and a key to keep out are known: what the wire forms speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: ErrorKind,
    pub(crate) words: Option<String>,
}

impl Fault {
    pub(crate) fn new(kind: ErrorKind) -> Fault {
        Fault { kind, words: None }
    }

    pub(crate) fn unsupported(what: &'static str) -> Fault {
        Fault::new(ErrorKind::Unsupported(what))
    }

    pub(crate) fn protocol(words: impl Into<String>) -> Fault {
        Fault {
            kind: ErrorKind::Protocol,
            words: Some(words.into()),
        }
    }

    /// A vendor's refusal. A vendor's message may quote the request; its code and the first words are enough.
    pub(crate) fn told(kind: ErrorKind, code: &str, message: &str) -> Fault {
        let line: String = message
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(160)
            .collect();
        let words = [code, &line]
            .into_iter()
            .filter(|words| !words.is_empty())
            .collect::<Vec<_>>()
            .join(": ");
        Fault {
            kind,
            words: Some(words),
        }
    }

    /// The stream ended before the answer did.
    pub(crate) fn cut_off() -> Fault {
        Fault {
            kind: ErrorKind::Connection,
            words: Some("the answer was cut off".to_owned()),
        }
    }
}

/// serde_json's words may quote content; a place does not.
impl From<serde_json::Error> for Fault {
    fn from(failed: serde_json::Error) -> Fault {
        Fault::protocol(format!(
            "line {}, column {}",
            failed.line(),
            failed.column()
        ))
    }
}

/// What a status means where the body does not say better.
pub(crate) fn by_status(status: u16) -> ErrorKind {
    match status {
        401 => ErrorKind::Authentication,
        402 => ErrorKind::OutOfCredit,
        403 => ErrorKind::Permission,
        404 => ErrorKind::NotFound,
        408 => ErrorKind::Timeout(Stage::Whole),
        413 => ErrorKind::TooLong,
        429 => ErrorKind::RateLimited,
        503 | 529 => ErrorKind::Overloaded,
        400..=499 => ErrorKind::BadRequest,
        500..=599 => ErrorKind::Vendor(status),
        // Redirects are not followed: they would carry the key elsewhere.
        _ => ErrorKind::Protocol,
    }
}

/// Whether a refusal's words say that the request is longer than the model takes. Vendors have a code for it at best.
pub(crate) fn says_too_long(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    [
        "prompt is too long",
        "context window",
        "context length",
        "context_length_exceeded",
        "maximum context",
        "too many tokens",
        "input is too long",
        "exceeds the maximum number of tokens",
    ]
    .iter()
    .any(|words| message.contains(words))
}
