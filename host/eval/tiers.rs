//! Decided tiers against the tiers that people gave: the confusion matrix, and what a points table of flags alone would have said.

use crate::task::{Priority, Task};

/// How often each tier was decided, by the tier that was right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confusion {
    /// `counts[right][decided]`.
    pub counts: [[u32; 5]; 5],
}

impl Confusion {
    /// Counts a task. Tiers above 4 are no tiers and are not counted.
    pub fn add(&mut self, right: u8, decided: u8) {
        if let Some(count) = self
            .counts
            .get_mut(usize::from(right))
            .and_then(|row| row.get_mut(usize::from(decided)))
        {
            *count += 1;
        }
    }

    /// How many tasks were counted.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.counts.iter().flatten().sum()
    }

    /// The share of tasks with the right tier; 0 where there are none.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        let right: u32 = (0..5).map(|tier| self.counts[tier][tier]).sum();
        f64::from(right) / f64::from(self.total().max(1))
    }

    /// The share of right ones among the tasks decided for a tier; none where none was.
    #[must_use]
    pub fn precision(&self, tier: u8) -> Option<f64> {
        let tier = usize::from(tier);
        let decided: u32 = self.counts.iter().map(|row| row[tier]).sum();
        (decided > 0).then(|| f64::from(self.counts[tier][tier]) / f64::from(decided))
    }

    /// How many tasks of tier 4 were sent below tier 3: where a mistake is dear.
    #[must_use]
    pub fn dear_mistakes(&self) -> u32 {
        self.counts[4][..3].iter().sum()
    }
}

/// The tier by a points table that reads fields and counts lines, and no word: the kind of rules that this router replaces. Fewer than 20 points are
/// tier 1, fewer than 45 tier 2, fewer than 70 tier 3.
#[must_use]
pub fn by_points(task: &Task) -> u8 {
    let files = task
        .file_count
        .max(u32::try_from(task.files.len()).unwrap_or(u32::MAX));
    let lines: usize = task
        .files
        .iter()
        .map(|file| file.text.as_str())
        .chain(task.code_context.as_deref())
        .map(|text| text.lines().count())
        .sum();
    let domain = match task.domain.as_str() {
        "security-compliance" | "chaos-resilience" | "defect-intelligence" => 30,
        "code-intelligence"
        | "contract-testing"
        | "quality-assessment"
        | "learning-optimization" => 15,
        _ => 0,
    };
    const HARD: [&str; 8] = [
        "sast",
        "dast",
        "vulnerability",
        "owasp",
        "chaos-testing",
        "resilience",
        "fault-injection",
        "mutation-testing",
    ];
    let hard = task
        .capabilities
        .iter()
        .filter(|own| HARD.contains(&own.to_lowercase().as_str()))
        .count()
        .min(2);
    let when = |set: bool, points: usize| if set { points } else { 0 };
    let points = match files {
        0..=5 => 0,
        6..=10 => 10,
        11..=20 => 20,
        _ => 25,
    } + domain
        + when(task.cross_component, 25)
        + match task.priority {
            Priority::Critical => 25,
            Priority::High => 15,
            _ => 0,
        }
        + hard * 10
        + when(task.external_apis, 10)
        + when(task.database, 10)
        + when(task.time_sensitive, 5)
        + match lines {
            0..=200 => 0,
            201..=500 => 10,
            _ => 15,
        }
        + when(task.sast || task.dast, 20);
    match points {
        0..20 => 1,
        20..45 => 2,
        45..70 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_counts_what_was_right_and_what_is_dear() {
        let mut found = Confusion::default();
        for (right, decided) in [(0, 0), (1, 0), (4, 2), (4, 3), (9, 1)] {
            found.add(right, decided);
        }
        assert_eq!(found.total(), 4);
        assert_eq!(found.accuracy(), 0.25);
        assert_eq!(found.precision(0), Some(0.5));
        assert_eq!(found.precision(1), None);
        assert_eq!(found.dear_mistakes(), 1);
    }

    #[test]
    fn a_points_table_sees_fields_and_no_words() {
        assert_eq!(
            by_points(&Task::new(
                "Rewrite the distributed lock manager to fix data loss"
            )),
            1
        );
        let scan = Task {
            domain: "security-compliance".into(),
            sast: true,
            cross_component: true,
            ..Task::new("")
        };
        assert_eq!(by_points(&scan), 4);
    }
}
