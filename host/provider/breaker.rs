//! Circuit breakers, keyed by provider, model and endpoint. Pure: time is handed in.
//!
//! Closed, everything passes. After [`FAILURES`] failures in a row that were the vendor's or the network's, it opens: nothing passes for a
//! while, at least as long as the vendor asked for. Then it is half open: one probe passes; its end decides. An answer of any kind to
//! the probe, a refusal of the caller's own making included, shows that the vendor is there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::board::{Board, LeftAlone};
use super::error::Error;

/// So many failures in a row open a breaker.
pub const FAILURES: u32 = 5;
/// The first pause; it doubles with each probe that fails.
pub const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// The longest pause.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// What a breaker is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The provider.
    pub provider: String,
    /// The model.
    pub model: String,
    /// The address.
    pub endpoint: String,
}

/// How a breaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Everything passes.
    Closed {
        /// Failures in a row.
        failures: u32,
    },
    /// Nothing passes before this moment.
    Open {
        /// When it is half open.
        until: Instant,
    },
    /// A probe is under way; nothing else passes.
    Probing,
}

#[derive(Clone, Copy, Debug)]
struct Breaker {
    state: State,
    pause: Duration,
}

/// All breakers of a process.
#[derive(Clone, Debug, Default)]
pub struct Breakers {
    all: Arc<Mutex<HashMap<Key, Breaker>>>,
    /// Where other processes are told; locked from looking to writing, so that the last word is the newest.
    board: Option<Arc<Mutex<Board>>>,
}

/// Leave to call. Its end is told with [`Permit::end`]; dropped without, a probe is as if it had not been.
#[derive(Debug)]
pub struct Permit {
    breakers: Breakers,
    key: Key,
    is_probe: bool,
    ended: bool,
}

impl Breakers {
    /// Breakers that tell other processes of the same home which of them are open.
    #[must_use]
    pub fn told_in(home: &std::path::Path) -> Breakers {
        Breakers {
            board: Some(Arc::new(Mutex::new(Board::new(home)))),
            ..Breakers::default()
        }
    }

