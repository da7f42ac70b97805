//! A task at a tier that calls a model: reserve, call, settle, over as many of the tier's models as it takes. Every try is a hop of the
//! outcome, every hop's money is reserved before it, and the whole is settled once.
//!
//! It decides neither the tier nor the order of the models: `execute` and `choose` do.

mod race;
mod told;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::cache::{Looked, Turn};
use crate::choose::{self, Callable};
use crate::execute::{
    Failure, automatic_feedback, baseline, ended, is_kept_to, lower_tier, nanoseconds,
};
use crate::fallback::Fallback;
use crate::host::Host;
use crate::money::{self, Picodollars};
use crate::outcome::{CALLER_GONE, Hop, Outcome, Status};
use crate::pipeline::{Answer, Underway};
use crate::prompt;
use crate::provider::{self, Reply, Request, StopReason, Usage};
use crate::store::{Begin, BeginError, Reservation};
use crate::stream::Progress;
use crate::task::Task;
use crate::tier::Tier;
use race::{Asked, Began, Opened};
use told::{estimate, read, tell};

/// Who is told of an answer as it comes.
pub(crate) type Listener<'a> = Option<&'a mpsc::Sender<Progress>>;

/// The end of a paid task: its row, what came of it, and whether the row was handed to the store.
type Ended = (Outcome, Result<Answer, Failure>, bool);

/// What a task can cost at most at a model.
pub(crate) fn bound(callable: &Callable, request: &Request) -> Picodollars {
    money::bound(
        &callable.prices,
        request.bytes(),
        prompt::overhead(request),
        u64::from(request.max_output_tokens),
    )
}

/// The request for a task, clamped to what the model takes, with what was changed.
pub(crate) fn asked(task: &Task, callable: &Callable) -> (Request, Vec<String>) {
    let mut request = prompt::request(task, callable);
    let notes = choose::clamp(&mut request, callable);
    (request, notes)
}

/// A paid task on its way.
struct Way<'a> {
    host: &'a Host,
    listener: Listener<'a>,
    arrived: Instant,
    row: Outcome,
    reservation: Option<Reservation>,
    /// When money was first set aside.
    at: Option<Timestamp>,
    since: Instant,
    /// What is booked for the tries so far.
    spent: Picodollars,
    /// The last try's failure.
    failed: Option<provider::Error>,
    /// What came of it is told to the learner.
    teaches: bool,
    /// The calls whose end has not come, each with the time at which it was made and what is booked for it if nobody waits for it.
    under_way: Vec<(Instant, Hop)>,
}

/// The caller went away in the middle of a call: what is known of the way so far is kept.
impl Drop for Way<'_> {
    fn drop(&mut self) {
        let Some(reservation) = self.reservation.take() else {
            return;
        };
        for (at, mut hop) in self.under_way.drain(..) {
            hop.duration = nanoseconds(at.elapsed());
            hop.error = Some(CALLER_GONE.to_owned());
            self.row.durations.provider = self.row.durations.provider.saturating_add(hop.duration);
            self.row.hops.push(hop);
        }
        self.row.durations.total = nanoseconds(self.arrived.elapsed());
        reservation.abandon(self.row.clone());
    }
}

/// Why a try was not made.
enum NotMade {
    /// The day's or the task's limit does not reach.
    Budget(String),
    /// The model was billed above its bound before.
    HeldBack(String),
    Store(crate::store::Error),
}

impl NotMade {
    fn words(self) -> String {
        match self {
            NotMade::Budget(words) | NotMade::HeldBack(words) => words,
            NotMade::Store(e) => e.to_string(),
        }
    }
}

/// How a try ended.
enum Tried {
    Answered(Reply),
    Failed(provider::Error),
    /// It failed, or the listener went away, after words had been told: there is no other try.
    Broken {
        error: Option<provider::Error>,
        /// None where nothing tells it: then it has used what was reserved.
        usage: Option<Usage>,
    },
}

