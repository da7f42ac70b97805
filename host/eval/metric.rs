//! How well a score says on which prompts the strong model is worth its price, as RouteLLM computes it (Ong et al. 2024, arXiv 2406.18665).

/// A router's curve: the share of prompts sent to the strong model against the mean quality of what comes back.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Share and quality at each of the eleven thresholds, by ascending share.
    pub points: Vec<(f64, f64)>,
    /// Mean quality when every prompt goes to the weak model.
    pub weak: f64,
    /// The same of the strong one.
    pub strong: f64,
}

/// The curve of a score. Thresholds are its quantiles 0, .1, ... 1; a prompt goes to the strong model where its score reaches the threshold,
/// and at the last one where it is above. All three slices have one length, which is not 0.
#[must_use]
pub fn curve(scores: &[f64], weak: &[f64], strong: &[f64]) -> Curve {
    let count = scores.len().max(1) as f64;
    let mut sorted = scores.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut points: Vec<(f64, f64)> = (0..=10)
        .map(|tenth| {
            let threshold = quantile(&sorted, f64::from(tenth) / 10.0);
            let mut sent = 0_u32;
            let mut quality = 0.0;
            for (at, score) in scores.iter().enumerate() {
                let is_sent = if tenth == 10 {
                    *score > threshold
                } else {
                    *score >= threshold
                };
                sent += u32::from(is_sent);
                quality += if is_sent { strong[at] } else { weak[at] };
            }
            (f64::from(sent) / count, quality / count)
        })
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / count;
    Curve {
        points,
        weak: mean(weak),
        strong: mean(strong),
    }
}

/// The quantile of ascending values, by linear interpolation between the two nearest.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let at = share * last as f64;
    let low = at.floor() as usize;
    let high = (low + 1).min(last);
    sorted[low] + (sorted[high] - sorted[low]) * (at - low as f64)
}

impl Curve {
    /// Average performance gap recovered: the area between the curve and the weak model's line over that between the two models' lines.
    /// 0 where the models do not differ.
    #[must_use]
    pub fn apgr(&self) -> f64 {
        let area: f64 = self
            .points
            .windows(2)
            .map(|pair| (pair[1].0 - pair[0].0) * (pair[0].1 + pair[1].1) / 2.0)
            .sum();
        let range = match (self.points.first(), self.points.last()) {
            (Some(first), Some(last)) => last.0 - first.0,
            _ => 0.0,
        };
        let gap = (self.strong - self.weak) * range;
        if gap == 0.0 {
            0.0
        } else {
            (area - self.weak * range) / gap
        }
    }

    /// Call-performance threshold: the smallest share of prompts sent to the strong model at which `share` of the gap in quality is closed;
    /// none where no point of the curve closes it.
    #[must_use]
    pub fn cpt(&self, share: f64) -> Option<f64> {
        let target = self.weak + share * (self.strong - self.weak);
        if self.points.first()?.1 >= target {
            return Some(self.points[0].0);
        }
        self.points
            .windows(2)
            .find(|pair| pair[0].1 < target && pair[1].1 >= target)
            .map(|pair| {
                let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
                x0 + (x1 - x0) * (target - y0) / (y1 - y0)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten prompts: the weak model fails on the last five, the strong one never.
    fn models() -> (Vec<f64>, Vec<f64>) {
        let weak = (0..10).map(|at| if at < 5 { 1.0 } else { 0.0 }).collect();
        (weak, vec![1.0; 10])
    }

    fn near(left: f64, right: f64) {
        assert!((left - right).abs() < 1e-9, "{left} and {right}");
    }

    #[test]
    fn a_perfect_score_recovers_half_the_gap_with_a_quarter_of_the_calls() {
        let (weak, strong) = models();
        let scores: Vec<f64> = (0..10).map(f64::from).collect();
        let found = curve(&scores, &weak, &strong);
        // Quality rises by .1 for each tenth of the prompts up to the half, and stays at 1 from there: the area above .5 is
        // .5 * .5 / 2 + .5 * .5 = .375 of .5.
        near(found.apgr(), 0.75);
        near(found.cpt(0.5).unwrap(), 0.25);
        near(found.cpt(0.8).unwrap(), 0.4);
    }

    #[test]
    fn the_opposite_score_sends_the_wrong_half_first() {
        let (weak, strong) = models();
        let scores: Vec<f64> = (0..10).map(|at| -f64::from(at)).collect();
        let found = curve(&scores, &weak, &strong);
        near(found.apgr(), 0.25);
        near(found.cpt(0.5).unwrap(), 0.75);
    }

    #[test]
    fn a_constant_score_sends_all_or_none() {
        let (weak, strong) = models();
        let found = curve(&[1.0; 10], &weak, &strong);
        // Ten points at the far right and one at the left: a straight line.
        near(found.apgr(), 0.5);
        near(found.cpt(0.8).unwrap(), 0.8);
        assert_eq!(curve(&[1.0], &[1.0], &[1.0]).apgr(), 0.0);
    }
}
