//! What an error means in the chat form and in the responses form, whose errors are alike. Whether it is tried again is not said here.

use serde::Deserialize;
use serde_json::Value;

use crate::provider::error::{ErrorKind, Fault, by_status, says_too_long};

/// An error's body, in this form and in the responses form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireError {
    #[serde(rename = "type")]
    kind: Option<String>,
    /// A word at most vendors, a status at OpenRouter.
    code: Option<Value>,
    message: Option<String>,
    innererror: Option<InnerError>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct InnerError {
    code: Option<String>,
}

impl WireError {
    pub(crate) fn of(code: Option<Value>, message: Option<String>) -> WireError {
        WireError {
            code,
            message,
            ..WireError::default()
        }
    }

    pub(crate) fn fault(&self, status: u16) -> Fault {
        let message = self.message.as_deref().unwrap_or_default();
        let code = match &self.code {
            Some(Value::String(code)) => code.as_str(),
            _ => self.kind.as_deref().unwrap_or_default(),
        };
        let inner = self
            .innererror
            .as_ref()
            .and_then(|inner| inner.code.as_deref());
        let status = match &self.code {
            Some(Value::Number(code)) => code
                .as_u64()
                .and_then(|code| u16::try_from(code).ok())
                .unwrap_or(status),
            _ => status,
        };
        let kind = match (code, self.kind.as_deref().unwrap_or_default()) {
            ("context_length_exceeded" | "string_above_max_length", _) => ErrorKind::TooLong,
            ("insufficient_quota", _) | (_, "insufficient_quota") => ErrorKind::OutOfCredit,
            ("content_filter" | "content_policy_violation", _) => ErrorKind::ContentRefused,
            ("invalid_api_key", _) => ErrorKind::Authentication,
            ("rate_limit_exceeded", _) => ErrorKind::RateLimited,
            ("model_not_found" | "DeploymentNotFound", _) => ErrorKind::NotFound,
            ("server_error", _) => ErrorKind::Vendor(status.max(500)),
            ("overloaded_error" | "server_overloaded" | "overloaded", _) => ErrorKind::Overloaded,
            _ if inner == Some("ResponsibleAIPolicyViolation") => ErrorKind::ContentRefused,
            _ if (status == 400 || status == 413) && says_too_long(message) => ErrorKind::TooLong,
            _ => by_status(status),
        };
        Fault::told(kind, code, message)
    }
}

/// What a status that is no success means.
pub(crate) fn refusal(status: u16, body: &[u8]) -> Fault {
    #[derive(Deserialize)]
    struct Wire {
        error: WireError,
    }
    match serde_json::from_slice::<Wire>(body) {
        Ok(wire) => wire.error.fault(status),
        Err(_) => Fault::new(by_status(status)),
    }
}
