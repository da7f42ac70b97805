//! What a policy decides and learns, and what holds for any input.

use proptest::prelude::*;
use tinydancer_router::{
    Classification, Denial, Features, Feedback, Level, Limits, Policy, Settings, SnapshotError,
    TierPrice,
};

const MICRO: u64 = 1_000_000;

fn settings() -> Settings {
    let price = |tier, input, output, output_tokens| TierPrice {
        tier,
        input,
        output,
        output_tokens,
    };
    Settings {
        prices: vec![
            price(1, MICRO / 10, MICRO / 2, 500),
            price(2, 2 * MICRO, 10 * MICRO, 1_500),
            price(3, 2 * MICRO, 10 * MICRO, 4_000),
            price(4, 4 * MICRO, 20 * MICRO, 5_000),
        ],
        quality_target: 0.8,
        security_confidence: 0.85,
        review_confidence: 0.8,
        review_uncertainty: 0.2,
        exploration_share: 0.0,
    }
}

fn task(complexity: u8, kind: &str) -> Classification {
    Classification {
        kind: kind.into(),
        domain: String::new(),
        complexity,
        level: Level::Moderate,
        factors: vec![],
        security: false,
        transform: None,
        bare_code: false,
        language: String::new(),
        input_tokens: 1_000,
        features: Features {
            indices: vec![0, 1, 200, 5_000],
            values: vec![1.0, f32::from(complexity) / 100.0, 0.7, 0.7],
        },
    }
}

fn feedback(of: &Classification, tier: u8, quality: f32, weight: f32) -> Feedback {
    Feedback {
        kind: of.kind.clone(),
        complexity: of.complexity,
        features: of.features.clone(),
        tier,
        quality,
        weight,
    }
}

#[test]
fn the_level_decides_where_nothing_is_learned() {
    let policy = Policy::new(&settings());
    for (complexity, tier) in [
        (0, 1),
        (19, 1),
        (20, 2),
        (44, 2),
        (45, 3),
        (69, 3),
        (70, 4),
        (100, 4),
    ] {
        assert_eq!(
            policy
                .decide(&task(complexity, ""), &Limits::default())
                .unwrap()
                .tier,
            tier,
            "{complexity}"
        );
    }
}

#[test]
fn an_edit_that_is_asked_for_costs_nothing() {
    let policy = Policy::new(&settings());
    let mut edit = task(2, "");
    edit.transform = Some("var-to-const".into());
    assert_eq!(policy.decide(&edit, &Limits::default()).unwrap().tier, 0);
    assert_eq!(
        policy
            .decide(
                &edit,
                &Limits {
                    budget: Some(0),
                    ..Limits::default()
                }
            )
            .unwrap()
            .tier,
        0
    );
    assert_eq!(
        policy
            .decide(
                &edit,
                &Limits {
                    allow_booster: false,
                    ..Limits::default()
                }
            )
            .unwrap()
            .tier,
        1
    );
    assert_eq!(
        policy
            .decide(
                &edit,
                &Limits {
                    critical: true,
                    ..Limits::default()
                }
            )
            .unwrap()
            .tier,
        2
    );
}

#[test]
fn a_tier_set_by_hand_is_obeyed_or_refused_and_never_lowered() {
    let policy = Policy::new(&settings());
    for tier in 0..=4 {
        let limits = Limits {
            manual_tier: Some(tier),
            critical: true,
            ..Limits::default()
        };
        assert_eq!(policy.decide(&task(80, ""), &limits).unwrap().tier, tier);
    }
    let spent = Limits {
        manual_tier: Some(4),
        budget: Some(1),
        ..Limits::default()
    };
    assert!(matches!(
        policy.decide(&task(80, ""), &spent),
        Err(Denial::BudgetSpent((4, _)))
    ));
    let absent = Limits {
        manual_tier: Some(4),
        available: vec![1],
        ..Limits::default()
    };
    assert_eq!(
        policy.decide(&task(80, ""), &absent),
        Err(Denial::TierUnavailable(4))
    );
}

