//! What a decision has to keep to where nothing stands in its way.

use crate::Limits;

impl Default for Limits {
    /// Every tier can be taken, and nothing limits what is spent; nothing is explored.
    fn default() -> Limits {
        Limits {
            manual_tier: None,
            critical: false,
            allow_booster: true,
            available: vec![1, 2, 3, 4],
            budget: None,
            may_downgrade: true,
            exploration: None,
        }
    }
}
