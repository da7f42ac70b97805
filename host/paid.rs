//! A task at a tier that calls a model: reserve, call, settle, over as many of the tier's models as it takes. Every try is a hop of the
//! outcome, every hop's money is reserved before it, and the whole is settled once.
//!
//! It decides neither the tier nor the order of the models: `execute` and `choose` do.

use std::time::Instant;

use futures_util::StreamExt as _;
use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::cache::{Looked, Turn};
use crate::choose::{self, Callable};
use crate::execute::{Failure, automatic_feedback, baseline, ended, lower_tier, nanoseconds};
use crate::host::Host;
use crate::money::{self, Picodollars};
use crate::outcome::{Hop, Outcome, Status};
use crate::pipeline::{Answer, Underway};
use crate::prompt;
use crate::provider::{self, Event, Part, Provider, Reply, Request, StopReason, Usage};
use crate::store::{Begin, BeginError, Reservation};
use crate::stream::Progress;
use crate::task::Task;
use crate::tier::Tier;

/// Who is told of an answer as it comes.
pub(crate) type Listener<'a> = Option<&'a mpsc::Sender<Progress>>;

/// The end of a paid task: its row, what came of it, and whether the row has been written.
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
    /// What is booked for the tries so far.
    spent: Picodollars,
    /// The last try's failure.
    failed: Option<provider::Error>,
    /// What came of it is told to the learner.
    teaches: bool,
}

/// Why a try was not made.
enum NotMade {
    /// The day's or the task's limit does not reach.
    Budget(String),
    /// The model was billed above its bound before.
    HeldBack(String),
    Store(crate::store::Error),
}

