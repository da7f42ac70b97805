//! A stream of tasks with feedback for the chosen tier alone, as in use: each is decided, done, learned from, and the next one comes. Both models'
//! outcomes stand in the file, but the policy is told only of the one that it chose.

use super::bootstrap::{Bootstrap, Draws};
use super::{EvalError, Pair, Tiers, classify, limits};
use crate::runtime::{Policy, Runtime};
use crate::wit::{Feedback, Limits};

/// A cheap model that gets worse behind its name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// From this task on, counted from 0.
    pub from: usize,
    /// The share of its answers that are worth nothing from there on, 0 to 1.
    pub share: f64,
}

/// One task of a stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The learning policy chose the strong tier.
    pub is_strong: bool,
    /// The untrained policy would have.
    pub prior_is_strong: bool,
    /// What the untrained policy expects the strong tier to gain.
    pub prior_gain: f64,
    /// Quality at the weak tier, at the strong one.
    pub quality: [f64; 2],
    /// Expected cost at the weak tier, at the strong one, in picodollars.
    pub cost: [f64; 2],
}

/// A stream and what came of it.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    /// Every task, in order.
    pub steps: Vec<Step>,
    /// How many of the tasks looked at the learned policy decided otherwise than the untrained one, and how many were looked at.
    pub changed: (usize, usize),
}

/// So many tasks are decided before and after learning, to be compared.
const LOOKED_AT: usize = 500;

/// Decides each prompt and learns from the chosen tier's outcome. Where `policy` has an exploration share, it is drawn from `seed`. After `learned` tasks the next 500 are decided once without learning, and
/// compared with the untrained policy's decisions.
///
/// # Errors
/// A fault of a component's, or tiers that cannot be called.
pub fn stream(
    runtime: &Runtime,
    (policy, untrained): (&Policy, &Policy),
    tiers: Tiers,
    pairs: &[Pair],
    learned: usize,
    seed: u64,
    drift: Option<Drift>,
) -> Result<Stream, EvalError> {
    let limits = limits(tiers);
    let mut explored = Draws::new(seed);
    let denied = |_| EvalError::Denied(tiers.weak, tiers.strong);
    let mut draws = Draws::new(!seed);
    let mut stream = Stream::default();
    for (at, pair) in pairs.iter().enumerate() {
        if at == learned {
            for pair in pairs[at..].iter().take(LOOKED_AT) {
                let known = classify(runtime, pair)?;
                let before = untrained.decide(&known, &limits)?.map_err(denied)?.tier;
                let after = policy.decide(&known, &limits)?.map_err(denied)?.tier;
                stream.changed.0 += usize::from(before != after);
                stream.changed.1 += 1;
            }
        }
        let is_lost = draws.share() < drift.map_or(0.0, |drift| drift.share);
        let weak = match drift {
            Some(drift) if at >= drift.from && is_lost => 0.0,
            _ => pair.weak,
        };
        let known = classify(runtime, pair)?;
        let prior = untrained.decide(&known, &limits)?.map_err(denied)?;
        let drawn = Limits {
            exploration: Some(explored.share() as f32),
            ..limits.clone()
        };
        let decision = policy.decide(&known, &drawn)?.map_err(denied)?;
        let of = |tier: u8| &prior.estimates[usize::from(tier)];
        let (cheap, dear) = (of(tiers.weak), of(tiers.strong));
        let is_strong = decision.tier == tiers.strong;
        stream.steps.push(Step {
            is_strong,
            prior_is_strong: prior.tier == tiers.strong,
            prior_gain: f64::from(dear.quality) - f64::from(cheap.quality),
            quality: [f64::from(weak), f64::from(pair.strong)],
            cost: [cheap.cost as f64, dear.cost as f64],
        });
        policy.learn(Feedback {
            kind: known.kind,
            complexity: known.complexity,
            features: known.features,
            tier: decision.tier,
            quality: if is_strong { pair.strong } else { weak },
            weight: 1.0,
        })?;
    }
    Ok(stream)
}

/// Means over some tasks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Means {
    /// Share sent to the strong tier.
    pub strong: f64,
    /// Quality of what came back.
    pub quality: f64,
    /// Cost of a task, in picodollars.
    pub cost: f64,
}

/// What a way to choose comes to.
#[must_use]
pub fn means(steps: &[Step], is_strong: impl Fn(&Step) -> bool) -> Means {
    let count = steps.len().max(1) as f64;
    let mut sum = Means {
        strong: 0.0,
        quality: 0.0,
        cost: 0.0,
    };
    for step in steps {
        let lane = usize::from(is_strong(step));
        sum.strong += lane as f64 / count;
        sum.quality += step.quality[lane] / count;
        sum.cost += step.cost[lane] / count;
    }
    sum
}

/// How much less the learning policy costs than the prior at equal quality, as a share of the prior's cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Saving {
    /// The prior's cost of a task where its threshold is moved until its quality is the learning policy's, in picodollars.
    pub prior_cost: f64,
    /// The share that is saved.
    pub share: f64,
    /// The paired interval of that share.
    pub interval: Option<(f64, f64)>,
}

