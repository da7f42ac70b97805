//! Sends what a vendor's file has put into its form: keys, time limits, retries, whole answers and streamed ones. The only code that
//! knows sockets to a vendor.

mod address;
mod streaming;
mod waiting;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use futures_util::stream;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

use super::error::{Error, ErrorKind, Fault, Stage};
use super::framing::Framer;
use super::message::Request;
use super::reply::{Event, Reply};
use super::secret::{Secret, SecretError};
use super::sigv4::{self, Signer};
use super::wire::{Outgoing, Wire};
use super::{BoxFuture, Events, Provider};
use crate::config;
pub use address::SetupError;
use address::{address, is_loopback, shown};
use streaming::Streaming;
use waiting::{backoff, retry_after};

/// An answer longer than this is no answer.
const LONGEST_ANSWER: usize = 64 << 20;
/// The longest wait that a vendor may ask for between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// How long the parts of a call may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    connect: Duration,
    first_byte: Duration,
    between_bytes: Duration,
    whole: Duration,
    attempts: u32,
}

impl Limits {
    pub(crate) fn of(config: &config::Provider) -> Limits {
        let set = |own: Option<u64>, usual: u64| Duration::from_millis(own.unwrap_or(usual));
        Limits {
            connect: set(config.connect_timeout_ms, 10_000),
            // Without streaming the first byte comes when the model is done thinking.
            first_byte: set(config.first_byte_timeout_ms, 600_000),
            // A model that reasons without showing it is silent for long.
            between_bytes: set(config.idle_timeout_ms, 300_000),
            whole: set(config.total_timeout_ms, 900_000),
            attempts: config.max_attempts.unwrap_or(3).max(1),
        }
    }
}

/// How a request is authorised.
pub(crate) enum Auth {
    /// Not at all: a server on the user's own machine.
    None,
    /// A key in a header.
    Header {
        name: &'static str,
        prefix: &'static str,
        secret: Secret,
    },
    /// AWS's signature.
    Aws(Box<Signer>),
}

/// A vendor's form, made a provider.
pub(crate) struct Served {
    name: Cow<'static, str>,
    wire: Box<dyn Wire>,
    base: reqwest::Url,
    auth: Auth,
    limits: Limits,
    client: OnceLock<Result<reqwest::Client, String>>,
}

impl std::fmt::Debug for Served {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Served")
            .field("name", &self.name)
            .field("base", &shown(&self.base))
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// What reads one try's answer.
struct Reading {
    response: reqwest::Response,
    /// To be kept out of all words.
    key: Option<SecretString>,
}

/// What a try got.
enum Got {
    Reply(Reply),
    Streaming(Box<Streaming>),
}

impl Served {
    /// Nothing is sent; the client is built at the first call.
    pub(crate) fn new(
        name: String,
        wire: Box<dyn Wire>,
        base: &str,
        auth: Auth,
        config: &config::Provider,
    ) -> Result<Served, SetupError> {
        Ok(Served {
            base: address(&name, base, config.allow_plain_http)?,
            name: Cow::Owned(name),
            wire,
            auth,
            limits: Limits::of(config),
            client: OnceLock::new(),
        })
    }

    fn error(&self, fault: Fault, reached: bool) -> Error {
        Error {
            provider: self.name.clone(),
            kind: fault.kind,
            vendor_words: fault.words,
            retry_after: None,
            attempts: 1,
            reached,
        }
    }

    fn fail(&self, kind: ErrorKind, reached: bool) -> Error {
        self.error(Fault::new(kind), reached)
    }

    fn client(&self) -> Result<&reqwest::Client, Error> {
        let built = self.client.get_or_init(|| {
            // The first provider of the process installs the cryptography; that another has done so is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let builder = reqwest::Client::builder();
            // What is on this machine is not asked for through a proxy elsewhere.
            let builder = if is_loopback(&self.base) {
                builder.no_proxy()
            } else {
                builder
            };
            builder
                .connect_timeout(self.limits.connect)
                .redirect(reqwest::redirect::Policy::none())
                .user_agent(concat!("tinydancer/", env!("CARGO_PKG_VERSION")))
                .build()
                .map_err(|e| e.to_string())
        });
        built.as_ref().map_err(|words| Error {
            vendor_words: Some(words.clone()),
            ..self.fail(ErrorKind::Connection, false)
        })
    }

