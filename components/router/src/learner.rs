//! What outcomes have taught: for each tier a correction of the prior, linear in the features, with its uncertainty.
//!
//! The weights have a diagonal Gaussian posterior; one pass of the Kalman gain over each piece of feedback, as in online Bayesian linear
//! regression (assumed-density filtering with a diagonal covariance). A tier's quality is modelled, and what a stronger tier gains over a
//! cheaper one is the difference of two: where both report on the same tasks, that difference is the same filter run on the gain itself.
//! Beside it each kind of task keeps a tally of how well prior and corrected forecast did on feedback that they had not seen yet
//! (prequential validation, Dawid 1984): a correction acts for a kind only where it was the better forecast.

use std::collections::BTreeMap;

use crate::{Features, Feedback, prior};

/// Places below this have fixed meanings; hashed n-grams follow.
const HAND: usize = 64;
/// How many places hashed n-grams have: two blocks of 4,096.
const HASHED: usize = 1 << 13;
/// Places of the weights.
pub(crate) const PLACES: usize = HAND + HASHED;
/// Variance of an n-gram's weight before any feedback. The n-grams of a text have length 1 in each block, so that together they move a forecast
/// by some .14. Of .005, .01, .02, .03 and .1 it was the best on the two thirds of public outcomes that choices were made on.
const START_HASHED: f32 = 0.01;
/// The same of the level of a tier, of ten points of complexity, of a kind and of a domain: what a model is worth in general is learned from few outcomes.
const START_LEVEL: f32 = 0.1;
/// The same of the places that the prior reads: it has their effect already.
const START_PRIOR: f32 = 0.001;
/// How much a level's variance grows with each outcome, so that a model that changes behind its name is noticed. A random walk with this step
/// settles at a gain of about a sixtieth: half of a change is taken in within some 40 outcomes.
const WALK: f32 = 7e-5;
/// Variance of a verdict of weight 1 around the truth: that of a coin, the most that a verdict of right or wrong can have.
const NOISE: f32 = 0.25;
/// So many kinds are tallied; a further one is routed by the prior.
pub(crate) const KINDS: usize = 512;
/// So much weight of feedback a kind needs before corrections may act for it.
const ENOUGH: f32 = 1.5;
/// So many features of a task are read.
const READ: usize = 4_096;

/// The weights at one place, a lane for each tier from 1 to 4.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) mean: [f32; 4],
    pub(crate) variance: [f32; 4],
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

/// No weight that was learned comes near to this. Larger ones would make sums that are no numbers.
pub(crate) const LARGEST_MEAN: f32 = 1e4;
/// No variance that was learned is above this: they fall from where they start.
pub(crate) const LARGEST_VARIANCE: f32 = 1.0;

impl Tally {
    fn acts(self) -> bool {
        self.weight >= ENOUGH && self.corrected < self.prior
    }
}

/// Everything that was learned.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Learner {
    pub(crate) rows: Vec<Row>,
    pub(crate) kinds: BTreeMap<String, Tally>,
    pub(crate) count: u64,
}

impl Default for Learner {
    fn default() -> Self {
        Learner {
            rows: (0..PLACES).map(untouched).collect(),
            kinds: BTreeMap::new(),
            count: 0,
        }
    }
}

/// Corrections and how uncertain they are, a lane for each tier from 1 to 4.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Corrections {
    pub(crate) mean: [f32; 4],
    pub(crate) variance: [f32; 4],
    /// The variance before any feedback.
    pub(crate) start: f32,
}

/// The weights at a place before any feedback.
pub(crate) fn untouched(place: usize) -> Row {
    Row {
        mean: [0.0; 4],
        variance: [start(place); 4],
    }
}

fn start(place: usize) -> f32 {
    match place {
        0 | 16..HAND => START_LEVEL,
        1..16 => START_PRIOR,
        _ => START_HASHED,
    }
}

