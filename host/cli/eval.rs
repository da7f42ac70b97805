//! `tinydancer eval`: how good decisions are, on outcomes of two models or on labelled tasks. It opens no store of the user's and calls no
//! model: what it learns is forgotten at its end. Only `eval replay` without a file reads the store's outcomes.

mod online;
mod replay;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize as _;
use serde_json::{Value, json};

use super::{Common, Exit, Problem, report, show, walk};
use crate::error::Error;
use crate::eval::bootstrap::Bootstrap;
use crate::eval::metric::{Curve, curve};
use crate::eval::tiers::{Confusion, by_points};
use crate::eval::{self, Pair, Scored, Tiers};
use crate::host::{Host, policy_settings};
use crate::runtime::{Name, Policy, Runtime};
use crate::task::{Task, syntax_words, unreadable};
use crate::wit::Settings;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct EvalArguments {
    #[command(subcommand)]
    what: Option<What>,
    /// Outcomes to learn from, JSON Lines: {"prompt", "weak", "strong", "kind"?} with qualities 0 to 1
    #[arg(long, value_name = "FILE")]
    train: Option<PathBuf>,
    /// Outcomes to be scored on, of the same form
    #[arg(long, value_name = "FILE", required = true)]
    test: Option<PathBuf>,
    /// Write {"index", "score"} for each line of --test: what the strong tier is expected to gain
    #[arg(long, value_name = "FILE")]
    scores: Option<PathBuf>,
    /// Write a plot of cost against quality (SVG)
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// State the 95 % intervals of what learning gains in APGR, by so many paired draws of the lines of --test
    #[arg(long, value_name = "DRAWS", default_value_t = 0)]
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

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Decide labelled tasks and compare: JSON Lines of tasks as `route --jsonl` takes them, with a `label` from 0 to 4
    Tiers(TiersArguments),
    /// Learn from a stream of tasks with feedback for the chosen tier alone: what it saves, or how soon it leaves a model that gets worse
    Online(online::OnlineArguments),
    /// Score the prior and what was learned on logged outcomes; needs `router.exploration_share`
    Replay(replay::ReplayArguments),
}

#[derive(Debug, clap::Args)]
struct TiersArguments {
    /// The labelled tasks
    file: PathBuf,
    /// Print each task whose tier is not its label
    #[arg(long)]
    wrong: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(common: &Common, arguments: EvalArguments) -> Result<Exit, Problem> {
    match arguments.what {
        Some(What::Tiers(tiers)) => labelled(common, tiers).await,
        Some(What::Online(arguments)) => online::run(common, &arguments),
        Some(What::Replay(arguments)) => replay::run(common, &arguments).await,
        None => gains(common, &arguments),
    }
}

/// The lines of a file, each with its number from 1; empty ones are left out.
fn lines(path: &Path) -> Result<Vec<(usize, Value)>, Problem> {
    lines_of(path, &text(path)?)
}

fn text(path: &Path) -> Result<String, Problem> {
    let bytes = fs::read(path).map_err(Problem::unreadable(path))?;
    walk::decode(bytes).map_err(|words| Problem::Input(format!("`{}` {words}", path.display())))
}

fn lines_of(path: &Path, text: &str) -> Result<Vec<(usize, Value)>, Problem> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| {
            let value = serde_json::from_str(line).map_err(|e| {
                let place = format!("column {}", e.column());
                Problem::Input(format!(
                    "{}: line {} {}",
                    path.display(),
                    at + 1,
                    unreadable(&syntax_words(&e), &place)
                ))
            })?;
            Ok((at + 1, value))
        })
        .collect()
}

