//! What is decided where nothing is learned, and the limits of a task.

use tinydancer_router::{Denial, Limits, Policy};

use crate::{MICRO, settings, task};

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
