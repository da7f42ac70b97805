//! Exploration: what it chooses, how probable it says that was, and where there is none.

use tinydancer_router::{Classification, Limits, Policy};

use crate::{MICRO, settings, task};

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