#[test]
fn a_spent_budget_goes_down_or_refuses_and_never_up() {
    let policy = Policy::new(&settings());
    let hard = task(80, "");
    let decided = |budget, may_downgrade| {
        policy.decide(
            &hard,
            &Limits {
                budget: Some(budget),
                may_downgrade,
                ..Limits::default()
            },
        )
    };
    let cheap = decided(1_000 * MICRO, true).unwrap();
    assert_eq!(cheap.tier, 1);
    assert!(cheap.reasons[0].contains("budget"));
    assert!(matches!(
        decided(1_000 * MICRO, false),
        Err(Denial::BudgetSpent((4, _)))
    ));
    assert!(matches!(decided(0, true), Err(Denial::BudgetSpent(_))));
}

#[test]
fn verdicts_change_later_decisions_for_the_same_kind_alone() {
    let mut policy = Policy::new(&settings());
    let own = task(12, "docstring");
    assert_eq!(policy.decide(&own, &Limits::default()).unwrap().tier, 1);
    let mut needed = 0;
    while policy.decide(&own, &Limits::default()).unwrap().tier == 1 && needed < 20 {
        policy.learn(&feedback(&own, 1, 0.1, 1.0));
        needed += 1;
    }
    assert!((2..=5).contains(&needed), "{needed} verdicts were needed");
    let decision = policy.decide(&own, &Limits::default()).unwrap();
    assert!(decision.tier > 1 && decision.learned, "{decision:?}");
    let other = policy
        .decide(&task(12, "another-kind"), &Limits::default())
        .unwrap();
    assert_eq!((other.tier, other.learned), (1, false));
}

#[test]
fn weak_signs_alone_do_not_turn_a_decision_at_once() {
    let mut policy = Policy::new(&settings());
    let own = task(12, "docstring");
    for _ in 0..5 {
        policy.learn(&feedback(&own, 1, 0.3, 0.1));
    }
    assert_eq!(policy.decide(&own, &Limits::default()).unwrap().tier, 1);
}

#[test]
fn good_work_at_a_cheap_tier_brings_later_tasks_down() {
    let mut policy = Policy::new(&settings());
    let own = task(26, "small-feature");
    assert_eq!(policy.decide(&own, &Limits::default()).unwrap().tier, 2);
    for _ in 0..30 {
        policy.learn(&feedback(&own, 1, 1.0, 1.0));
    }
    assert_eq!(policy.decide(&own, &Limits::default()).unwrap().tier, 1);
}

#[test]
fn a_snapshot_goes_on_to_the_bit() {
    let mut policy = Policy::new(&settings());
    let own = task(30, "é");
    for at in 0..40_u8 {
        policy.learn(&feedback(
            &task(at, "k"),
            1 + at % 4,
            f32::from(at) / 40.0,
            1.0,
        ));
    }
    let bytes = policy.snapshot();
    let mut again = Policy::restore(&settings(), &bytes).unwrap();
    assert_eq!(again.snapshot(), bytes);
    policy.learn(&feedback(&own, 2, 0.2, 0.7));
    again.learn(&feedback(&own, 2, 0.2, 0.7));
    assert_eq!(again.snapshot(), policy.snapshot());
    assert_eq!(
        again.decide(&own, &Limits::default()),
        policy.decide(&own, &Limits::default())
    );
    assert_eq!(again.learned(), 41);
    assert!(bytes.len() < 512 << 10);
}

#[test]
fn a_damaged_snapshot_is_refused_with_its_reason() {
    let mut policy = Policy::new(&settings());
    policy.learn(&feedback(&task(10, "k"), 1, 0.5, 1.0));
    let good = policy.snapshot();
    let refused = |bytes: &[u8]| Policy::restore(&settings(), bytes).map(|_| ()).unwrap_err();
    assert_eq!(refused(b""), SnapshotError::Malformed);
    assert_eq!(refused(&good[..good.len() - 1]), SnapshotError::Malformed);
    let mut other = good.clone();
    other[3] = b'9';
    assert_eq!(refused(&other), SnapshotError::Version);
    let mut flipped = good.clone();
    flipped[20] ^= 1;
    assert_eq!(refused(&flipped), SnapshotError::Checksum);
}

/// Sixteen places, eight indices to each.
fn folded() -> Features {
    let indices: Vec<u32> = (0..8)
        .flat_map(|round| (0..16).map(move |at| 64 + at + 8_192 * round))
        .collect();
    Features {
        values: vec![1.0; indices.len()],
        indices,
    }
}

