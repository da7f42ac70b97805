//! What a policy would have been worth on tasks that another one decided, from the probabilities that were logged: inverse propensities (Horvitz and
//! Thompson 1952), the same self-normalised, and doubly robust (Dudík, Langford and Li 2011). Pure calculation.

use super::bootstrap::Bootstrap;

/// A logged task as a policy under test sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// Whether the policy takes the tier that was taken.
    pub agrees: bool,
    /// With what probability the tier was taken: above 0, to 1.
    pub propensity: f64,
    /// What came of it: a quality or a cost.
    pub reward: f64,
    /// What a model that has not seen this task expects of the tier that was taken.
    pub expected_taken: f64,
    /// What it expects of the tier that the policy takes.
    pub expected_own: f64,
}

impl Seen {
    fn weight(&self) -> f64 {
        if self.agrees {
            1.0 / self.propensity
        } else {
            0.0
        }
    }
}

/// A policy's worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Worth {
    /// By inverse propensities.
    pub ips: f64,
    /// Self-normalised; not a number where the policy never agrees with the log.
    pub snips: f64,
    /// Doubly robust.
    pub doubly_robust: f64,
}

/// The three estimates over some rows, each as often as it is named.
#[must_use]
pub fn worth(rows: &[Seen], drawn: impl ExactSizeIterator<Item = usize>) -> Worth {
    let count = drawn.len() as f64;
    let (mut weights, mut rewards, mut robust) = (0.0, 0.0, 0.0);
    for at in drawn {
        let row = &rows[at];
        let weight = row.weight();
        weights += weight;
        rewards += weight * row.reward;
        robust += row.expected_own + weight * (row.reward - row.expected_taken);
    }
    Worth {
        ips: rewards / count,
        snips: rewards / weights,
        doubly_robust: robust / count,
    }
}

/// The same over all rows.
#[must_use]
pub fn worth_of_all(rows: &[Seen]) -> Worth {
    worth(rows, 0..rows.len())
}

/// How many tasks as good as unweighted ones the estimate rests on (Kish 1965).
#[must_use]
pub fn effective(rows: &[Seen]) -> f64 {
    let sum: f64 = rows.iter().map(Seen::weight).sum();
    let squares: f64 = rows.iter().map(|row| row.weight().powi(2)).sum();
    if squares > 0.0 {
        sum * sum / squares
    } else {
        0.0
    }
}

/// The mean weight. It is 1 but for chance where every tier that the policy takes was taken now and then; less says how much of it was never seen.
#[must_use]
pub fn covered(rows: &[Seen]) -> f64 {
    rows.iter().map(Seen::weight).sum::<f64>() / (rows.len().max(1) as f64)
}

/// The interval of one of the estimates.
#[must_use]
pub fn interval(
    rows: &[Seen],
    bootstrap: Bootstrap,
    of: impl Fn(Worth) -> f64,
) -> Option<(f64, f64)> {
    bootstrap.interval(rows.len(), |drawn| of(worth(rows, drawn.iter().copied())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::bootstrap::Draws;

    fn near(left: f64, right: f64) {
        assert!((left - right).abs() < 1e-9, "{left} and {right}");
    }

    #[test]
    fn the_estimates_are_those_that_a_hand_computes() {
        let seen = |agrees, propensity, reward, expected_taken, expected_own| Seen {
            agrees,
            propensity,
            reward,
            expected_taken,
            expected_own,
        };
        let rows = [
            seen(true, 0.5, 1.0, 0.5, 0.5),
            seen(false, 0.8, 1.0, 0.9, 0.25),
            seen(true, 0.25, 0.5, 0.75, 0.75),
            seen(true, 0.5, 0.0, 0.5, 0.5),
        ];
        let found = worth_of_all(&rows);
        // Weights 2, 0, 4, 2: rewards 2 + 2 of 4 rows, of a weight of 8.
        near(found.ips, 1.0);
        near(found.snips, 0.5);
        // (.5 + 1) + .25 + (.75 - 1) + (.5 - 1) = 1, of 4.
        near(found.doubly_robust, 0.25);
        near(covered(&rows), 2.0);
        near(effective(&rows), 64.0 / 24.0);
    }

    #[test]
    fn a_policy_that_agrees_with_nothing_is_known_by_the_model_alone() {
        let row = Seen {
            agrees: false,
            propensity: 0.9,
            reward: 1.0,
            expected_taken: 0.2,
            expected_own: 0.3,
        };
        let found = worth_of_all(&[row]);
        assert!(found.snips.is_nan() && found.ips == 0.0);
        near(found.doubly_robust, 0.3);
        assert_eq!((covered(&[row]), effective(&[row])), (0.0, 0.0));
    }

    /// A log with a known truth: one tier does 60 %, the other 85 %; the logging policy takes the first with .9. The policy under test takes the
    /// second for every other task, so that it is worth .725. The model of rewards is wrong: it says .5 of everything.
    fn simulated(seed: u64) -> Vec<Seen> {
        let mut draws = Draws::new(seed);
        (0..1_500)
            .map(|at| {
                let takes_first = draws.share() < 0.9;
                let (propensity, chance) = if takes_first { (0.9, 0.6) } else { (0.1, 0.85) };
                Seen {
                    agrees: takes_first == (at % 2 == 0),
                    propensity,
                    reward: f64::from(u8::from(draws.share() < chance)),
                    expected_taken: 0.5,
                    expected_own: 0.5,
                }
            })
            .collect()
    }

    #[test]
    fn the_intervals_cover_a_known_truth_as_often_as_they_say() {
        let bootstrap = Bootstrap {
            rounds: 200,
            seed: 5,
        };
        for of in [
            |worth: Worth| worth.ips,
            |worth: Worth| worth.snips,
            |worth: Worth| worth.doubly_robust,
        ] {
            let covered = (0..40)
                .filter(|seed| {
                    let (low, high) = interval(&simulated(*seed), bootstrap, of).unwrap();
                    low <= 0.725 && 0.725 <= high
                })
                .count();
            // 38 are expected, give or take 1.4; weights of 10 make a percentile interval a little narrow.
            assert!(covered >= 34, "{covered}");
        }
        // What the log says without weights is far off: .6 for nearly all.
        let rows = simulated(1);
        let plain = rows.iter().map(|row| row.reward).sum::<f64>() / rows.len() as f64;
        let (low, _) = interval(&rows, bootstrap, |worth| worth.snips).unwrap();
        assert!(plain < low, "{plain} {low}");
    }
}
