//! `tinydancer run` and `tinydancer route`.

mod print;

use std::io::{IsTerminal as _, Read as _};
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::budget::nearly_used_words;
use super::{Common, Exit, Problem, jsonl, show, until_stopped, walk};
use crate::pipeline::Routed;
use crate::task::{syntax_words, unreadable};
use crate::wit::Denial;
use crate::{File, Status, Task};
pub(super) use print::headline;
use print::{print_done, print_routed, routed_line};

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
    /// How urgent it is; medium is another word for normal
    #[arg(long, value_parser = ["low", "normal", "medium", "high", "critical"])]
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
            let mut bytes = Vec::new();
            std::io::stdin()
                .read_to_end(&mut bytes)
                .map_err(Problem::unreadable_stdin)?;
            object(bytes, "standard input")?
        } else if let Some(path) = &self.task {
            let bytes = std::fs::read(path).map_err(Problem::unreadable(path))?;
            object(bytes, &format!("`{}`", path.display()))?
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

/// A JSON object out of a file or of standard input.
fn object(bytes: Vec<u8>, name: &str) -> Result<Map<String, Value>, Problem> {
    const FORM: &str = "a task is a JSON object such as {\"instruction\": \"...\"}";
    let text = walk::decode(bytes).map_err(|words| Problem::Input(format!("{name} {words}")))?;
    match serde_json::from_str(&text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Problem::Input(format!("{name}: {FORM}"))),
        Err(e) => {
            let place = format!("line {}, column {}", e.line(), e.column());
            Err(Problem::Input(format!(
                "{name} {}; {FORM}",
                unreadable(&syntax_words(&e), &place)
            )))
        }
    }
}

fn read_files(paths: &[PathBuf]) -> Result<Value, Problem> {
    /// Files for a model: larger ones do not fit into any request.
    const LIMIT: walk::Limit = walk::Limit {
        bytes: 32 << 20,
        remedy: "no model takes as much in one request: hand over the parts that the task is about",
    };
    let packages = walk::Packages::default();
    let files: Result<Vec<File>, Problem> = paths
        .iter()
        .map(|path| {
            let text = walk::read(path, &LIMIT)
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
    if let Some(tier) = done.outcome.tier_done
        && done.outcome.cost.get() > 0
    {
        // A store that cannot be read has been told of already.
        let limits = host.limits_nearly_used(tier, &done.outcome.caller).await;
        for limit in limits.unwrap_or_default() {
            show::warning(&nearly_used_words(&limit));
        }
    }
    if host.config().verbose {
        for reason in &done.outcome.reasons {
            show::note(&format!("  - {reason}"));
        }
    }
    host.close().await?;
    Ok(match done.outcome.status {
        Status::Success => Exit::Done,
        Status::RefusedByBudget => Exit::Budget,
        _ if matches!(done.result, Err(crate::Failure::Store(_))) => Exit::Store,
        _ => Exit::Failed,
    })
}

pub(super) async fn route(common: &Common, arguments: RouteArguments) -> Result<Exit, Problem> {
    if arguments.jsonl {
        let host = common.host().await?;
        let runtime = tokio::runtime::Handle::current();
        let all_well = tokio::task::block_in_place(|| {
            jsonl::answer(host.runtime().config().max_input, |line| {
                let (id, value) = match line.parse() {
                    Ok(parsed) => parsed,
                    Err(answer) => return answer,
                };
                match Task::from_value(value) {
                    Err(e) => line.error(id, &e.to_string()),
                    Ok((task, warnings)) => {
                        let mut routed = runtime.block_on(host.route(&task));
                        routed.notes.extend(warnings);
                        line.told_apart(routed_line(&routed, id))
                    }
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