#[test]
fn features_that_fall_on_one_place_are_learned_as_one() {
    let mut policy = Policy::new(&settings());
    let own = Classification {
        features: folded(),
        ..task(30, "k")
    };
    for _ in 0..2_000 {
        policy.learn(&feedback(&own, 2, 0.0, 1.0));
    }
    let again = Policy::restore(&settings(), &policy.snapshot()).unwrap();
    let decision = again.decide(&own, &Limits::default()).unwrap();
    assert!(decision.estimates.iter().all(|own| own.quality.is_finite()));
    assert!(decision.estimates[2].quality < 0.5);
}

#[test]
fn a_snapshot_with_weights_that_no_learning_leads_to_is_refused() {
    let mut policy = Policy::new(&settings());
    policy.learn(&feedback(&task(10, "k"), 1, 0.5, 1.0));
    let good = policy.snapshot();
    // Behind the frame, how often it learned, how many rows there are and the row's place stand its means and then its variances.
    let first_row = 8 + 8 + 4 + 2;
    for (at, value) in [(0, 1e20_f32), (0, -3e38), (16, 2.0), (16, 0.0)] {
        let mut bytes = good.clone();
        bytes[first_row + at..][..4].copy_from_slice(&value.to_le_bytes());
        let end = bytes.len() - 8;
        let sum = bytes[8..end]
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
            });
        bytes[end..].copy_from_slice(&sum.to_le_bytes());
        let refused = Policy::restore(&settings(), &bytes).map(|_| ());
        assert_eq!(refused, Err(SnapshotError::Malformed), "{value} at {at}");
    }
}

#[test]
fn exploration_says_how_probable_its_choice_was() {
    let mut explores = settings();
    explores.exploration_share = 0.2;
    let policy = Policy::new(&explores);
    let decide = |draw| {
        policy
            .decide(
                &task(30, ""),
                &Limits {
                    exploration: Some(draw),
                    ..Limits::default()
                },
            )
            .unwrap()
    };
    assert_eq!((decide(0.9).tier, decide(0.9).propensity), (2, 0.8));
    assert_eq!((decide(0.05).tier, decide(0.05).propensity), (1, 0.1));
    assert_eq!((decide(0.15).tier, decide(0.15).propensity), (3, 0.1));
}

#[test]
fn nothing_is_explored_where_a_worse_answer_is_no_small_matter() {
    let mut explores = settings();
    explores.exploration_share = 0.5;
    let policy = Policy::new(&explores);
    let drawn = Limits {
        exploration: Some(0.0),
        ..Limits::default()
    };
    let tried = |own: &Classification, limits: Limits| {
        let decision = policy.decide(own, &limits).unwrap();
        (decision.tier, decision.propensity)
    };
    assert_eq!(tried(&task(30, ""), drawn.clone()), (1, 0.25));
    let secure = Classification {
        security: true,
        ..task(30, "")
    };
    assert_eq!(tried(&secure, drawn.clone()), (2, 1.0));
    let critical = Limits {
        critical: true,
        ..drawn.clone()
    };
    assert_eq!(tried(&task(50, ""), critical), (3, 1.0));
    let by_hand = Limits {
        manual_tier: Some(3),
        ..drawn.clone()
    };
    assert_eq!(tried(&task(30, ""), by_hand), (3, 1.0));
    let edit = Classification {
        transform: Some("var-to-const".into()),
        ..task(2, "")
    };
    assert_eq!(tried(&edit, drawn.clone()), (0, 1.0));
    // Tier 2 is wanted, and tier 1 is what the money reaches to: the budget has decided.
    let poor = Limits {
        budget: Some(1_000 * MICRO),
        ..drawn.clone()
    };
    assert_eq!(tried(&task(30, ""), poor), (1, 1.0));
    // A dearer neighbour that the budget does not reach to is none.
    let tight = Limits {
        budget: Some(18_000 * MICRO),
        exploration: Some(0.49),
        ..Limits::default()
    };
    assert_eq!(tried(&task(30, ""), tight), (1, 0.5));
}

#[test]
fn exploration_reaches_over_tiers_that_cannot_be_called() {
    let mut explores = settings();
    explores.exploration_share = 0.2;
    let policy = Policy::new(&explores);
    let limits = Limits {
        available: vec![1, 4],
        exploration: Some(0.1),
        ..Limits::default()
    };
    let decision = policy.decide(&task(5, ""), &limits).unwrap();
    assert_eq!((decision.tier, decision.propensity), (4, 0.2));
}

