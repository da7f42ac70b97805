//! What a vendor's file gives: its form of a request and of an answer, as pure functions. [`super::http::Served`] makes a provider of it.

use serde::Serialize;
use serde_json::{Value, json};

use super::error::{ErrorKind, Fault};
use super::framing::Framing;
use super::message::{Part, Request, Role};
use super::reply::{Assembly, Event, Reply};

/// A request in a vendor's form, not yet authorised.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// Behind the base URL, beginning with a slash; percent-encoded.
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// The conversation for vendors that take who speaks and the parts, each in its own form.
pub(super) fn messages<T: Serialize>(
    request: &Request,
    content: impl Fn(&[Part]) -> Result<T, Fault>,
) -> Result<Vec<Value>, Fault> {
    request
        .messages
        .iter()
        .map(|message| {
            let role = match message.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            };
            Ok(json!({ "role": role, "content": content(&message.parts)? }))
        })
        .collect()
}

/// A vendor's form.
pub(crate) trait Wire: Send + Sync {
    /// The request.
    fn encode(&self, request: &Request, stream: bool) -> Result<Outgoing, Fault>;

    /// A whole answer.
    fn decode(&self, body: &[u8]) -> Result<Reply, Fault>;

    /// How a streamed answer is cut into frames.
    fn framing(&self) -> Framing;

    /// What makes sense of the frames of one answer.
    fn decoder(&self) -> Box<dyn Decode>;

    /// What a status that is no success means.
    fn refusal(&self, status: u16, body: &[u8]) -> Fault;
}

/// One frame of a streamed answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Its kind; empty where the framing has none.
    pub(crate) event: String,
    /// Its content.
    pub(crate) data: Vec<u8>,
}

/// Makes sense of the frames of one answer, in order.
pub(crate) trait Decode: Send {
    /// Takes a frame in. True when the answer is complete.
    fn frame(&mut self, frame: &Frame) -> Result<bool, Fault>;

    /// The answer so far.
    fn assembly(&mut self) -> &mut Assembly;

    /// What has happened since the last time.
    fn events(&mut self) -> Vec<Event> {
        self.assembly().take_events()
    }

    /// The end of the stream: the answer, if it came to its end.
    fn end(&mut self) -> Result<Reply, Fault> {
        self.assembly().finish().ok_or_else(Fault::cut_off)
    }
}

/// A count of tokens. Servers that speak a vendor's form write null where they do not know one; an answer that is paid for is not thrown
/// away for that.
pub(crate) fn count<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    Ok(<Option<u64> as serde::Deserialize>::deserialize(from)?.unwrap_or(0))
}

/// Percent-encodes a path's segment: all but unreserved characters.
pub(crate) fn segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// An answer that a vendor gave without ending it, as a whole reply: not understood.
pub(crate) fn finished(assembly: &mut Assembly) -> Result<Reply, Fault> {
    assembly
        .finish()
        .ok_or_else(|| Fault::new(ErrorKind::Protocol))
}
