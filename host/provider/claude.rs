//! Anthropic's Messages API: `POST {base}/v1/messages`. Pure conversions; `http` sends.
//!
//! Source: the API reference at platform.claude.com (Messages, streaming, extended and adaptive thinking, structured outputs, prompt
//! caching). It knows no server tools, documents, citations or batches.

mod answer;
mod request;

use serde::Deserialize;
use serde_json::json;

use super::error::{ErrorKind, Fault, by_status, says_too_long};
use super::framing::Framing;
use super::http::{Auth, Served, SetupError};
use super::message::Request;
use super::reply::Reply;
use super::wire::{Decode, Outgoing, Wire};
use super::{Usual, config};
use answer::{Decoder, from_wire};
use request::to_wire;

/// The version of the interface that the wire form here is of.
const VERSION: &str = "2023-06-01";

const USUAL: Usual = Usual {
    base_url: "https://api.anthropic.com",
    base_url_env: "ANTHROPIC_BASE_URL",
    key_env: "ANTHROPIC_API_KEY",
};

pub(super) fn set_up(
    name: &str,
    config: &config::Provider,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Served, SetupError> {
    let auth = Auth::Header {
        name: "x-api-key",
        prefix: "",
        secret: USUAL.secret(name, config, env)?,
    };
    Served::new(
        name.to_owned(),
        Box::new(Claude),
        &USUAL.base(config, env),
        auth,
        config,
    )
}

struct Claude;

impl Wire for Claude {
    fn encode(&self, request: &Request, stream: bool) -> Result<Outgoing, Fault> {
        let mut body = to_wire(request)?;
        if stream {
            body["stream"] = json!(true);
        }
        Ok(Outgoing {
            path: "/v1/messages".to_owned(),
            headers: vec![("anthropic-version", VERSION.to_owned())],
            body: body.to_string().into_bytes(),
        })
    }

    fn decode(&self, body: &[u8]) -> Result<Reply, Fault> {
        from_wire(body)
    }

    fn framing(&self) -> Framing {
        Framing::ServerSentEvents
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::<Decoder>::default()
    }

    fn refusal(&self, status: u16, body: &[u8]) -> Fault {
        #[derive(Deserialize)]
        struct Wire {
            error: WireError,
        }
        match serde_json::from_slice::<Wire>(body) {
            Ok(wire) => wire.error.fault(status),
            Err(_) => Fault::new(by_status(status)),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireError {
    #[serde(rename = "type")]
    kind: String,
    message: String,
}

impl WireError {
    fn fault(&self, status: u16) -> Fault {
        let kind = match self.kind.as_str() {
            "overloaded_error" => ErrorKind::Overloaded,
            "rate_limit_error" => ErrorKind::RateLimited,
            "authentication_error" => ErrorKind::Authentication,
            "permission_error" => ErrorKind::Permission,
            "billing_error" => ErrorKind::OutOfCredit,
            "not_found_error" => ErrorKind::NotFound,
            "request_too_large" => ErrorKind::TooLong,
            "timeout_error" => ErrorKind::Vendor(504),
            "invalid_request_error" if says_too_long(&self.message) => ErrorKind::TooLong,
            "invalid_request_error" if self.message.contains("credit balance") => {
                ErrorKind::OutOfCredit
            }
            "invalid_request_error" if self.message.contains("content filtering") => {
                ErrorKind::ContentRefused
            }
            _ => by_status(status),
        };
        Fault::told(kind, &self.kind, &self.message)
    }
}
