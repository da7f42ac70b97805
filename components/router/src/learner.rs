//! What outcomes have taught: for each tier a correction of the prior, linear in the features, with its uncertainty.
//!
//! The weights have a diagonal Gaussian posterior; one pass of the Kalman gain over each piece of feedback, as in online Bayesian linear
//! regression (assumed-density filtering with a diagonal covariance). A tier's quality is modelled, and what a stronger tier gains over a
//! cheaper one is the difference of two: where both report on the same tasks, that difference is the same filter run on the gain itself.
//! Beside it each kind of task keeps what is its own: how far its complexity can be trusted, and a tally of how well prior and corrected forecast
//! did on feedback that they had not seen yet (prequential validation, Dawid 1984): a correction acts for a kind only where it was the better
//! forecast.

use std::collections::BTreeMap;

use crate::{Features, Feedback, prior};

/// Places below this have fixed meanings; hashed n-grams follow.
const HAND: usize = 64;
/// How many places hashed n-grams have: two blocks of 4,096.
const HASHED: usize = 1 << 13;
/// Places of the weights.
pub(crate) const PLACES: usize = HAND + HASHED;
/// Where the second block of n-grams begins, that of runs of bytes.
const SECOND: usize = HAND + HASHED / 2;
/// An n-gram counts the root of its value times this: one over the fourth root of how many n-grams a paragraph has in the block. The values of a block
/// have length 1 together whatever the text; so taken, a long text says more than a short one, as it does, but not as much more as it is long.
/// Where whole domains are left out this is worth .01 of APGR or more. They were set for some 100 words and pairs and 252 runs; with the 50 words and
/// 32 runs of today another factor is all that would change, and what was measured since was measured with these.
const WORD: f32 = 0.316;
const RUN: f32 = 0.251;
/// Variance of an n-gram's weight before any feedback. This and the next ones were chosen on two thirds of public outcomes, by three tasks at once:
/// MMLU with 1,500 labels, the same with whole domains left out, and GSM8K with 200. Twice as much costs .005 where domains are left out,
/// half as much costs .003 on MMLU.
const START_HASHED: f32 = 0.008;
/// The same of the level of a tier, of a kind and of a domain: what a model is worth in general is learned from few outcomes.
const START_LEVEL: f32 = 0.1;
/// The same of ten points of complexity: what they are worth for a kind its trust says already.
const START_STEP: f32 = 0.003;
/// The same of places that the prior does not read but that are no words either.
const START_FACT: f32 = 0.001;
/// The same of what the prior reads of any text: it has its effect already.
const START_PRIOR: f32 = 0.0002;
/// The same of the form of answers to choose from: what it says held in domains that were left out, which is seldom true of words, and the prior
/// has only a part of it. As little as for what else the prior reads costs .018 of APGR where whole domains are left out. A third or three times as
/// much changes nothing there; a third saves less in a stream.
const START_FORM: f32 = 0.01;
/// The same of the share by which a kind's complexity is trusted more or less than the prior does.
const START_TRUST: f32 = 0.5;
/// A kind's mean complexity before any feedback, and how many pieces of feedback that counts for.
const USUAL: (f32, f32) = (30.0, 2.0);
/// A kind's mean complexity follows the last so many pieces of feedback.
const MEMORY: f32 = 1_000.0;
/// How much a level's variance grows with each outcome: at a tier that did not do the task, which may have changed unseen, and at the one that did.
/// Of the first, a third locks a cheap tier out for good more often, three times as much sends too much to it.
const REST: f32 = 3e-5;
const STEADY: f32 = 3e-6;
/// A surprise within this either way is no sign of a change.
const SLACK: f32 = 0.1;
/// So much surprise in one direction beyond the slack means that a tier has changed. Of outcomes that are right or wrong by chance
/// one in some 6,000 gives this alarm without a cause; a fall of quality by .3 does within 30.
const ALARM: f32 = 6.0;
/// Variance of a verdict of weight 1 around the truth: that of a coin, the most that a verdict of right or wrong can have.
const NOISE: f32 = 0.25;
/// So many kinds are tallied; a further one is routed by the prior.
pub(crate) const KINDS: usize = 512;
/// So much weight of feedback a kind needs before corrections may act for it, and a tier before it is hoped for.
const ENOUGH: f32 = 1.5;
/// So many features of a task are read.
const READ: usize = 4_096;

/// The weights at one place, a lane for each tier from 1 to 4.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) mean: [f32; 4],
    pub(crate) variance: [f32; 4],
}

