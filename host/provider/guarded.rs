//! What stands between the host and its providers: breakers, how many calls are under way, how many may begin in a minute, and how quick
//! they were lately. A provider made of a provider.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::breaker::{Breakers, Key};
use super::error::{Error, ErrorKind};
use super::{BoxFuture, Event, Events, Provider, Reply, Request};
use crate::config;

/// A call waits so long for its turn before it is refused.
const PATIENCE: Duration = Duration::from_secs(30);

/// A provider within its limits.
pub struct Guarded {
    inner: Arc<dyn Provider>,
    breakers: Breakers,
    latencies: Latencies,
    slots: Option<Arc<Semaphore>>,
    pace: Option<Mutex<Pace>>,
}

impl Guarded {
    /// Guards a provider. Breakers and latencies are shared by all.
    #[must_use]
    pub fn new(
        inner: Arc<dyn Provider>,
        config: &config::Provider,
        breakers: Breakers,
        latencies: Latencies,
    ) -> Guarded {
        Guarded {
            inner,
            breakers,
            latencies,
            slots: config
                .max_concurrent
                .map(|count| Arc::new(Semaphore::new(count.max(1) as usize))),
            pace: config
                .requests_per_minute
                .map(|count| Mutex::new(Pace::new(count))),
        }
    }

    fn error(&self, kind: ErrorKind, wait: Option<Duration>) -> Error {
        Error {
            provider: self.inner.name().to_owned().into(),
            kind,
            vendor_words: None,
            retry_after: wait,
            attempts: 0,
            reached: false,
        }
    }

    fn key(&self, request: &Request) -> Key {
        Key {
            provider: self.inner.name().to_owned(),
            model: request.model.clone(),
            endpoint: self.inner.endpoint(),
        }
    }

    /// Waits for a turn.
    async fn turn(&self) -> Result<Option<OwnedSemaphorePermit>, Error> {
        let until = Instant::now() + PATIENCE;
        if let Some(pace) = &self.pace {
            let wait = pace
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(Instant::now(), PATIENCE)
                .map_err(|wait| self.error(ErrorKind::Busy, Some(wait)))?;
            tokio::time::sleep(wait).await;
        }
        let Some(slots) = &self.slots else {
            return Ok(None);
        };
        match tokio::time::timeout_at(until.into(), slots.clone().acquire_owned()).await {
            Ok(Ok(slot)) => Ok(Some(slot)),
            _ => Err(self.error(ErrorKind::Busy, None)),
        }
    }
}

impl Provider for Guarded {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn endpoint(&self) -> String {
        self.inner.endpoint()
    }

    fn is_local(&self) -> bool {
        self.inner.is_local()
    }

    fn reach(&self) -> BoxFuture<'_, Result<(), Error>> {
        self.inner.reach()
    }

    fn call<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Reply, Error>> {
        Box::pin(async move {
            let key = self.key(request);
            let permit = self
                .breakers
                .admit(&key, Instant::now())
                .map_err(|wait| self.error(ErrorKind::CircuitOpen, Some(wait)))?;
            let _slot = self.turn().await?;
            let began = Instant::now();
            let answered = self.inner.call(request).await;
            if answered.is_ok() {
                self.latencies.note(&key, Span::Whole, began.elapsed());
            }
            permit.end(answered.as_ref().err(), Instant::now());
            answered
        })
    }

    fn stream<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Events, Error>> {
        Box::pin(async move {
            let key = self.key(request);
            let permit = self
                .breakers
                .admit(&key, Instant::now())
                .map_err(|wait| self.error(ErrorKind::CircuitOpen, Some(wait)))?;
            let slot = self.turn().await?;
            let began = Instant::now();
            let opened = self.inner.stream(request).await;
            let events = match opened {
                Ok(events) => events,
                Err(failed) => {
                    permit.end(Some(&failed), Instant::now());
                    return Err(failed);
                }
            };
            self.latencies
                .note(&key, Span::FirstContent, began.elapsed());
            // The slot and the breaker's verdict last as long as the answer does.
            let mut held = Some((slot, permit));
            let events: Events = Box::pin(events.map(move |event| {
                let verdict = match &event {
                    Ok(Event::End(_)) => Some(None),
                    Err(failed) => Some(Some(failed)),
                    Ok(_) => None,
                };
                if let Some(failed) = verdict
                    && let Some((_slot, permit)) = held.take()
                {
                    permit.end(failed, Instant::now());
                }
                event
            }));
            Ok(events)
        })
    }
}

