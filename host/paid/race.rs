//! Hedging: a second call beside one that takes longer than it mostly does. The first good answer wins; the other call is dropped, which
//! closes its connection, and is booked at its bound, because a model may have worked on it.
//!
//! It ends where an answer has begun: after a stream's first content nothing is asked beside it.

use std::time::{Duration, Instant};

use super::books::NotMade;
use super::{Listener, Way};
use crate::choose::Callable;
use crate::execute::nanoseconds;
use crate::host::Host;
use crate::money::Picodollars;
use crate::outcome::Hop;
use crate::provider::{self, BoxFuture, Events, Provider, Reply, Request};
use crate::task::Task;

/// A call that can be made.
pub(super) struct Asked<'a> {
    pub(super) callable: &'a Callable,
    pub(super) provider: &'a dyn Provider,
    pub(super) request: Request,
    /// What was changed in the request, in words.
    pub(super) notes: Vec<String>,
}

impl<'a> Asked<'a> {
    /// The call for a task; none where the model's provider is not set up.
    pub(super) fn of(host: &'a Host, task: &Task, callable: &'a Callable) -> Option<Asked<'a>> {
        let provider = &**host.provider_for(callable)?;
        let (request, notes) = super::asked(task, callable);
        Some(Asked {
            callable,
            provider,
            request,
            notes,
        })
    }

    /// What it can cost at most.
    pub(super) fn bound(&self) -> Picodollars {
        super::bound(self.callable, &self.request)
    }

    pub(super) fn hop(&self, at: Instant) -> Hop {
        Hop {
            tier: self.callable.tier.number(),
            provider: self.callable.provider.clone(),
            model: self.callable.model.clone(),
            error: None,
            cost: Picodollars::default(),
            attempts: 1,
            duration: nanoseconds(at.elapsed()),
        }
    }

    /// The call as it is booked where nobody waits for its end.
    pub(super) fn booked(&self) -> Hop {
        Hop {
            cost: self.bound(),
            ..self.hop(Instant::now())
        }
    }

    /// Asks. Dropping what comes back closes the connection.
    fn open(&self, streams: bool) -> BoxFuture<'_, Result<Opened, provider::Error>> {
        Box::pin(async move {
            Ok(if streams && self.callable.streams() {
                Opened::Pieces(self.provider.stream(&self.request).await?)
            } else {
                Opened::Whole(Box::new(self.provider.call(&self.request).await?))
            })
        })
    }
}

/// An answer that has begun well.
pub(super) enum Opened {
    Whole(Box<Reply>),
    Pieces(Events),
}

/// What came of asking.
pub(super) enum Began {
    Well(Opened),
    Failed(provider::Error),
    /// The listener went away.
    GaveUp,
}

impl From<Result<Opened, provider::Error>> for Began {
    fn from(opened: Result<Opened, provider::Error>) -> Began {
        match opened {
            Ok(opened) => Began::Well(opened),
            Err(error) => Began::Failed(error),
        }
    }
}

/// How a race ended.
pub(super) struct Raced {
    pub(super) began: Began,
    /// It began so with the rival.
    pub(super) by_rival: bool,
    /// When the one that it speaks of was asked.
    pub(super) at: Instant,
    /// Both were asked.
    pub(super) both: bool,
}

impl Way<'_> {
    /// Asks one model, and a rival too where that one takes longer than a while. Where both were asked, the hop of the one that is not
    /// spoken of is in the row.
    pub(super) async fn race(
        &mut self,
        first: &Asked<'_>,
        rival: Option<(&Asked<'_>, Duration)>,
    ) -> Raced {
        let (listener, streams) = (self.listener, self.listener.is_some());
        let at = Instant::now();
        let alone = |began| Raced {
            began,
            by_rival: false,
            at,
            both: false,
        };
        let mut call = first.open(streams);
        let (rival, after) = match rival {
            Some((rival, after)) => {
                tokio::select! {
                    biased;
                    () = gone(listener) => return alone(Began::GaveUp),
                    opened = &mut call => return alone(opened.into()),
                    () = tokio::time::sleep(after) => (rival, after),
                }
            }
            None => return alone(wait(&mut call, listener).await),
        };
        if let Err(refused) = self.reserve_beside(first, rival).await {
            self.row.reasons.push(format!(
                "{} takes long; nobody else was asked: {}",
                first.callable.model,
                refused.words()
            ));
            return alone(wait(&mut call, listener).await);
        }
        self.row.reasons.push(format!(
            "{} had no answer after {after:.1?}, so {} at {} was asked too",
            first.callable.model, rival.callable.model, rival.callable.provider
        ));
        self.row.reasons.extend(rival.notes.iter().cloned());

        let rivals_at = Instant::now();
        self.under_way.push((rivals_at, rival.booked()));
        let mut second = rival.open(streams);
        let mut failed: Option<(bool, provider::Error)> = None;
        let (by_rival, began) = loop {
            let is_open = |is_rival| failed.as_ref().is_none_or(|(own, _)| *own != is_rival);
            let (by_rival, began) = tokio::select! {
                biased;
                () = gone(listener) => (!is_open(false), Began::GaveUp),
                opened = &mut call, if is_open(false) => (false, opened.into()),
                opened = &mut second, if is_open(true) => (true, opened.into()),
            };
            match began {
                Began::Failed(error) if failed.is_none() => failed = Some((by_rival, error)),
                began => break (by_rival, began),
            }
        };
        // The connection of the one that did not win is closed before its money is counted.
        drop((call, second));
        let (spoken_of, (lost, lost_at)) = if by_rival {
            (rivals_at, (first, at))
        } else {
            (at, (rival, rivals_at))
        };
        let mut hop = lost.hop(lost_at);
        match failed {
            Some((_, error)) => self.miss(hop, error, lost.bound()),
            None => {
                hop.cost = lost.bound();
                hop.error = Some(if matches!(began, Began::GaveUp) {
                    "the caller went away".to_owned()
                } else {
                    self.host
                        .note_given_up(lost.callable, streams, lost_at.elapsed());
                    "given up, as another call answered first".to_owned()
                });
                self.add(hop);
            }
        }
        Raced {
            began,
            by_rival,
            at: spoken_of,
            both: true,
        }
    }

    /// Sets aside what a second call can cost, over what the first one can.
    async fn reserve_beside(
        &mut self,
        first: &Asked<'_>,
        rival: &Asked<'_>,
    ) -> Result<(), NotMade> {
        let before = self.spent;
        self.spent = before.saturating_add(first.bound());
        let reserved = self.reserve(rival).await;
        self.spent = before;
        reserved
    }
}

async fn wait(
    call: &mut BoxFuture<'_, Result<Opened, provider::Error>>,
    listener: Listener<'_>,
) -> Began {
    tokio::select! {
        biased;
        () = gone(listener) => Began::GaveUp,
        opened = call => opened.into(),
    }
}

/// Comes back when nobody listens any more; without a listener, never.
async fn gone(listener: Listener<'_>) {
    match listener {
        Some(listener) => listener.closed().await,
        None => std::future::pending().await,
    }
}