/// What is known of a kind of task alone: its complexity's mean and worth, and how forecasts did before each learned from the outcome.
///
/// Rules over words may find much complexity in one kind of task and be wrong about it all along: in school mathematics, say, where a long
/// word is no hard sum. `trust` moves a task between its own complexity (0) and that of its kind's mean (-1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Kind {
    /// Weight of all feedback.
    pub(crate) weight: f32,
    /// Weighted squared error of the prior.
    pub(crate) prior: f32,
    /// Weighted squared error of the corrected forecast.
    pub(crate) corrected: f32,
    /// How many pieces of feedback the mean complexity is of.
    pub(crate) seen: f32,
    /// The mean complexity.
    pub(crate) complexity: f32,
    /// By how much its complexity is trusted more than the prior does; 0 is as the prior, -1 not at all.
    pub(crate) trust: f32,
    /// Variance of that.
    pub(crate) doubt: f32,
}

impl Default for Kind {
    fn default() -> Self {
        Kind {
            weight: 0.0,
            prior: 0.0,
            corrected: 0.0,
            seen: USUAL.1,
            complexity: USUAL.0,
            trust: 0.0,
            doubt: START_TRUST,
        }
    }
}

/// Whether a tier does worse or better than it did (a two-sided cumulative sum of surprises, Page 1954). Levels are near certain after some hundred
/// outcomes, so that decisions are steady; a model that changes behind its name is noticed here, and its level then learned anew.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Watch {
    /// Weight of all feedback on the tier, held to 1,000.
    pub(crate) seen: f32,
    /// How much worse than forecast it has done of late, beyond the slack.
    pub(crate) worse: f32,
    /// How much better.
    pub(crate) better: f32,
}

impl Watch {
    /// Takes in a surprise, and says whether the tier has changed; it then begins anew.
    fn alarms(&mut self, surprise: f32, weight: f32) -> bool {
        self.seen = (self.seen + weight).min(MEMORY);
        self.worse = (self.worse + weight * (-surprise - SLACK)).max(0.0);
        self.better = (self.better + weight * (surprise - SLACK)).max(0.0);
        let has_changed = self.worse > ALARM || self.better > ALARM;
        if has_changed {
            (self.worse, self.better) = (0.0, 0.0);
        }
        has_changed
    }
}

/// No weight that was learned comes near to this. Larger ones would make sums that are no numbers.
pub(crate) const LARGEST_MEAN: f32 = 1e4;
/// No variance falls below this: something can always be learned.
const LEAST_VARIANCE: f32 = 1e-6;
/// No variance that was learned is above this: they fall from where they start.
pub(crate) const LARGEST_VARIANCE: f32 = 1.0;

impl Kind {
    fn acts(&self) -> bool {
        self.weight >= ENOUGH && self.corrected < self.prior
    }

    /// What the prior's forecast for a tier owes to this task being more or less complex than its kind is.
    fn stake(&self, tier: u8, complexity: u8, load: f32) -> f32 {
        prior::quality(tier, f32::from(complexity), load)
            - prior::quality(tier, self.complexity, load)
    }

    fn tally(&mut self, weight: f32, prior_error: f32, corrected_error: f32) {
        // Old evidence fades: a model that changes behind its name is noticed.
        const FADE: f32 = 0.995;
        self.weight = self.weight * FADE + weight;
        self.prior = self.prior * FADE + weight * prior_error * prior_error;
        self.corrected = self.corrected * FADE + weight * corrected_error * corrected_error;
    }
}

/// Everything that was learned.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Learner {
    pub(crate) rows: Vec<Row>,
    pub(crate) kinds: BTreeMap<String, Kind>,
    pub(crate) watches: [Watch; 4],
    pub(crate) count: u64,
}

impl Default for Learner {
    fn default() -> Self {
        Learner {
            rows: (0..PLACES).map(untouched).collect(),
            kinds: BTreeMap::new(),
            watches: [Watch::default(); 4],
            count: 0,
        }
    }
}

/// Corrections and how uncertain they are, a lane for each tier from 1 to 4.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Corrections {
    pub(crate) mean: [f32; 4],
    pub(crate) variance: [f32; 4],
    /// Enough outcomes speak of the tier at all.
    pub(crate) is_known: [bool; 4],
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
        0 | 32..HAND => START_LEVEL,
        2..5 => START_PRIOR,
        12..15 => START_FORM,
        1 | 5..12 | 15 => START_FACT,
        16..32 => START_STEP,
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

/// What a feature counts at its place.
fn counted(place: usize, value: f32) -> f32 {
    let value = held(value);
    if place < HAND {
        return value;
    }
    let scale = if place < SECOND { WORD } else { RUN };
    scale * libm::copysignf(libm::sqrtf(libm::fabsf(value)), value)
}

