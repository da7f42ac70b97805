//! Sends what a vendor's file has put into its form: keys, time limits, retries, whole answers and streamed ones. The only code that
//! knows sockets to a vendor.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use futures_util::stream;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use secrecy::{ExposeSecret as _, SecretString};

use super::error::{Error, ErrorKind, Fault, Stage};
use super::framing::Framer;
use super::message::Request;
use super::reply::{Event, Reply};
use super::secret::{Secret, SecretError};
use super::sigv4::{self, Signer};
use super::wire::{Decode, Outgoing, Wire};
use super::{BoxFuture, Events, Provider};
use crate::config;

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

/// Why a provider cannot be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// There is no key.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The base URL is none.
    #[error("providers.{provider}.base_url `{url}` is no address such as https://api.example.com")]
    BaseUrl {
        /// Whose.
        provider: String,
        /// What is set.
        url: String,
    },
    /// The key would cross a network in the clear.
    #[error(
        "providers.{provider}.base_url `{url}` is plain http to another machine: use https, or set providers.{provider}.allow_plain_http"
    )]
    PlainHttp {
        /// Whose.
        provider: String,
        /// What is set.
        url: String,
    },
    /// A setting is missing or wrong.
    #[error("providers.{provider}: {reason}")]
    Setting {
        /// Whose.
        provider: String,
        /// What is wrong, and what to do.
        reason: String,
    },
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

/// An address without what may be secret in it.
fn shown(url: &reqwest::Url) -> String {
    format!(
        "{}://{}{}{}",
        url.scheme(),
        url.host_str().unwrap_or_default(),
        url.port()
            .map_or_else(String::new, |port| format!(":{port}")),
        url.path().trim_end_matches('/')
    )
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
        match (failed.is_connect(), failed.is_timeout()) {
            (true, true) => self.fail(ErrorKind::Timeout(Stage::Connect), false),
            (true, false) => self.fail(ErrorKind::Connection, false),
            (false, true) => self.fail(ErrorKind::Timeout(Stage::BetweenBytes), true),
            (false, false) => self.fail(ErrorKind::Connection, true),
        }
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

/// A streamed answer under way. Dropping it closes the connection. It reads no further than it is asked to: a slow reader slows the vendor.
struct Streaming {
    name: Cow<'static, str>,
    limits: Limits,
    framer: Framer,
    decoder: Box<dyn Decode>,
    reading: Reading,
    waiting: VecDeque<Event>,
    deadline: Instant,
    /// Told after all that came before it.
    fault: Option<Fault>,
    ended: bool,
}

impl Streaming {
    /// Takes the next bytes in, or the end of them.
    fn take_in(&mut self, chunk: Option<&[u8]>) -> Result<(), Fault> {
        let mut frames = Vec::new();
        let cut = match chunk {
            Some(bytes) => self.framer.push(bytes, &mut frames),
            None => self.framer.end(&mut frames),
        };
        for frame in frames {
            let done = self.decoder.frame(&frame);
            self.waiting.extend(self.decoder.events());
            if done? {
                return self.finish();
            }
        }
        cut?;
        if chunk.is_none() {
            return self.finish();
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Fault> {
        let reply = self.decoder.end()?;
        self.waiting.push_back(Event::End(Box::new(reply)));
        self.ended = true;
        Ok(())
    }

    async fn next(&mut self) -> Option<Result<Event, Error>> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(Ok(event));
            }
            if let Some(fault) = self.fault.take() {
                self.ended = true;
                return Some(Err(Error {
                    provider: self.name.clone(),
                    kind: fault.kind,
                    vendor_words: fault.words,
                    retry_after: None,
                    attempts: 1,
                    reached: true,
                }));
            }
            if self.ended {
                return None;
            }
            let limit = (Instant::now() + self.limits.between_bytes).min(self.deadline);
            let chunk = tokio::time::timeout_at(limit.into(), self.reading.response.chunk()).await;
            let taken = match chunk {
                Err(_) if limit == self.deadline => {
                    Err(Fault::new(ErrorKind::Timeout(Stage::Whole)))
                }
                Err(_) => Err(Fault::new(ErrorKind::Timeout(Stage::BetweenBytes))),
                Ok(Err(_)) => Err(Fault::cut_off()),
                Ok(Ok(bytes)) => self.take_in(bytes.as_deref()),
            };
            if let Err(fault) = taken {
                self.fault = Some(fault);
            }
        }
    }
}

/// Doubling from a quarter of a second, spread over half of it, so that many callers do not come back at once.
fn backoff(attempt: u32) -> Duration {
    use std::hash::{BuildHasher as _, RandomState};
    let base = Duration::from_millis(250).saturating_mul(1 << attempt.saturating_sub(1).min(6));
    // The standard library seeds its hashers anew for each of them: a draw without another dependency.
    let draw = u32::try_from(RandomState::new().hash_one(attempt) % 1_000).unwrap_or(0);
    base / 2 + base.saturating_mul(draw) / 2_000
}

fn is_loopback(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn address(provider: &str, base: &str, allow_plain: bool) -> Result<reqwest::Url, SetupError> {
    let wrong = || SetupError::BaseUrl {
        provider: provider.to_owned(),
        // An address may carry a password; it is not repeated then.
        url: if base.contains('@') {
            "(with a password)".to_owned()
        } else {
            base.to_owned()
        },
    };
    let url = reqwest::Url::parse(base.trim_end_matches('/')).map_err(|_| wrong())?;
    url.host_str().ok_or_else(wrong)?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
        return Err(wrong());
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if allow_plain || is_loopback(&url) => Ok(url),
        "http" => Err(SetupError::PlainHttp {
            provider: provider.to_owned(),
            url: base.to_owned(),
        }),
        _ => Err(wrong()),
    }
}

/// When to come back: milliseconds, seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
    };
    if let Some(milliseconds) = text("retry-after-ms").and_then(|text| text.parse::<u64>().ok()) {
        return Some(Duration::from_millis(milliseconds));
    }
    let text = text(RETRY_AFTER.as_str())?;
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let wait = at.duration_since(jiff::Timestamp::now());
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
}
