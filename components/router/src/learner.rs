//! What outcomes have taught: for each tier a correction of the prior, linear in the features, with its uncertainty.
//!
//! The weights have a diagonal Gaussian posterior; one pass of the Kalman gain over each piece of feedback, as in online Bayesian linear
//! regression (assumed-density filtering with a diagonal covariance). Beside it each kind of task keeps a tally of how well prior and
//! corrected forecast did on feedback that they had not seen yet (prequential validation, Dawid 1984): a correction acts for a kind only
//! where it was the better forecast.

use std::collections::BTreeMap;

use crate::{Features, Feedback, prior};

/// Places of a tier's weights; features are hashed into them.
pub(crate) const PLACES: usize = 1 << 11;
/// Variance of a weight before any feedback.
pub(crate) const START_VARIANCE: f32 = 0.03;
/// Variance of a verdict of weight 1 around the truth.
const NOISE: f32 = 0.25;
/// So many kinds are tallied; a further one is routed by the prior.
pub(crate) const KINDS: usize = 512;
/// So much weight of feedback a kind needs before corrections may act for it.
const ENOUGH: f32 = 1.5;

/// One tier's weights.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Weights {
    pub(crate) mean: Vec<f32>,
    pub(crate) variance: Vec<f32>,
}

impl Default for Weights {
    fn default() -> Self {
        Weights {
            mean: vec![0.0; PLACES],
            variance: vec![START_VARIANCE; PLACES],
        }
    }
}

/// How forecasts did on a kind of task, before each learned from the outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    /// Weight of all feedback.
    pub(crate) weight: f32,
    /// Weighted squared error of the prior.
    pub(crate) prior: f32,
    /// Weighted squared error of the corrected forecast.
    pub(crate) corrected: f32,
}

impl Tally {
    fn acts(self) -> bool {
        self.weight >= ENOUGH && self.corrected < self.prior
    }
}

/// Everything that was learned.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Learner {
    pub(crate) tiers: [Weights; 4],
    pub(crate) kinds: BTreeMap<String, Tally>,
    pub(crate) count: u64,
}

/// A correction and how uncertain it is (standard deviation).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Correction {
    pub(crate) mean: f32,
    pub(crate) deviation: f32,
}

fn place(index: u32) -> usize {
    // Fibonacci hashing spreads neighbours; the hand-made features at the front stay apart.
    if index < 64 {
        index as usize
    } else {
        64 + (index.wrapping_mul(0x9e37_79b9) >> 8) as usize % (PLACES - 64)
    }
}

fn pairs(features: &Features) -> impl Iterator<Item = (usize, f32)> + '_ {
    let held = |value: f32| {
        if value.is_finite() {
            value.clamp(-4.0, 4.0)
        } else {
            0.0
        }
    };
    features
        .indices
        .iter()
        .zip(&features.values)
        .take(2_048)
        .map(move |(index, value)| (place(*index), held(*value)))
}

impl Learner {
    /// Whether corrections act for a kind.
    pub(crate) fn acts_for(&self, kind: &str) -> bool {
        self.kinds.get(kind).is_some_and(|tally| tally.acts())
    }

    /// What the weights say of a tier from 1 to 4.
    pub(crate) fn correction(&self, tier: u8, features: &Features) -> Correction {
        let weights = &self.tiers[usize::from(tier.clamp(1, 4)) - 1];
        let (mut mean, mut variance) = (0.0_f32, 0.0_f32);
        for (at, value) in pairs(features) {
            mean += weights.mean[at] * value;
            variance += weights.variance[at] * value * value;
        }
        Correction {
            mean,
            deviation: libm::sqrtf(variance),
        }
    }

    pub(crate) fn learn(&mut self, feedback: &Feedback) {
        self.count = self.count.saturating_add(1);
        let usable = (1..=4).contains(&feedback.tier)
            && feedback.quality.is_finite()
            && feedback.weight.is_finite()
            && feedback.weight > 0.0;
        if !usable {
            return;
        }
        let quality = feedback.quality.clamp(0.0, 1.0);
        let weight = feedback.weight.clamp(0.001, 1.0);
        let expected = prior::quality(feedback.tier, feedback.complexity);
        let before = self.correction(feedback.tier, &feedback.features);
        let surprise = quality - expected - before.mean;
        self.tally(&feedback.kind, weight, quality - expected, surprise);
        let noise = NOISE / weight;
        let spread = noise + before.deviation * before.deviation;
        let weights = &mut self.tiers[usize::from(feedback.tier) - 1];
        for (at, value) in pairs(&feedback.features) {
            let variance = weights.variance[at];
            let gain = variance * value / spread;
            weights.mean[at] += gain * surprise;
            weights.variance[at] = (variance - gain * value * variance).max(1e-6);
        }
    }

    fn tally(&mut self, kind: &str, weight: f32, prior_error: f32, corrected_error: f32) {
        if self.kinds.len() >= KINDS && !self.kinds.contains_key(kind) {
            return;
        }
        // Long names are cut, so that a snapshot stays small whatever callers name their kinds.
        let mut end = kind.len().min(128);
        while !kind.is_char_boundary(end) {
            end -= 1;
        }
        let tally = self.kinds.entry(kind[..end].to_owned()).or_default();
        // Old evidence fades: a model that changes behind its name is noticed.
        const FADE: f32 = 0.995;
        tally.weight = tally.weight * FADE + weight;
        tally.prior = tally.prior * FADE + weight * prior_error * prior_error;
        tally.corrected = tally.corrected * FADE + weight * corrected_error * corrected_error;
    }
}
