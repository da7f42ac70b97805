//! The policy's word, held against what it would be if every tier could be called and no limit stood in the way: where another tier than that does a
//! task, both are named, and why. Nothing falls back silently.
//!
//! Pure but for the policy, which is asked a second time only where something stands in the way.

use crate::adjust::adjust;
use crate::execute::floor;
use crate::fallback::Fallback;
use crate::host::Host;
use crate::money::Picodollars;
use crate::runtime::Fault;
use crate::tier::Tier;
use crate::wit::{Classification, Decision, Denial, Estimate, Level, Limits};

/// What was decided, and what stands in its way.
pub(crate) struct Chosen {
    /// The decision for the tier that is wanted. Its estimates say what is out of the question.
    pub(crate) decision: Result<Decision, Denial>,
    /// The tier that is wanted; none where nothing is.
    pub(crate) wanted: Option<Tier>,
    /// The tier that does it instead.
    pub(crate) instead: Option<Tier>,
    /// Why another tier does it.
    pub(crate) code: Option<Fallback>,
    /// Why no tier is taken instead, in words, where nothing is done.
    pub(crate) no_other: Vec<String>,
    /// Why the tier is wanted that does not do it, where nothing is done.
    pub(crate) why_wanted: Vec<String>,
}

/// Decides.
///
/// # Errors
/// The router's guest failed.
pub(crate) fn choose(
    host: &Host,
    classification: &Classification,
    limits: &Limits,
) -> Result<Chosen, Fault> {
    let ask = |limits: &Limits| -> Result<Result<Decision, Denial>, Fault> {
        let mut decided = host.policy().decide(classification, limits)?;
        if let Ok(decision) = &mut decided {
            adjust(decision, classification, limits, &host.config().router);
        }
        Ok(decided)
    };
    let decided = ask(limits)?;
    let free = match &decided {
        Ok(decision) if is_free(decision, limits) => None,
        _ => ask(&Limits {
            available: Tier::PAID.map(Tier::number).to_vec(),
            budget: None,
            ..limits.clone()
        })?
        .ok(),
    };
    Ok(compare(host, decided, free, limits))
}

/// What is decided in the place of a router that failed: the tier of the task's level or, where that cannot be called, the next one above it that
/// can, or else the next one below. A tier set by hand and the floors of critical and security work are kept to; the budget is kept to by the reservation
/// that follows.
pub(crate) fn by_level(
    host: &Host,
    classification: &Classification,
    limits: &Limits,
    fault: &Fault,
) -> Chosen {
    let by_level = match classification.level {
        Level::Simple => 1,
        Level::Moderate => 2,
        Level::Complex => 3,
        Level::Critical => 4,
    };
    let floor = floor(limits.critical, classification).number();
    let from = limits.manual_tier.unwrap_or_else(|| by_level.max(floor));
    let mut reasons = vec![format!(
        "the router failed ({}), so the tier is the one of the task's level",
        fault.code()
    )];
    let near = |tier: &&u8| (**tier < from, tier.abs_diff(from));
    let callable = limits.available.iter().filter(|tier| **tier >= floor);
    let nearest = callable.min_by_key(near).copied();
    let to = nearest.filter(|to| *to != from && limits.manual_tier.is_none());
    if let Some(to) = to {
        let words = host.why_not_callable(from);
        reasons.insert(
            0,
            format!("tier {to} instead of tier {from}: it cannot be called ({words})"),
        );
    }
    Chosen {
        decision: Ok(Decision {
            tier: from,
            estimates: Vec::new(),
            confidence: 0.0,
            uncertainty: 1.0,
            propensity: 1.0,
            reasons,
            alternatives: Vec::new(),
            needs_review: true,
            learned: false,
        }),
        wanted: Tier::try_from(from).ok(),
        instead: to.and_then(|to| Tier::try_from(to).ok()),
        code: to.map(|_| Fallback::TierUnavailable),
        no_other: Vec::new(),
        why_wanted: Vec::new(),
    }
}

/// That the router failed, in words.
pub(crate) fn stood_in_for(fault: &Fault) -> String {
    format!("router: {fault}; decided by the level of the task")
}