    /// The headers that authorise a request, and the key to keep out of words.
    async fn authorise(
        &self,
        url: &reqwest::Url,
        headers: &mut HeaderMap,
        body: &[u8],
    ) -> Result<Option<SecretString>, Error> {
        let no_key = |e: SecretError| Error {
            vendor_words: Some(e.to_string()),
            ..self.fail(ErrorKind::Authentication, false)
        };
        let unusable = || self.fail(ErrorKind::Authentication, false);
        match &self.auth {
            Auth::None => Ok(None),
            Auth::Header {
                name,
                prefix,
                secret,
            } => {
                let key = secret.get().await.map_err(no_key)?;
                let value = format!("{prefix}{}", key.expose_secret());
                let mut value = HeaderValue::from_str(&value).map_err(|_| unusable())?;
                value.set_sensitive(true);
                headers.insert(HeaderName::from_static(name), value);
                Ok(Some(key))
            }
            Auth::Aws(signer) => {
                let path = url.path().to_owned();
                let host = sigv4::host_of(url);
                let signed = signer
                    .sign("POST", &host, &path, body, jiff::Timestamp::now())
                    .map_err(|words| Error {
                        vendor_words: Some(words),
                        ..self.fail(ErrorKind::Authentication, false)
                    })?;
                for (name, value) in signed {
                    let mut value = HeaderValue::from_str(&value).map_err(|_| unusable())?;
                    value.set_sensitive(true);
                    headers.insert(HeaderName::from_static(name), value);
                }
                Ok(None)
            }
        }
    }

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
    fn transport(&self, failed: &reqwest::Error) -> Error {
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

    async fn once(
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

    /// Tries until it succeeds, fails in a way that another try would not mend, or no time is left. A request that a model may have
    /// worked on is not sent again: it would be paid for twice.
    async fn persist(
        &self,
        outgoing: &Outgoing,
        deadline: Instant,
        streamed: bool,
    ) -> Result<(Got, u32), Error> {
        let mut attempts = 1;
        let mut key_renewed = false;
        loop {
            let failed = match tokio::time::timeout_at(
                deadline.into(),
                self.once(outgoing, deadline, streamed),
            )
            .await
            {
                Ok(Ok(done)) => return Ok((done, attempts)),
                Ok(Err(failed)) => Error { attempts, ..failed },
                Err(_) => {
                    return Err(Error {
                        attempts,
                        ..self.fail(ErrorKind::Timeout(Stage::Whole), true)
                    });
                }
            };
            if failed.kind == ErrorKind::Authentication && !key_renewed && self.renew_key().await {
                key_renewed = true;
                attempts += 1;
                continue;
            }
            let again = failed.is_retryable() && !failed.reached && attempts < self.limits.attempts;
            // What the vendor asks for is kept to, or the call is given up: never tried earlier.
            let wait = failed.retry_after.unwrap_or_else(|| backoff(attempts));
            if !again || wait > LONGEST_WAIT || Instant::now() + wait >= deadline {
                return Err(failed);
            }
            tokio::time::sleep(wait).await;
            attempts += 1;
        }
    }

    async fn renew_key(&self) -> bool {
        match &self.auth {
            Auth::Header { secret, .. } => secret.forget().await,
            _ => false,
        }
    }
}

impl Provider for Served {
    fn name(&self) -> &str {
        &self.name
    }

    fn endpoint(&self) -> String {
        shown(&self.base)
    }

    fn is_local(&self) -> bool {
        is_loopback(&self.base)
    }

    fn reach(&self) -> BoxFuture<'_, Result<(), Error>> {
        const PATIENCE: Duration = Duration::from_secs(5);
        Box::pin(async move {
            // No key goes along, and whatever comes back, somebody is there.
            let asked = self.client()?.head(self.base.clone()).send();
            match tokio::time::timeout(PATIENCE, asked).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(e)) => Err(self.transport(&e)),
                Err(_) => Err(self.fail(ErrorKind::Timeout(Stage::FirstByte), false)),
            }
        })
    }

    fn call<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Reply, Error>> {
        Box::pin(async move {
            let outgoing = self
                .wire
                .encode(request, false)
                .map_err(|fault| self.error(fault, false))?;
            let deadline = Instant::now() + self.limits.whole;
            match self.persist(&outgoing, deadline, false).await? {
                (Got::Reply(reply), attempts) => Ok(Reply { attempts, ..reply }),
                // What was not asked for is not got.
                (Got::Streaming(_), _) => Err(self.fail(ErrorKind::Protocol, true)),
            }
        })
    }

    fn stream<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Events, Error>> {
        Box::pin(async move {
            let outgoing = self
                .wire
                .encode(request, true)
                .map_err(|fault| self.error(fault, false))?;
            let deadline = Instant::now() + self.limits.whole;
            let (Got::Streaming(streaming), attempts) =
                self.persist(&outgoing, deadline, true).await?
            else {
                return Err(self.fail(ErrorKind::Protocol, true));
            };
            let events: Events =
                Box::pin(stream::unfold(Some(streaming), move |state| async move {
                    let mut state = state?;
                    match state.next().await? {
                        Ok(Event::End(mut reply)) => {
                            reply.attempts = attempts;
                            Some((Ok(Event::End(reply)), None))
                        }
                        Ok(event) => Some((Ok(event), Some(state))),
                        Err(failed) => Some((Err(Error { attempts, ..failed }), None)),
                    }
                }));
            Ok(events)
        })
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
