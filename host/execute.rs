//! Carries a task out at its tier: tier 0 by the booster, the others by a model, reserved before and settled after.
//!
//! A try at tier 0 that does not answer goes on at a model's tier, with its reason. This module does not decide tiers on its
//! own account: it asks the policy again where tier 0 fell through.

use std::time::Instant;

use crate::boost::{self, Attempt};
use crate::chosen;
use crate::config::Config;
use crate::factors;
use crate::host::Host;
use crate::money::{self, Picodollars};
use crate::outcome::{Outcome, Status};
use crate::paid::{self, Listener};
use crate::pipeline::{Answer, Routed, Underway};
use crate::provider::{self, Usage};
use crate::store;
use crate::task::Task;
use crate::tier::Tier;
use crate::wit::{Classification, Denial, Features, Feedback};

/// Why a task has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The budget does not reach.
    #[error("the budget does not reach: {0}")]
    Budget(String),
    /// Nothing that could do the task can be called.
    #[error("{0}")]
    Unavailable(String),
    /// The vendor did not answer, or not usably.
    #[error(transparent)]
    Provider(#[from] provider::Error),
    /// The caller went away before the end.
    #[error("the caller went away before the answer's end")]
    Cancelled,
    /// The ledger cannot be written, so nothing is paid for.
    #[error("no model is called, because the ledger cannot be written: {0}")]
    Store(#[from] store::Error),
}

/// A task that was carried out, or could not be.
pub(crate) struct Executed {
    pub(crate) outcome: Outcome,
    pub(crate) result: Result<Answer, Failure>,
    pub(crate) attempt: Option<Attempt>,
    /// The row was handed to the store together with its money.
    pub(crate) settled: bool,
}

/// What to do next: the tier, why it is not the decided one, and what tier 0 did before.
struct Step {
    tier: Result<Tier, Denial>,
    fallback_reason: Option<String>,
    attempt: Option<Attempt>,
    /// What stood in the way after tier 0, in words.
    notes: Vec<String>,
    /// Why no other tier does it, where it is denied.
    no_other: Vec<String>,
}

/// Tries tier 0 where that is the decision, and otherwise says which tier is next.
fn step(host: &Host, task: &Task, underway: &Underway) -> Step {
    let decided = match &underway.decision {
        Ok(decision) => underway
            .instead
            .or_else(|| Tier::try_from(decision.tier).ok())
            .unwrap_or(Tier::Middle),
        Err(denial) => {
            return Step {
                tier: Err(*denial),
                fallback_reason: underway.fallback_reason.clone(),
                attempt: None,
                notes: Vec::new(),
                no_other: underway.no_other.clone(),
            };
        }
    };
    if decided != Tier::Booster {
        return Step {
            tier: Ok(decided),
            fallback_reason: underway.fallback_reason.clone(),
            attempt: None,
            notes: Vec::new(),
            no_other: Vec::new(),
        };
    }
    let booster = &host.config().booster;
    let attempt = if task.use_agent_booster == Some(false) {
        Attempt::forbidden()
    } else {
        boost::boost(
            host.runtime(),
            task,
            &underway.classification,
            host.grants(),
            booster.confidence_threshold,
        )
    };
    let Some(reason) = attempt.reason else {
        return Step {
            tier: Ok(Tier::Booster),
            fallback_reason: underway.fallback_reason.clone(),
            attempt: Some(attempt),
            notes: Vec::new(),
            no_other: Vec::new(),
        };
    };
    let (tier, notes, no_other) = after_booster(host, task, underway);
    Step {
        tier,
        fallback_reason: Some(reason.to_owned()),
        attempt: Some(attempt),
        notes,
        no_other,
    }
}

/// Why a task that tier 0 did not do goes nowhere else, where that is so.
fn ends_at_booster(host: &Host, attempt: Option<&Attempt>) -> Option<String> {
    let reason = attempt?.reason?;
    (!host.config().fallback.enabled).then(|| {
        format!(
            "tier 0 does not answer ({reason}), and fallbacks are switched off: ROUTING_FALLBACK_ENABLED or `fallback.enabled`"
        )
    })
}

/// Where a task goes that tier 0 did not do: when tier 0 was asked for by hand, to tier 1 or the next one with a model, and otherwise to what the
/// policy says without tier 0; never under the floor of critical and security work. Beside it stands what was in the way of a better one.
fn after_booster(
    host: &Host,
    task: &Task,
    underway: &Underway,
) -> (Result<Tier, Denial>, Vec<String>, Vec<String>) {
    if task.routing_tier == Some(Tier::Booster) {
        let floor = floor(task.is_critical, &underway.classification);
        let tier = host.callable().find(|tier| *tier >= floor).unwrap_or(floor);
        let passed_over = (tier != floor).then(|| {
            format!(
                "tier {tier} instead of tier {floor}: it cannot be called ({})",
                host.why_not_callable(floor.number())
            )
        });
        return (Ok(tier), passed_over.into_iter().collect(), Vec::new());
    }
    let mut limits = underway.limits.clone();
    limits.allow_booster = false;
    let classification = &underway.classification;
    let mut notes = Vec::new();
    let chosen = chosen::choose(host, classification, &limits).unwrap_or_else(|fault| {
        notes.push(chosen::stood_in_for(&fault));
        chosen::by_level(host, classification, &limits, &fault)
    });
    let instead = chosen.instead;
    notes.extend(chosen.no_other.iter().cloned());
    let says_why = instead.is_some() || !chosen.why_wanted.is_empty();
    notes.extend(chosen.why_wanted);
    let tier = chosen.decision.map(|decision| {
        if instead.is_some() {
            notes.extend(decision.reasons);
        }
        instead
            .or_else(|| Tier::try_from(decision.tier).ok())
            .unwrap_or(Tier::Middle)
    });
    if says_why {
        notes.extend(factors::why_so_hard(&underway.factors));
    }
    (tier, notes, chosen.no_other)
}

/// What [`execute`] would do, without a call, a reservation or a record.
pub(crate) fn foresee(host: &Host, task: &Task, mut underway: Underway) -> Routed {
    let next = step(host, task, &underway);
    let ends_here = ends_at_booster(host, next.attempt.as_ref());
    let tier = match ends_here {
        Some(_) => None,
        None => next.tier.as_ref().ok().copied(),
    };
    underway.notes.extend(next.notes);
    underway.notes.extend(ends_here);
    let paid = tier.filter(|tier| *tier != Tier::Booster);
    let chain = paid
        .map(|tier| host.chain(task, &underway.classification, tier, false))
        .unwrap_or_default();
    // Without a key nobody can be called, and the tier's own model is still what would be.
    let callable = chain
        .callables
        .first()
        .cloned()
        .or_else(|| paid.and_then(|tier| host.callable_at(tier).cloned()));
    Routed {
        reserved: callable
            .as_ref()
            .map(|callable| paid::bound(callable, &paid::asked(task, callable).0)),
        fallbacks: chain
            .callables
            .iter()
            .skip(1)
            .map(|callable| callable.model.clone())
            .collect(),
        model: callable.map(|callable| callable.model),
        tier,
        fallback_reason: next.fallback_reason,
        attempt: next.attempt,
        decision: match next.tier {
            Err(denial) => Err(denial),
            Ok(_) => underway.decision,
        },
        classification: underway.classification,
        factors: underway.factors,
        notes: underway.notes,
        durations: underway.durations,
    }
}

/// Does a task at its tier.
pub(crate) async fn execute(
    host: &Host,
    task: &Task,
    underway: Underway,
    mut row: Outcome,
    (listener, arrived): (Listener<'_>, Instant),
) -> Executed {
    let next = step(host, task, &underway);
    row.reasons.extend(underway.notes.iter().cloned());
    let no_other: String = next
        .no_other
        .iter()
        .map(|words| format!("; {words}"))
        .collect();
    row.fallback_reason = next.fallback_reason;
    if let Some(attempt) = &next.attempt {
        row.durations.transform = nanoseconds(attempt.took);
        row.transform = attempt.boosted.as_ref().map(|done| done.transform.clone());
        row.reasons.extend(
            attempt
                .boosted
                .iter()
                .filter(|done| !done.assumed.is_empty())
                .map(|done| {
                    format!(
                        "taken as vouched for, because the words ask for the edit: {}",
                        done.assumed.join(", ")
                    )
                }),
        );
        row.reasons.extend(
            attempt
                .words
                .iter()
                .map(|words| format!("tier 0 did not answer: {words}")),
        );
    }
    row.reasons.extend(next.notes);
    let ends_here = ends_at_booster(host, next.attempt.as_ref());
    match next.tier {
        Ok(Tier::Booster) => boosted(host, &underway, row, next.attempt, arrived),
        Ok(_) if let Some(words) = ends_here => {
            row.tier_done = Some(Tier::Booster);
            let failure = Failure::Unavailable(words);
            let (outcome, result) = ended(row, Status::Failure, Err(failure), arrived);
            Executed {
                outcome,
                result,
                attempt: next.attempt,
                settled: false,
            }
        }
        Ok(tier) => {
            let (outcome, result, settled) =
                paid::paid(host, task, &underway, tier, row, (listener, arrived)).await;
            Executed {
                outcome,
                result,
                attempt: next.attempt,
                settled,
            }
        }
        Err(denial) => {
            let (status, failure) = denied(host, &denial, &no_other);
            let (outcome, result) = ended(row, status, Err(failure), arrived);
            Executed {
                outcome,
                result,
                attempt: next.attempt,
                settled: false,
            }
        }
    }
}

/// The end of a task that the booster answered.
fn boosted(
    host: &Host,
    underway: &Underway,
    mut row: Outcome,
    attempt: Option<Attempt>,
    arrived: Instant,
) -> Executed {
    let done = attempt
        .and_then(|attempt| attempt.boosted)
        .expect("tier 0 is the next step only when it has answered");
    let written = done.files.iter().map(|file| file.transformed_code.len());
    row.baseline = unspent(
        host,
        u64::from(underway.classification.input_tokens),
        written.sum(),
    );
    row.tier_done = Some(Tier::Booster);
    row.quality = Some(1.0);
    let (outcome, result) = ended(row, Status::Success, Ok(Answer::Transformed(done)), arrived);
    Executed {
        outcome,
        result,
        attempt: None,
        settled: false,
    }
}

fn denied(host: &Host, denial: &Denial, no_other: &str) -> (Status, Failure) {
    match denial {
        Denial::BudgetSpent((tier, cost)) => (
            Status::RefusedByBudget,
            Failure::Budget(format!(
                "tier {tier} is expected to cost {}, more than is left today{no_other}; `tinydancer budget` shows it",
                Picodollars::new(*cost)
            )),
        ),
        Denial::TierUnavailable(tier) => (
            Status::Failure,
            Failure::Unavailable(host.why_not_callable(*tier)),
        ),
        Denial::NoTier => (
            Status::Failure,
            Failure::Unavailable(format!(
                "no tier can do it{no_other}: see `tinydancer models`"
            )),
        ),
    }
}

/// The lowest tier with a model that may do a task, as the router has it too: critical and security work is refused rather than done by the smallest.
pub(crate) fn floor(is_critical: bool, classification: &Classification) -> Tier {
    const MORE_THAN_SIMPLE: u8 = 20;
    let is_security = classification.security && classification.complexity >= MORE_THAN_SIMPLE;
    if is_critical || is_security {
        Tier::Middle
    } else {
        Tier::Small
    }
}

/// Whether a tier with a model was set by hand. Where tier 0 was, and does not answer, the tier that follows is nobody's wish.
pub(crate) fn is_kept_to(task: &Task) -> bool {
    task.routing_tier.is_some_and(|tier| tier != Tier::Booster)
}

/// The next tier down that has a model, where the budget may lower it.
pub(crate) fn lower_tier(
    host: &Host,
    task: &Task,
    underway: &Underway,
    tier: Tier,
) -> Option<Tier> {
    if !underway.limits.may_downgrade || is_kept_to(task) {
        return None;
    }
    let floor = floor(task.is_critical, &underway.classification);
    host.callable()
        .filter(|lower| *lower < tier && *lower >= floor)
        .last()
}

/// What tier 2's model would have cost for work that tier 0 did: it would have read so many tokens and written the changed texts, at
/// some three bytes to a token of code.
pub(crate) fn unspent(host: &Host, input_tokens: u64, written_bytes: usize) -> Picodollars {
    baseline(
        host,
        &Usage {
            input: input_tokens,
            output: (written_bytes / 3) as u64,
            ..Usage::default()
        },
    )
}

/// What a usage would have cost at tier 2.
pub(crate) fn baseline(host: &Host, usage: &Usage) -> Picodollars {
    host.callable_at(Tier::Middle)
        .map_or_else(Picodollars::default, |middle| {
            money::cost(
                &middle.prices,
                &Usage {
                    vendor_cost: None,
                    ..usage.clone()
                },
            )
        })
}

/// What the end of a paid task says by itself: little, so it weighs little. A vendor's failure says nothing of the tier.
pub(crate) fn automatic_feedback(config: &Config, outcome: &Outcome) -> Option<Feedback> {
    const WEIGHT: f32 = 0.1;
    let tier = outcome.tier_done.filter(|tier| *tier != Tier::Booster)?;
    let quality = outcome
        .quality
        .filter(|_| config.router.learn && outcome.status == Status::Success)?;
    Some(Feedback {
        kind: outcome.kind.clone(),
        complexity: outcome.complexity,
        features: Features {
            indices: outcome.features.indices.clone(),
            values: outcome.features.values.clone(),
        },
        tier: tier.number(),
        quality,
        weight: WEIGHT,
    })
}

pub(crate) fn ended(
    mut row: Outcome,
    status: Status,
    result: Result<Answer, Failure>,
    arrived: Instant,
) -> (Outcome, Result<Answer, Failure>) {
    row.status = status;
    row.error = result.as_ref().err().map(ToString::to_string);
    row.durations.total = nanoseconds(arrived.elapsed());
    (row, result)
}

pub(crate) fn nanoseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
