//! What came of a task and where it would go, for people and as JSON.

use serde_json::{Value, json};

use super::super::report::{print, print_json};
use super::super::{Problem, show};
use crate::Status;
use crate::boost::{Attempt, Refused};
use crate::execute::Failure;
use crate::fallback::Fallback;
use crate::pipeline::{Answer, Done, Routed};
use crate::tier::Tier;
use crate::wit::{Denial, Level};

fn denial_words(denial: &Denial) -> String {
    match denial {
        Denial::BudgetSpent((tier, cost)) => {
            format!(
                "the budget does not reach: tier {tier} is expected to cost {}",
                crate::money::Picodollars::new(*cost)
            )
        }
        Denial::TierUnavailable(tier) => {
            format!("tier {tier} has no model that can be called: see `tinydancer models`")
        }
        Denial::NoTier => {
            "no tier has a model that can be called: see `tinydancer models`".to_owned()
        }
    }
}

/// The level's name in the contract.
fn level(level: Level) -> &'static str {
    match level {
        Level::Simple => "simple",
        Level::Moderate => "moderate",
        Level::Complex => "complex",
        Level::Critical => "critical",
    }
}

/// A decision as one JSON object.
pub(super) fn routed_line(routed: &Routed, id: Value) -> Value {
    let decision = match &routed.decision {
        Ok(decision) => decision,
        Err(denial) => return json!({ "id": id, "error": denial_words(denial) }),
    };
    let found = &routed.classification;
    let mut line = json!({
        "id": id,
        "tier": routed.tier,
        "model": routed.model.as_deref().unwrap_or("agent-booster"),
        "confidence": decision.confidence,
        "reasons": decision.reasons,
        "decidedTier": decision.tier,
        "fallbackReason": routed.fallback_reason,
        "uncertainty": decision.uncertainty,
        "alternatives": decision.alternatives,
        "needsReview": decision.needs_review,
        "learned": decision.learned,
        "propensity": decision.propensity,
        "estimates": decision.estimates.iter().map(|estimate| json!({
            "tier": estimate.tier,
            "quality": estimate.quality,
            "uncertainty": estimate.uncertainty,
            "costPicodollars": estimate.cost,
            "excluded": estimate.excluded,
        })).collect::<Vec<_>>(),
        "complexity": found.complexity,
        "level": level(found.level),
        "factors": routed.factors.iter().map(|factor| json!({
            "name": factor.name,
            "points": factor.points,
            "words": factor.words,
        })).collect::<Vec<_>>(),
        "security": found.security,
        "transformType": found.transform,
        "kind": found.kind,
        "domain": found.domain,
        "language": found.language,
        "inputTokens": found.input_tokens,
        "reservedPicodollars": routed.reserved.map(crate::money::Picodollars::get),
        "decisionNs": routed.durations.classify + routed.durations.decide,
        "notes": routed.notes,
    });
    if let Some(attempt) = routed
        .attempt
        .as_ref()
        .filter(|attempt| attempt.reason.is_some())
    {
        line["fallbackWords"] = json!(attempt.words);
        line["refused"] = refused(attempt)
            .map(|(path, site)| {
                let mut value = json!(site);
                value["path"] = path.into();
                value
            })
            .collect();
    }
    line
}

/// The sites that tier 0 left alone, with the paths of their texts.
fn refused(attempt: &Attempt) -> impl Iterator<Item = (&str, &Refused)> {
    let files = attempt.boosted.iter().flat_map(|done| &done.files);
    files.flat_map(|file| {
        file.sites_refused
            .iter()
            .map(|site| (file.path.as_str(), site))
    })
}

/// Why tier 0 does not answer: in words, and the first places that it left alone; nothing where it answers.
fn unanswered(attempt: Option<&Attempt>) -> Vec<String> {
    const SHOWN: usize = 3;
    let Some(attempt) = attempt.filter(|attempt| attempt.reason.is_some()) else {
        return Vec::new();
    };
    let name = |path: &str| {
        if path.is_empty() {
            "the code".to_owned()
        } else {
            path.to_owned()
        }
    };
    let mut lines: Vec<String> = attempt.words.iter().cloned().collect();
    lines.extend(
        refused(attempt)
            .take(SHOWN)
            .map(|(path, site)| show::refusal(&name(path), site)),
    );
    let more = refused(attempt).count().saturating_sub(SHOWN);
    if more > 0 {
        lines.push(format!("and {more} more; --json shows all"));
    }
    lines
}

