//! What is expected of a tier before anything is learned.
//!
//! A logistic curve over complexity for each tier that calls a model. Its place is chosen so that with the default quality target of 0.8
//! the cheapest tier that reaches the target is 1 below complexity 20, 2 below 45, 3 below 70, and 4 from there on: the levels of the
//! classification. Its steepness, 9 points, spreads the fall from .8 to .5 over half a level.

/// How fast quality falls with complexity, in points.
const SPREAD: f32 = 9.0;
/// The complexity at which a tier's expected quality is just the default target, by tier from 1. The strongest has no stronger one to
/// leave to: it stays above the target over the whole range.
const REACHES: [f32; 4] = [20.0, 45.0, 70.0, 112.0];
/// The default target's distance from the middle of the curve: ln(.8 / .2).
const TARGET_LOGIT: f32 = 1.386_294_4;

/// Expected quality of a tier from 1 to 4, 0 to 1.
pub(crate) fn quality(tier: u8, complexity: u8) -> f32 {
    let reaches = REACHES[usize::from(tier.clamp(1, 4)) - 1];
    // Half a point below the border, so that a complexity of exactly 20 has left tier 1.
    let margin = reaches - 0.5 - f32::from(complexity.min(100));
    1.0 / (1.0 + libm::expf(-(TARGET_LOGIT + margin / SPREAD)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheapest_tier_that_reaches_the_default_target_is_the_levels_own() {
        for (complexity, expected) in [
            (0, 1),
            (19, 1),
            (20, 2),
            (44, 2),
            (45, 3),
            (69, 3),
            (70, 4),
            (100, 4),
        ] {
            let cheapest = (1..=4).find(|tier| quality(*tier, complexity) >= 0.8);
            assert_eq!(cheapest, Some(expected), "{complexity}");
        }
    }
}
