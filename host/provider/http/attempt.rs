//! One try at a vendor: it is sent once, and a whole answer is read, or a streamed one up to its first content. A failure says whether a model
//! may have worked on it; whether there is another try is not decided here.

use std::collections::VecDeque;
use std::time::Instant;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

use super::Served;
use super::address::shown;
use super::streaming::Streaming;
use super::waiting::retry_after;
use crate::provider::error::{Error, ErrorKind, Fault, Stage};
use crate::provider::framing::Framer;
use crate::provider::reply::{Event, Reply};
use crate::provider::wire::Outgoing;

/// An answer longer than this is no answer.
const LONGEST_ANSWER: usize = 64 << 20;

/// What reads one try's answer.
pub(super) struct Reading {
    pub(super) response: reqwest::Response,
    /// To be kept out of all words.
    key: Option<SecretString>,
}

/// What a try got.
pub(super) enum Got {
    Reply(Reply),
    Streaming(Box<Streaming>),
}

impl Served {
    /// Sends once, and comes back with an answer that has begun well.
    async fn send(&self, outgoing: &Outgoing) -> Result<Reading, Error> {
        let mut url = self.base.clone();
        let joined = format!("{}{}", shown(&self.base), outgoing.path);
        if let Ok(whole) = reqwest::Url::parse(&joined) {
            url.set_path(whole.path());
            url.set_query(whole.query());
        }
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        for (name, value) in &outgoing.headers {
            let value = HeaderValue::from_str(value)
                .map_err(|_| self.fail(ErrorKind::BadRequest, false))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        let key = self.authorise(&url, &mut headers, &outgoing.body).await?;
        let sent = self
            .client()?
            .post(url)
            .headers(headers)
            .body(outgoing.body.clone())
            .send();
        let response = tokio::time::timeout(self.limits.first_byte, sent)
            .await
            .map_err(|_| self.fail(ErrorKind::Timeout(Stage::FirstByte), true))?
            .map_err(|e| self.transport(&e))?;
        let status = response.status().as_u16();
        let mut reading = Reading { response, key };
        if (200..300).contains(&status) {
            return Ok(reading);
        }
        let headers = reading.response.headers().clone();
        let body = self.read(&mut reading).await?;
        let fault = self.wire.refusal(status, &body);
        let fault = Fault {
            words: fault
                .words
                .map(|words| format!("{status} {words}"))
                .or_else(|| Some(format!("status {status}"))),
            ..fault
        };
        // The vendor answers with a status instead of a model's words: nothing is billed. A gateway in between (502, 504) may have
        // lost a model's answer.
        let mut failed =
            self.redacted(self.error(fault, matches!(status, 502 | 504)), &reading.key);
        failed.retry_after = retry_after(&headers);
        Err(failed)
    }

    async fn chunk(&self, response: &mut reqwest::Response) -> Result<Option<Vec<u8>>, Error> {
        let next = tokio::time::timeout(self.limits.between_bytes, response.chunk())
            .await
            .map_err(|_| self.fail(ErrorKind::Timeout(Stage::BetweenBytes), true))?
            .map_err(|e| self.transport(&e))?;
        Ok(next.map(|bytes| bytes.to_vec()))
    }

    async fn read(&self, reading: &mut Reading) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunk(&mut reading.response).await? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LONGEST_ANSWER {
                return Err(self.fail(ErrorKind::Protocol, true));
            }
        }
        Ok(bytes)
    }

    /// What a failed exchange means. Only a connection that was never made is known not to have reached a model.
    pub(super) fn transport(&self, failed: &reqwest::Error) -> Error {
        let (kind, reached) = match (failed.is_connect(), failed.is_timeout()) {
            (true, true) => (ErrorKind::Timeout(Stage::Connect), false),
            (true, false) => (ErrorKind::Connection, false),
            (false, true) => (ErrorKind::Timeout(Stage::BetweenBytes), true),
            (false, false) => (ErrorKind::Connection, true),
        };
        let words = Some(match cause(failed) {
            Some(cause) => format!("{}: {cause}", shown(&self.base)),
            None => shown(&self.base),
        });
        self.error(Fault { kind, words }, reached)
    }

    /// Vendors quote a wrong key back.
    fn redacted(&self, failed: Error, key: &Option<SecretString>) -> Error {
        let vendor_words = failed.vendor_words.map(|words| match key {
            Some(key) => words.replace(key.expose_secret(), "[key]"),
            None => words,
        });
        Error {
            vendor_words,
            ..failed
        }
    }

    async fn call_once(&self, outgoing: &Outgoing) -> Result<Reply, Error> {
        let mut reading = self.send(outgoing).await?;
        let bytes = self.read(&mut reading).await?;
        self.wire
            .decode(&bytes)
            .map_err(|fault| self.redacted(self.error(fault, true), &reading.key))
    }

    /// Opens a stream and reads up to its first content, so that what fails before it may be tried again.
    async fn open_once(&self, outgoing: &Outgoing, deadline: Instant) -> Result<Streaming, Error> {
        let reading = self.send(outgoing).await?;
        let mut streaming = Streaming {
            name: self.name.clone(),
            limits: self.limits,
            framer: Framer::new(self.wire.framing()),
            decoder: self.wire.decoder(),
            reading,
            waiting: VecDeque::new(),
            deadline,
            fault: None,
            ended: false,
        };
        while !streaming.ended
            && streaming
                .waiting
                .iter()
                .all(|event| matches!(event, Event::Usage(_)))
        {
            let more = tokio::time::timeout(
                self.limits.between_bytes,
                streaming.reading.response.chunk(),
            )
            .await
            .map_err(|_| self.fail(ErrorKind::Timeout(Stage::BetweenBytes), true))?
            .map_err(|e| self.transport(&e))?;
            let taken = streaming.take_in(more.as_deref());
            let has_content = streaming
                .waiting
                .iter()
                .any(|event| !matches!(event, Event::Usage(_)));
            if let (Err(fault), true) = (&taken, has_content) {
                // What came before the fault is told first.
                streaming.fault = Some(fault.clone());
                break;
            }
            taken.map_err(|fault| {
                // A vendor that is overloaded says so here too, instead of a model's words.
                let refused = matches!(fault.kind, ErrorKind::Overloaded | ErrorKind::RateLimited)
                    && streaming.waiting.is_empty();
                self.redacted(self.error(fault, !refused), &streaming.reading.key)
            })?;
        }
        Ok(streaming)
    }

    pub(super) async fn once(
        &self,
        outgoing: &Outgoing,
        deadline: Instant,
        streamed: bool,
    ) -> Result<Got, Error> {
        if streamed {
            let streaming = self.open_once(outgoing, deadline).await?;
            Ok(Got::Streaming(Box::new(streaming)))
        } else {
            Ok(Got::Reply(self.call_once(outgoing).await?))
        }
    }
}

/// The innermost reason of a failed exchange: the operating system's or the resolver's words. None has a key or a text of the request in it.
fn cause(failed: &reqwest::Error) -> Option<String> {
    let mut cause: &dyn std::error::Error = std::error::Error::source(failed)?;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    Some(cause.to_string())
}
