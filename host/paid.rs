//! A task at a tier that calls a model: reserve, call, settle, over as many of the tier's models as it takes. Every try is a hop of the
//! outcome, every hop's money is reserved before it, and the whole is settled once.
//!
//! It decides neither the tier nor the order of the models: `execute` and `choose` do.

mod attempt;
mod books;
mod race;
mod told;

use std::time::Instant;

use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::cache::Looked;
use crate::choose::{self, Callable};
use crate::execute::{Failure, is_kept_to, lower_tier, nanoseconds};
use crate::fallback::Fallback;
use crate::host::Host;
use crate::money::{self, Picodollars};
use crate::outcome::{CALLER_GONE, Hop, Outcome, Status};
use crate::pipeline::{Answer, Underway};
use crate::prompt;
use crate::provider::{self, Request};
use crate::store::Reservation;
use crate::stream::Progress;
use crate::task::Task;
use crate::tier::Tier;
use books::NotMade;
use race::Asked;

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