/// Calls a model. A tier that the budget does not reach to is lowered only where the policy may do that, nobody set it by hand, and the
/// floor of a critical task allows it.
pub(crate) async fn paid(
    host: &Host,
    task: &Task,
    underway: &Underway,
    tier: Tier,
    row: Outcome,
    (listener, arrived): (Listener<'_>, Instant),
) -> Ended {
    let mut way = Way {
        host,
        listener,
        arrived,
        row,
        reservation: None,
        at: None,
        since: arrived,
        spent: Picodollars::default(),
        failed: None,
        teaches: true,
        under_way: Vec::new(),
    };
    let mut tier = tier;
    loop {
        let chain = host.chain(task, &underway.classification, tier, listener.is_some());
        let nobody = chain.callables.is_empty();
        let reasons = chain.notes.join("; ");
        way.row.reasons.extend(chain.notes);
        if nobody {
            // A longer context or another capability may be there further up; a tier set by hand is kept to.
            let higher = host.callable().find(|higher| *higher > tier);
            if let Some(higher) = higher.filter(|_| !is_kept_to(task) && chain.unfit) {
                way.row
                    .fallback_reason
                    .get_or_insert_with(|| Fallback::NoFittingModel.code().to_owned());
                tier = higher;
                continue;
            }
            let words = if reasons.is_empty() {
                host.why_not_callable(tier.number())
            } else {
                format!("tier {tier} has no model that can do this task: {reasons}")
            };
            return way.unmade(Status::Failure, Failure::Unavailable(words));
        }
        let (mut refused, mut is_held_back) = (None, false);
        let mut rest = chain
            .callables
            .iter()
            .filter_map(|callable| Asked::of(host, task, callable));
        let mut next = None;
        while let Some(asked) = next.take().or_else(|| rest.next()) {
            let looked = host.cache().look(asked.callable, &asked.request).await;
            let turn = match looked {
                Looked::Found(reply) => return way.remembered(asked.callable, &reply).await,
                Looked::Ask(turn) => Some(turn),
                Looked::Passed => None,
            };
            match way.reserve(&asked).await {
                Ok(()) => {}
                Err(NotMade::Budget(words)) => {
                    way.row.reasons.push(words.clone());
                    refused = Some(words);
                    continue;
                }
                Err(NotMade::HeldBack(words)) => {
                    is_held_back = true;
                    way.row.reasons.push(words.clone());
                    refused = Some(words);
                    continue;
                }
                Err(NotMade::Store(e)) => {
                    return way.finish(Status::Failure, Failure::Store(e));
                }
            }
            way.row.reasons.extend(asked.notes.iter().cloned());
            let after = host.hedge_after(asked.callable, way.listener.is_some());
            let other = after.and_then(|_| rest.next());
            let rival = after.map(|after| (other.as_ref().unwrap_or(&asked), after));
            match way.attempt(&asked, rival, turn).await {
                Ok(ended) => return *ended,
                // Who was asked already is not asked again.
                Err(both) => next = other.filter(|_| !both),
            }
            if way
                .failed
                .as_ref()
                .is_some_and(|failed| !failed.may_fall_back())
            {
                break;
            }
        }
        if let Some(failed) = way.failed.take() {
            return way.finish(Status::Failure, Failure::Provider(failed));
        }
        let words = refused.unwrap_or_else(|| host.why_not_callable(tier.number()));
        if let Some(lower) = lower_tier(host, task, underway, tier) {
            let (code, why) = if is_held_back {
                (Fallback::HeldBack, "its model is held back for an overrun")
            } else {
                (Fallback::BudgetDowngrade, "the budget does not reach")
            };
            way.row
                .reasons
                .push(format!("tier {lower} instead of tier {tier}, as {why}"));
            way.row
                .fallback_reason
                .get_or_insert_with(|| code.code().to_owned());
            tier = lower;
            continue;
        }
        return way.unmade(Status::RefusedByBudget, Failure::Budget(words));
    }
}

/// Calls one model for a task, whatever the settings say of it, and nobody learns from it.
pub(crate) async fn probe(
    host: &Host,
    task: &Task,
    callable: &Callable,
    row: Outcome,
    arrived: Instant,
) -> Ended {
    let mut way = Way {
        host,
        listener: None,
        arrived,
        row,
        reservation: None,
        at: None,
        since: arrived,
        spent: Picodollars::default(),
        failed: None,
        teaches: false,
        under_way: Vec::new(),
    };
    let Some(asked) = Asked::of(host, task, callable) else {
        let words = format!("the provider `{}` is not set up", callable.provider);
        return way.unmade(Status::Failure, Failure::Unavailable(words));
    };
    match way.reserve(&asked).await {
        Ok(()) => {}
        Err(NotMade::Budget(words) | NotMade::HeldBack(words)) => {
            return way.unmade(Status::RefusedByBudget, Failure::Budget(words));
        }
        Err(NotMade::Store(e)) => return way.unmade(Status::Failure, Failure::Store(e)),
    }
    let answered = way.attempt(&asked, None, None).await;
    match (answered, way.failed.take()) {
        (Ok(ended), _) => *ended,
        (Err(_), Some(failed)) => way.finish(Status::Failure, Failure::Provider(failed)),
        // A try that did not answer has left its failure.
        (Err(_), None) => way.finish(Status::Failure, Failure::Cancelled),
    }
}

impl Way<'_> {
    /// Sets aside what the next try can cost, over what the tries before it are booked at.
    async fn reserve(&mut self, asked: &Asked<'_>) -> Result<(), NotMade> {
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

    /// One try, or two beside each other. An error where another may follow; true where the rival was asked too.
    async fn attempt(
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

    /// Something that the reply has to say, and whoever looks at the host.
    fn warn(&mut self, words: String) {
        tracing::warn!("{words}");
        self.row.reasons.push(words);
    }

    /// Takes in a try that failed before it had an answer.
    fn miss(&mut self, mut hop: Hop, error: provider::Error, bound: Picodollars) {
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

    fn add(&mut self, hop: Hop) {
        self.spent = self.spent.saturating_add(hop.cost);
        self.row.hops.push(hop);
    }

    fn book(&mut self, hop: Hop, usage: Option<Usage>) {
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
    fn settle(&mut self, status: Status, result: Result<Answer, Failure>) -> Ended {
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

    fn finish(mut self, status: Status, failure: Failure) -> Ended {
        self.settle(status, Err(failure))
    }

    /// The end of a task for which no model was called.
    fn unmade(mut self, status: Status, failure: Failure) -> Ended {
        (self.row.tier_done, self.row.model, self.row.provider) = (None, None, None);
        let (outcome, result) = ended(self.row.clone(), status, Err(failure), self.arrived);
        (outcome, result, false)
    }

    /// An answer that was given before: it costs nothing beside what was tried before it, and says so.
    async fn remembered(mut self, callable: &Callable, reply: &Reply) -> Ended {
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

/// How good an answer is, as far as its own end tells.
fn quality_of(stop: &StopReason) -> Option<f32> {
    match stop {
        StopReason::EndTurn | StopReason::StopSequence | StopReason::ToolUse => Some(0.9),
        StopReason::MaxTokens => Some(0.3),
        StopReason::Refusal => Some(0.1),
        _ => None,
    }
}
