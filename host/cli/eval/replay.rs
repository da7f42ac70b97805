//! `tinydancer eval replay`: what the prior and what was learned would have been worth on logged outcomes.

use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use serde_json::{Value, json};

use super::super::{Common, Exit, Problem, report, show};
use super::{policies, say};
use crate::Error;
use crate::eval::bootstrap::Bootstrap;
use crate::eval::offpolicy::{self, Seen, Worth};
use crate::eval::replay::{self, Judged, LeftOut, Logged, Replayable};
use crate::store::Query;
use crate::task::{syntax_words, unreadable};

#[derive(Debug, clap::Args)]
pub(super) struct ReplayArguments {
    /// Logged outcomes, JSON Lines or what `outcomes --json` prints; the store's own where none is named
    file: Option<PathBuf>,
    /// So often the outcomes are drawn anew for the intervals
    #[arg(long, default_value_t = 1_000)]
    bootstrap: u32,
    /// What draws begin with
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const REMEDY: &str = "what another policy would have been worth cannot be told from decisions that were certain, and inverse propensities are refused: \
    set `exploration_share = 0.05` under [router], let tasks run, give verdicts with `tinydancer feedback`, and ask again";

async fn log(common: &Common, file: Option<&Path>) -> Result<Vec<Logged>, Problem> {
    let Some(path) = file else {
        let host = common.host().await?;
        // Oldest first, as they were learned.
        let mut found = host
            .store()
            .outcomes(&Query::default())
            .await
            .map_err(Error::from)?;
        found.reverse();
        host.close().await?;
        return Ok(found.iter().map(Logged::from).collect());
    };
    let text = super::text(path)?;
    let wrong = |what: String| Problem::Input(format!("{}: {what}", path.display()));
    if text.trim_start().starts_with('[') {
        let values: Vec<Value> = serde_json::from_str(&text).map_err(|e| {
            let place = format!("line {}, column {}", e.line(), e.column());
            let words = unreadable(&syntax_words(&e), &place);
            Problem::Input(format!("{} {words}", path.display()))
        })?;
        return values
            .into_iter()
            .enumerate()
            .map(|(at, value)| {
                Logged::deserialize(value).map_err(|e| wrong(format!("outcome {}: {e}", at + 1)))
            })
            .collect();
    }
    super::lines_of(path, &text)?
        .into_iter()
        .map(|(line, value)| {
            Logged::deserialize(value).map_err(|e| wrong(format!("line {line}: {e}")))
        })
        .collect()
}

pub(super) async fn run(common: &Common, arguments: &ReplayArguments) -> Result<Exit, Problem> {
    let log = log(common, arguments.file.as_deref()).await?;
    let (rows, left_out) = replay::replayable(&log);
    if rows.len() < 2 {
        return Err(Problem::Input(format!(
            "{} of {} {} explored ({}); {REMEDY}",
            rows.len(),
            show::count(log.len(), "outcome"),
            show::plural(rows.len(), "was", "were"),
            words(left_out)
        )));
    }
    let [prior, learned] = judged(common, &rows)?;
    let bootstrap = Bootstrap {
        rounds: arguments.bootstrap,
        seed: arguments.seed,
    };
    let policies = [("prior", &prior), ("learned", &learned)];
    let mut figures = serde_json::Map::new();
    let mut text = Vec::new();
    for (name, judged) in policies {
        let quality: Vec<Seen> = judged.iter().map(|own| own.quality).collect();
        let cost: Vec<Seen> = judged.iter().map(|own| own.cost).collect();
        let covered = offpolicy::covered(&quality);
        let mut own = serde_json::Map::new();
        text.push(format!(
            "{name}: {:.0} outcomes' worth of evidence; mean weight {covered:.2}{}",
            offpolicy::effective(&quality),
            if covered < 0.8 {
                ", so that part of what it does was never seen"
            } else {
                ""
            }
        ));
        for (what, seen, unit) in [("quality", &quality, 1.0), ("cost", &cost, 1e12)] {
            let found = offpolicy::worth_of_all(seen);
            let mut line = format!("  {what:<8}");
            let mut three = serde_json::Map::new();
            for (estimate, of) in ESTIMATES {
                let value = of(found) / unit;
                let interval = offpolicy::interval(seen, bootstrap, of)
                    .map(|(low, high)| [low / unit, high / unit]);
                let digits = if unit > 1.0 { 6 } else { 3 };
                line.push_str(&format!(" {estimate} {value:.digits$}"));
                if let Some([low, high]) = interval {
                    line.push_str(&format!(" ({low:.digits$} to {high:.digits$})"));
                }
                three.insert(
                    estimate.to_owned(),
                    json!({"value": value, "interval": interval}),
                );
            }
            text.push(line);
            own.insert(what.to_owned(), Value::Object(three));
        }
        own.insert("meanWeight".to_owned(), json!(covered));
        own.insert(
            "effective".to_owned(),
            json!(offpolicy::effective(&quality)),
        );
        figures.insert(name.to_owned(), Value::Object(own));
    }
    let count = rows.len() as f64;
    let quality = rows.iter().map(|row| f64::from(row.quality)).sum::<f64>() / count;
    let cost = rows.iter().map(|row| row.cost as f64).sum::<f64>() / count / 1e12;
    if arguments.json {
        report::print_json(&json!({
            "outcomes": log.len(), "explored": rows.len(), "leftOut": left_out, "logged": {"quality": quality, "cost": cost},
            "policies": figures, "bootstrap": arguments.bootstrap, "seed": arguments.seed,
        }))?;
        return Ok(Exit::Done);
    }
    say(&format!(
        "{} of {} count ({}); as logged: quality {quality:.3}, cost ${cost:.6} a task",
        rows.len(),
        show::count(log.len(), "outcome"),
        words(left_out)
    ))?;
    for line in text {
        say(&line)?;
    }
    say(&format!(
        "costs in US dollars a task; 95 % intervals by {} draws, seed {}; learned: each half judged by what the other half taught",
        arguments.bootstrap, arguments.seed
    ))?;
    Ok(Exit::Done)
}

/// An estimate's name, and the estimate.
type Named = (&'static str, fn(Worth) -> f64);

const ESTIMATES: [Named; 3] = [
    ("ips", |worth| worth.ips),
    ("snips", |worth| worth.snips),
    ("doublyRobust", |worth| worth.doubly_robust),
];

/// Every row by the prior and by what was learned from the rows of the other half, so that nothing is judged by what it taught.
fn judged(common: &Common, rows: &[Replayable]) -> Result<[Vec<Judged>; 2], Problem> {
    let failed = |e: crate::eval::EvalError| Problem::Input(e.to_string());
    let (_, odd, untrained) = policies(common, 0.0)?;
    let (_, even, _) = policies(common, 0.0)?;
    for (parity, policy) in [(0, &even), (1, &odd)] {
        let half = rows.iter().skip(parity).step_by(2);
        replay::learn(policy, half).map_err(|e| failed(e.into()))?;
    }
    let mut tiers: Vec<u8> = rows.iter().map(|row| row.tier).collect();
    tiers.sort_unstable();
    tiers.dedup();
    let mut both = [Vec::new(), Vec::new()];
    for (at, row) in rows.iter().enumerate() {
        let other = if at % 2 == 0 { &odd } else { &even };
        for (place, policy) in [&untrained, other].into_iter().enumerate() {
            both[place].push(replay::judge(policy, other, &tiers, row).map_err(failed)?);
        }
    }
    Ok(both)
}

fn words(left_out: LeftOut) -> String {
    format!(
        "left out: {} set by hand or at tier 0, {} without quality or features, {} certain",
        left_out.not_decided, left_out.not_known, left_out.not_explored
    )
}
