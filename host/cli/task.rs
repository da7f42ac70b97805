//! `tinydancer run` and `tinydancer route`.

use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::{Common, Exit, Problem, jsonl, show, until_stopped, walk};
use crate::execute::Failure;
use crate::pipeline::{Answer, Done, Routed};
use crate::tier::Tier;
use crate::wit::Denial;
use crate::{File, Status, Task};

/// What both commands read.
#[derive(Debug, clap::Args)]
struct TaskArguments {
    /// What is wanted, in words; without it and without --task a JSON task is read from standard input
    instruction: Option<String>,
    /// A JSON task from a file, `-` for standard input; the flags beside it win over its fields
    #[arg(long, value_name = "FILE")]
    task: Option<PathBuf>,
    /// A source file to hand over (may be repeated)
    #[arg(long = "file", short = 'f', value_name = "PATH")]
    files: Vec<PathBuf>,
    /// A snippet of code to hand over
    #[arg(long)]
    code: Option<String>,
    /// The kind of work, such as generate-tests
    #[arg(long)]
    kind: Option<String>,
    /// Who asks: outcomes and limits are told apart by it
    #[arg(long, value_name = "NAME")]
    caller: Option<String>,
    /// The domain, such as security-compliance
    #[arg(long)]
    domain: Option<String>,
    /// How urgent it is
    #[arg(long, value_parser = ["low", "normal", "high", "critical"])]
    priority: Option<String>,
    /// Something the work needs, such as sast (may be repeated)
    #[arg(long = "capability", value_name = "NAME")]
    capabilities: Vec<String>,
    /// The tier, set by hand: obeyed, or refused where the budget does not reach
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=4))]
    tier: Option<u8>,
    /// The task is critical: at least tier 2
    #[arg(long)]
    critical: bool,
    /// Forbid tier 0
    #[arg(long)]
    no_booster: bool,
    /// Vouch for something that lifts the booster's refusals, such as module (may be repeated)
    #[arg(long = "assume", value_name = "NAME")]
    assumptions: Vec<String>,
    /// Withdraw an assumption that is granted by default or by the configuration (may be repeated)
    #[arg(long = "no-assume", value_name = "NAME")]
    withdrawn: Vec<String>,
    /// The most tokens an answer may have
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_output_tokens: Option<u32>,
}

#[derive(Debug, clap::Args)]
pub(super) struct RunArguments {
    #[command(flatten)]
    task: TaskArguments,
    /// Show the decision and what would be reserved; call no model, record nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct RouteArguments {
    #[command(flatten)]
    task: TaskArguments,
    /// Print the decision as JSON
    #[arg(long)]
    json: bool,
    /// Route one JSON task a line from standard input, one decision a line to standard output
    #[arg(long, conflicts_with_all = ["json", "task", "instruction"])]
    jsonl: bool,
}

impl TaskArguments {
    fn read(self) -> Result<Task, Problem> {
        let nothing = self.instruction.is_none()
            && self.code.is_none()
            && self.files.is_empty()
            && self.kind.is_none();
        let from_stdin = self
            .task
            .as_deref()
            .is_some_and(|path| path.as_os_str() == "-")
            || (self.task.is_none() && nothing);
        let mut fields = if from_stdin {
            if std::io::stdin().is_terminal() {
                return Err(Problem::Input(
                    "there is no task: give an instruction in quotes, --task FILE, or a JSON task on standard input".to_owned(),
                ));
            }
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(Problem::io("standard input cannot be read"))?;
            object(&text, "standard input")?
        } else if let Some(path) = &self.task {
            let name = path.display().to_string();
            object(
                &std::fs::read_to_string(path)
                    .map_err(Problem::io(format!("`{name}` cannot be read")))?,
                &name,
            )?
        } else {
            Map::new()
        };
        let mut set = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                fields.insert(key.to_owned(), value);
            }
        };
        set("instruction", self.instruction.map(Value::from));
        set("codeContext", self.code.map(Value::from));
        set("kind", self.kind.map(Value::from));
        set("caller", self.caller.map(Value::from));
        set("domain", self.domain.map(Value::from));
        set("priority", self.priority.map(Value::from));
        set(
            "capabilities",
            (!self.capabilities.is_empty()).then(|| Value::from(self.capabilities)),
        );
        set("routingTier", self.tier.map(Value::from));
        set("isCritical", self.critical.then_some(Value::from(true)));
        set(
            "useAgentBooster",
            self.no_booster.then_some(Value::from(false)),
        );
        set(
            "assumptions",
            (!self.assumptions.is_empty()).then(|| Value::from(self.assumptions)),
        );
        set(
            "withdrawn",
            (!self.withdrawn.is_empty()).then(|| Value::from(self.withdrawn)),
        );
        set("maxOutputTokens", self.max_output_tokens.map(Value::from));
        if !self.files.is_empty() {
            set("files", Some(read_files(&self.files)?));
        }
        let (task, warnings) =
            Task::from_value(Value::Object(fields)).map_err(|e| Problem::Input(e.to_string()))?;
        for warning in warnings {
            show::warning(&warning);
        }
        Ok(task)
    }
}

fn object(text: &str, name: &str) -> Result<Map<String, Value>, Problem> {
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Problem::Input(format!(
            "{name}: a task is a JSON object such as {{\"instruction\": \"...\"}}"
        ))),
        Err(e) => Err(Problem::Input(format!(
            "{name} is not JSON (line {}, column {}): {}",
            e.line(),
            e.column(),
            crate::task::syntax_words(&e)
        ))),
    }
}

