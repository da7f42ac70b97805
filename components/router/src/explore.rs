//! Exploration: in a share of tasks a neighbouring tier is tried by the host's draw, and how probable the choice was is said.
//!
//! Only where a worse answer is a small matter: never for critical or security work, at tier 0, for a tier set by hand, or where the budget
//! has had its say already.

use crate::{Classification, Estimate, Limits};

/// A tier and how probable it was.
pub(crate) struct Explored {
    pub(crate) tier: u8,
    pub(crate) propensity: f32,
}

/// The tier that is taken where `tier` is the best one. `rate` is the share of tasks, 0 to 1, in which another one is tried: the next cheaper or
/// the next stronger one that is open and within the budget, each as often.
pub(crate) fn explore(
    tier: u8,
    rate: f32,
    estimates: &[Estimate],
    task: &Classification,
    limits: &Limits,
) -> Explored {
    let as_it_is = Explored {
        tier,
        propensity: 1.0,
    };
    let Some(draw) = limits
        .exploration
        .filter(|draw| draw.is_finite() && rate > 0.0)
    else {
        return as_it_is;
    };
    if tier == 0 || limits.critical || task.security {
        return as_it_is;
    }
    let others = || {
        estimates.iter().filter(|other| {
            other.tier > 0
                && other.excluded.is_none()
                && limits.budget.is_none_or(|budget| other.cost <= budget)
        })
    };
    let below = others().rfind(|other| other.tier < tier);
    let above = others().find(|other| other.tier > tier);
    let neighbours: Vec<u8> = below
        .into_iter()
        .chain(above)
        .map(|other| other.tier)
        .collect();
    let Some(last) = neighbours.len().checked_sub(1) else {
        return as_it_is;
    };
    let draw = draw.clamp(0.0, 1.0);
    if draw >= rate {
        return Explored {
            tier,
            propensity: 1.0 - rate,
        };
    }
    let slot = ((draw / rate) * neighbours.len() as f32) as usize;
    Explored {
        tier: neighbours[slot.min(last)],
        propensity: rate / neighbours.len() as f32,
    }
}