/// Compares both on the same tasks. The prior sends tasks up in the order of the gain that it expects, and stops at the first place where its
/// quality is the learning policy's: that favours it where its curve is not smooth.
#[must_use]
pub fn saving(steps: &[Step], bootstrap: Bootstrap) -> Saving {
    let mut order: Vec<usize> = (0..steps.len()).collect();
    order.sort_by(|a, b| steps[*b].prior_gain.total_cmp(&steps[*a].prior_gain));
    let costs = |times: &[u32]| {
        let (mut cost, mut own_cost) = (0.0, 0.0);
        let (mut quality, mut own_quality) = (0.0, 0.0);
        for (step, times) in steps.iter().zip(times) {
            let times = f64::from(*times);
            let lane = usize::from(step.is_strong);
            own_cost += times * step.cost[lane];
            own_quality += times * step.quality[lane];
            cost += times * step.cost[0];
            quality += times * step.quality[0];
        }
        for at in &order {
            if quality >= own_quality {
                break;
            }
            let (step, times) = (&steps[*at], f64::from(times[*at]));
            quality += times * (step.quality[1] - step.quality[0]);
            cost += times * (step.cost[1] - step.cost[0]);
        }
        (cost, own_cost)
    };
    let (cost, own_cost) = costs(&vec![1; steps.len()]);
    let interval = bootstrap.interval(steps.len(), |drawn| {
        let mut times = vec![0; steps.len()];
        for at in drawn {
            times[*at] += 1;
        }
        let (cost, own_cost) = costs(&times);
        1.0 - own_cost / cost
    });
    Saving {
        prior_cost: cost / steps.len().max(1) as f64,
        share: 1.0 - own_cost / cost,
        interval,
    }
}

/// After how many tasks from `from` on so large a share of the last fifty went to the strong tier; none where it never did.
#[must_use]
pub fn goes_up_after(steps: &[Step], from: usize, share: f64) -> Option<usize> {
    const WINDOW: usize = 50;
    let after = steps.get(from..)?;
    (WINDOW..=after.len()).find(|end| {
        let strong = after[end - WINDOW..*end]
            .iter()
            .filter(|step| step.is_strong);
        strong.count() as f64 >= share * WINDOW as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOTSTRAP: Bootstrap = Bootstrap {
        rounds: 200,
        seed: 1,
    };

    fn step(is_strong: bool, prior_gain: f64, weak: f64) -> Step {
        Step {
            is_strong,
            prior_is_strong: false,
            prior_gain,
            quality: [weak, 1.0],
            cost: [1.0, 10.0],
        }
    }

    #[test]
    fn the_saving_is_what_the_prior_has_to_pay_more_for_the_same_quality() {
        // The weak model fails on two of four; the learning policy knows them, and the prior takes them to be the second and the fourth.
        let steps = [
            step(false, 0.9, 1.0),
            step(true, 0.8, 0.0),
            step(false, 0.7, 1.0),
            step(true, 0.6, 0.0),
        ];
        let own = means(&steps, |step| step.is_strong);
        assert_eq!((own.strong, own.quality, own.cost), (0.5, 1.0, 5.5));
        let found = saving(&steps, BOOTSTRAP);
        // All four have to go up: 40 against 22.
        assert_eq!(found.prior_cost, 10.0);
        assert!((found.share - 0.45).abs() < 1e-9);
    }

    #[test]
    fn the_interval_of_a_clear_saving_is_above_zero_and_that_of_none_is_not() {
        let clear: Vec<Step> = (0..400)
            .map(|at| {
                step(
                    at % 4 == 0,
                    f64::from(at % 7),
                    f64::from(u8::from(at % 4 != 0)),
                )
            })
            .collect();
        let (low, high) = saving(&clear, BOOTSTRAP).interval.unwrap();
        assert!(low > 0.3 && high < 1.0, "{low} {high}");
        // The learning policy decides as the prior would.
        let same: Vec<Step> = (0..400)
            .map(|at| {
                step(
                    at % 7 == 6,
                    f64::from(at % 7),
                    f64::from(u8::from(at % 4 != 0)),
                )
            })
            .collect();
        let (low, high) = saving(&same, BOOTSTRAP).interval.unwrap();
        assert!(low <= 0.02 && high < 0.25, "{low} {high}");
    }

    #[test]
    fn a_rise_is_found_where_the_last_fifty_show_it() {
        let steps: Vec<Step> = (0..300).map(|at| step(at >= 130, 0.0, 0.0)).collect();
        // Of the fifty up to task 170 forty have gone up.
        assert_eq!(goes_up_after(&steps, 100, 0.8), Some(70));
        assert_eq!(goes_up_after(&steps[..130], 100, 0.8), None);
        assert_eq!(goes_up_after(&steps, 400, 0.8), None);
    }
}
