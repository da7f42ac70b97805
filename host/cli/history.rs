//! What was recorded: stats, side by side too, and outcomes, one by one and as CSV.

use jiff::Timestamp;
use serde_json::json;

use super::budget::under_way_text;
use super::report::{print, print_json};
use super::{Common, Exit, Problem, show};
use crate::money::Picodollars;
use crate::outcome::Outcome;
use crate::provider::Usage;
use crate::store::{Axis, Group, Query};
use crate::{Error, Host, Status, Tier};

/// Which outcomes are meant.
#[derive(Debug, Default, clap::Args)]
struct Filter {
    /// Not before this time: 2026-01-31T12:00:00Z, or a span back from now such as 2h or 7d
    #[arg(long, value_parser = time)]
    since: Option<Timestamp>,
    /// Before this time, in the same forms
    #[arg(long, value_parser = time)]
    until: Option<Timestamp>,
    /// Done at this tier
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=4))]
    tier: Option<u8>,
    /// Done by this model
    #[arg(long)]
    model: Option<String>,
    /// Of this kind
    #[arg(long)]
    kind: Option<String>,
    /// Asked for by this caller
    #[arg(long)]
    caller: Option<String>,
}

pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse() {
        return Ok(at);
    }
    let wrong = || format!("`{text}` is no time such as 2026-01-31T12:00:00Z, 2h or 7d");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let count: i64 = text[..text.len() - unit.len_utf8()]
        .parse()
        .map_err(|_| wrong())?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let span = jiff::SignedDuration::from_secs(count.checked_mul(seconds).ok_or_else(wrong)?);
    Timestamp::now().checked_sub(span).map_err(|_| wrong())
}