fn read_files(paths: &[PathBuf]) -> Result<Value, Problem> {
    /// Files for a model: larger ones do not fit into any request.
    const LIMIT: usize = 32 << 20;
    let packages = walk::Packages::default();
    let files: Result<Vec<File>, Problem> = paths
        .iter()
        .map(|path| {
            let text = walk::read(path, LIMIT)
                .map_err(|words| Problem::Input(format!("`{}` {words}", path.display())))?;
            Ok(File {
                path: path.to_string_lossy().into_owned(),
                text,
                module: packages.say_module(path),
            })
        })
        .collect();
    serde_json::to_value(files?).map_err(|e| Problem::Input(e.to_string()))
}

pub(super) async fn run(common: &Common, arguments: RunArguments) -> Result<Exit, Problem> {
    let task = arguments.task.read()?;
    let host = common.host().await?;
    if arguments.dry_run {
        let id = task.id.clone();
        let routed = host.route(&task).await;
        print_routed(&routed, id, arguments.json)?;
        host.close().await?;
        return Ok(exit_of_route(&routed));
    }
    let done = until_stopped(host.run(task)).await;
    let Some(done) = done else {
        host.close().await?;
        show::error(
            "stopped before the answer; what was reserved is settled and recorded as cancelled",
        );
        return Ok(Exit::Failed);
    };
    print_done(&done, arguments.json)?;
    if host.config().verbose {
        for reason in &done.outcome.reasons {
            show::note(&format!("  - {reason}"));
        }
    }
    host.close().await?;
    Ok(match done.outcome.status {
        Status::Success => Exit::Done,
        Status::RefusedByBudget => Exit::Budget,
        _ => Exit::Failed,
    })
}

pub(super) async fn route(common: &Common, arguments: RouteArguments) -> Result<Exit, Problem> {
    if arguments.jsonl {
        let host = common.host().await?;
        let runtime = tokio::runtime::Handle::current();
        let all_well = tokio::task::block_in_place(|| {
            jsonl::answer(std::io::stdin().lock(), std::io::stdout(), |line| {
                let (id, value) = match line.parse() {
                    Ok(parsed) => parsed,
                    Err(answer) => return answer,
                };
                match Task::from_value(value) {
                    Err(e) => line.error(id, &e.to_string()),
                    Ok((task, _)) => routed_line(&runtime.block_on(host.route(&task)), id),
                }
            })
        })?;
        host.close().await?;
        return Ok(if all_well { Exit::Done } else { Exit::Failed });
    }
    let task = arguments.task.read()?;
    let host = common.host().await?;
    let routed = host.route(&task).await;
    print_routed(&routed, task.id, arguments.json)?;
    host.close().await?;
    Ok(exit_of_route(&routed))
}

fn exit_of_route(routed: &Routed) -> Exit {
    match &routed.decision {
        Ok(_) => Exit::Done,
        Err(Denial::BudgetSpent(_)) => Exit::Budget,
        Err(_) => Exit::Failed,
    }
}

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

/// A decision as one JSON object.
fn routed_line(routed: &Routed, id: Value) -> Value {
    let decision = match &routed.decision {
        Ok(decision) => decision,
        Err(denial) => return json!({ "id": id, "error": denial_words(denial) }),
    };
    let found = &routed.classification;
    json!({
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
        "level": format!("{:?}", found.level).to_lowercase(),
        "factors": found.factors.iter().map(|factor| json!({
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
    })
}

fn print_routed(routed: &Routed, id: Option<String>, as_json: bool) -> Result<(), Problem> {
    let mut out = anstream::stdout().lock();
    let failed = Problem::io("the output cannot be written");
    if as_json {
        let text =
            serde_json::to_string_pretty(&routed_line(routed, id.map_or(Value::Null, Value::from)))
                .unwrap_or_default();
        return writeln!(out, "{text}").map_err(failed);
    }
    let mut text = String::new();
    match (&routed.decision, routed.tier) {
        (Ok(decision), Some(tier)) => {
            let who = routed.model.as_deref().unwrap_or("the booster, no model");
            text.push_str(&format!("{} {who}\n", show::bold(&format!("tier {tier}"))));
            if let Some(reserved) = routed.reserved {
                text.push_str(&format!("  at most {reserved} would be reserved\n"));
            }
            if let Some(reason) = &routed.fallback_reason {
                text.push_str(&format!("  instead of tier {}: {reason}\n", decision.tier));
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
    for factor in &found.factors {
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
    out.write_all(text.as_bytes()).map_err(failed)
}

/// A task's end as one JSON object, with the names that the faces share.
pub(super) fn done_value(done: &Done) -> Value {
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

fn print_done(done: &Done, as_json: bool) -> Result<(), Problem> {
    let mut out = anstream::stdout().lock();
    let failed = Problem::io("the output cannot be written");
    if as_json {
        let text = serde_json::to_string_pretty(&done_value(done)).unwrap_or_default();
        return writeln!(out, "{text}").map_err(failed);
    }
    let text = match &done.result {
        Ok(Answer::Transformed(boosted)) => boosted
            .files
            .iter()
            .map(|file| {
                let heading = if boosted.files.len() > 1 {
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
            .collect(),
        Ok(Answer::Text { text, .. }) => format!("{}\n", text.trim_end()),
        Err(_) => String::new(),
    };
    out.write_all(text.as_bytes()).map_err(failed)?;
    drop(out);
    show::note(&headline(done));
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
pub(super) fn headline(done: &Done) -> String {
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
