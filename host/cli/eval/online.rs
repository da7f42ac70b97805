//! `tinydancer eval online`: a file of both models' outcomes as a stream, with feedback for the chosen tier alone.

use std::path::PathBuf;

use serde_json::json;

use super::super::{Common, Exit, Problem, report, show};
use super::{pairs, policies, say, tiers};
use crate::eval::bootstrap::Bootstrap;
use crate::eval::online::{self, Drift, Means, goes_up_after, means};
use crate::money::Picodollars;

#[derive(Debug, clap::Args)]
pub(super) struct OnlineArguments {
    /// Outcomes of both models, in the order in which the tasks come: {"prompt", "weak", "strong", "kind"?}
    file: PathBuf,
    /// So many tasks pass before what is learned is measured
    #[arg(long, default_value_t = 2_000)]
    after: usize,
    /// The weak model gets worse from this task on, counted from 0; what is measured is then how soon the stream goes up
    #[arg(long, value_name = "TASK")]
    worse_at: Option<usize>,
    /// The share of the weak model's answers that are worth nothing from there on
    #[arg(long, default_value_t = 0.6, value_parser = share, requires = "worse_at")]
    worse_by: f64,
    /// The share of tasks in which the other tier is tried
    #[arg(long, default_value_t = 0.0, value_name = "SHARE", value_parser = explored)]
    explore: f32,
    /// So often the tasks are drawn anew for the interval
    #[arg(long, default_value_t = 1_000)]
    bootstrap: u32,
    /// What draws begin with
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The tier of the weak model
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=3))]
    weak_tier: u8,
    /// The tier of the strong model
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(2..=4))]
    strong_tier: u8,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a share is a number from 0 to 1".to_owned()),
    }
}

fn explored(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(share) if (0.0..=0.5).contains(&share) => Ok(share),
        _ => Err("a share of exploration is a number from 0 to 0.5".to_owned()),
    }
}

/// What counts as having gone up.
const UP: f64 = 0.8;

pub(super) fn run(common: &Common, arguments: &OnlineArguments) -> Result<Exit, Problem> {
    let tiers = tiers(arguments.weak_tier, arguments.strong_tier)?;
    let pairs = pairs(&arguments.file)?;
    let first = arguments.worse_at.unwrap_or(arguments.after);
    if first >= pairs.len() {
        return Err(Problem::Input(format!(
            "{} has {}: {} before the first that counts leave none to be measured; --after or --worse-at takes a smaller number",
            arguments.file.display(),
            show::count(pairs.len(), "line"),
            show::count(first, "task")
        )));
    }
    let drift = arguments.worse_at.map(|from| Drift {
        from,
        share: arguments.worse_by,
    });
    let (runtime, learning, untrained) = policies(common, arguments.explore)?;
    let stream = online::stream(
        &runtime,
        (&learning, &untrained),
        tiers,
        &pairs,
        first,
        arguments.seed,
        drift,
    )
    .map_err(|e| Problem::Input(e.to_string()))?;

    if let Some(from) = arguments.worse_at {
        let after = goes_up_after(&stream.steps, from, UP);
        let before = means(&stream.steps[from.saturating_sub(200)..from], |step| {
            step.is_strong
        });
        if arguments.json {
            report::print_json(&json!({
                "worseAt": from, "worseBy": arguments.worse_by, "seed": arguments.seed, "explore": arguments.explore, "strongBefore": before.strong, "goesUpAfter": after,
            }))?;
        } else {
            let found = after.map_or_else(
                || {
                    format!(
                        "it never went up: no fifty tasks with {:.0} % at the strong tier",
                        UP * 100.0
                    )
                },
                |tasks| {
                    format!(
                        "after {tasks} more {:.0} % of the last fifty did",
                        UP * 100.0
                    )
                },
            );
            say(&format!(
                "from task {from} on {:.0} % of the weak model's answers are worth nothing (seed {}); of the 200 tasks before {:.1} % went to the strong tier; {found}",
                arguments.worse_by * 100.0,
                arguments.seed,
                before.strong * 100.0
            ))?;
        }
        return Ok(Exit::Done);
    }

    let measured = &stream.steps[arguments.after..];
    let own = means(measured, |step| step.is_strong);
    let prior = means(measured, |step| step.prior_is_strong);
    let bootstrap = Bootstrap {
        rounds: arguments.bootstrap,
        seed: arguments.seed,
    };
    let saving = online::saving(measured, bootstrap);
    let (changed, looked_at) = stream.changed;
    if arguments.json {
        let of = |own: Means| json!({"strong": own.strong, "quality": own.quality, "costPicodollars": own.cost.round() as u64});
        report::print_json(&json!({
            "after": arguments.after, "explore": arguments.explore, "measured": measured.len(), "learned": of(own), "prior": of(prior),
            "priorCostAtEqualQualityPicodollars": saving.prior_cost.round() as u64,
            "saving": saving.share, "savingInterval": saving.interval.map(|(low, high)| [low, high]),
            "bootstrap": arguments.bootstrap, "seed": arguments.seed, "changed": changed, "lookedAt": looked_at,
        }))?;
        return Ok(Exit::Done);
    }
    say(&format!(
        "after {}, on the {} that follow; {:.0} % explored",
        show::count(arguments.after, "task"),
        measured.len(),
        arguments.explore * 100.0
    ))?;
    let dollars = |cost: f64| Picodollars::new(cost.round() as u64);
    for (name, of) in [("learned", own), ("prior", prior)] {
        say(&format!(
            "{name:<8} {:>5.1} % to the strong tier, quality {:.4}, {} a task",
            of.strong * 100.0,
            of.quality,
            dollars(of.cost)
        ))?;
    }
    let interval = saving.interval.map_or_else(String::new, |(low, high)| {
        format!(
            " (95 %: {:.1} to {:.1} %; {} draws, seed {})",
            low * 100.0,
            high * 100.0,
            arguments.bootstrap,
            arguments.seed
        )
    });
    say(&format!(
        "at the learned one's quality the prior costs {} a task: {:.1} % saved{interval}",
        dollars(saving.prior_cost),
        saving.share * 100.0
    ))?;
    say(&format!(
        "{changed} of {looked_at} decisions differ before and after learning"
    ))?;
    Ok(Exit::Done)
}