fn pairs(path: &Path) -> Result<Vec<Pair>, Problem> {
    let wrong = |line: usize, words: String| {
        Problem::Input(format!("{}: line {line}: {words}", path.display()))
    };
    lines(path)?
        .into_iter()
        .map(|(line, value)| {
            let pair = Pair::deserialize(value).map_err(|e| wrong(line, e.to_string()))?;
            if [pair.weak, pair.strong]
                .iter()
                .all(|quality| (0.0..=1.0).contains(quality))
            {
                Ok(pair)
            } else {
                Err(wrong(
                    line,
                    "`weak` and `strong` are qualities from 0 to 1".into(),
                ))
            }
        })
        .collect()
}

fn tiers(weak: u8, strong: u8) -> Result<Tiers, Problem> {
    if weak < strong {
        Ok(Tiers { weak, strong })
    } else {
        Err(Problem::Input(
            "--weak-tier is below --strong-tier".to_owned(),
        ))
    }
}

/// The components as they serve, and two policies that have learned nothing: one to be taught, which explores so large a share, and one to be
/// compared with.
fn policies(common: &Common, explores: f32) -> Result<(Arc<Runtime>, Policy, Policy), Problem> {
    let config = common.config()?;
    let runtime = Arc::new(Runtime::new(config.runtime(&common.home()?)).map_err(Error::from)?);
    let policy = |exploration_share: f32| {
        let settings = Settings {
            exploration_share,
            ..policy_settings(&config)
        };
        runtime
            .policy(settings, None)
            .map(|(policy, _)| policy)
            .map_err(|fault| Problem::Host(runtime.failed(Name::Router, fault).into()))
    };
    let (one, other) = (policy(explores)?, policy(0.0)?);
    Ok((runtime, one, other))
}

/// What learning gains in APGR over another way to choose, with its interval, on the same draws.
fn gain_over(
    (scored, other): (&[f64], &[f64]),
    (weak, strong): (&[f64], &[f64]),
    bootstrap: Bootstrap,
) -> (f64, Option<(f64, f64)>) {
    let gain = |drawn: &[usize]| {
        let of = |values: &[f64]| drawn.iter().map(|at| values[*at]).collect::<Vec<f64>>();
        let (weak, strong) = (of(weak), of(strong));
        let apgr = |scores: &[f64]| curve(&of(scores), &weak, &strong).apgr();
        apgr(scored) - apgr(other)
    };
    let all: Vec<usize> = (0..scored.len()).collect();
    (gain(&all), bootstrap.interval(scored.len(), gain))
}