fn place(index: u32) -> usize {
    let index = index as usize;
    if index < HAND {
        index
    } else {
        HAND + (index - HAND) % HASHED
    }
}

fn held(value: f32) -> f32 {
    if value.is_finite() {
        value.clamp(-4.0, 4.0)
    } else {
        0.0
    }
}

fn pairs(features: &Features) -> impl Iterator<Item = (usize, f32)> + '_ {
    features
        .indices
        .iter()
        .zip(&features.values)
        .take(READ)
        .map(|(index, value)| (place(*index), held(*value)))
}

/// The places of a task, each once: features that fall on one place are one feature with the sum of their values. Taken one by one they would be
/// corrected by more than the surprise, each time by more.
fn merged(features: &Features) -> Vec<(usize, f32)> {
    let mut places: Vec<(usize, f32)> = pairs(features).collect();
    if !places.is_sorted_by(|a, b| a.0 < b.0) {
        places.sort_by_key(|(at, _)| *at);
        places.dedup_by(|later, first| {
            let is_same = later.0 == first.0;
            if is_same {
                first.1 = held(first.1 + later.1);
            }
            is_same
        });
    }
    places
}

impl Learner {
    /// Whether corrections act for a kind.
    pub(crate) fn acts_for(&self, kind: &str) -> bool {
        self.kinds
            .get(short(kind))
            .is_some_and(|tally| tally.acts())
    }

    /// What the weights say of every tier, in one walk over the features.
    pub(crate) fn corrections(&self, features: &Features) -> Corrections {
        let mut sum = Corrections::default();
        for (at, value) in pairs(features) {
            let row = &self.rows[at];
            let square = value * value;
            sum.start += start(at) * square;
            for lane in 0..4 {
                sum.mean[lane] += row.mean[lane] * value;
                sum.variance[lane] += row.variance[lane] * square;
            }
        }
        sum
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
        let lane = usize::from(feedback.tier) - 1;
        let quality = feedback.quality.clamp(0.0, 1.0);
        let weight = feedback.weight.clamp(0.001, 1.0);
        let features = &feedback.features;
        let expected = prior::quality(feedback.tier, feedback.complexity, prior::load(features));
        let places = merged(features);
        let (mut mean, mut variance) = (0.0_f32, 0.0_f32);
        for &(at, value) in &places {
            mean += self.rows[at].mean[lane] * value;
            variance += self.rows[at].variance[lane] * value * value;
        }
        let surprise = quality - expected - mean;
        self.tally(&feedback.kind, weight, quality - expected, surprise);
        let spread = NOISE / weight + variance;
        for (at, value) in places {
            let row = &mut self.rows[at];
            let variance = row.variance[lane];
            let gain = variance * value / spread;
            row.mean[lane] += gain * surprise;
            let mut left = (variance - gain * value * variance).max(1e-6);
            if start(at) >= START_LEVEL {
                left = (left + WALK * weight).min(START_LEVEL);
            }
            row.variance[lane] = left;
        }
    }

    fn tally(&mut self, kind: &str, weight: f32, prior_error: f32, corrected_error: f32) {
        let kind = short(kind);
        if self.kinds.len() >= KINDS && !self.kinds.contains_key(kind) {
            return;
        }
        let tally = match self.kinds.get_mut(kind) {
            Some(tally) => tally,
            None => self.kinds.entry(kind.to_owned()).or_default(),
        };
        // Old evidence fades: a model that changes behind its name is noticed.
        const FADE: f32 = 0.995;
        tally.weight = tally.weight * FADE + weight;
        tally.prior = tally.prior * FADE + weight * prior_error * prior_error;
        tally.corrected = tally.corrected * FADE + weight * corrected_error * corrected_error;
    }
}

/// Long names of kinds are cut, so that a snapshot stays small whatever callers name them.
fn short(kind: &str) -> &str {
    let mut end = kind.len().min(128);
    while !kind.is_char_boundary(end) {
        end -= 1;
    }
    &kind[..end]
}