fn pairs(features: &Features) -> impl Iterator<Item = (usize, f32)> + '_ {
    features
        .indices
        .iter()
        .zip(&features.values)
        .take(READ)
        .map(|(index, value)| {
            let at = place(*index);
            (at, counted(at, *value))
        })
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
        self.kinds.get(short(kind)).is_some_and(Kind::acts)
    }

    /// What outcomes say of every tier for a task of this kind, in one walk over the features.
    pub(crate) fn corrections(
        &self,
        kind: &str,
        complexity: u8,
        features: &Features,
    ) -> Corrections {
        let mut sum = Corrections {
            is_known: self.watches.map(|watch| watch.seen >= ENOUGH),
            ..Corrections::default()
        };
        for (at, value) in pairs(features) {
            let row = &self.rows[at];
            let square = value * value;
            for lane in 0..4 {
                sum.mean[lane] += row.mean[lane] * value;
                sum.variance[lane] += row.variance[lane] * square;
            }
        }
        if let Some(kind) = self.kinds.get(short(kind)) {
            let load = prior::load(features);
            for (lane, tier) in (1..=4).enumerate() {
                let stake = kind.stake(tier, complexity, load);
                sum.mean[lane] += kind.trust * stake;
                sum.variance[lane] += kind.doubt * stake * stake;
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
        let load = prior::load(features);
        let complexity = feedback.complexity.min(100);
        let expected = prior::quality(feedback.tier, f32::from(complexity), load);
        let places = merged(features);
        let (mut mean, mut variance) = (0.0_f32, 0.0_f32);
        for &(at, value) in &places {
            mean += self.rows[at].mean[lane] * value;
            variance += self.rows[at].variance[lane] * value * value;
        }
        let mut surprise = quality - expected - mean;
        let mut spread = NOISE / weight + variance;
        if let Some(kind) = self.kind_mut(&feedback.kind) {
            let stake = kind.stake(feedback.tier, complexity, load);
            surprise -= kind.trust * stake;
            spread += kind.doubt * stake * stake;
            kind.tally(weight, quality - expected, surprise);
            let gain = kind.doubt * stake / spread;
            kind.trust += gain * surprise;
            kind.doubt = (kind.doubt - gain * stake * kind.doubt).max(LEAST_VARIANCE);
            kind.seen = (kind.seen + 1.0).min(MEMORY);
            kind.complexity += (f32::from(complexity) - kind.complexity) / kind.seen;
        }
        let has_changed = self.watches[lane].alarms(surprise, weight);
        for (at, value) in places {
            let row = &mut self.rows[at];
            let variance = row.variance[lane];
            let gain = variance * value / spread;
            row.mean[lane] += gain * surprise;
            row.variance[lane] = (variance - gain * value * variance).max(LEAST_VARIANCE);
            if start(at) >= START_LEVEL {
                if has_changed {
                    row.variance[lane] = START_LEVEL;
                }
                for (other, own) in row.variance.iter_mut().enumerate() {
                    let step = if other == lane { STEADY } else { REST };
                    *own = (*own + step * weight).min(START_LEVEL);
                }
            }
        }
    }

    /// What is known of a kind; none where so many kinds are known that no further one is.
    fn kind_mut(&mut self, kind: &str) -> Option<&mut Kind> {
        let kind = short(kind);
        if !self.kinds.contains_key(kind) {
            if self.kinds.len() >= KINDS {
                return None;
            }
            self.kinds.insert(kind.to_owned(), Kind::default());
        }
        self.kinds.get_mut(kind)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A question whose words no other has, with answers that are alike or not.
    fn question(number: u32, alike: f32) -> Features {
        let words = (0..40).map(|at| 64 + (number * 40 + at) * 7 % 4_096);
        let mut indices: Vec<u32> = words.collect();
        indices.sort_unstable();
        indices.splice(0..0, [0, 12]);
        let mut values = vec![0.158; indices.len()];
        (values[0], values[1]) = (1.0, alike);
        Features { indices, values }
    }

    #[test]
    fn what_the_form_of_answers_says_carries_over_to_words_that_are_new() {
        let mut learner = Learner::default();
        for number in 0..80 {
            let (alike, quality) = [(0.5, 0.0), (-0.3, 1.0)][number as usize % 2];
            learner.learn(&Feedback {
                kind: "k".to_owned(),
                complexity: 16,
                features: question(number, alike),
                tier: 1,
                quality,
                weight: 1.0,
            });
        }
        let expected = |alike: f32| learner.corrections("k", 16, &question(99, alike)).mean[0];
        let apart = expected(-0.3) - expected(0.5);
        assert!(apart > 0.2, "{apart}");
    }
}