/// Whether nothing that matters stood in the way of a decision.
fn is_free(decision: &Decision, limits: &Limits) -> bool {
    let reached = |estimate: &Estimate| {
        estimate.excluded.is_some() || limits.budget.is_none_or(|budget| estimate.cost <= budget)
    };
    limits.manual_tier.is_some()
        || decision.tier == 0
        || (limits.available.len() == Tier::PAID.len() && decision.estimates.iter().all(reached))
}

fn compare(
    host: &Host,
    decided: Result<Decision, Denial>,
    free: Option<Decision>,
    limits: &Limits,
) -> Chosen {
    let tier = |decision: &Decision| Tier::try_from(decision.tier).ok();
    let plain = |decided: Result<Decision, Denial>| Chosen {
        wanted: decided.as_ref().ok().and_then(tier),
        decision: decided,
        instead: None,
        code: None,
        no_other: Vec::new(),
        why_wanted: Vec::new(),
    };
    let Some(free) = free else {
        return plain(decided);
    };
    let wanted = tier(&free);
    match decided {
        Ok(decision) if decision.tier == free.tier => plain(Ok(decision)),
        Ok(decision) => {
            let (from, to) = (free.tier, decision.tier);
            let mut reasons = vec![format!(
                "tier {to} instead of tier {from}: {}",
                hindrance(host, &free, from, limits).unwrap_or_default()
            )];
            let is_unavailable = !limits.available.contains(&from);
            // Those that lie between were nearer to what is wanted; where that cannot be called, those above would have done too.
            let between = (from.min(to) + 1..from.max(to))
                .chain(from + 1..if to < from && is_unavailable { 5 } else { 0 });
            reasons.extend(not_taken(host, &free, between, limits));
            reasons.extend(free.reasons);
            Chosen {
                instead: tier(&decision),
                wanted,
                code: Some(if is_unavailable {
                    Fallback::TierUnavailable
                } else {
                    Fallback::BudgetDowngrade
                }),
                decision: Ok(Decision {
                    tier: from,
                    reasons,
                    ..decision
                }),
                no_other: Vec::new(),
                why_wanted: Vec::new(),
            }
        }
        Err(denial) => {
            let is_spent = matches!(denial, Denial::BudgetSpent(_));
            let no_other = if limits.manual_tier.is_some() {
                Vec::new()
            } else if is_spent && limits.budget == Some(0) {
                vec!["nothing is left of the day's budget".to_owned()]
            } else if is_spent && !limits.may_downgrade {
                vec!["no cheaper tier is taken instead, as `budget.policy` is `refuse` or fallbacks are switched off".to_owned()]
            } else {
                not_taken(host, &free, 1..free.tier, limits)
            };
            let mut why_wanted = free.reasons.clone();
            if !limits.available.contains(&free.tier)
                && let Some(words) = hindrance(host, &free, free.tier, limits)
            {
                why_wanted.insert(0, format!("tier {} is wanted: {words}", free.tier));
            }
            Chosen {
                decision: Err(denial),
                wanted,
                instead: None,
                code: None,
                no_other,
                why_wanted,
            }
        }
    }
}

/// Why each of some tiers is not taken instead of a better one.
fn not_taken(
    host: &Host,
    free: &Decision,
    tiers: impl Iterator<Item = u8>,
    limits: &Limits,
) -> Vec<String> {
    tiers
        .filter_map(|tier| {
            let words = hindrance(host, free, tier, limits)?;
            Some(format!("tier {tier} is not taken instead: {words}"))
        })
        .collect()
}

/// What stands in the way of a tier, in words. `free` was decided without limits.
fn hindrance(host: &Host, free: &Decision, tier: u8, limits: &Limits) -> Option<String> {
    if !limits.available.contains(&tier) {
        return Some(format!(
            "it cannot be called ({})",
            host.why_not_callable(tier)
        ));
    }
    let estimate = free.estimates.iter().find(|own| own.tier == tier)?;
    if let Some(words) = &estimate.excluded {
        return Some(words.clone());
    }
    let left = limits.budget.filter(|left| estimate.cost > *left)?;
    Some(format!(
        "it is expected to cost {}, and {} is left of the day's budget",
        Picodollars::new(estimate.cost),
        Picodollars::new(left)
    ))
}