/// Two tiers that do one kind of task with these chances, by a seeded stream; the share that went to the stronger one in each hundred.
/// `explored` is the share of exploration.
fn stream(chances: &[(f32, f32)], explored: f32) -> Vec<u32> {
    let mut policy = Policy::new(&Settings {
        exploration_share: explored,
        ..settings()
    });
    let mut state = 7_u64;
    let mut draw = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed >> 40) as f32 / (1 << 24) as f32
    };
    let limits = Limits {
        available: vec![1, 4],
        ..Limits::default()
    };
    let mut sent = Vec::new();
    for (cheap, dear) in chances {
        let mut count = 0;
        for _ in 0..100 {
            let own = task(12, "k");
            let drawn = Limits {
                exploration: Some(draw()),
                ..limits.clone()
            };
            let tier = policy.decide(&own, &drawn).unwrap().tier;
            let chance = if tier == 1 { cheap } else { dear };
            let quality = if draw() < *chance { 1.0 } else { 0.0 };
            policy.learn(&feedback(&own, tier, quality, 1.0));
            count += u32::from(tier == 4);
        }
        sent.push(count);
    }
    sent
}

#[test]
fn a_cheap_tier_that_gets_worse_is_left_within_two_hundred_tasks() {
    let mut chances = vec![(0.9, 0.95); 20];
    chances.extend([(0.4, 0.95); 4]);
    let sent = stream(&chances, 0.0);
    assert!(sent[5..20].iter().all(|count| *count <= 10), "{sent:?}");
    assert!(sent[22..].iter().all(|count| *count >= 90), "{sent:?}");
}

#[test]
fn a_cheap_tier_that_recovers_is_found_again_by_exploration() {
    let mut chances = vec![(0.4, 0.95); 10];
    chances.extend([(0.95, 0.95); 30]);
    let sent = stream(&chances, 0.05);
    assert!(sent[9] >= 85, "{sent:?}");
    assert!(sent[35..].iter().all(|count| *count <= 15), "{sent:?}");
}

#[test]
fn what_neither_tier_does_well_is_left_to_the_cheaper_one() {
    let mut policy = Policy::new(&settings());
    let own = task(12, "k");
    for at in 0..200_u8 {
        let quality = |chance: u8| if at % 10 < chance { 1.0 } else { 0.0 };
        policy.learn(&feedback(&own, 1, quality(5), 1.0));
        policy.learn(&feedback(&own, 4, quality(5), 1.0));
    }
    let limits = Limits {
        available: vec![1, 4],
        ..Limits::default()
    };
    let decision = policy.decide(&own, &limits).unwrap();
    assert_eq!(decision.tier, 1, "{decision:?}");
    let critical = Limits {
        critical: true,
        ..limits
    };
    assert_eq!(policy.decide(&own, &critical).unwrap().tier, 4);
}

#[test]
fn a_complexity_that_says_nothing_of_a_kind_is_no_longer_listened_to() {
    let mut policy = Policy::new(&settings());
    let chance = |at: usize| if at % 10 < 7 { 1.0 } else { 0.0 };
    let expected = |policy: &Policy, complexity| {
        policy
            .decide(&task(complexity, "sums"), &Limits::default())
            .unwrap()
            .estimates[1]
            .quality
    };
    let apart = expected(&policy, 10) - expected(&policy, 70);
    assert!(apart > 0.8);
    for at in 0..100 {
        let complexity = [10, 70, 40, 20, 60][at % 5];
        policy.learn(&feedback(&task(complexity, "sums"), 1, chance(at / 5), 1.0));
    }
    let apart = expected(&policy, 10) - expected(&policy, 70);
    assert!(apart < 0.3, "{apart}");
}

#[test]
fn the_largest_snapshot_stays_below_512_kilobytes() {
    let mut policy = Policy::new(&settings());
    for at in 0..700_u32 {
        let indices: Vec<u32> = (at * 13..(at + 1) * 13).collect();
        let own = Classification {
            kind: format!("{at:0<200}"),
            features: Features {
                values: vec![1.0; indices.len()],
                indices,
            },
            ..task(30, "")
        };
        policy.learn(&feedback(&own, 2, 0.5, 1.0));
    }
    let bytes = policy.snapshot();
    assert!((300_000..512_000).contains(&bytes.len()), "{}", bytes.len());
    assert!(Policy::restore(&settings(), &bytes).is_ok());
}

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