fn gains(common: &Common, arguments: &EvalArguments) -> Result<Exit, Problem> {
    let tiers = tiers(arguments.weak_tier, arguments.strong_tier)?;
    let Some(test_file) = &arguments.test else {
        return Err(Problem::Input("--test FILE is needed".to_owned()));
    };
    let train = match &arguments.train {
        Some(path) => pairs(path)?,
        None => Vec::new(),
    };
    let test = pairs(test_file)?;
    if test.is_empty() {
        return Err(Problem::Input(format!(
            "{} has no line",
            test_file.display()
        )));
    }
    let seen: std::collections::HashSet<&str> =
        train.iter().map(|pair| pair.prompt.as_str()).collect();
    let on_both = test
        .iter()
        .filter(|pair| seen.contains(pair.prompt.as_str()))
        .count();
    if on_both > 0 {
        show::warning(&format!(
            "{} of --test {} in --train too: the figures flatter",
            show::count(on_both, "prompt"),
            show::plural(on_both, "stands", "stand")
        ));
    }

    let failed = |e: eval::EvalError| Problem::Input(e.to_string());
    let (runtime, learned, untrained) = policies(common, 0.0)?;
    let untrained = eval::score(&runtime, &untrained, tiers, &test).map_err(failed)?;
    eval::learn(&runtime, &learned, tiers, &train).map_err(failed)?;
    let scored = eval::score(&runtime, &learned, tiers, &test).map_err(failed)?;
    if let Some(path) = &arguments.scores {
        write_scores(path, &scored)?;
    }

    let of = |values: &dyn Fn(&Pair) -> f64| test.iter().map(values).collect::<Vec<f64>>();
    let (weak, strong) = (
        of(&|pair| f64::from(pair.weak)),
        of(&|pair| f64::from(pair.strong)),
    );
    let on = |scores: &[f64]| curve(scores, &weak, &strong);
    let learned_curve = on(&scored.gains);
    let lengths = of(&|pair| pair.prompt.len() as f64);
    let length_curve = on(&lengths);
    let bootstrap = Bootstrap {
        rounds: arguments.bootstrap,
        seed: arguments.seed,
    };
    let gained: Vec<_> = [("length", &lengths), ("rules", &untrained.gains)]
        .into_iter()
        .filter(|_| arguments.bootstrap > 0)
        .map(|(name, other)| {
            let found = gain_over((&scored.gains, other), (&weak, &strong), bootstrap);
            (name, found)
        })
        .collect();
    let rules_curve = on(&untrained.gains);
    let oracle_curve = on(&of(&|pair| f64::from(pair.strong) - f64::from(pair.weak)));
    let random_curve = Curve {
        points: vec![(0.0, learned_curve.weak), (1.0, learned_curve.strong)],
        ..learned_curve.clone()
    };
    let named = [
        ("random", &random_curve),
        ("length", &length_curve),
        ("rules", &rules_curve),
        ("learned", &learned_curve),
        ("oracle", &oracle_curve),
    ];
    if let Some(path) = &arguments.plot {
        let title = format!(
            "{}, {} learned from",
            show::count(test.len(), "prompt"),
            train.len()
        );
        fs::write(path, eval::plot::svg(&title, &named)).map_err(Problem::io(format!(
            "`{}` cannot be written",
            path.display()
        )))?;
    }
    let mut times = scored.nanoseconds;
    times.sort_unstable();
    let median = times[times.len() / 2];
    if arguments.json {
        let figures: serde_json::Map<String, Value> = named
            .iter()
            .map(|(name, curve)| {
                let figures =
                    json!({"apgr": curve.apgr(), "cpt50": curve.cpt(0.5), "cpt80": curve.cpt(0.8)});
                ((*name).to_owned(), figures)
            })
            .collect();
        let gained: serde_json::Map<String, Value> = gained
            .iter()
            .map(|(name, (gain, interval))| {
                let interval = interval.map(|(low, high)| [low, high]);
                (
                    (*name).to_owned(),
                    json!({"gain": gain, "interval": interval}),
                )
            })
            .collect();
        let all = json!({
            "gainOver": gained, "bootstrap": arguments.bootstrap, "seed": arguments.seed,
            "train": train.len(), "test": test.len(), "onBothSides": on_both, "weakQuality": learned_curve.weak,
            "strongQuality": learned_curve.strong, "apgr": learned_curve.apgr(), "cpt50": learned_curve.cpt(0.5),
            "cpt80": learned_curve.cpt(0.8), "decisionMicroseconds": median as f64 / 1e3, "scores": figures,
        });
        report::print_json(&all)?;
    } else {
        say(&format!(
            "{} learned from, {} scored; weak {:.3}, strong {:.3}",
            train.len(),
            test.len(),
            learned_curve.weak,
            learned_curve.strong
        ))?;
        say(&format!(
            "{:<10} {:>8} {:>8} {:>8}",
            "", "APGR", "CPT50", "CPT80"
        ))?;
        for (name, curve) in named {
            let cpt = |share| {
                curve
                    .cpt(share)
                    .map_or_else(|| "-".to_owned(), |at| format!("{:.1} %", at * 100.0))
            };
            say(&format!(
                "{name:<10} {:>8.3} {:>8} {:>8}",
                curve.apgr(),
                cpt(0.5),
                cpt(0.8)
            ))?;
        }
        for (name, (gain, interval)) in gained {
            let Some((low, high)) = interval else {
                continue;
            };
            say(&format!(
                "learned over {name}: {gain:+.4} APGR (95 %: {low:+.4} to {high:+.4}; {} paired draws, seed {})",
                arguments.bootstrap, arguments.seed
            ))?;
        }
        say(&format!(
            "a decision takes {} (median)",
            show::duration(median)
        ))?;
    }
    Ok(Exit::Done)
}

