//! The number by which the router explores: drawn from a seed and the task's id, so that the same task has the same one in every process and
//! a log can be checked. The router does not draw; it is deterministic.

use sha2::{Digest as _, Sha256};

/// The largest number that a draw can be: no task is explored with it.
const LAST: f32 = 1.0 - 1.0 / (1 << 24) as f32;

/// A number from 0 up to, not including, 1, as even as SHA-256 is. A task without an id, as `route` may be shown one, has the number with which
/// nothing is explored.
pub(crate) fn draw(seed: u64, id: Option<&str>) -> f32 {
    let Some(id) = id else {
        return LAST;
    };
    let digest = Sha256::new()
        .chain_update(seed.to_le_bytes())
        .chain_update(id)
        .finalize();
    // 24 bits: as many as the number can hold exactly.
    let bits = u32::from_le_bytes([digest[0], digest[1], digest[2], 0]);
    bits as f32 / (1 << 24) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_even_below_one_and_differ_by_seed() {
        let draws = |seed: u64| -> Vec<f32> {
            (0..4_000)
                .map(|at| draw(seed, Some(&format!("task-{at}"))))
                .collect()
        };
        let (one, two) = (draws(1), draws(2));
        assert_eq!(one, draws(1));
        assert_ne!(one, two);
        assert!(one.iter().all(|drawn| (0.0..1.0).contains(drawn)));
        let low = one.iter().filter(|drawn| **drawn < 0.1).count();
        // Four standard deviations around 400.
        assert!((324..476).contains(&low), "{low}");
        assert!(draw(1, None) < 1.0);
    }
}
