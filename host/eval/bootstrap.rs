//! Percentile intervals by resampling rows (Efron 1979). The numbers come from SplitMix64 (Steele, Lea and Flood 2014) and a seed that is stated, so
//! that the same rows give the same interval.

/// How a figure's uncertainty is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bootstrap {
    /// How often the rows are drawn anew.
    pub rounds: u32,
    /// What the draws begin with.
    pub seed: u64,
}

/// Numbers that look random and are the same for the same seed.
#[derive(Clone, Debug)]
pub struct Draws(u64);

impl Draws {
    /// The draws of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Draws {
        Draws(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A whole number below `count`, which is not 0.
    pub fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.next()) * count as u128) >> 64) as usize
    }

    /// A number from 0 up to, not including, 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl Bootstrap {
    /// The interval that holds 95 % of a figure over the draws. `figure` gets the rows of a draw, each as often as it was drawn; a figure that is
    /// not finite is left out. None where there are no rows, or where it is never finite.
    pub fn interval(
        self,
        rows: usize,
        mut figure: impl FnMut(&[usize]) -> f64,
    ) -> Option<(f64, f64)> {
        if rows == 0 {
            return None;
        }
        let mut draws = Draws::new(self.seed);
        let mut drawn = vec![0; rows];
        let mut figures = Vec::new();
        for _ in 0..self.rounds {
            drawn.fill_with(|| draws.below(rows));
            let value = figure(&drawn);
            if value.is_finite() {
                figures.push(value);
            }
        }
        figures.sort_by(f64::total_cmp);
        let last = figures.len().checked_sub(1)?;
        let at = |share: f64| figures[(share * last as f64).round() as usize];
        Some((at(0.025), at(0.975)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Bootstrap = Bootstrap {
        rounds: 2_000,
        seed: 1,
    };

    #[test]
    fn the_interval_of_a_mean_is_about_two_standard_errors_wide_either_way() {
        // Of 400 values, half 0 and half 1: the mean's standard error is .5 / 20.
        let mean = |drawn: &[usize]| {
            drawn.iter().filter(|at| **at % 2 == 1).count() as f64 / drawn.len() as f64
        };
        let (low, high) = USUAL.interval(400, mean).unwrap();
        assert!(
            (low - 0.451).abs() < 0.008 && (high - 0.549).abs() < 0.008,
            "{low} {high}"
        );
        assert_eq!(USUAL.interval(400, mean), Some((low, high)));
        let other = Bootstrap { seed: 2, ..USUAL };
        assert_ne!(other.interval(400, mean), Some((low, high)));
    }

    #[test]
    fn no_rows_and_no_finite_figure_have_no_interval() {
        assert_eq!(USUAL.interval(0, |_| 1.0), None);
        assert_eq!(USUAL.interval(5, |_| f64::NAN), None);
    }

    #[test]
    fn draws_reach_every_number_below_their_count() {
        let mut draws = Draws::new(3);
        let mut seen = [0; 7];
        for _ in 0..7_000 {
            seen[draws.below(7)] += 1;
        }
        assert!(
            seen.iter().all(|count| (880..1_120).contains(count)),
            "{seen:?}"
        );
        assert!((0..1_000).all(|_| (0.0..1.0).contains(&draws.share())));
    }
}
