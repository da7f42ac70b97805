//! What is configured and what may be spent: budget and models; and feedback.

use std::io::Write as _;

use serde_json::{Value, json};

use super::{Common, Exit, Problem, show};
use crate::money::Picodollars;
use crate::store::{LimitState, Verdict};
use crate::{Error, Tier};

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
    /// good-fit, underpowered, overprovisioned, failed, or a score from 0 to 1
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
    let learned = host.policy().learned().map_err(Error::from)?;
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
            "noted: {} for tier {} on {}; {learned} pieces of feedback so far\n",
            arguments.verdict.name(),
            outcome
                .tier_done
                .map_or_else(|| "-".to_owned(), |tier| tier.to_string()),
            outcome.id,
        ))?;
    }
    host.close().await?;
    Ok(Exit::Done)
}

#[derive(Debug, clap::Args)]
pub(super) struct BudgetArguments {
    /// So many days back
    #[arg(long, default_value_t = 7)]
    days: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn budget(common: &Common, arguments: BudgetArguments) -> Result<Exit, Problem> {
    let host = common.host().await?;
    let days = host
        .store()
        .spending(arguments.days)
        .await
        .map_err(Error::from)?;
    let today = host.today().to_string();
    let own = days.iter().find(|day| day.day == today);
    let (settled, reserved) = own.map_or_else(Default::default, |day| (day.settled, day.reserved));
    let left = host
        .daily_limit()
        .map(|limit| limit.saturating_sub(settled.saturating_add(reserved)));
    let limits = host.limits().await?;
    if arguments.json {
        print_json(&json!({
            "today": today,
            "timeZone": host.config().budget.time_zone,
            "dailyLimitPicodollars": host.daily_limit().map(Picodollars::get),
            "settledPicodollars": settled.get(),
            "reservedPicodollars": reserved.get(),
            "leftPicodollars": left.map(Picodollars::get),
            "limits": limits,
            "days": days,
        }))?;
    } else {
        let mut text = match (host.daily_limit(), left) {
            (Some(limit), Some(left)) => format!(
                "today ({today}, {}): {left} of {limit} left\n",
                host.config().budget.time_zone
            ),
            _ => format!(
                "today ({today}, {}): no limit; ROUTING_COST_DAILY_LIMIT sets one\n",
                host.config().budget.time_zone
            ),
        };
        let rows: Vec<Vec<String>> = days
            .iter()
            .map(|day| {
                vec![
                    day.day.clone(),
                    day.settled.to_string(),
                    day.reserved.to_string(),
                    day.overrun.to_string(),
                ]
            })
            .collect();
        if !limits.is_empty() {
            text.push('\n');
            text.push_str(&limits_text(&limits));
        }
        if !rows.is_empty() {
            text.push('\n');
            text.push_str(&show::table(
                &["day", "spent", "reserved", "overrun"],
                &rows,
            ));
        }
        print(&text)?;
        for full in limits.iter().filter(|limit| limit.share() >= 0.8) {
            show::warning(&format!(
                "{:.0} % of the limit for {} is spent or reserved",
                full.share() * 100.0,
                full.scope
            ));
        }
    }
    host.close().await?;
    Ok(Exit::Done)
}

/// A line and a bar for each limit that holds now.
fn limits_text(limits: &[LimitState]) -> String {
    let rows: Vec<Vec<String>> = limits
        .iter()
        .map(|own| {
            let used = (own.share().min(1.0) * 20.0).round() as usize;
            vec![
                own.scope.clone(),
                own.settled.to_string(),
                own.reserved.to_string(),
                own.left().to_string(),
                own.limit.to_string(),
                format!("{}{}", "█".repeat(used), "░".repeat(20 - used)),
            ]
        })
        .collect();
    show::table(&["limit", "spent", "reserved", "left", "of", ""], &rows)
}

#[derive(Debug, clap::Args)]
pub(super) struct ModelsArguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn models(common: &Common, arguments: ModelsArguments) -> Result<Exit, Problem> {
    let host = common.host().await?;
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
                ]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", ");
                values.push(json!({
                    "tier": tier, "model": own.model, "provider": own.provider, "replaced": own.replaced, "prices": own.prices,
                    "thinking": thinking, "maxOutputTokens": own.max_output_tokens, "fallback": place, "local": own.is_local, "notSetUp": set_up,
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
