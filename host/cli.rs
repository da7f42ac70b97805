//! The command line: arguments in, words or JSON out, an exit code that scripts can rely on.
//!
//! A face among others: it turns arguments into the library's values and back, and knows no other face, no SQL and no HTTP.

mod budget;
mod components;
mod demo;
mod doctor;
mod eval;
mod git;
mod history;
mod jsonl;
mod log;
mod policy;
mod remedy;
mod report;
mod show;
mod task;
mod transform;
mod walk;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::{Error, Host};

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  a task failed, a file or folder to transform could not be read or transformed (the others were), or --check found something to change
  2  the command line or what it names is wrong: no such task, an input that cannot be read
  3  the settings or a component cannot be used
  4  the store cannot be used
  5  the budget does not reach
SIGINT and SIGTERM end `run` (1) and `transform --write` (1 where any file was left alone) in order: what a call may cost is settled, files at hand are \
finished. They end everything else at once, as does a second one while files are written (130); a shell then tells 130 or 143.";

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
    // The variables are no `env` of clap's: it would show in every usage line what they set, and call an empty one a flag without a value.
    /// The configuration file, instead of config.toml in TinyDancer's home; TINYDANCER_CONFIG too
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder for state, instead of the platform's data folder; TINYDANCER_HOME too
    #[arg(long, global = true, value_name = "DIR")]
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
    #[command(after_help = budget::LIMITS)]
    Budget(budget::BudgetArguments),
    /// Make sums of old outcomes; what they cost and taught stays known
    Compact(budget::CompactArguments),
    /// Which model serves which tier, at what price, and whether its vendor can be reached
    Models(report::ModelsArguments),
    /// The WebAssembly components in use
    Components(components::ComponentsArguments),
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
    #[error("{0}")]
    Settings(String),
    #[error("{what}: {source}{remedy}")]
    Io {
        what: String,
        source: std::io::Error,
        remedy: &'static str,
    },
}

impl Problem {
    fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Problem {
        let what = what.into();
        move |source| Problem::Io {
            remedy: remedy::of(&source),
            what,
            source,
        }
    }

    /// Something of the system's that lies in no folder, such as a port.
    fn system(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Problem {
        let what = what.into();
        move |source| Problem::Io {
            remedy: remedy::without_place(&source),
            what,
            source,
        }
    }

    fn unreadable_stdin(error: std::io::Error) -> Problem {
        let remedy = remedy::of(&error);
        Problem::Input(format!("standard input cannot be read: {error}{remedy}"))
    }

    /// An input that cannot be read, as a rule because it is named wrongly.
    fn unreadable(path: &Path) -> impl FnOnce(std::io::Error) -> Problem {
        move |e| {
            Problem::Input(format!(
                "`{}` {}",
                path.display(),
                remedy::unreadable(path, &e)
            ))
        }
    }

    fn exit(&self) -> Exit {
        use crate::store::Error::{Duplicate, NoSuchTask, NothingDone};
        match self {
            // The store answered: what was asked of it is wrong.
            Problem::Host(Error::Store(NoSuchTask(_) | NothingDone(_) | Duplicate(_))) => {
                Exit::Input
            }
            Problem::Host(Error::Store(_)) => Exit::Store,
            Problem::Host(_) | Problem::Settings(_) => Exit::Settings,
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
    match carry_out(common, command) {
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

fn carry_out(common: Common, command: Command) -> Result<Exit, Problem> {
    if let Command::Completions { shell } = command {
        // Written as a whole: the generator itself panics where it cannot write.
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Arguments::command(), "tinydancer", &mut script);
        show::exactly(&script)?;
        return Ok(Exit::Done);
    }
    log::start()?;
    let common = common.with_variables(&|name| std::env::var_os(name))?;
    match command {
        // These need no store, no model and no runtime of tokio's, and must start fast.
        Command::Transform(arguments) => transform::run(&common, arguments),
        Command::Components(arguments) => components::run(&common, arguments),
        command => block_on(run_async(common, command)),
    }
}

fn block_on(work: impl Future<Output = Result<Exit, Problem>>) -> Result<Exit, Problem> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Problem::system("the asynchronous runtime cannot start"))?
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
    /// What the command line does not say, the environment does.
    fn with_variables(
        self,
        variable: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Common, Problem> {
        let or = |flag: Option<PathBuf>, name: &str, what: &str| match flag {
            Some(path) => Ok(Some(path)),
            None => match variable(name) {
                Some(value) if value.is_empty() => Err(Problem::Settings(format!(
                    "{name} is empty: set it to a {what}, or unset it"
                ))),
                value => Ok(value.map(PathBuf::from)),
            },
        };
        Ok(Common {
            config: or(self.config, "TINYDANCER_CONFIG", "file")?,
            home: or(self.home, "TINYDANCER_HOME", "folder")?,
        })
    }

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
