//! One try: a model is asked, what comes is told on, and how it ended goes into the books. Whether another try follows is for the caller to
//! say; money is set aside before it.

use std::time::{Duration, Instant};

use super::race::{Asked, Began, Opened};
use super::told::{estimate, read, tell};
use super::{Ended, Way};
use crate::cache::Turn;
use crate::execute::{Failure, nanoseconds};
use crate::fallback::Fallback;
use crate::money::{self, Picodollars};
use crate::outcome::Status;
use crate::pipeline::Answer;
use crate::provider::{self, Reply, StopReason, Usage};

/// How a try ended.
pub(super) enum Tried {
    Answered(Reply),
    Failed(provider::Error),
    /// It failed, or the listener went away, after words had been told: there is no other try.
    Broken {
        error: Option<provider::Error>,
        /// None where nothing tells it: then it has used what was reserved.
        usage: Option<Usage>,
    },
}

impl Way<'_> {
    /// One try, or two beside each other. An error where another may follow; true where the rival was asked too.
    pub(super) async fn attempt(
        &mut self,
        first: &Asked<'_>,
        rival: Option<(&Asked<'_>, Duration)>,
        turn: Option<Turn>,
    ) -> Result<Box<Ended>, bool> {
        let began = Instant::now();
        self.under_way = vec![(began, first.booked())];
        let raced = self.race(first, rival).await;
        let asked = match rival {
            Some((rival, _)) if raced.by_rival => rival,
            _ => first,
        };
        self.under_way = vec![(raced.at, asked.booked())];
        let tried = match raced.began {
            Began::Failed(error) => Tried::Failed(error),
            Began::GaveUp => {
                // A request that was sent is on the bill for its prompt at least.
                let told = self.listener.is_some() && asked.callable.streams();
                Tried::Broken {
                    error: None,
                    usage: told.then(|| estimate(&asked.request, None, 0)),
                }
            }
            Began::Well(Opened::Pieces(events)) => read(asked, events, self.listener).await,
            Began::Well(Opened::Whole(reply)) => {
                tell(&reply, self.listener).await;
                Tried::Answered(*reply)
            }
        };
        self.under_way.clear();
        let duration = nanoseconds(began.elapsed());
        self.row.durations.provider = self.row.durations.provider.saturating_add(duration);
        self.row.tier_done = Some(asked.callable.tier);
        self.row.model = Some(asked.callable.model.clone());
        self.row.provider = Some(asked.callable.provider.clone());
        if asked.callable.model != first.callable.model
            || asked.callable.provider != first.callable.provider
        {
            self.row
                .fallback_reason
                .get_or_insert_with(|| Fallback::Hedged.code().to_owned());
        }
        let (mut hop, bound) = (asked.hop(raced.at), asked.bound());
        match tried {
            Tried::Answered(reply) => {
                hop.attempts = reply.attempts;
                // A vendor that does not say what it used has used at most what was reserved.
                hop.cost = reply
                    .usage
                    .as_ref()
                    .map_or(bound, |usage| money::cost(&asked.callable.prices, usage));
                // Another model's answer is none to the first one's question.
                if let Some(turn) = turn.filter(|_| std::ptr::eq(asked, first)) {
                    self.host.cache().keep(turn, &reply).await;
                }
                if reply.usage.is_none() && bound > Picodollars::default() {
                    self.warn(format!(
                        "{} did not say what it used: {bound} are booked, the most that it could cost",
                        asked.callable.model
                    ));
                }
                let usage = reply.usage.clone();
                self.row.quality = quality_of(&reply.stop);
                let answer = Answer::Text {
                    text: reply.text(),
                    stop: reply.stop,
                    parts: reply.parts,
                };
                self.book(hop, usage);
                Ok(Box::new(self.settle(Status::Success, Ok(answer))))
            }
            Tried::Failed(error) => {
                self.miss(hop, error, bound);
                Err(raced.both)
            }
            Tried::Broken { error, usage } => {
                // The vendor's last word on usage is missing: what came is counted high, and never above what was reserved.
                hop.cost = usage.as_ref().map_or(bound, |usage| {
                    money::cost(&asked.callable.prices, usage).min(bound)
                });
                let (status, failure) = match error {
                    Some(error) => {
                        hop.attempts = error.attempts;
                        hop.error = Some(error.to_string());
                        (Status::Failure, Failure::Provider(error))
                    }
                    None => {
                        hop.error = Some("the caller went away".to_owned());
                        (Status::Cancelled, Failure::Cancelled)
                    }
                };
                self.book(hop, usage);
                Ok(Box::new(self.settle(status, Err(failure))))
            }
        }
    }
}

/// How good an answer is, as far as its own end tells.
fn quality_of(stop: &StopReason) -> Option<f32> {
    match stop {
        StopReason::EndTurn | StopReason::StopSequence | StopReason::ToolUse => Some(0.9),
        StopReason::MaxTokens => Some(0.3),
        StopReason::Refusal => Some(0.1),
        _ => None,
    }
}
