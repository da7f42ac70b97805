//! What is configured: models; and feedback.

use std::io::Write as _;

use serde_json::{Value, json};

use super::{Common, Exit, Problem, show};
use crate::Tier;
use crate::money::Picodollars;
use crate::store::Verdict;

/// Words and tables for standard output.
pub(super) fn print(text: &str) -> Result<(), Problem> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(Problem::io("the output cannot be written"))
}

/// A JSON document for standard output.
pub(super) fn print_json(value: &Value) -> Result<(), Problem> {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    show::exactly(format!("{text}\n").as_bytes())
}

#[derive(Debug, clap::Args)]
pub(super) struct FeedbackArguments {
    /// The task's id, as `outcomes` and `run` show it
    id: String,
    /// good-fit, underpowered (too weak), overprovisioned (the next cheaper tier would have done), failed (of no use), or a score from 0 to 1; a later one takes the
    /// place of an earlier one
    #[arg(value_parser = verdict)]
    verdict: Verdict,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn verdict(text: &str) -> Result<Verdict, String> {
    Ok(match text {
        "good-fit" => Verdict::GoodFit,
        "underpowered" => Verdict::Underpowered,
        "overprovisioned" => Verdict::Overprovisioned,
        "failed" => Verdict::Failed,
        score => match score.parse::<f32>() {
            Ok(score) if (0.0..=1.0).contains(&score) => Verdict::Score(score),
            _ => return Err("a verdict is good-fit, underpowered, overprovisioned, failed, or a score from 0 to 1".to_owned()),
        },
    })
}

pub(super) async fn feedback(
    common: &Common,
    arguments: FeedbackArguments,
) -> Result<Exit, Problem> {
    let host = common.host().await?;
    let outcome = host.feedback(&arguments.id, arguments.verdict).await?;
    let learned = host.policy().learned();
    let learned = learned.map_err(|fault| host.router_failed(fault))?;
    if arguments.json {
        print_json(&json!({
            "id": outcome.id,
            "verdict": arguments.verdict.name(),
            "tier": outcome.tier_done,
            "quality": outcome.quality,
            "learned": learned,
        }))?;
    } else {
        print(&format!(
            "noted: {} for tier {} on {}; {} so far\n",
            arguments.verdict.name(),
            outcome
                .tier_done
                .map_or_else(|| "-".to_owned(), |tier| tier.to_string()),
            outcome.id,
            show::feedback(learned),
        ))?;
    }
    host.close().await?;
    Ok(Exit::Done)
}

#[derive(Debug, clap::Args)]
pub(super) struct ModelsArguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn models(common: &Common, arguments: ModelsArguments) -> Result<Exit, Problem> {
    let host = common.host().await?;
    let reached = host.reach().await;
    let per_million = |price: Picodollars| format!("${}", price.get() as f64 / 1e6);
    let mut rows = vec![vec![
        "0".to_owned(),
        "agent-booster".to_owned(),
        String::new(),
        "$0".to_owned(),
        "$0".to_owned(),
        String::new(),
        String::new(),
    ]];
    let mut values = vec![json!({ "tier": 0, "model": "agent-booster" })];
    let all = Tier::PAID.into_iter().flat_map(|tier| {
        let own = host.candidates_at(tier).iter().enumerate();
        own.map(move |(place, candidate)| (tier, place, candidate))
    });
    for (tier, place, candidate) in all {
        match candidate {
            Ok(own) => {
                let thinking =
                    own.thinking
                        .as_ref()
                        .map_or_else(String::new, |thinking| match thinking {
                            crate::provider::Thinking::Adaptive { effort } => {
                                format!("effort {effort}")
                            }
                            crate::provider::Thinking::Budget { tokens } => {
                                format!("{tokens} tokens")
                            }
                        });
                let set_up = match host.providers().get(&own.provider) {
                    Some(Ok(_)) => None,
                    Some(Err(reason)) => Some(reason.clone()),
                    None => Some(format!("there is no provider `{}`", own.provider)),
                };
                let note = [
                    (place > 0).then(|| format!("fallback {place}")),
                    own.replaced
                        .as_ref()
                        .map(|old| format!("in place of {old}")),
                    own.is_local.then(|| "on this machine".to_owned()),
                    set_up.as_ref().map(|_| "not set up".to_owned()),
                    match reached.get(&own.provider) {
                        Some(Ok(())) => Some("reachable".to_owned()),
                        Some(Err(_)) => Some("not reachable".to_owned()),
                        None => None,
                    },
                ]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", ");
                values.push(json!({
                    "tier": tier, "model": own.model, "provider": own.provider, "replaced": own.replaced, "prices": own.prices,
                    "thinking": thinking, "maxOutputTokens": own.max_output_tokens, "fallback": place, "local": own.is_local, "notSetUp": set_up,
                    "reachable": reached.get(&own.provider).map(Result::is_ok),
                }));
                rows.push(vec![
                    tier.to_string(),
                    own.model.clone(),
                    own.provider.clone(),
                    per_million(own.prices.base.input),
                    per_million(own.prices.base.output),
                    thinking,
                    note,
                ]);
            }
            Err(reason) => {
                values.push(json!({ "tier": tier, "error": reason }));
                rows.push(vec![
                    tier.to_string(),
                    "-".to_owned(),
                    String::new(),
                    String::new(),
                    String::new(),
                    String::new(),
                    reason.clone(),
                ]);
            }
        }
    }
    if arguments.json {
        print_json(&Value::from(values))?;
    } else {
        print(&show::table(
            &[
                "tier", "model", "provider", "in / 1M", "out / 1M", "thinking", "note",
            ],
            &rows,
        ))?;
    }
    host.close().await?;
    Ok(Exit::Done)
}