/// Whether a reason is a component's failure, which is about the deciding and not about a tier.
fn is_of_component(reason: &str) -> bool {
    use Fallback::{GuestContract, GuestDeadline, GuestLoad, GuestOom, GuestTrap};
    let failures = [GuestTrap, GuestDeadline, GuestOom, GuestContract, GuestLoad];
    Fallback::from_code(reason).is_some_and(|own| failures.contains(&own))
}

pub(super) fn print_routed(
    routed: &Routed,
    id: Option<String>,
    as_json: bool,
) -> Result<(), Problem> {
    if as_json {
        return print_json(&routed_line(routed, id.map_or(Value::Null, Value::from)));
    }
    let mut text = String::new();
    match (&routed.decision, routed.tier) {
        (Ok(decision), Some(tier)) => {
            let who = routed.model.as_deref().unwrap_or("the booster, no model");
            text.push_str(&format!("{} {who}\n", show::bold(&format!("tier {tier}"))));
            if let Some(reserved) = routed.reserved {
                text.push_str(&format!("  at most {reserved} would be reserved\n"));
            }
            let is_left = routed
                .attempt
                .as_ref()
                .is_some_and(|attempt| attempt.reason.is_some());
            match &routed.fallback_reason {
                Some(reason) if is_left => text.push_str(&format!(
                    "  instead of tier {}, which does not answer: {reason}\n",
                    decision.tier
                )),
                // The reason is about the deciding; if another tier does it too, the decision's reasons say why.
                Some(reason) if is_of_component(reason) => text.push_str(&format!(
                    "  a component failed ({reason}): the notes below say what was decided without\n"
                )),
                Some(reason) => {
                    text.push_str(&format!("  instead of tier {}: {reason}\n", decision.tier));
                }
                None => {}
            }
            for line in unanswered(routed.attempt.as_ref()) {
                text.push_str(&format!("    {line}\n"));
            }
            // What follows is about the tier that was decided on, before it was tried.
            if is_left {
                text.push_str(&format!("  why tier {} was tried:\n", decision.tier));
            }
            text.push_str(&format!(
                "  confidence {:.2}, uncertainty {:.2}{}{}\n",
                decision.confidence,
                decision.uncertainty,
                if decision.learned {
                    ", changed by what was learned"
                } else {
                    ""
                },
                if decision.needs_review {
                    ", review advised"
                } else {
                    ""
                },
            ));
            if decision.propensity < 1.0 {
                text.push_str(&format!(
                    "  exploration is on: this tier is chosen with a probability of {:.3}\n",
                    decision.propensity
                ));
            }
            for reason in &decision.reasons {
                text.push_str(&format!("  - {reason}\n"));
            }
            let rows: Vec<Vec<String>> = decision
                .estimates
                .iter()
                .map(|estimate| {
                    vec![
                        estimate.tier.to_string(),
                        format!("{:.2}", estimate.quality),
                        format!("{:.2}", estimate.uncertainty),
                        crate::money::Picodollars::new(estimate.cost).to_string(),
                        estimate.excluded.clone().unwrap_or_default(),
                    ]
                })
                .collect();
            text.push('\n');
            text.push_str(&show::table(
                &[
                    "tier",
                    "quality",
                    "±",
                    "expected cost",
                    "out of the question because",
                ],
                &rows,
            ));
        }
        (Err(denial), _) => text.push_str(&format!("{}\n", denial_words(denial))),
        (Ok(_), None) => {}
    }
    let found = &routed.classification;
    text.push_str(&format!("\ncomplexity {} of 100\n", found.complexity));
    for factor in &routed.factors {
        text.push_str(&format!("  {:+4} {}", factor.points, factor.name));
        if !factor.words.is_empty() {
            text.push_str(&format!(": {}", show::dim(&factor.words.join(", "))));
        }
        text.push('\n');
    }
    for note in &routed.notes {
        text.push_str(&format!("note: {note}\n"));
    }
    text.push_str(&show::dim(&format!(
        "decided in {}\n",
        show::duration(routed.durations.classify + routed.durations.decide)
    )));
    print(&text)
}

