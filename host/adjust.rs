//! What the settings change in the router's decision: an unsure one goes a tier up, a near tie a tier down.
//!
//! Both are off unless they are asked for, because they are worth less than what outcomes teach. A tier set by hand, tier 0 (which
//! proves its answer) and a decision that the host made in the router's place are left as they are. No tier is chosen that the
//! router has put out of the question. Pure: it spends nothing and asks nobody.

use crate::config::Router;
use crate::wit::{Classification, Decision, Estimate, Limits};

/// Applies `router.escalation_confidence` and `router.prefer_cheaper`, with the reason put first.
pub(crate) fn adjust(
    decision: &mut Decision,
    classification: &Classification,
    limits: &Limits,
    settings: &Router,
) {
    if limits.manual_tier.is_some() || decision.tier == 0 {
        return;
    }
    let from = decision.tier;
    let possible = |estimate: &&Estimate| estimate.excluded.is_none();
    if decision.confidence < settings.escalation_confidence {
        let up = decision
            .estimates
            .iter()
            .filter(possible)
            .find(|estimate| estimate.tier > from)
            .cloned();
        if let Some(up) = up {
            let reason = format!(
                "a confidence of {:.2} is below {:.2}, so tier {} instead of tier {from}",
                decision.confidence, settings.escalation_confidence, up.tier
            );
            move_to(decision, &up, reason);
        }
    } else if settings.prefer_cheaper && !classification.security {
        let floor = if limits.critical { 2 } else { 1 };
        let down = decision
            .estimates
            .iter()
            .filter(possible)
            .rfind(|estimate| (floor..from).contains(&estimate.tier))
            .filter(|down| down.quality + down.uncertainty / 2.0 >= settings.quality_target)
            .cloned();
        if let Some(down) = down {
            let reason = format!(
                "cheaper is preferred, and tier {} may do: {:.2} ± {:.2}, where {:.2} is asked",
                down.tier, down.quality, down.uncertainty, settings.quality_target
            );
            move_to(decision, &down, reason);
        }
    }
}

fn move_to(decision: &mut Decision, to: &Estimate, reason: String) {
    let from = std::mem::replace(&mut decision.tier, to.tier);
    decision.uncertainty = to.uncertainty;
    decision.reasons.insert(0, reason);
    decision.alternatives.retain(|tier| *tier != to.tier);
    decision.alternatives.insert(0, from);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wit::{Features, Level};

    fn decided(tier: u8, confidence: f32) -> Decision {
        let estimate = |tier: u8, quality: f32, excluded: Option<&str>| Estimate {
            tier,
            quality,
            uncertainty: 0.1,
            cost: u64::from(tier),
            excluded: excluded.map(str::to_owned),
        };
        Decision {
            tier,
            estimates: vec![
                estimate(0, 0.0, Some("no code")),
                estimate(1, 0.76, None),
                estimate(2, 0.85, None),
                estimate(3, 0.9, Some("the budget does not reach")),
                estimate(4, 0.95, None),
            ],
            confidence,
            uncertainty: 0.1,
            propensity: 1.0,
            reasons: vec!["complexity 30".into()],
            alternatives: vec![],
            needs_review: false,
            learned: false,
        }
    }

    fn adjusted(
        decision: Decision,
        change: impl FnOnce(&mut Classification, &mut Limits, &mut Router),
    ) -> Decision {
        let mut decision = decision;
        let mut classification = Classification {
            kind: String::new(),
            domain: String::new(),
            complexity: 30,
            level: Level::Moderate,
            security: false,
            transform: None,
            bare_code: false,
            language: String::new(),
            input_tokens: 0,
            features: Features {
                indices: vec![],
                values: vec![],
            },
        };
        let mut limits = Limits::default();
        let mut settings = Router::default();
        change(&mut classification, &mut limits, &mut settings);
        adjust(&mut decision, &classification, &limits, &settings);
        decision
    }

    #[test]
    fn without_a_setting_nothing_changes() {
        assert_eq!(adjusted(decided(2, 0.1), |_, _, _| ()), decided(2, 0.1));
    }

    #[test]
    fn an_unsure_decision_goes_to_the_next_tier_that_is_possible() {
        let up = |tier, confidence| {
            adjusted(decided(tier, confidence), |_, _, settings| {
                settings.escalation_confidence = 0.6
            })
        };
        assert_eq!(up(2, 0.5).tier, 4, "tier 3 is out of the question");
        assert_eq!(up(2, 0.6).tier, 2, "at the threshold it stays");
        assert_eq!(up(4, 0.5).tier, 4, "there is none above");
        assert_eq!(up(0, 0.5).tier, 0, "tier 0 proves its answer");
        assert!(up(2, 0.5).reasons[0].contains("below 0.60"));
        assert_eq!(up(2, 0.5).alternatives, [2]);
    }

    #[test]
    fn a_near_tie_goes_to_the_cheaper_tier_where_that_is_preferred() {
        let down = |change: fn(&mut Classification, &mut Limits, &mut Router)| {
            adjusted(decided(2, 0.9), |classification, limits, settings| {
                settings.prefer_cheaper = true;
                change(classification, limits, settings);
            })
            .tier
        };
        assert_eq!(down(|_, _, _| ()), 1);
        assert_eq!(
            down(|_, _, settings| settings.quality_target = 0.82),
            2,
            "too far below"
        );
        assert_eq!(down(|_, limits, _| limits.critical = true), 2);
        assert_eq!(down(|_, limits, _| limits.manual_tier = Some(2)), 2);
        assert_eq!(
            down(|classification, _, _| classification.security = true),
            2
        );
    }
}
