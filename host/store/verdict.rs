//! What a verdict teaches: a word of a person's about a tier becomes pieces of feedback, for that tier and for those it speaks of besides.
//!
//! | verdict | the tier that did it | tiers below it |
//! |---|---|---|
//! | `good-fit` | quality 1 | - |
//! | `overprovisioned` | quality 1 | the next one: quality 1 |
//! | `underpowered` | quality 0.15 | each: quality 0.15 |
//! | `failed` | quality 0 | each: quality 0 |
//! | a score of .5 and more | quality as it says | - |
//! | a score below .5 | quality as it says | each: the same |
//!
//! A tier is stronger than those below it: what it could not do, they could hardly, so a poor result is the most that is expected of them; a good
//! one says nothing of them, unless the verdict says so. What was seen weighs 1, what is concluded weighs [`CONCLUDED`].
//!
//! A task has one verdict: a later one takes the place of an earlier one, in the log too, as a person who judges again has looked again.
//!
//! The pieces are in the feedback log one after the other, the tier's own first, then downwards: a replay needs no more than the log.

use crate::outcome::Outcome;
use crate::tier::Tier;
use crate::wit::{Features, Feedback};

/// What a piece about a tier weighs that did not do the task: half of one that did, as its error has twice the variance by the learner's measure.
/// It is a judgement, not a measurement.
pub(super) const CONCLUDED: f32 = 0.5;
/// A result of less quality is a poor one.
const POOR: f32 = 0.5;

/// A verdict on a task that was done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// The tier was right.
    GoodFit,
    /// The tier was too weak: the result was poor.
    Underpowered,
    /// The tier was stronger than needed: the result was good, and the next cheaper tier's would have been.
    Overprovisioned,
    /// The result was of no use.
    Failed,
    /// How good the result was, 0 to 1.
    Score(f32),
}

/// What is learned of one tier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lesson {
    /// The tier.
    pub tier: Tier,
    /// How good its result was or would have been, 0 to 1.
    pub quality: f32,
    /// How much that counts, above 0 and at most 1.
    pub weight: f32,
}

impl Verdict {
    /// The quality of the result that it stands for. The only place that says so.
    #[must_use]
    pub fn quality(self) -> f32 {
        match self {
            Verdict::GoodFit | Verdict::Overprovisioned => 1.0,
            Verdict::Underpowered => 0.15,
            Verdict::Failed => 0.0,
            Verdict::Score(score) if score.is_nan() => 0.0,
            Verdict::Score(score) => score.clamp(0.0, 1.0),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Verdict::GoodFit => "good-fit",
            Verdict::Underpowered => "underpowered",
            Verdict::Overprovisioned => "overprovisioned",
            Verdict::Failed => "failed",
            Verdict::Score(_) => "score",
        }
    }

    /// What it teaches of the tier that did the task, first, and of those below it, downwards. Tier 0 proves its answers and is not learned
    /// about from others.
    #[must_use]
    pub fn lessons(self, tier: Tier) -> Vec<Lesson> {
        let quality = self.quality();
        let below = Tier::PAID.into_iter().rev().filter(|lower| *lower < tier);
        let concluded = match self {
            Verdict::Overprovisioned => 1,
            _ if quality < POOR => usize::MAX,
            _ => 0,
        };
        let seen = Lesson {
            tier,
            quality,
            weight: 1.0,
        };
        let concluded = below.take(concluded).map(|tier| Lesson {
            tier,
            quality,
            weight: CONCLUDED,
        });
        std::iter::once(seen).chain(concluded).collect()
    }
}

impl Lesson {
    /// As the learner takes it, with what is kept of the task.
    pub(super) fn feedback(self, outcome: &Outcome) -> Feedback {
        Feedback {
            kind: outcome.kind.clone(),
            complexity: outcome.complexity,
            features: Features {
                indices: outcome.features.indices.clone(),
                values: outcome.features.values.clone(),
            },
            tier: self.tier.number(),
            quality: self.quality,
            weight: self.weight,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taught(verdict: Verdict, tier: Tier) -> Vec<(u8, f32, f32)> {
        let lessons = verdict.lessons(tier).into_iter();
        lessons
            .map(|own| (own.tier.number(), own.quality, own.weight))
            .collect()
    }

    #[test]
    fn a_poor_result_speaks_of_every_tier_below_and_a_good_one_of_none() {
        let half = CONCLUDED;
        assert_eq!(
            taught(Verdict::Failed, Tier::Thinking),
            [(3, 0.0, 1.0), (2, 0.0, half), (1, 0.0, half)]
        );
        assert_eq!(
            taught(Verdict::Underpowered, Tier::Middle),
            [(2, 0.15, 1.0), (1, 0.15, half)]
        );
        assert_eq!(
            taught(Verdict::Score(0.4), Tier::Middle),
            [(2, 0.4, 1.0), (1, 0.4, half)]
        );
        assert_eq!(taught(Verdict::Score(0.5), Tier::Middle), [(2, 0.5, 1.0)]);
        assert_eq!(taught(Verdict::GoodFit, Tier::Strong), [(4, 1.0, 1.0)]);
        assert_eq!(taught(Verdict::Failed, Tier::Small), [(1, 0.0, 1.0)]);
        assert_eq!(taught(Verdict::Failed, Tier::Booster), [(0, 0.0, 1.0)]);
    }

    #[test]
    fn overprovisioned_says_that_the_next_cheaper_tier_would_have_done() {
        assert_eq!(
            taught(Verdict::Overprovisioned, Tier::Strong),
            [(4, 1.0, 1.0), (3, 1.0, CONCLUDED)]
        );
        assert_eq!(
            taught(Verdict::Overprovisioned, Tier::Small),
            [(1, 1.0, 1.0)]
        );
    }

    #[test]
    fn a_score_that_is_no_number_is_none() {
        assert_eq!(Verdict::Score(f32::NAN).quality(), 0.0);
    }
}
