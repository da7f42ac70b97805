//! What is configured: models, components; and feedback.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Common, Exit, Problem, show};
use crate::money::Picodollars;
use crate::runtime::Runtime;
use crate::store::Verdict;
use crate::{Error, Tier};

pub(super) fn print(text: &str) -> Result<(), Problem> {
    anstream::stdout()
        .lock()
        .write_all(text.as_bytes())
        .map_err(Problem::io("the output cannot be written"))
}

pub(super) fn print_json(value: &Value) -> Result<(), Problem> {
    print(&format!(
        "{}\n",
        serde_json::to_string_pretty(value).unwrap_or_default()
    ))
}

#[derive(Debug, clap::Args)]
pub(super) struct FeedbackArguments {
    /// The task's id, as `outcomes` and `run` show it
    id: String,
    /// good-fit, underpowered, overprovisioned, failed, or a score from 0 to 1
    #[arg(value_parser = verdict)]
    verdict: Verdict,
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
    print(&format!(
        "noted: {} for tier {} on {}; {} pieces of feedback so far\n",
        arguments.verdict.name(),
        outcome
            .tier_done
            .map_or_else(|| "-".to_owned(), |tier| tier.to_string()),
        outcome.id,
        host.policy().learned().map_err(Error::from)?
    ))?;
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

#[derive(Debug, clap::Args)]
pub(super) struct ComponentsArguments {
    #[command(subcommand)]
    action: Option<ComponentsAction>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print each component's WIT too
    #[arg(long)]
    wit: bool,
}

#[derive(Debug, clap::Subcommand)]
enum ComponentsAction {
    /// Write each component as .wasm with its .wit, for other runtimes
    Export {
        /// The folder; made if it is not there
        folder: PathBuf,
    },
}

pub(super) fn components(common: &Common, arguments: ComponentsArguments) -> Result<Exit, Problem> {
    let runtime = Runtime::new(common.config()?.runtime(&common.home()?)).map_err(Error::from)?;
    let found = runtime.components().map_err(Error::from)?;
    if let Some(ComponentsAction::Export { folder }) = &arguments.action {
        std::fs::create_dir_all(folder).map_err(Problem::io(format!(
            "`{}` cannot be made",
            folder.display()
        )))?;
        for component in &found {
            for (extension, bytes) in [
                ("wasm", component.wasm.as_slice()),
                ("wit", component.wit.as_bytes()),
            ] {
                let path = folder.join(format!("{}.{extension}", component.name));
                write_whole(&path, bytes)?;
                print(&format!("{}\n", path.display()))?;
            }
        }
        return Ok(Exit::Done);
    }
    if arguments.json {
        let values: Vec<Value> = found
            .iter()
            .map(|own| {
                json!({
                    "name": own.name.as_str(), "path": own.path, "bytes": own.wasm.len(), "sha256": own.sha256, "wit": own.wit,
                })
            })
            .collect();
        print_json(&Value::from(values))?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|own| {
            let from = own
                .path
                .as_ref()
                .map_or_else(|| "embedded".to_owned(), |path| path.display().to_string());
            vec![
                own.name.to_string(),
                from,
                own.wasm.len().to_string(),
                own.sha256.clone(),
            ]
        })
        .collect();
    print(&show::table(
        &["component", "from", "bytes", "sha256"],
        &rows,
    ))?;
    for own in found.iter().filter(|_| arguments.wit) {
        print(&format!("\n{}\n{}", show::bold(own.name.as_str()), own.wit))?;
    }
    Ok(Exit::Done)
}

/// Writes beside and renames, so that no half file is ever there.
fn write_whole(path: &std::path::Path, bytes: &[u8]) -> Result<(), Problem> {
    let failed = || Problem::io(format!("`{}` cannot be written", path.display()));
    let folder = path.parent().unwrap_or(std::path::Path::new("."));
    let mut beside = tempfile::NamedTempFile::new_in(folder).map_err(failed())?;
    beside.write_all(bytes).map_err(failed())?;
    beside.persist(path).map_err(|e| failed()(e.error))?;
    Ok(())
}
