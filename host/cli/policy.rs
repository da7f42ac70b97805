//! What was learned from, piece by piece, and how it is undone.

use serde_json::json;

use super::report::{print, print_json};
use super::{Common, Exit, Problem, show};
use crate::Error;
use crate::runtime::Restored;

#[derive(Debug, clap::Args)]
pub(super) struct PolicyArguments {
    /// Learn anew from the feedback up to this number alone, as the list shows it; 0 forgets all. The log is kept
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(0..))]
    undo_to: Option<i64>,
    /// Show so many of the latest pieces of feedback
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(common: &Common, arguments: PolicyArguments) -> Result<Exit, Problem> {
    let host = common.host().await?;
    if let Some(through) = arguments.undo_to {
        let kept = host.unlearn(through).await?;
        if arguments.json {
            print_json(&json!({"undoneTo": through, "learnedFrom": kept}))?;
        } else {
            print(&format!(
                "the policy is the one that {} {}; processes that run already go on with theirs until they are started again\n",
                show::feedback(kept),
                show::plural(kept, "makes", "make")
            ))?;
        }
        return Ok(Exit::Done);
    }
    let log = host.store().feedback_after(0).await.map_err(Error::from)?;
    let learned = host.policy().learned();
    let learned = learned.map_err(|fault| host.router_failed(fault))?;
    let snapshot = host.policy().snapshot();
    let size = snapshot.map_err(|fault| host.router_failed(fault))?.len();
    let start = match host.restored() {
        Restored::Fresh => "replayed from the whole log".to_owned(),
        Restored::FromSnapshot => "from its last snapshot and the log after it".to_owned(),
        Restored::Refused(reason) => {
            format!("replayed from the whole log, because its snapshot was refused ({reason:?})")
        }
    };
    host.close().await?;
    let latest = log.iter().rev().take(arguments.limit);
    if arguments.json {
        let latest: Vec<_> = latest
            .map(|(number, told)| json!({"number": number, "kind": told.kind, "complexity": told.complexity, "tier": told.tier, "quality": told.quality, "weight": told.weight}))
            .collect();
        print_json(
            &json!({"learnedFrom": learned, "logged": log.len(), "start": start, "snapshotBytes": size, "latest": latest}),
        )?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = latest
        .map(|(number, told)| {
            vec![
                number.to_string(),
                told.kind.clone(),
                told.complexity.to_string(),
                told.tier.to_string(),
                format!("{:.2}", told.quality),
                format!("{:.2}", told.weight),
            ]
        })
        .collect();
    print(&format!(
        "learned from {}, {start}; {} in the log, {size} bytes as a snapshot\n\n{}",
        show::feedback(learned),
        log.len(),
        show::table(
            &["number", "kind", "complexity", "tier", "quality", "weight"],
            &rows
        )
    ))?;
    Ok(Exit::Done)
}