impl Filter {
    fn query(&self) -> Query {
        Query {
            since: self.since,
            until: self.until,
            tier: self.tier.and_then(|tier| Tier::try_from(tier).ok()),
            model: self.model.clone(),
            kind: self.kind.clone(),
            caller: self.caller.clone(),
            ..Query::default()
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct StatsArguments {
    #[command(flatten)]
    filter: Filter,
    /// Side by side
    #[arg(long, value_parser = ["day", "tier", "model", "provider", "kind", "caller"])]
    by: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn stats(common: &Common, arguments: StatsArguments) -> Result<Exit, Problem> {
    let host = common.host().await?;
    let query = arguments.filter.query();
    if let Some(axis) = arguments.by.as_deref().and_then(Axis::from_name) {
        let groups = host
            .store()
            .breakdown(&query, axis)
            .await
            .map_err(Error::from)?;
        if arguments.json {
            print_json(&serde_json::to_value(&groups).unwrap_or_default())?;
        } else {
            print(&groups_text(axis, &groups))?;
        }
    } else if arguments.json {
        let stats = host.store().stats(&query).await.map_err(Error::from)?;
        let mut value = serde_json::to_value(&stats).unwrap_or_default();
        value["costUsd"] = json!(show::dollars(stats.cost));
        value["baselineUsd"] = json!(show::dollars(stats.baseline));
        value["saving"] = json!(saving(stats.cost, stats.baseline));
        value["unrecorded"] = json!(host.store().unrecorded_ever());
        value["baselineComputed"] = json!(BASELINE);
        value["underWay"] = json!(host.store().under_way().await.map_err(Error::from)?);
        print_json(&value)?;
    } else {
        print(&stats_text(&host, &query).await?)?;
    }
    host.close().await?;
    Ok(Exit::Done)
}

/// A line and a bar for each group; the bars are of cost, or of tasks where nothing was paid.
fn groups_text(axis: Axis, groups: &[Group]) -> String {
    let is_paid = groups.iter().any(|group| group.figures.cost.get() > 0);
    let measure = |group: &Group| {
        if is_paid {
            group.figures.cost.get()
        } else {
            group.figures.tasks
        }
    };
    let most = groups.iter().map(measure).max().unwrap_or(0).max(1);
    let rows: Vec<Vec<String>> = groups
        .iter()
        .map(|group| {
            let own = &group.figures;
            let bar = (measure(group) as f64 * 20.0 / most as f64).ceil() as usize;
            vec![
                if group.name.is_empty() {
                    "-".to_owned()
                } else {
                    group.name.clone()
                },
                own.tasks.to_string(),
                percent(own.succeeded, own.tasks),
                own.cost.to_string(),
                own.baseline.to_string(),
                "█".repeat(bar),
            ]
        })
        .collect();
    let bars = if is_paid {
        "share of cost"
    } else {
        "share of tasks"
    };
    show::table(
        &[axis.name(), "tasks", "success", "cost", "at tier 2", bars],
        &rows,
    )
}

fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        "-".to_owned()
    } else {
        format!("{:.0} %", part as f64 * 100.0 / whole as f64)
    }
}

/// How the figure is computed that costs are compared with.
const BASELINE: &str = "compared: each task's billed tokens at the price that tier 2's model had then; at tier 0 a token for some three bytes \
    of the code and the result; where a vendor told no tokens, what was booked";

/// The share of the baseline that was not spent; none without a baseline.
fn saving(cost: Picodollars, baseline: Picodollars) -> Option<f64> {
    (baseline.get() > 0).then(|| 1.0 - cost.get() as f64 / baseline.get() as f64)
}

/// What each end is called in a sentence, in the order in which they are told.
const ENDS: [(Status, &str); 5] = [
    (Status::Success, "succeeded"),
    (Status::Failure, "failed"),
    (Status::RefusedByBudget, "refused by the budget"),
    (Status::Cancelled, "cancelled"),
    (Status::Started, "under way"),
];

/// What is missing in the figures.
fn unrecorded_text(host: &Host) -> String {
    match host.store().unrecorded_ever() {
        0 => String::new(),
        count => format!(
            "{} could not be recorded: no figure above has them\n",
            show::count(count, "outcome")
        ),
    }
}

pub(super) async fn stats_text(host: &Host, query: &Query) -> Result<String, Problem> {
    let stats = host.store().stats(query).await.map_err(Error::from)?;
    if stats.routed == 0 {
        let all = host.store().stats(&Query::default()).await;
        let words = match all.map_err(Error::from)?.routed {
            0 => "Nothing is recorded yet: `tinydancer run \"...\"` does a task.\n".to_owned(),
            others => format!(
                "Of {} that {} recorded none is meant by these filters: `tinydancer stats --by model` \
                 (or kind, caller, day) shows what there is.\n",
                show::count(others, "outcome"),
                show::plural(others, "is", "are")
            ),
        };
        return Ok(words + &unrecorded_text(host));
    }
    let tiers = stats
        .by_tier
        .iter()
        .map(|(tier, own)| (tier.to_string(), own));
    let none = [("-".to_owned(), &stats.no_tier)].into_iter();
    let rows: Vec<Vec<String>> = tiers
        .chain(none)
        .filter(|(_, own)| own.tasks > 0)
        .map(|(tier, own)| {
            let bar = "█".repeat(
                usize::try_from(own.tasks * 20 / stats.routed.max(1))
                    .unwrap_or(0)
                    .max(1),
            );
            vec![
                tier,
                own.tasks.to_string(),
                percent(own.succeeded, own.tasks),
                own.cost.to_string(),
                own.baseline.to_string(),
                bar,
            ]
        })
        .collect();
    let mut text = show::table(
        &["tier", "tasks", "success", "cost", "at tier 2", "share"],
        &rows,
    );
    if stats.no_tier.tasks > 0 {
        text.push_str("tier -: it came to no tier, as it was refused or nobody could be called\n");
    }
    let ends: Vec<String> = ENDS
        .iter()
        .filter_map(|(status, words)| {
            let count = stats.by_status.get(status.name())?;
            Some(format!("{count} {words}"))
        })
        .collect();
    text.push_str(&format!("ended: {}\n", ends.join(", ")));
    text.push_str(&format!(
        "\n{} routed; tier 0 tried {}, answered {} ({})\n",
        show::count(stats.routed, "task"),
        stats.booster_tried,
        stats.booster_answered,
        percent(stats.booster_answered, stats.booster_tried)
    ));
    text.push_str(&format!(
        "decision: {} on average, {} at the 99th percentile\n",
        show::duration(stats.decision_average_ns),
        show::duration(stats.decision_p99_ns)
    ));
    for (reason, times) in &stats.fallbacks {
        text.push_str(&format!("fallback: {reason} x {times}\n"));
    }
    let middle = host
        .served(Tier::Middle)
        .and_then(|served| served.as_ref().ok())
        .map_or("tier 2's model", |served| served.model.as_str());
    text.push_str(&format!(
        "cost {}; the same tokens all at {middle}: {}",
        stats.cost, stats.baseline
    ));
    if let Some(share) = saving(stats.cost, stats.baseline) {
        text.push_str(&format!(
            ", {:.0} % {}",
            share.abs() * 100.0,
            if share >= 0.0 { "saved" } else { "more" }
        ));
    }
    text.push_str(&format!("\n{BASELINE}\n"));
    let under_way = host.store().under_way().await.map_err(Error::from)?;
    if under_way.calls > 0 {
        text.push_str(&under_way_text(&under_way));
    }
    text.push_str(&unrecorded_text(host));
    Ok(text)
}

#[derive(Debug, clap::Args)]
pub(super) struct OutcomesArguments {
    /// One task's outcome, whole
    id: Option<String>,
    #[command(flatten)]
    filter: Filter,
    /// Ended so
    #[arg(long, value_parser = ["started", "success", "failure", "cancelled", "refused-by-budget"])]
    status: Option<String>,
    /// At most so many; by default 20, and all of them as CSV
    #[arg(long)]
    limit: Option<u32>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print CSV with a line of headings: times in UTC, money in US dollars, durations in microseconds
    #[arg(long, conflicts_with_all = ["json", "id"])]
    csv: bool,
}

pub(super) async fn outcomes(
    common: &Common,
    arguments: OutcomesArguments,
) -> Result<Exit, Problem> {
    let host = common.host().await?;
    if let Some(id) = &arguments.id {
        let outcome = host.store().outcome(id).await.map_err(Error::from)?;
        print_json(&serde_json::to_value(&outcome).unwrap_or_default())?;
        return Ok(Exit::Done);
    }
    let query = Query {
        status: arguments.status.as_deref().and_then(Status::from_name),
        limit: arguments.limit.or((!arguments.csv).then_some(20)),
        ..arguments.filter.query()
    };
    let found = host.store().outcomes(&query).await.map_err(Error::from)?;
    if arguments.csv {
        print(&csv(&found)?)?;
    } else if arguments.json {
        print_json(&serde_json::to_value(&found).unwrap_or_default())?;
    } else {
        let rows: Vec<Vec<String>> = found
            .iter()
            .map(|row| {
                vec![
                    row.started_at.strftime("%F %T").to_string(),
                    row.tier_done
                        .map_or_else(String::new, |tier| tier.to_string()),
                    row.status.name().to_owned(),
                    row.model.clone().unwrap_or_default(),
                    row.cost.to_string(),
                    show::duration(row.durations.total),
                    row.fallback_reason.clone().unwrap_or_default(),
                    row.id.clone(),
                ]
            })
            .collect();
        print(&show::table(
            &[
                "started (UTC)",
                "tier",
                "status",
                "model",
                "cost",
                "took",
                "fallback",
                "task",
            ],
            &rows,
        ))?;
    }
    host.close().await?;
    Ok(Exit::Done)
}

/// A row for each outcome, with what a spreadsheet can hold: no reasons, hops or features, which JSON has.
fn csv(outcomes: &[Outcome]) -> Result<String, Problem> {
    let failed = |e: csv::Error| Problem::io("the outcomes cannot be put into CSV")(e.into());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record([
            "id",
            "started_at",
            "status",
            "kind",
            "caller",
            "domain",
            "complexity",
            "tier_asked",
            "tier_decided",
            "tier_done",
            "provider",
            "model",
            "cached",
            "quality",
            "cost_usd",
            "baseline_usd",
            "input_tokens",
            "output_tokens",
            "cache_read_tokens",
            "cache_write_tokens",
            "reasoning_tokens",
            "classify_us",
            "decide_us",
            "transform_us",
            "provider_us",
            "total_us",
            "confidence",
            "fallback_reason",
            "transform",
            "error",
        ])
        .map_err(failed)?;
    let tier = |tier: Option<Tier>| tier.map_or_else(String::new, |tier| tier.number().to_string());
    let dollars = |amount: Picodollars| amount.to_string().trim_start_matches('$').to_owned();
    let micros = |nanoseconds: u64| format!("{:.3}", nanoseconds as f64 / 1e3);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    for one in outcomes {
        let tokens = |count: fn(&Usage) -> u64| {
            one.usage
                .as_ref()
                .map_or_else(String::new, |usage| count(usage).to_string())
        };
        writer
            .write_record([
                one.id.clone(),
                one.started_at.to_string(),
                one.status.name().to_owned(),
                one.kind.clone(),
                one.caller.clone(),
                one.domain.clone(),
                one.complexity.to_string(),
                tier(one.tier_asked),
                tier(one.tier_decided),
                tier(one.tier_done),
                text(&one.provider),
                text(&one.model),
                one.cached.to_string(),
                one.quality
                    .map_or_else(String::new, |quality| quality.to_string()),
                dollars(one.cost),
                dollars(one.baseline),
                tokens(|usage| usage.input),
                tokens(|usage| usage.output),
                tokens(|usage| usage.cache_read),
                tokens(|usage| usage.cache_write_5m.saturating_add(usage.cache_write_1h)),
                tokens(|usage| usage.reasoning),
                micros(one.durations.classify),
                micros(one.durations.decide),
                micros(one.durations.transform),
                micros(one.durations.provider),
                micros(one.durations.total),
                one.confidence.to_string(),
                text(&one.fallback_reason),
                text(&one.transform),
                text(&one.error),
            ])
            .map_err(failed)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|e| Problem::io("the outcomes cannot be put into CSV")(e.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
