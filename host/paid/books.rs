//! The books of a paid task: what is set aside before a try, what each try is booked at, and the end that goes to the store with its money.
//! Nothing is called here, and no model is chosen.

use std::time::Instant;

use super::race::Asked;
use super::told::tell;
use super::{Ended, Way};
use crate::choose::Callable;
use crate::execute::{Failure, automatic_feedback, baseline, ended};
use crate::fallback::Fallback;
use crate::money::Picodollars;
use crate::outcome::{Hop, Status};
use crate::pipeline::Answer;
use crate::provider::{self, Reply, Usage};
use crate::store::{Begin, BeginError, Reservation};

/// Why a try was not made.
pub(super) enum NotMade {
    /// The day's or the task's limit does not reach.
    Budget(String),
    /// The model was billed above its bound before.
    HeldBack(String),
    Store(crate::store::Error),
}

impl NotMade {
    pub(super) fn words(self) -> String {
        match self {
            NotMade::Budget(words) | NotMade::HeldBack(words) => words,
            NotMade::Store(e) => e.to_string(),
        }
    }
}

impl Way<'_> {
    /// Sets aside what the next try can cost, over what the tries before it are booked at.
    pub(super) async fn reserve(&mut self, asked: &Asked<'_>) -> Result<(), NotMade> {
        let (callable, tier) = (asked.callable, asked.callable.tier);
        let wanted = asked.bound();
        let whole = self.spent.saturating_add(wanted);
        if let Some(limit) = self.host.task_limit()
            && whole > limit
        {
            return Err(NotMade::Budget(format!(
                "{} at tier {tier} could cost {wanted}{}, and a task may cost {limit}",
                callable.model,
                if self.spent > Picodollars::default() {
                    format!(" beside the {} of what was tried before", self.spent)
                } else {
                    String::new()
                }
            )));
        }
        let before = (
            self.row.tier_done,
            self.row.model.clone(),
            self.row.provider.clone(),
        );
        self.row.tier_done = Some(tier);
        self.row.model = Some(callable.model.clone());
        self.row.provider = Some(callable.provider.clone());
        // A reservation belongs to the day and the hour in which it was first made.
        let at = *self.at.get_or_insert_with(|| self.host.now());
        let (day, scopes) = self.host.limits_at(at, tier, &self.row.caller);
        let begin = Begin {
            outcome: self.row.clone(),
            day,
            bound: whole,
            limit: self.host.daily_limit(),
            scopes,
        };
        let begun = match &mut self.reservation {
            Some(reservation) => reservation.extend(begin).await,
            None => {
                self.since = Instant::now();
                self.host
                    .store()
                    .begin(begin)
                    .await
                    .map(|reservation| self.reservation = Some(reservation))
            }
        };
        let refused = match begun {
            Ok(()) => return Ok(()),
            Err(BeginError::BudgetSpent {
                scope,
                limit,
                settled,
                reserved,
                ..
            }) => {
                self.host.forget_budget();
                NotMade::Budget(format!(
                    "{} at tier {tier} could cost {wanted}; of the {limit} for {scope} {settled} are spent and {reserved} are reserved",
                    callable.model
                ))
            }
            Err(held @ BeginError::Overrun { .. }) => NotMade::HeldBack(held.to_string()),
            Err(BeginError::Store(e)) => NotMade::Store(e),
        };
        (self.row.tier_done, self.row.model, self.row.provider) = before;
        Err(refused)
    }

    /// Something that the reply has to say, and whoever looks at the host.
    pub(super) fn warn(&mut self, words: String) {
        tracing::warn!("{words}");
        self.row.reasons.push(words);
    }

    /// Takes in a try that failed before it had an answer.
    pub(super) fn miss(&mut self, mut hop: Hop, error: provider::Error, bound: Picodollars) {
        hop.attempts = error.attempts;
        hop.error = Some(error.to_string());
        if error.may_have_been_billed() {
            hop.cost = bound;
        }
        self.row.reasons.push(format!("{}: {error}", hop.model));
        if hop.cost > Picodollars::default() {
            self.row.reasons.push(format!(
                "{} may bill it all the same: {} are booked for it, the most that it could cost",
                hop.provider, hop.cost
            ));
        }
        self.row
            .fallback_reason
            .get_or_insert_with(|| Fallback::ProviderFailure.code().to_owned());
        self.add(hop);
        // A request that one vendor calls wrong stays wrong, whatever another one's failure is.
        if self
            .failed
            .as_ref()
            .is_none_or(provider::Error::may_fall_back)
        {
            self.failed = Some(error);
        }
    }

    pub(super) fn add(&mut self, hop: Hop) {
        self.spent = self.spent.saturating_add(hop.cost);
        self.row.hops.push(hop);
    }

    pub(super) fn book(&mut self, hop: Hop, usage: Option<Usage>) {
        let spent = self.spent.saturating_add(hop.cost);
        self.row.baseline = usage
            .as_ref()
            .map_or(spent, |usage| baseline(self.host, usage));
        self.row.usage = usage;
        if self.row.hops.is_empty() {
            // The first model answered: nothing fell back here.
        } else if hop.error.is_none() {
            self.row
                .reasons
                .push(format!("{} answered instead", hop.model));
        }
        self.add(hop);
    }

    /// Hands over the end together with its money.
    pub(super) fn settle(&mut self, status: Status, result: Result<Answer, Failure>) -> Ended {
        if status == Status::Failure && self.row.hops.len() <= 1 {
            // A failure without another try is no fallback.
            self.row
                .fallback_reason
                .take_if(|reason| reason == Fallback::ProviderFailure.code());
        }
        self.row.cost = self.spent;
        let bound = self.reservation.as_ref().map(Reservation::bound);
        if let Some(bound) = bound.filter(|bound| self.spent > *bound) {
            let model = self.row.model.as_deref().unwrap_or_default();
            let words = format!(
                "{model} was billed {} where {bound} was the most that it could cost: it is not called again before `tinydancer budget --accept-overruns`",
                self.spent
            );
            self.warn(words);
        }
        let (outcome, result) = ended(self.row.clone(), status, result, self.arrived);
        let Some(reservation) = self.reservation.take() else {
            return (outcome, result, false);
        };
        let feedback = self
            .teaches
            .then(|| automatic_feedback(self.host.config(), &outcome))
            .flatten();
        let bound = reservation.bound();
        // Handed over, and committed behind the answer: who is killed in between finds the bound booked, as of a call under way. Whatever
        // reads the store after this finds it settled.
        drop(reservation.settle(outcome.clone(), outcome.cost, feedback));
        self.host.count_spent(outcome.cost, bound, self.since);
        (outcome, result, true)
    }

    pub(super) fn finish(mut self, status: Status, failure: Failure) -> Ended {
        self.settle(status, Err(failure))
    }

    /// The end of a task for which no model was called.
    pub(super) fn unmade(mut self, status: Status, failure: Failure) -> Ended {
        (self.row.tier_done, self.row.model, self.row.provider) = (None, None, None);
        let (outcome, result) = ended(self.row.clone(), status, Err(failure), self.arrived);
        (outcome, result, false)
    }

    /// An answer that was given before: it costs nothing beside what was tried before it, and says so.
    pub(super) async fn remembered(mut self, callable: &Callable, reply: &Reply) -> Ended {
        self.row.tier_done = Some(callable.tier);
        self.row.model = Some(callable.model.clone());
        self.row.provider = Some(callable.provider.clone());
        self.row
            .reasons
            .push("answered from the cache, without a call".to_owned());
        self.row.cached = true;
        self.row.baseline = reply
            .usage
            .as_ref()
            .map_or_else(Picodollars::default, |usage| baseline(self.host, usage));
        tell(reply, self.listener).await;
        let answer = Answer::Text {
            text: reply.text(),
            stop: reply.stop.clone(),
            parts: reply.parts.clone(),
        };
        self.settle(Status::Success, Ok(answer))
    }
}