fn say(line: &str) -> Result<(), Problem> {
    report::print(&format!("{line}\n"))
}

fn write_scores(path: &Path, scored: &Scored) -> Result<(), Problem> {
    let failed = || format!("`{}` cannot be written", path.display());
    let mut out = std::io::BufWriter::new(fs::File::create(path).map_err(Problem::io(failed()))?);
    for (index, score) in scored.gains.iter().enumerate() {
        writeln!(out, "{}", json!({"index": index, "score": score}))
            .map_err(Problem::io(failed()))?;
    }
    out.flush().map_err(Problem::io(failed()))
}

/// Decides in a host of its own: the settings that hold for tasks too, with an empty store in a folder that is removed.
async fn labelled(common: &Common, arguments: TiersArguments) -> Result<Exit, Problem> {
    let home = tempfile::tempdir().map_err(Problem::io("no temporary folder can be made"))?;
    let host = Host::builder()
        .home(home.path())
        .config(common.config()?)
        .build()
        .await?;
    let (mut found, mut points) = (Confusion::default(), Confusion::default());
    let mut wrong = Vec::new();
    for (line, mut value) in lines(&arguments.file)? {
        let problem = |words: &str| {
            Problem::Input(format!(
                "{}: line {line}: {words}",
                arguments.file.display()
            ))
        };
        let label = value
            .as_object_mut()
            .and_then(|fields| {
                fields.remove("trap");
                fields.remove("label")
            })
            .and_then(|label| label.as_u64())
            .and_then(|label| u8::try_from(label).ok())
            .filter(|label| *label <= 4)
            .ok_or_else(|| problem("`label` is a tier from 0 to 4"))?;
        let (task, _) = Task::from_value(value).map_err(|e| problem(&e.to_string()))?;
        let routed = host.route(&task).await;
        let tier = routed
            .tier
            .ok_or_else(|| problem("no tier was decided"))?
            .number();
        found.add(label, tier);
        points.add(label, by_points(&task));
        if tier != label {
            wrong.push(json!({"id": task.id, "label": label, "tier": tier, "reasons": routed.decision.map(|d| d.reasons).unwrap_or_default(), "fallbackReason": routed.fallback_reason}));
        }
    }
    host.close().await?;
    let figures = |of: &Confusion| {
        json!({
            "total": of.total(), "accuracy": of.accuracy(), "tier4Below3": of.dear_mistakes(), "tier0Precision": of.precision(0),
            "confusion": of.counts,
        })
    };
    if arguments.json {
        let all =
            json!({"router": figures(&found), "pointsTable": figures(&points), "wrong": wrong});
        report::print_json(&all)?;
        return Ok(Exit::Done);
    }
    for (name, of) in [("router", &found), ("points table", &points)] {
        say(&format!(
            "{}: {:.1} % of {} right; tier 4 below 3: {}; tier 0 precision: {}",
            show::bold(name),
            of.accuracy() * 100.0,
            of.total(),
            of.dear_mistakes(),
            of.precision(0).map_or_else(
                || "none sent there".to_owned(),
                |share| format!("{:.1} %", share * 100.0)
            )
        ))?;
        say(&format!(
            "  label \\ decided {:>5} {:>5} {:>5} {:>5} {:>5}",
            0, 1, 2, 3, 4
        ))?;
        for (label, row) in of.counts.iter().enumerate() {
            say(&format!(
                "  {label:<15} {:>5} {:>5} {:>5} {:>5} {:>5}",
                row[0], row[1], row[2], row[3], row[4]
            ))?;
        }
    }
    if arguments.wrong {
        for line in wrong {
            say(&line.to_string())?;
        }
    }
    Ok(Exit::Done)
}
