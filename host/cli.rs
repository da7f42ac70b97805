//! The command line: arguments in, words or JSON out, an exit code that scripts can rely on.
//!
//! A face among others: it turns arguments into the library's values and back, and knows no other face, no SQL and no HTTP.

mod budget;
mod demo;
mod doctor;
mod eval;
mod history;
mod jsonl;
mod log;
mod policy;
mod report;
mod show;
mod task;
mod transform;
mod walk;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::{Error, Host};

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  a task failed, a file could not be transformed (the others were), or --check found something to change
  2  the command line or the input is wrong
  3  the settings or a component cannot be used
  4  the store cannot be used
  5  the budget does not reach";

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "tinydancer",
    version,
    about = "Answers trivial edits itself in microseconds and sends everything else to the cheapest model that will do",
    after_help = EXIT_CODES,
    arg_required_else_help = true,
    max_term_width = 110
)]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Args)]
struct Common {
    /// The configuration file, instead of config.toml in TinyDancer's home
    #[arg(long, global = true, value_name = "FILE", env = "TINYDANCER_CONFIG")]
    config: Option<PathBuf>,
    /// The folder for state, instead of the platform's data folder
    #[arg(long, global = true, value_name = "DIR", env = "TINYDANCER_HOME")]
    home: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Do a task: decide its tier, do it there, record what came of it
    Run(task::RunArguments),
    /// Decide where a task would go, with factors and reasons; call no model, record nothing
    Route(task::RouteArguments),
    /// Transform source files; behaviour is kept, or the place is left alone and said so
    Transform(transform::TransformArguments),
    /// What was routed where, what it cost, what it saved
    Stats(history::StatsArguments),
    /// The recorded outcomes, newest first
    Outcomes(history::OutcomesArguments),
    /// Say how good the result of a task was; later decisions change
    Feedback(report::FeedbackArguments),
    /// What was learned from, and how it is undone; `eval replay` compares
    Policy(policy::PolicyArguments),
    /// What may be spent, is spent and is reserved
    Budget(budget::BudgetArguments),
    /// Make sums of old outcomes; what they cost and taught stays known
    Compact(budget::CompactArguments),
    /// Which model serves which tier, at what price, and whether its vendor can be reached
    Models(report::ModelsArguments),
    /// The WebAssembly components in use
    Components(report::ComponentsArguments),
    /// Check components, store, keys, prices and models, and whether vendors can be reached
    Doctor(doctor::DoctorArguments),
    /// How good decisions are, on outcomes of two models or on labelled tasks; calls no model, keeps nothing
    Eval(eval::EvalArguments),
    /// Show the whole on real input in a few seconds; needs no key
    Demo(demo::DemoArguments),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Why a command could not be carried out.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error(transparent)]
    Host(#[from] Error),
    #[error("{0}")]
    Input(String),
    #[error("{what}: {source}")]
    Io {
        what: String,
        source: std::io::Error,
    },
}

impl Problem {
    fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Problem {
        let what = what.into();
        move |source| Problem::Io { what, source }
    }

    fn exit(&self) -> Exit {
        match self {
            Problem::Host(Error::Store(_)) => Exit::Store,
            Problem::Host(_) => Exit::Settings,
            Problem::Input(_) => Exit::Input,
            Problem::Io { .. } => Exit::Failed,
        }
    }
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Exit {
    Done = 0,
    Failed = 1,
    Input = 2,
    Settings = 3,
    Store = 4,
    Budget = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Carries out the command line and says how it ended.
#[must_use]
pub fn run(arguments: Arguments) -> ExitCode {
    let Arguments { common, command } = arguments;
    let ended = match command {
        _ if let Err(problem) = log::start() => Err(problem),
        // These need no store, no model and no runtime of tokio's, and must start fast.
        Command::Transform(arguments) => transform::run(&common, arguments),
        Command::Completions { shell } => {
            clap_complete::generate(
                shell,
                &mut Arguments::command(),
                "tinydancer",
                &mut std::io::stdout(),
            );
            Ok(Exit::Done)
        }
        Command::Components(arguments) => report::components(&common, arguments),
        command => block_on(run_async(common, command)),
    };
    match ended {
        Ok(exit) => exit.into(),
        // Whoever reads our output has gone, as `| head` does: that is no error.
        Err(Problem::Io { source, .. }) if source.kind() == std::io::ErrorKind::BrokenPipe => {
            Exit::Done.into()
        }
        Err(problem) => {
            show::problem(&problem);
            problem.exit().into()
        }
    }
}

fn block_on(work: impl Future<Output = Result<Exit, Problem>>) -> Result<Exit, Problem> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Problem::io("the asynchronous runtime cannot start"))?
        .block_on(work)
}

async fn run_async(common: Common, command: Command) -> Result<Exit, Problem> {
    match command {
        Command::Run(arguments) => task::run(&common, arguments).await,
        Command::Route(arguments) => task::route(&common, arguments).await,
        Command::Stats(arguments) => history::stats(&common, arguments).await,
        Command::Outcomes(arguments) => history::outcomes(&common, arguments).await,
        Command::Feedback(arguments) => report::feedback(&common, arguments).await,
        Command::Policy(arguments) => policy::run(&common, arguments).await,
        Command::Budget(arguments) => budget::budget(&common, arguments).await,
        Command::Compact(arguments) => budget::compact(&common, arguments).await,
        Command::Models(arguments) => report::models(&common, arguments).await,
        Command::Doctor(arguments) => doctor::run(&common, arguments).await,
        Command::Eval(arguments) => eval::run(&common, arguments).await,
        Command::Demo(arguments) => demo::run(&common, arguments).await,
        Command::Transform(_) | Command::Completions { .. } | Command::Components(_) => {
            Ok(Exit::Done)
        }
    }
}

impl Common {
    /// The host as the command line, the environment and the configuration file want it.
    async fn host(&self) -> Result<Host, Problem> {
        let mut builder = Host::builder().confirm_records();
        if let Some(config) = &self.config {
            builder = builder.config_file(config);
        }
        if let Some(home) = &self.home {
            builder = builder.home(home);
        }
        Ok(builder.build().await?)
    }

    fn home(&self) -> Result<PathBuf, Problem> {
        match &self.home {
            Some(home) => Ok(home.clone()),
            None => Ok(crate::config::home().map_err(Error::from)?),
        }
    }

    fn config(&self) -> Result<crate::Config, Problem> {
        let home = self.home()?;
        Ok(crate::Config::from_environment(self.config.as_deref(), &home).map_err(Error::from)?)
    }
}

/// Waits for the work or for the wish to stop (SIGINT, SIGTERM). Stopping drops the work: its reservation is settled and what is
/// queued is written before the process ends.
async fn until_stopped<T>(work: impl Future<Output = T>) -> Option<T> {
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        // The handlers stand before the work begins.
        biased;
        _ = tokio::signal::ctrl_c() => None,
        () = terminated => None,
        done = work => Some(done),
    }
}
