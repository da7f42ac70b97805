//! What is expected of a tier before anything is learned.
//!
//! A logistic curve over complexity for each tier that calls a model. Its place is chosen so that with the default quality target of 0.8
//! the cheapest tier that reaches the target is 1 below complexity 20, 2 below 45, 3 below 70, and 4 from there on: the levels of the
//! classification. Its steepness, 9 points, spreads the fall from .8 to .5 over half a level.
//!
//! Beside the complexity counts how much there is to hold together while reading: it orders tasks within a level, where the complexity's
//! rules see no difference. It never lifts a task of few points over a border by itself.

use crate::Features;

/// How fast quality falls with complexity, in points.
const SPREAD: f32 = 9.0;
/// The complexity at which a tier's expected quality is just the default target, by tier from 1. The strongest has no stronger one to
/// leave to: it stays above the target over the whole range.
const REACHES: [f32; 4] = [20.0, 45.0, 70.0, 112.0];
/// The default target's distance from the middle of the curve: ln(.8 / .2).
const TARGET_LOGIT: f32 = 1.386_294_4;

/// The features that it reads, with points of complexity for each unit: the text's length, its sentences' length, and its words of relation,
/// each as a logarithm around what is usual, and of answers to choose from how alike they are, how many are results of sums and how many
/// formulae. The weights were set on two thirds of public outcomes (MMLU, GSM8K), where they order tasks by what a strong model gains with APGR
/// .64 and .61; length alone has .59 and .57. For the form of answers three times as much would order better there (.67 on MMLU): less is taken
/// because that is one pair of models, and it leaves the learner nothing to find in a stream.
const LOAD: [(u32, f32); 6] = [
    (2, 2.3),
    (3, 1.1),
    (4, 2.0),
    (12, 2.5),
    (13, -2.0),
    (14, -2.5),
];
/// Features from this place on are none of them.
const BEHIND: u32 = 16;
/// The most points that the load adds or takes.
const MOST: f32 = 8.0;

/// The reading load of a task in points of complexity; 0 where its features do not say it.
pub(crate) fn load(features: &Features) -> f32 {
    let mut points = 0.0;
    // They stand at the front, because indices ascend.
    let first = features.indices.iter().zip(&features.values);
    for (index, value) in first.take_while(|(index, _)| **index < BEHIND) {
        if let Some((_, weight)) = LOAD.iter().find(|(known, _)| known == index)
            && value.is_finite()
        {
            points += weight * value.clamp(-4.0, 4.0);
        }
    }
    points.clamp(-MOST, MOST)
}

/// Expected quality of a tier from 1 to 4, 0 to 1. `complexity` is 0 to 100, `load` the reading load in points.
pub(crate) fn quality(tier: u8, complexity: f32, load: f32) -> f32 {
    let reaches = REACHES[usize::from(tier.clamp(1, 4)) - 1];
    // Half a point below the border, so that a complexity of exactly 20 has left tier 1.
    let margin = reaches - 0.5 - complexity - load;
    1.0 / (1.0 + libm::expf(-(TARGET_LOGIT + margin / SPREAD)))
}

/// How far a forecast of the prior's may be off, as a standard deviation: largest in the middle, where it could fall either way. At the default
/// target it is .18, within what asks for no review.
pub(crate) fn uncertainty(quality: f32) -> f32 {
    0.45 * libm::sqrtf(quality * (1.0 - quality))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheapest_tier_that_reaches_the_default_target_is_the_levels_own() {
        for (complexity, expected) in [
            (0.0, 1),
            (19.0, 1),
            (20.0, 2),
            (44.0, 2),
            (45.0, 3),
            (69.0, 3),
            (70.0, 4),
            (100.0, 4),
        ] {
            let cheapest = (1..=4).find(|tier| quality(*tier, complexity, 0.0) >= 0.8);
            assert_eq!(cheapest, Some(expected), "{complexity}");
        }
    }

    #[test]
    fn the_load_is_held_within_its_bounds_whatever_the_features_say() {
        let features = |value: f32| Features {
            indices: vec![0, 2, 3, 4, 99],
            values: vec![1.0, value, value, value, value],
        };
        assert_eq!(load(&features(4.0)), MOST);
        assert_eq!(load(&features(-4.0)), -MOST);
        assert_eq!(load(&features(f32::NAN)), 0.0);
    }
    #[test]
    fn a_close_choice_is_a_load_and_a_sum_or_a_formula_is_less_of_one() {
        let load = |place: u32, value: f32| {
            load(&Features {
                indices: vec![0, place],
                values: vec![1.0, value],
            })
        };
        assert!(load(12, 0.5) > 0.0 && load(12, -0.3) < 0.0);
        assert!(load(13, 1.0) < 0.0);
        assert!(load(14, 1.0) < 0.0);
        assert_eq!(load(15, 1.0), 0.0);
    }
}
