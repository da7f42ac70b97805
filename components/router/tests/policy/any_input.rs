//! What holds for any input.

use proptest::prelude::*;
use tinydancer_router::{Classification, Features, Limits, Policy};

use crate::{feedback, settings, task};

fn any_features() -> impl Strategy<Value = Features> {
    prop::collection::btree_map(0_u32..70_000, any::<f32>(), 0..20).prop_map(|pairs| {
        let (indices, values) = pairs.into_iter().unzip();
        Features { indices, values }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn a_decision_keeps_to_its_limits(
        complexity in any::<u8>(), tokens in any::<u32>(), features in any_features(), security in any::<bool>(),
        manual in prop::option::of(0_u8..6), critical in any::<bool>(), booster in any::<bool>(), edit in any::<bool>(),
        available in prop::collection::vec(0_u8..6, 0..5), budget in prop::option::of(any::<u64>()), down in any::<bool>(),
        lessons in prop::collection::vec((any::<u8>(), 0_u8..7, any::<f32>(), any::<f32>()), 0..12),
    ) {
        let mut policy = Policy::new(&settings());
        let own = Classification { complexity, input_tokens: tokens, features, security, transform: edit.then(|| "var-to-const".into()), ..task(0, "k") };
        for (at, tier, quality, weight) in lessons {
            policy.learn(&feedback(&Classification { complexity: at, ..own.clone() }, tier, quality, weight));
        }
        let limits = Limits { manual_tier: manual, critical, allow_booster: booster, available: available.clone(), budget, may_downgrade: down, exploration: None };
        let decided = policy.decide(&own, &limits);
        prop_assert_eq!(&decided, &policy.decide(&own, &limits));
        if let Ok(decision) = decided {
            prop_assert!(decision.tier <= 4);
            prop_assert_eq!(manual.unwrap_or(decision.tier), decision.tier);
            prop_assert!(decision.tier == 0 || available.contains(&decision.tier));
            prop_assert_eq!(decision.estimates.len(), 5);
            let chosen = &decision.estimates[usize::from(decision.tier)];
            prop_assert!(decision.tier == 0 || budget.is_none_or(|budget| chosen.cost <= budget));
            prop_assert!(manual.is_some() || !critical || decision.tier >= 2);
            for estimate in &decision.estimates {
                prop_assert!((0.0..=1.0).contains(&estimate.quality) && (0.0..=1.0).contains(&estimate.uncertainty));
            }
            prop_assert!((0.0..=1.0).contains(&decision.confidence) && (0.0..=1.0).contains(&decision.uncertainty));
            prop_assert!(!decision.reasons.is_empty());
        }
    }

    #[test]
    fn no_bytes_make_a_restore_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Policy::restore(&settings(), &bytes).is_err());
    }
}