/// How a try ended.
enum Tried {
    Answered(Reply),
    Failed(provider::Error),
    /// It failed, or the listener went away, after words had been told: there is no other try.
    Broken {
        error: Option<provider::Error>,
        usage: Usage,
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
        spent: Picodollars::default(),
        failed: None,
        teaches: true,
    };
    let mut tier = tier;
    loop {
        let chain = host.chain(task, &underway.classification, tier);
        let nobody = chain.callables.is_empty();
        let reasons = chain.notes.join("; ");
        way.row.reasons.extend(chain.notes);
        if nobody {
            // A longer context or another capability may be there further up; a tier set by hand is kept to.
            let higher = host.callable().find(|higher| *higher > tier);
            if let Some(higher) = higher.filter(|_| task.routing_tier.is_none() && chain.unfit) {
                way.row
                    .fallback_reason
                    .get_or_insert_with(|| "no-fitting-model".to_owned());
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
        for callable in &chain.callables {
            let Some(provider) = host.provider_for(callable) else {
                continue;
            };
            let (request, notes) = asked(task, callable);
            let looked = host.cache().look(callable, &request).await;
            let turn = match looked {
                Looked::Found(reply) if way.reservation.is_none() => {
                    return way.remembered(tier, callable, &reply).await;
                }
                Looked::Ask(turn) => Some(turn),
                Looked::Found(_) | Looked::Passed => None,
            };
            match way.reserve(tier, callable, &request).await {
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
                    return way.finish(Status::Failure, Failure::Store(e)).await;
                }
            }
            way.row.reasons.extend(notes);
            if let Some(answered) = way
                .attempt(tier, callable, &**provider, &request, turn)
                .await
            {
                return answered;
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
            return way.finish(Status::Failure, Failure::Provider(failed)).await;
        }
        let words = refused.unwrap_or_else(|| host.why_not_callable(tier.number()));
        if let Some(lower) = lower_tier(host, task, underway, tier) {
            let (code, why) = if is_held_back {
                ("held-back", "its model is held back for an overrun")
            } else {
                ("budget-downgrade", "the budget does not reach")
            };
            way.row
                .reasons
                .push(format!("tier {lower} instead of tier {tier}, as {why}"));
            way.row
                .fallback_reason
                .get_or_insert_with(|| code.to_owned());
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
        spent: Picodollars::default(),
        failed: None,
        teaches: false,
    };
    let Some(provider) = host.provider_for(callable) else {
        let words = format!("the provider `{}` is not set up", callable.provider);
        return way.unmade(Status::Failure, Failure::Unavailable(words));
    };
    let (request, _) = asked(task, callable);
    match way.reserve(callable.tier, callable, &request).await {
        Ok(()) => {}
        Err(NotMade::Budget(words) | NotMade::HeldBack(words)) => {
            return way.unmade(Status::RefusedByBudget, Failure::Budget(words));
        }
        Err(NotMade::Store(e)) => return way.unmade(Status::Failure, Failure::Store(e)),
    }
    let answered = way
        .attempt(callable.tier, callable, &**provider, &request, None)
        .await;
    match (answered, way.failed.take()) {
        (Some(ended), _) => ended,
        (None, Some(failed)) => way.finish(Status::Failure, Failure::Provider(failed)).await,
        // A try that did not answer has left its failure.
        (None, None) => way.finish(Status::Failure, Failure::Cancelled).await,
    }
}

impl Way<'_> {
    /// Sets aside what the next try can cost, over what the tries before it are booked at.
    async fn reserve(
        &mut self,
        tier: Tier,
        callable: &Callable,
        request: &Request,
    ) -> Result<(), NotMade> {
        let wanted = bound(callable, request);
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
            None => self
                .host
                .store()
                .begin(begin)
                .await
                .map(|reservation| self.reservation = Some(reservation)),
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

    /// One try. None where another may follow.
    async fn attempt(
        &mut self,
        tier: Tier,
        callable: &Callable,
        provider: &dyn Provider,
        request: &Request,
        turn: Option<Turn>,
    ) -> Option<Ended> {
        let began = Instant::now();
        let streams = callable.capabilities.is_none_or(|takes| takes.stream);
        let tried = match self.listener {
            Some(listener) if streams => stream(provider, request, listener).await,
            Some(listener) => told(call(provider, request).await, listener).await,
            None => call(provider, request).await,
        };
        let duration = nanoseconds(began.elapsed());
        self.row.durations.provider = self.row.durations.provider.saturating_add(duration);
        let mut hop = Hop {
            tier: tier.number(),
            provider: callable.provider.clone(),
            model: callable.model.clone(),
            error: None,
            cost: Picodollars::default(),
            attempts: 1,
            duration,
        };
        let bound = bound(callable, request);
        match tried {
            Tried::Answered(reply) => {
                hop.attempts = reply.attempts;
                // A vendor that does not say what it used has used at most what was reserved.
                hop.cost = reply
                    .usage
                    .as_ref()
                    .map_or(bound, |usage| money::cost(&callable.prices, usage));
                if let Some(turn) = turn {
                    self.host.cache().keep(turn, &reply).await;
                }
                let usage = reply.usage.clone();
                self.row.quality = quality_of(&reply.stop);
                let answer = Answer::Text {
                    text: reply.text(),
                    stop: reply.stop,
                    parts: reply.parts,
                };
                self.book(hop, usage);
                Some(self.settle(Status::Success, Ok(answer)).await)
            }
            Tried::Failed(error) => {
                hop.attempts = error.attempts;
                hop.error = Some(error.to_string());
                if error.may_have_been_billed() {
                    hop.cost = bound;
                }
                self.row
                    .reasons
                    .push(format!("{}: {error}", callable.model));
                self.row
                    .fallback_reason
                    .get_or_insert_with(|| "provider-failure".to_owned());
                self.spent = self.spent.saturating_add(hop.cost);
                self.row.hops.push(hop);
                self.failed = Some(error);
                None
            }
            Tried::Broken { error, usage } => {
                // The vendor's last word on usage is missing: what came is counted high, and never above what was reserved.
                hop.cost = money::cost(&callable.prices, &usage).min(bound);
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
                self.book(hop, Some(usage));
                Some(self.settle(status, Err(failure)).await)
            }
        }
    }

    fn book(&mut self, hop: Hop, usage: Option<Usage>) {
        self.spent = self.spent.saturating_add(hop.cost);
        self.row.baseline = usage
            .as_ref()
            .map_or(self.spent, |usage| baseline(self.host, usage));
        self.row.usage = usage;
        if self.row.hops.is_empty() {
            // The first model answered: nothing fell back here.
        } else if hop.error.is_none() {
            self.row
                .reasons
                .push(format!("{} answered instead", hop.model));
        }
        self.row.hops.push(hop);
    }

    /// Writes the end together with its money.
    async fn settle(&mut self, status: Status, result: Result<Answer, Failure>) -> Ended {
        if status == Status::Failure && self.row.hops.len() <= 1 {
            // A failure without another try is no fallback.
            self.row
                .fallback_reason
                .take_if(|reason| reason == "provider-failure");
        }
        self.row.cost = self.spent;
        let bound = self.reservation.as_ref().map(Reservation::bound);
        if let Some(bound) = bound.filter(|bound| self.spent > *bound) {
            let model = self.row.model.as_deref().unwrap_or_default();
            let words = format!(
                "{model} was billed {} where {bound} was the most that it could cost: it is not called again before `tinydancer budget --accept-overruns`",
                self.spent
            );
            tracing::warn!(task = %self.row.id, "{words}");
            self.row.reasons.push(words);
        }
        let (outcome, result) = ended(self.row.clone(), status, result, self.arrived);
        let Some(reservation) = self.reservation.take() else {
            return (outcome, result, false);
        };
        let feedback = self
            .teaches
            .then(|| automatic_feedback(self.host.config(), &outcome))
            .flatten();
        let settled = reservation
            .settle(outcome.clone(), outcome.cost, feedback)
            .await;
        self.host.forget_budget();
        // The row stays `started` with its reservation where this fails; recovery settles it at the bound. The answer is paid for, so it
        // is given.
        if let Err(e) = settled {
            tracing::error!(task = %outcome.id, error = %e, "a paid task could not be settled; it is kept as started");
        }
        (outcome, result, true)
    }

    async fn finish(mut self, status: Status, failure: Failure) -> Ended {
        self.settle(status, Err(failure)).await
    }

    /// The end of a task for which no model was called.
    fn unmade(mut self, status: Status, failure: Failure) -> Ended {
        (self.row.tier_done, self.row.model, self.row.provider) = (None, None, None);
        let (outcome, result) = ended(self.row, status, Err(failure), self.arrived);
        (outcome, result, false)
    }

    /// An answer that was given before: it costs nothing, and says so.
    async fn remembered(mut self, tier: Tier, callable: &Callable, reply: &Reply) -> Ended {
        self.row.tier_done = Some(tier);
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
        if let Some(listener) = self.listener {
            let _ = told(Tried::Answered(reply.clone()), listener).await;
        }
        let answer = Answer::Text {
            text: reply.text(),
            stop: reply.stop.clone(),
            parts: reply.parts.clone(),
        };
        let (outcome, result) = ended(self.row, Status::Success, Ok(answer), self.arrived);
        (outcome, result, false)
    }
}

async fn call(provider: &dyn Provider, request: &Request) -> Tried {
    match provider.call(request).await {
        Ok(reply) => Tried::Answered(reply),
        Err(error) => Tried::Failed(error),
    }
}

/// Tells a whole answer as if it had come in pieces.
async fn told(tried: Tried, listener: &mpsc::Sender<Progress>) -> Tried {
    if let Tried::Answered(reply) = &tried {
        let mut calls = 0;
        for part in &reply.parts {
            let events = match part {
                Part::Text(text) => vec![Event::Text(text.clone())],
                Part::Thinking { text, .. } => vec![Event::Thinking(text.clone())],
                Part::ToolCall {
                    id,
                    name,
                    arguments,
                    ..
                } => {
                    let index = calls;
                    calls += 1;
                    vec![
                        Event::ToolCall {
                            index,
                            id: id.clone(),
                            name: name.clone(),
                        },
                        Event::ToolArguments {
                            index,
                            json: arguments.to_string(),
                        },
                    ]
                }
                _ => Vec::new(),
            };
            for event in events {
                // Whoever has gone away does not hear it; the answer is there and paid for.
                let _ = listener.send(Progress::Event(event)).await;
            }
        }
        let end = Event::End(Box::new(reply.clone()));
        let _ = listener.send(Progress::Event(end)).await;
    }
    tried
}

/// Calls for an answer in pieces and tells them.
async fn stream(
    provider: &dyn Provider,
    request: &Request,
    listener: &mpsc::Sender<Progress>,
) -> Tried {
    let broken = |error, known: Option<Usage>, bytes| Tried::Broken {
        error,
        usage: estimate(request, known, bytes),
    };
    let opened = tokio::select! {
        biased;
        // A request that was sent is on the bill for its prompt at least.
        () = listener.closed() => return broken(None, None, 0),
        opened = provider.stream(request) => opened,
    };
    let mut events = match opened {
        Ok(events) => events,
        Err(error) => return Tried::Failed(error),
    };
    let (mut known, mut bytes) = (None, 0);
    loop {
        let event = tokio::select! {
            biased;
            () = listener.closed() => return broken(None, known, bytes),
            event = events.next() => event,
        };
        let event = match event {
            Some(Ok(event)) => event,
            Some(Err(error)) => return broken(Some(error), known, bytes),
            None => {
                let error = provider::Error {
                    provider: provider.name().to_owned().into(),
                    kind: provider::ErrorKind::Protocol,
                    vendor_words: None,
                    retry_after: None,
                    attempts: 1,
                    reached: true,
                };
                return broken(Some(error), known, bytes);
            }
        };
        match &event {
            Event::Text(text) | Event::Thinking(text) => bytes += text.len() as u64,
            Event::ToolArguments { json, .. } => bytes += json.len() as u64,
            Event::Usage(usage) => known = Some(usage.clone()),
            Event::End(reply) => {
                let reply = (**reply).clone();
                let _ = listener.send(Progress::Event(event)).await;
                return Tried::Answered(reply);
            }
            Event::ToolCall { .. } => {}
        }
        if listener.send(Progress::Event(event)).await.is_err() {
            return broken(None, known, bytes);
        }
    }
}

/// What an answer that was cut off has used, counted high: the vendor's own word on the prompt where there is one, every byte of it a
/// token where not, and every byte of what came of the answer a token. What a model thought unseen is not in it.
fn estimate(request: &Request, known: Option<Usage>, bytes: u64) -> Usage {
    let mut usage = known.unwrap_or_else(|| Usage {
        input: request.bytes().saturating_add(prompt::overhead(request)),
        ..Usage::default()
    });
    usage.output = usage.output.max(bytes);
    usage.estimated = true;
    usage
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