/// So many calls a minute, spread: the generic cell rate algorithm with a burst of a twelfth of a minute's calls. Time is handed in.
#[derive(Debug)]
struct Pace {
    interval: Duration,
    burst: Duration,
    /// When the next call is due if all keep to the pace.
    due: Option<Instant>,
}

impl Pace {
    fn new(per_minute: u32) -> Pace {
        let interval = Duration::from_secs(60) / per_minute.max(1);
        Pace {
            interval,
            burst: interval * (per_minute / 12).max(1) - interval,
            due: None,
        }
    }

    /// How long to wait for the turn that is taken by this; an error says when one would have been free.
    fn take(&mut self, now: Instant, patience: Duration) -> Result<Duration, Duration> {
        let due = self.due.map_or(now, |due| due.max(now));
        let wait = (due - now).saturating_sub(self.burst);
        if wait > patience {
            return Err(wait);
        }
        self.due = Some(due + self.interval);
        Ok(wait)
    }
}

/// What a latency is measured to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Span {
    /// The end of an answer that comes whole.
    Whole,
    /// The first content of an answer that comes in pieces.
    FirstContent,
}

/// How long the latest answers took, by provider, model and endpoint: whole ones and streamed ones apart.
#[derive(Clone, Debug, Default)]
pub struct Latencies(Arc<Mutex<Measured>>);

/// Nanoseconds, the oldest first.
type Measured = HashMap<(Key, Span), VecDeque<u64>>;

/// So many of the latest calls count.
const WINDOW: usize = 64;

impl Latencies {
    /// Takes in how long an answer took, or for how long at least one did not come.
    pub(crate) fn note(&self, key: &Key, span: Span, took: Duration) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.entry((key.clone(), span)).or_default();
        if own.len() == WINDOW {
            own.pop_front();
        }
        own.push_back(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Nanoseconds that this share of the latest calls stayed below; none where there were fewer than `least`.
    #[must_use]
    pub fn quantile(&self, key: &Key, span: Span, share: f64, least: usize) -> Option<u64> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.get(&(key.clone(), span))?;
        if own.len() < least {
            return None;
        }
        let mut own: Vec<u64> = own.iter().copied().collect();
        own.sort_unstable();
        let place = ((own.len() as f64 * share) as usize).min(own.len().checked_sub(1)?);
        own.get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_spreads_calls_and_refuses_what_would_wait_too_long() {
        let (mut pace, now) = (Pace::new(60), Instant::now());
        let second = Duration::from_secs(1);
        // A burst of five passes at once.
        for _ in 0..5 {
            assert_eq!(pace.take(now, second * 2), Ok(Duration::ZERO));
        }
        assert_eq!(pace.take(now, second * 2), Ok(second));
        assert_eq!(pace.take(now, second * 2), Ok(second * 2));
        assert_eq!(pace.take(now, second * 2), Err(second * 3));
        assert_eq!(pace.take(now + second * 60, second), Ok(Duration::ZERO));
    }

    #[test]
    fn a_quantile_is_of_the_latest_calls() {
        let (latencies, key) = (
            Latencies::default(),
            Key {
                provider: "p".into(),
                model: "m".into(),
                endpoint: "e".into(),
            },
        );
        let median = |span, least| latencies.quantile(&key, span, 0.5, least);
        assert_eq!(median(Span::Whole, 0), None);
        for milliseconds in 1..=200 {
            latencies.note(&key, Span::Whole, Duration::from_millis(milliseconds));
        }
        assert_eq!(median(Span::Whole, WINDOW), Some(169_000_000));
        assert_eq!(median(Span::Whole, WINDOW + 1), None);
        assert_eq!(median(Span::FirstContent, 0), None);
    }
}