/// A task's end as one JSON object, with the names that the faces share.
fn done_value(done: &Done) -> Value {
    let row = &done.outcome;
    let mut fields = json!({
        "id": row.id,
        "success": row.status == Status::Success,
        "status": row.status,
        "tier": row.tier_done,
        "actualTier": row.tier_done,
        "routingTier": row.tier_asked,
        "decidedTier": row.tier_decided,
        "model": row.model,
        "provider": row.provider,
        "implementationUsed": row.tier_done.map(|tier| match tier {
            Tier::Booster => "agent-booster".to_owned(),
            _ => row.provider.clone().unwrap_or_default(),
        }),
        "confidence": row.confidence,
        "durationMs": row.durations.total as f64 / 1e6,
        "durations": row.durations,
        "costPicodollars": row.cost.get(),
        "costUsd": show::dollars(row.cost),
        "usage": row.usage,
        "fallbackReason": row.fallback_reason,
        "reasons": row.reasons,
        "complexity": row.complexity,
        "recorded": done.unrecorded.is_none(),
    });
    let mut add = |key: &str, value: Value| {
        fields[key] = value;
    };
    match &done.result {
        Ok(Answer::Transformed(boosted)) => {
            add("transformType", boosted.transform.clone().into());
            add("transformConfidence", boosted.confidence.into());
            if let [only] = boosted.files.as_slice() {
                add("originalCode", only.original_code.clone().into());
                add("transformedCode", only.transformed_code.clone().into());
            }
            add("files", json!(boosted.files));
        }
        Ok(Answer::Text { text, stop, .. }) => {
            add("text", text.clone().into());
            add("stop", json!(stop));
        }
        Err(failure) => add("error", failure.to_string().into()),
    }
    if let Some(boosted) = done
        .attempt
        .as_ref()
        .and_then(|attempt| attempt.boosted.as_ref())
    {
        add("attempted", json!(boosted));
    }
    if let Some(reason) = &done.unrecorded {
        add("unrecordedReason", reason.clone().into());
    }
    fields
}

pub(super) fn print_done(done: &Done, as_json: bool) -> Result<(), Problem> {
    if as_json {
        return print_json(&done_value(done));
    }
    match &done.result {
        Ok(Answer::Transformed(boosted)) => {
            let several = boosted.files.len() > 1;
            let texts: String = boosted
                .files
                .iter()
                .map(|file| {
                    let heading = if several {
                        format!("// {}\n", file.path)
                    } else {
                        String::new()
                    };
                    let end = if file.transformed_code.ends_with('\n') {
                        ""
                    } else {
                        "\n"
                    };
                    format!("{heading}{}{end}", file.transformed_code)
                })
                .collect();
            show::exactly(texts.as_bytes())?;
        }
        Ok(Answer::Text { text, .. }) => print(&format!("{}\n", text.trim_end()))?,
        Err(_) => {}
    }
    show::note(&headline(done));
    if let Ok(Answer::Transformed(boosted)) = &done.result
        && !boosted.assumed.is_empty()
    {
        show::note(&format!(
            "  taken as vouched for, because the words ask for the edit: {}",
            boosted.assumed.join(", ")
        ));
    }
    for line in unanswered(done.attempt.as_ref()) {
        show::note(&format!("  {line}"));
    }
    if let Err(failure) = &done.result {
        show::error(&failure.to_string());
        if let Failure::Provider(e) = failure
            && e.may_have_been_billed()
        {
            show::note("the vendor may bill it all the same: the whole reservation is booked");
        }
    }
    if let Some(reason) = &done.unrecorded {
        show::warning(&format!("the outcome is not recorded: {reason}"));
    }
    Ok(())
}

/// `tier 0, agent-booster, $0, 143 µs` and what is unusual about it.
pub(in super::super) fn headline(done: &Done) -> String {
    let row = &done.outcome;
    let tier = row
        .tier_done
        .map_or_else(|| "no tier".to_owned(), |tier| format!("tier {tier}"));
    let who = match (row.tier_done, &row.model) {
        (Some(Tier::Booster), _) => "agent-booster",
        (_, Some(model)) => model,
        _ => "no model",
    };
    let reason = row
        .fallback_reason
        .as_ref()
        .map_or_else(String::new, |reason| format!(" ({reason})"));
    format!(
        "{tier}{reason}, {who}, {}, {}; task {}",
        row.cost,
        show::duration(row.durations.total),
        row.id
    )
}
