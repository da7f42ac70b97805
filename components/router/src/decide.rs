//! The decision: the cheapest tier that is expected to be good enough, within what the caller and the budget allow.
//!
//! Precedence, strongest first: a tier set by hand (refused, never lowered, where the budget does not reach), what can be called at all,
//! the floors of critical and security work, the expected quality, the budget. A spent budget never routes up.

use crate::learner::{Corrections, Learner};
use crate::words::Words;
use crate::{
    Classification, Decision, Denial, Estimate, Feedback, Limits, Settings, SnapshotError,
    TierPrice, explore, prior, snapshot,
};

/// How many standard deviations an expected quality is raised by: a tier that failed a few times at the start is worth another try. In streams of
/// public outcomes, with an exploration share of .03, a tenth lost sight of the cheap tier in most of them, a half in none.
const OPTIMISM: f32 = 0.5;
/// A dearer tier has to be better by this much where outcomes act: what neither does well is left to the cheaper one. The stronger tier's gain
/// counts, and not the cheaper one's failure. Critical and security work is not weighed so. At .1, which is what GPT-4 gains over Mixtral on MMLU, streams
/// of it tipped over to the dear tier for good in one order of four, at .13 in none of eight; at .15 savings fall.
const WORTH: f32 = 0.13;
/// How much a correction may move an expected quality either way.
const REACH: f32 = 0.6;

/// A decision rule with what it has learned.
#[derive(Clone, Debug)]
pub struct Policy {
    settings: Settings,
    learner: Learner,
}

/// What is known of a task's quality at each tier, a lane for each from 1 to 4.
struct Forecast {
    /// Outcomes of this kind of task have confirmed the corrections.
    acts: bool,
    prior: [f32; 4],
    corrections: Corrections,
}

impl Forecast {
    /// The upper confidence bound's distance, by tier from 0. A tier that no outcome ever spoke of is left where the prior has it.
    fn optimism(&self) -> [f32; 5] {
        let mut bonus = [0.0; 5];
        for (lane, variance) in self.corrections.variance.iter().enumerate() {
            if self.acts && self.corrections.is_known[lane] {
                bonus[lane + 1] = OPTIMISM * libm::sqrtf(*variance);
            }
        }
        bonus
    }
}

fn share(value: f32, otherwise: f32) -> f32 {
    if value.is_finite() {
        value.clamp(0.0, 1.0)
    } else {
        otherwise
    }
}

impl Policy {
    /// A policy that has learned nothing yet. Settings out of range are held to their range.
    #[must_use]
    pub fn new(settings: &Settings) -> Policy {
        let mut settings = settings.clone();
        settings.quality_target = share(settings.quality_target, 0.8).clamp(0.01, 0.99);
        settings.security_confidence = share(settings.security_confidence, 0.85);
        settings.review_confidence = share(settings.review_confidence, 0.8);
        settings.review_uncertainty = share(settings.review_uncertainty, 0.2);
        settings.exploration_share = share(settings.exploration_share, 0.0);
        Policy {
            settings,
            learner: Learner::default(),
        }
    }

    /// A policy that goes on from a snapshot.
    ///
    /// # Errors
    /// Bytes that are no snapshot, are damaged, or of another version.
    pub fn restore(settings: &Settings, bytes: &[u8]) -> Result<Policy, SnapshotError> {
        let learner = snapshot::read(bytes)?;
        Ok(Policy {
            learner,
            ..Policy::new(settings)
        })
    }

    /// Takes in what came of a task.
    pub fn learn(&mut self, feedback: &Feedback) {
        self.learner.learn(feedback);
    }

    /// How many pieces of feedback it has taken in.
    #[must_use]
    pub fn learned(&self) -> u64 {
        self.learner.count
    }

