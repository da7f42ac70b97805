//! Sends what a vendor's file has put into its form: keys, time limits, retries, whole answers and streamed ones. The only code that
//! knows sockets to a vendor.

mod address;
mod attempt;
mod auth;
mod streaming;
mod waiting;

use std::borrow::Cow;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use futures_util::stream;

use super::error::{Error, ErrorKind, Fault, Stage};
use super::message::Request;
use super::reply::{Event, Reply};
use super::wire::{Outgoing, Wire};
use super::{BoxFuture, Events, Provider};
use crate::config;
pub use address::SetupError;
use address::{address, is_loopback, shown};
use attempt::Got;
pub(crate) use auth::Auth;
use waiting::backoff;

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