    fn tell(&self, now: Instant) {
        let Some(board) = &self.board else {
            return;
        };
        let board = board.lock().unwrap_or_else(PoisonError::into_inner);
        let open = self.states().into_iter().filter_map(|(key, state)| {
            let State::Open { until } = state else {
                return None;
            };
            Some(LeftAlone {
                provider: key.provider,
                model: key.model,
                endpoint: key.endpoint,
                until: Timestamp::now() + until.checked_duration_since(now)?,
            })
        });
        board.post(&open.collect::<Vec<_>>());
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<Key, Breaker>) -> T) -> T {
        work(&mut self.all.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Leave to call, or how long to wait.
    ///
    /// # Errors
    /// The breaker is open, or its one probe is under way.
    pub fn admit(&self, key: &Key, now: Instant) -> Result<Permit, Duration> {
        let is_probe = self.with(|all| {
            let Some(breaker) = all.get_mut(key) else {
                return Ok(false);
            };
            match breaker.state {
                State::Closed { .. } => Ok(false),
                State::Open { until } if now < until => Err(until - now),
                State::Probing => Err(breaker.pause),
                State::Open { .. } => {
                    breaker.state = State::Probing;
                    Ok(true)
                }
            }
        })?;
        Ok(Permit {
            breakers: self.clone(),
            key: key.clone(),
            is_probe,
            ended: false,
        })
    }

    /// Every breaker that has something to tell, in order.
    #[must_use]
    pub fn states(&self) -> Vec<(Key, State)> {
        let mut states: Vec<(Key, State)> = self.with(|all| {
            all.iter()
                .map(|(key, breaker)| (key.clone(), breaker.state))
                .collect()
        });
        states.sort_by(|a, b| a.0.cmp(&b.0));
        states
    }
}

impl Permit {
    /// How the call ended.
    pub fn end(mut self, failed: Option<&Error>, now: Instant) {
        self.ended = true;
        let asked = failed.and_then(|failed| failed.retry_after);
        let counts = failed.is_some_and(Error::is_vendors_fault);
        let is_probe = self.is_probe;
        let is_news = self.breakers.with(|all| {
            if !counts {
                // An answer, or a refusal of the caller's making: the vendor is there.
                let before = all.remove(&self.key);
                return before.is_some_and(|was| !matches!(was.state, State::Closed { .. }));
            }
            let breaker = all.entry(self.key.clone()).or_insert(Breaker {
                state: State::Closed { failures: 0 },
                pause: FIRST_PAUSE,
            });
            match breaker.state {
                State::Closed { failures } if failures + 1 < FAILURES => {
                    breaker.state = State::Closed {
                        failures: failures + 1,
                    };
                    false
                }
                // The end of a call that began before it opened.
                State::Open { .. } | State::Probing if !is_probe => false,
                _ => {
                    let pause = breaker.pause.max(asked.unwrap_or_default());
                    breaker.state = State::Open { until: now + pause };
                    breaker.pause = (breaker.pause * 2).min(LONGEST_PAUSE);
                    true
                }
            }
        });
        if is_news {
            self.breakers.tell(now);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.ended || !self.is_probe {
            return;
        }
        // The caller went away: the next one may probe at once.
        self.breakers.with(|all| {
            if let Some(breaker) = all.get_mut(&self.key) {
                breaker.state = State::Open {
                    until: Instant::now(),
                };
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ErrorKind;

    fn key() -> Key {
        Key {
            provider: "p".into(),
            model: "m".into(),
            endpoint: "e".into(),
        }
    }

    fn failed(kind: ErrorKind, retry_after: Option<Duration>) -> Error {
        Error {
            provider: "p".into(),
            kind,
            vendor_words: None,
            retry_after,
            attempts: 1,
            reached: false,
        }
    }

    fn fail(breakers: &Breakers, kind: ErrorKind, times: u32, now: Instant) {
        for _ in 0..times {
            breakers
                .admit(&key(), now)
                .unwrap()
                .end(Some(&failed(kind.clone(), None)), now);
        }
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_half_opens_for_one_probe() {
        let (breakers, now) = (Breakers::default(), Instant::now());
        fail(&breakers, ErrorKind::Overloaded, FAILURES, now);
        assert_eq!(breakers.admit(&key(), now).unwrap_err(), FIRST_PAUSE);
        let later = now + FIRST_PAUSE;
        let probe = breakers.admit(&key(), later).unwrap();
        assert!(breakers.admit(&key(), later).is_err(), "one probe");
        probe.end(None, later);
        assert!(breakers.admit(&key(), later).is_ok());
        assert!(breakers.states().is_empty());
    }

    #[test]
    fn a_probe_that_fails_doubles_the_pause() {
        let (breakers, now) = (Breakers::default(), Instant::now());
        fail(&breakers, ErrorKind::Connection, FAILURES, now);
        let later = now + FIRST_PAUSE;
        fail(&breakers, ErrorKind::Connection, 1, later);
        assert_eq!(breakers.admit(&key(), later).unwrap_err(), FIRST_PAUSE * 2);
    }

    #[test]
    fn a_probe_that_is_given_up_leaves_the_place_to_the_next() {
        let (breakers, now) = (Breakers::default(), Instant::now());
        fail(&breakers, ErrorKind::Connection, FAILURES, now);
        let later = now + FIRST_PAUSE;
        drop(breakers.admit(&key(), later).unwrap());
        assert!(breakers.admit(&key(), later).is_ok());
    }

    #[test]
    fn what_the_caller_did_wrong_never_opens_it() {
        let (breakers, now) = (Breakers::default(), Instant::now());
        for kind in [
            ErrorKind::BadRequest,
            ErrorKind::NotFound,
            ErrorKind::Authentication,
            ErrorKind::TooLong,
            ErrorKind::ContentRefused,
        ] {
            fail(&breakers, kind, 2 * FAILURES, now);
        }
        assert!(breakers.admit(&key(), now).is_ok());
    }

    #[test]
    fn a_success_between_failures_begins_the_count_anew() {
        let (breakers, now) = (Breakers::default(), Instant::now());
        fail(&breakers, ErrorKind::Vendor(500), FAILURES - 1, now);
        breakers.admit(&key(), now).unwrap().end(None, now);
        fail(&breakers, ErrorKind::Vendor(500), FAILURES - 1, now);
        assert!(breakers.admit(&key(), now).is_ok());
    }

    #[test]
    fn the_vendors_own_pause_is_kept_to() {
        let (breakers, now) = (Breakers::default(), Instant::now());
        fail(&breakers, ErrorKind::RateLimited, FAILURES - 1, now);
        let asked = Duration::from_secs(40);
        breakers
            .admit(&key(), now)
            .unwrap()
            .end(Some(&failed(ErrorKind::RateLimited, Some(asked))), now);
        assert_eq!(breakers.admit(&key(), now).unwrap_err(), asked);
    }

    #[test]
    fn keys_are_told_apart() {
        let (breakers, now) = (Breakers::default(), Instant::now());
        fail(&breakers, ErrorKind::Connection, FAILURES, now);
        let other = Key {
            model: "n".into(),
            ..key()
        };
        assert!(breakers.admit(&other, now).is_ok());
    }
}