    /// What it has learned, as bytes for [`Policy::restore`].
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        snapshot::write(&self.learner)
    }

    /// Which tier does the task.
    ///
    /// # Errors
    /// No tier can be called, or the budget does not reach.
    pub fn decide(&self, task: &Classification, limits: &Limits) -> Result<Decision, Denial> {
        let forecast = self.forecast(task);
        let estimates: Vec<Estimate> = (0..=4)
            .map(|tier| self.estimate(tier, &forecast, task, limits))
            .collect();
        if let Some(tier) = limits.manual_tier {
            return self.manual(tier, &estimates, task, limits);
        }
        let optimism = forecast.optimism();
        let worth = if forecast.acts && !limits.critical && !task.security {
            WORTH
        } else {
            0.0
        };
        let Some(wanted) = self.wanted(&estimates, optimism, worth) else {
            return Err(Denial::NoTier);
        };
        let mut reasons = self.reasons(wanted, task, limits, &estimates);
        let (mut tier, affordable) = within_budget(wanted, &estimates, limits)?;
        if !affordable {
            reasons.insert(0, format!("the budget does not reach to tier {wanted}; tier {tier} is the dearest that it reaches to"));
        }
        let mut propensity = 1.0;
        if affordable {
            let rate = self.settings.exploration_share;
            let explored = explore::explore(tier, rate, &estimates, task, limits);
            if explored.tier != tier {
                tier = explored.tier;
                reasons.insert(0, format!("tier {tier} is tried to learn what it can do"));
            }
            propensity = explored.propensity;
        }
        let learned = forecast.acts && {
            let plain: Vec<Estimate> = estimates
                .iter()
                .map(|estimate| Estimate {
                    quality: match estimate.tier {
                        0 => estimate.quality,
                        tier => forecast.prior[usize::from(tier) - 1],
                    },
                    excluded: estimate.excluded.clone(),
                    ..*estimate
                })
                .collect();
            self.wanted(&plain, [0.0; 5], 0.0) != Some(wanted)
        };
        if learned {
            reasons.insert(
                0,
                "what came of tasks like this one changed the choice".to_owned(),
            );
        }
        Ok(self.decision(tier, estimates, task, reasons, propensity, learned))
    }

    /// What prior and outcomes say of every tier.
    fn forecast(&self, task: &Classification) -> Forecast {
        let load = prior::load(&task.features);
        let acts = self.learner.acts_for(&task.kind);
        Forecast {
            acts,
            prior: [1, 2, 3, 4]
                .map(|tier| prior::quality(tier, f32::from(task.complexity.min(100)), load)),
            // Nobody asks for them where they do not act, and they are the larger part of a decision's work.
            corrections: if acts {
                self.learner
                    .corrections(&task.kind, task.complexity.min(100), &task.features)
            } else {
                Corrections::default()
            },
        }
    }

    /// What is expected of a tier.
    fn estimate(
        &self,
        tier: u8,
        forecast: &Forecast,
        task: &Classification,
        limits: &Limits,
    ) -> Estimate {
        let excluded = self.excluded(tier, task, limits);
        let Some(lane) = usize::from(tier).checked_sub(1) else {
            let applies = task.transform.is_some() || task.bare_code;
            return Estimate {
                tier,
                quality: if applies { 1.0 } else { 0.0 },
                uncertainty: 0.0,
                cost: 0,
                excluded,
            };
        };
        let corrections = &forecast.corrections;
        let shift = if forecast.acts {
            corrections.mean[lane].clamp(-REACH, REACH)
        } else {
            0.0
        };
        Estimate {
            tier,
            quality: (forecast.prior[lane] + shift).clamp(0.0, 1.0),
            uncertainty: if forecast.acts {
                libm::sqrtf(corrections.variance[lane]).clamp(0.0, 1.0)
            } else {
                prior::uncertainty(forecast.prior[lane])
            },
            cost: self.cost(tier, task),
            excluded,
        }
    }

    fn price(&self, tier: u8) -> Option<&TierPrice> {
        self.settings.prices.iter().find(|price| price.tier == tier)
    }

    fn cost(&self, tier: u8, task: &Classification) -> u64 {
        self.price(tier).map_or(0, |price| {
            let input = price.input.saturating_mul(u64::from(task.input_tokens));
            input.saturating_add(price.output.saturating_mul(u64::from(price.output_tokens)))
        })
    }

    /// Why a tier is out of the question.
    fn excluded(&self, tier: u8, task: &Classification, limits: &Limits) -> Option<String> {
        let words = if tier == 0 {
            if !limits.allow_booster {
                "no source transform can answer it"
            } else if limits.critical {
                "the task is critical"
            } else if task.transform.is_none() && !task.bare_code {
                "no source transform is asked for"
            } else {
                return None;
            }
        } else if !limits.available.contains(&tier) || self.price(tier).is_none() {
            "no model with a known price stands behind it"
        } else if limits.critical && tier < 2 {
            "the task is critical"
        } else if task.security && tier < 2 && task.complexity >= 20 {
            "it is security work"
        } else {
            return None;
        };
        Some(words.to_owned())
    }

    /// The cheapest tier that reaches the target or, where none does, that comes within `worth` of the best. `optimism` is what each tier's
    /// quality is raised by.
    fn wanted(&self, estimates: &[Estimate], optimism: [f32; 5], worth: f32) -> Option<u8> {
        let open = || {
            estimates
                .iter()
                .filter(|estimate| estimate.excluded.is_none())
        };
        let best = open().map(|own| own.quality).fold(0.0, f32::max);
        let enough = self.settings.quality_target.min(best - worth);
        open()
            .filter(|own| own.quality + optimism[usize::from(own.tier)] >= enough)
            .min_by_key(|own| (own.cost, own.tier))
            .map(|own| own.tier)
    }

    fn manual(
        &self,
        tier: u8,
        estimates: &[Estimate],
        task: &Classification,
        limits: &Limits,
    ) -> Result<Decision, Denial> {
        let callable =
            tier == 0 || (limits.available.contains(&tier) && self.price(tier).is_some());
        if tier > 4 || !callable {
            return Err(Denial::TierUnavailable(tier));
        }
        let cost = self.cost(tier, task);
        if tier > 0 && limits.budget.is_some_and(|budget| cost > budget) {
            return Err(Denial::BudgetSpent((tier, cost)));
        }
        let reasons = vec![format!("tier {tier} was set by hand")];
        let mut decision = self.decision(tier, estimates.to_vec(), task, reasons, 1.0, false);
        decision.confidence = 1.0;
        Ok(decision)
    }

    fn reasons(
        &self,
        tier: u8,
        task: &Classification,
        limits: &Limits,
        estimates: &[Estimate],
    ) -> Vec<String> {
        let mut reasons = Vec::new();
        match (tier, &task.transform) {
            (0, Some(name)) => reasons.push(format!(
                "the instruction asks for `{name}`, which needs no model"
            )),
            (0, None) => reasons.push(
                "the task carries only code, with nothing in it that can be called".to_owned(),
            ),
            _ => {
                let quality = estimates[usize::from(tier)].quality;
                let target = self.settings.quality_target;
                let open = estimates.iter().filter(|own| own.excluded.is_none());
                let best = open.map(|own| own.quality).fold(0.0, f32::max);
                let mut own = Words::new();
                if quality >= target {
                    own.say("tier ")
                        .tier(tier)
                        .say(" is the cheapest that is expected to do: ");
                    own.share(quality).say(" of ").share(target).say(" asked");
                } else if quality >= best {
                    own.say("no tier is expected to reach ")
                        .share(target)
                        .say("; tier ");
                    own.tier(tier).say(" comes nearest with ").share(quality);
                } else if best - quality <= WORTH {
                    own.say("no dearer tier than ")
                        .tier(tier)
                        .say(", of which ")
                        .share(quality);
                    own.say(" is expected, is expected to be better by more than ")
                        .share(WORTH);
                } else {
                    own.say("tier ")
                        .tier(tier)
                        .say(" is expected to reach ")
                        .share(quality);
                    own.say(" of ").share(target);
                    own.say(" asked, but too little is known of it to leave it out");
                }
                reasons.push(own.0);
            }
        }
        if limits.critical {
            reasons.push("critical: tier 2 is the floor".to_owned());
        }
        reasons
    }

    fn decision(
        &self,
        tier: u8,
        estimates: Vec<Estimate>,
        task: &Classification,
        reasons: Vec<String>,
        propensity: f32,
        learned: bool,
    ) -> Decision {
        let chosen = &estimates[usize::from(tier)];
        let (confidence, uncertainty) = if tier == 0 {
            (0.99, 0.0)
        } else {
            (self.confidence(chosen, &estimates), chosen.uncertainty)
        };
        let settings = &self.settings;
        let needs_review = tier > 0
            && ((task.security && confidence < settings.security_confidence)
                || confidence < settings.review_confidence
                || uncertainty > settings.review_uncertainty);
        let better = |other: &&Estimate| {
            other.excluded.is_none() && other.tier != tier && other.quality >= chosen.quality - 0.2
        };
        let mut alternatives: Vec<&Estimate> = estimates.iter().filter(better).collect();
        alternatives.sort_by(|a, b| b.quality.total_cmp(&a.quality).then(a.cost.cmp(&b.cost)));
        let alternatives = alternatives.into_iter().map(|other| other.tier).collect();
        Decision {
            tier,
            confidence,
            uncertainty,
            propensity,
            reasons,
            alternatives,
            needs_review,
            learned,
            estimates,
        }
    }

    /// How clear the choice was: how far its quality lies above the target, and that of the next cheaper tier below it.
    fn confidence(&self, chosen: &Estimate, estimates: &[Estimate]) -> f32 {
        let target = self.settings.quality_target;
        let above = chosen.quality - target;
        let cheaper = estimates
            .iter()
            .filter(|other| other.tier > 0 && other.excluded.is_none() && other.tier < chosen.tier)
            .map(|other| target - other.quality);
        let distance = cheaper.fold(above.abs(), f32::min).clamp(0.0, 0.2);
        (0.7 + distance * 1.4 - 0.3 * chosen.uncertainty).clamp(0.0, 1.0)
    }
}

/// The wanted tier, or the dearest below it that the budget reaches to, and whether it is the wanted one.
fn within_budget(
    wanted: u8,
    estimates: &[Estimate],
    limits: &Limits,
) -> Result<(u8, bool), Denial> {
    let chosen = &estimates[usize::from(wanted)];
    let Some(budget) = limits.budget.filter(|budget| chosen.cost > *budget) else {
        return Ok((wanted, true));
    };
    let denied = Denial::BudgetSpent((wanted, chosen.cost));
    // A budget of nothing pays for nothing: an expected cost of zero is a rounding of a small one, never a promise.
    if !limits.may_downgrade || budget == 0 {
        return Err(denied);
    }
    estimates
        .iter()
        .filter(|other| {
            other.tier > 0
                && other.excluded.is_none()
                && other.tier < wanted
                && other.cost <= budget
        })
        .max_by_key(|other| (other.cost, other.tier))
        .map(|other| (other.tier, false))
        .ok_or(denied)
}
