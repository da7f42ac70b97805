//! Why a task is as hard as it is, in words for a decision's reasons. The router does not know it: no decision depends on it.

use crate::wit::Factor;

/// The weightiest factors as reasons of a decision.
pub(crate) fn why_so_hard(factors: &[Factor]) -> impl Iterator<Item = String> + '_ {
    const SAID: usize = 3;
    factors.iter().take(SAID).map(factor_words)
}

/// A factor as a reason: `act +28 (add)`.
fn factor_words(factor: &Factor) -> String {
    let Factor {
        name,
        points,
        words,
    } = factor;
    if words.is_empty() {
        format!("{name} {points:+}")
    } else {
        format!("{name} {points:+} ({})", words.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_weightiest_factors_are_put_into_words() {
        let factor = |name: &str, points, words: &[&str]| Factor {
            name: name.to_owned(),
            points,
            words: words.iter().map(|word| (*word).to_owned()).collect(),
        };
        let factors = [
            factor("act", 28, &["add"]),
            factor("learned", -7, &["tests", "endpoint"]),
            factor("priority", 5, &[]),
            factor("database", 1, &[]),
        ];
        let said: Vec<String> = why_so_hard(&factors).collect();
        assert_eq!(
            said,
            [
                "act +28 (add)",
                "learned -7 (tests, endpoint)",
                "priority +5"
            ]
        );
    }
}
