//! How outcomes change later decisions.

use tinydancer_router::{Classification, Features, Limits, Policy, Settings};

use crate::{feedback, settings, task};

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
