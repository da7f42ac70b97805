//! Policies scored on logged outcomes, through the router that serves. Only tasks in which exploration had a share count: where a tier was
//! certain, nothing is known of the others.

use serde::Deserialize;

use super::offpolicy::Seen;
use super::{EvalError, Fault};
use crate::outcome::{HashedFeatures, Outcome};
use crate::runtime::Policy;
use crate::wit::{Classification, Estimate, Features, Feedback, Level, Limits};

/// A logged decision and what came of it: an outcome's fields, as `tinydancer outcomes --json` writes them. Others are passed over.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Logged {
    /// Kind as classified.
    pub kind: String,
    /// Complexity 0 to 100 as classified.
    pub complexity: u8,
    /// The task as the learner sees it.
    pub features: HashedFeatures,
    /// The tier that a person set by hand.
    pub tier_asked: Option<u8>,
    /// The tier that was decided.
    pub tier_decided: Option<u8>,
    /// How good the result was, 0 to 1.
    pub quality: Option<f32>,
    /// What it cost, in picodollars.
    pub cost: u64,
    /// With what probability the tier was chosen.
    pub propensity: f32,
}

impl From<&Outcome> for Logged {
    fn from(row: &Outcome) -> Logged {
        Logged {
            kind: row.kind.clone(),
            complexity: row.complexity,
            features: row.features.clone(),
            tier_asked: row.tier_asked.map(crate::Tier::number),
            tier_decided: row.tier_decided.map(crate::Tier::number),
            quality: row.quality,
            cost: row.cost.get(),
            propensity: row.propensity,
        }
    }
}

/// An outcome that can be replayed.
#[derive(Clone, Debug, PartialEq)]
pub struct Replayable {
    /// What the policy sees of it; fields that no outcome keeps are empty.
    pub task: Classification,
    /// The tier that was decided, 1 to 4.
    pub tier: u8,
    /// How good the result was.
    pub quality: f32,
    /// What it cost, in picodollars.
    pub cost: u64,
    /// With what probability the tier was chosen, above 0 and below 1.
    pub propensity: f32,
}

/// Why logged outcomes do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftOut {
    /// The tier was set by hand, or tier 0 was decided, or none.
    pub not_decided: u64,
    /// Nothing is known of the result's quality, or the task's features were not kept.
    pub not_known: u64,
    /// The tier was certain: no exploration.
    pub not_explored: u64,
}

/// The outcomes that count, and how many do not.
#[must_use]
pub fn replayable(log: &[Logged]) -> (Vec<Replayable>, LeftOut) {
    let mut left_out = LeftOut::default();
    let mut kept = Vec::new();
    for row in log {
        let tier = row
            .tier_decided
            .filter(|tier| row.tier_asked.is_none() && (1..=4).contains(tier));
        let Some(tier) = tier else {
            left_out.not_decided += 1;
            continue;
        };
        let quality = row.quality.filter(|quality| (0.0..=1.0).contains(quality));
        let Some(quality) = quality.filter(|_| !row.features.indices.is_empty()) else {
            left_out.not_known += 1;
            continue;
        };
        if !(row.propensity > 0.0 && row.propensity < 1.0) {
            left_out.not_explored += 1;
            continue;
        }
        kept.push(Replayable {
            task: Classification {
                kind: row.kind.clone(),
                domain: String::new(),
                complexity: row.complexity,
                level: Level::Moderate,
                security: false,
                transform: None,
                bare_code: false,
                language: String::new(),
                input_tokens: 0,
                features: Features {
                    indices: row.features.indices.clone(),
                    values: row.features.values.clone(),
                },
            },
            tier,
            quality,
            cost: row.cost,
            propensity: row.propensity,
        });
    }
    (kept, left_out)
}

/// A policy learns from logged outcomes by its ordinary `learn`, in their order.
///
/// # Errors
/// A fault of the router's.
pub fn learn<'a>(policy: &Policy, rows: impl Iterator<Item = &'a Replayable>) -> Result<(), Fault> {
    for row in rows {
        policy.learn(Feedback {
            kind: row.task.kind.clone(),
            complexity: row.task.complexity,
            features: row.task.features.clone(),
            tier: row.tier,
            quality: row.quality,
            weight: 1.0,
        })?;
    }
    Ok(())
}

/// A logged task as a policy sees it: once for quality, once for cost in picodollars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// Its quality.
    pub quality: Seen,
    /// Its cost.
    pub cost: Seen,
}

/// What a policy does with a logged task, among the tiers that the log has. `model` says what is expected; it must not have learned from the task.
///
/// # Errors
/// A fault of the router's, or tiers that cannot be called.
pub fn judge(
    policy: &Policy,
    model: &Policy,
    tiers: &[u8],
    row: &Replayable,
) -> Result<Judged, EvalError> {
    let limits = Limits {
        allow_booster: false,
        available: tiers.to_vec(),
        ..Limits::default()
    };
    let denied = |_| EvalError::Denied(tiers.first().copied().unwrap_or(1), row.tier);
    let own = policy.decide(&row.task, &limits)?.map_err(denied)?.tier;
    let estimates = model.decide(&row.task, &limits)?.map_err(denied)?.estimates;
    let of = |tier: u8, value: fn(&Estimate) -> f64| {
        estimates
            .iter()
            .find(|estimate| estimate.tier == tier)
            .map_or(0.0, value)
    };
    let seen = |reward: f64, value: fn(&Estimate) -> f64| Seen {
        agrees: own == row.tier,
        propensity: f64::from(row.propensity),
        reward,
        expected_taken: of(row.tier, value),
        expected_own: of(own, value),
    };
    Ok(Judged {
        quality: seen(f64::from(row.quality), |own| f64::from(own.quality)),
        cost: seen(row.cost as f64, |own| own.cost as f64),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_that_say_nothing_of_a_choice_are_left_out_and_counted() {
        let known = Logged {
            features: HashedFeatures {
                indices: vec![0],
                values: vec![1.0],
            },
            tier_decided: Some(2),
            quality: Some(0.5),
            propensity: 0.9,
            ..Logged::default()
        };
        let log = [
            known.clone(),
            Logged {
                tier_asked: Some(2),
                ..known.clone()
            },
            Logged {
                tier_decided: Some(0),
                ..known.clone()
            },
            Logged {
                tier_decided: None,
                ..known.clone()
            },
            Logged {
                quality: None,
                ..known.clone()
            },
            Logged {
                quality: Some(7.0),
                ..known.clone()
            },
            Logged {
                features: HashedFeatures::default(),
                ..known.clone()
            },
            Logged {
                propensity: 1.0,
                ..known.clone()
            },
            Logged {
                propensity: 0.0,
                ..known.clone()
            },
        ];
        let (kept, left_out) = replayable(&log);
        assert_eq!((kept.len(), kept[0].tier), (1, 2));
        let expected = LeftOut {
            not_decided: 3,
            not_known: 3,
            not_explored: 2,
        };
        assert_eq!(left_out, expected);
    }
}
