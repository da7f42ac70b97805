//! `tinydancer transform`: files, folders, globs, standard input, or a stream of JSON lines. It opens no store unless `--record` asks
//! for it.

mod job;
mod list;
mod parallel;
mod print;
mod report;
mod sarif;
mod stop;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

pub(super) use job::Job;
use parallel::in_parallel;
use report::Report;

use super::{Common, Exit, Problem, git, jsonl, show, walk};
use crate::Error;
use crate::config::{Config, Grants};
use crate::host;
use crate::runtime::{Name, Runtime};
use crate::wit::{SourceFile, TransformInfo};

#[derive(Debug, clap::Args)]
#[command(
    override_usage = "tinydancer transform [OPTIONS] <TRANSFORM>... [PATH]...",
    after_help = "\
A place that cannot be shown to keep its behaviour is left alone and counted; that is no failure.
Without --write nothing is written: one file (or standard input) is printed transformed, several are summed up.
Files that can be transformed are, and the exit code is 1 if any file or folder could not be read or parsed, or is named and not there. A \
folder or a pattern without any file to transform is a wrong command line: 2.
With --write, SIGINT and SIGTERM let the files at hand be finished and leave the rest alone: 1 where there is any; a second signal ends it at once: 130."
)]
#[command(group = clap::ArgGroup::new("form").multiple(false))]
pub(super) struct TransformArguments {
    /// Transforms, such as var-to-const (--list names them), then files, folders (what .gitignore leaves out is left out) and globs;
    /// `-` or no path is standard input
    #[arg(required_unless_present_any = ["list", "jsonl", "explain"], value_name = "TRANSFORM... PATH")]
    what: Vec<PathBuf>,
    /// Put the transformed text in each file's place
    #[arg(long, conflicts_with_all = ["check", "jsonl"])]
    write: bool,
    /// Change nothing; exit with 1 if anything would change
    #[arg(long, conflicts_with = "jsonl")]
    check: bool,
    /// Show what changes as a unified diff
    #[arg(long, group = "form")]
    diff: bool,
    /// Print one JSON array with a report for each file
    #[arg(long, group = "form")]
    json: bool,
    /// Print a SARIF 2.1.0 log: what can be changed, with the fix, and what was left alone, for code scanning and editors
    #[arg(long, group = "form")]
    sarif: bool,
    /// Print one JSON array with the edits for each file: bytes of the original text, lines and columns from 1
    #[arg(long, group = "form")]
    edits: bool,
    /// Answer one JSON request a line, {"id","code","transform","module"?,"path"?,"assumptions"?,"withdrawn"?}, by one line
    /// {"id","code","changed","refused","error"?,"notes"?}; an answer without an id has its "line"
    #[arg(long, group = "form")]
    jsonl: bool,
    /// Vouch for something that lifts refusals, such as module (may be repeated); --list names what can be vouched for
    #[arg(long = "assume", value_name = "NAME")]
    assumptions: Vec<String>,
    /// Withdraw an assumption that is granted by default or by the configuration (may be repeated)
    #[arg(long = "no-assume", value_name = "NAME")]
    withdrawn: Vec<String>,
    /// The path that standard input is taken to have, for its language and its assumptions
    #[arg(long, value_name = "PATH")]
    stdin_path: Option<PathBuf>,
    /// Show each place that was left alone: where, why, and the assumption that would lift it
    #[arg(long, short)]
    verbose: bool,
    /// Record an outcome for each text in which there was something to do
    #[arg(long)]
    record: bool,
    /// List the transforms with their refusal codes, and the assumptions, and end
    #[arg(long)]
    list: bool,
    /// Say what a refusal code or an assumption means, and end
    #[arg(long, value_name = "CODE")]
    explain: Option<String>,
}

/// The transforms that there are.
fn transforms(runtime: &Runtime) -> Result<Vec<TransformInfo>, Error> {
    let asked = runtime.transforms();
    Ok(asked.map_err(|fault| runtime.failed(Name::Booster, fault))?)
}

pub(super) fn run(common: &Common, arguments: TransformArguments) -> Result<Exit, Problem> {
    let config = common.config()?;
    let runtime = Runtime::new(config.runtime(&common.home()?)).map_err(Error::from)?;
    if arguments.list {
        return list::list(&runtime, arguments.json);
    }
    if let Some(code) = &arguments.explain {
        return list::explain(&runtime, code, arguments.json);
    }
    let transforms = transforms(&runtime)?;
    let (names, paths) = names_and_paths(&arguments, transforms.iter().map(|info| &*info.name))?;
    let mut extensions: Vec<String> = transforms
        .into_iter()
        .filter(|info| names.contains(&info.name))
        .flat_map(|info| info.extensions)
        .collect();
    extensions.sort_unstable();
    extensions.dedup();
    let grants = grants(&config, &runtime, &arguments)?;
    let mut job = Job::new(runtime, names, grants);
    if arguments.record {
        job = job.recorded(common)?;
    }
    let exit = if arguments.jsonl {
        jsonl::transform(&job)
    } else if paths.is_empty() || paths == [Path::new("-")] {
        stdin(&job, &arguments, config.verbose)
    } else {
        files(&job, &arguments, &paths, &extensions, config.verbose)
    };
    job.close()?;
    exit
}

/// The leading words that name transforms, and the paths after them. A file that has a transform's name is written `./NAME`.
fn names_and_paths<'a>(
    arguments: &TransformArguments,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Result<(Vec<String>, Vec<PathBuf>), Problem> {
    let is_known = |word: &&PathBuf| known.clone().any(|name| Path::new(name) == **word);
    let count = arguments.what.iter().take_while(is_known).count();
    let (names, paths) = arguments.what.split_at(count);
    // What looks like a name and is no file is a name that was misspelt.
    let like_a_name = |word: &&PathBuf| {
        let text = word.to_string_lossy();
        text.len() > 1
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            && word.symlink_metadata().is_err()
    };
    let misspelt = if arguments.jsonl {
        paths.first()
    } else {
        paths
            .first()
            .filter(|_| names.is_empty())
            .or_else(|| paths.iter().find(like_a_name))
    };
    if let Some(word) = misspelt {
        return Err(Problem::Input(format!(
            "there is no transform `{}`{}: there is {}",
            word.display(),
            if names.is_empty() {
                ""
            } else {
                ", and no such file"
            },
            known.collect::<Vec<_>>().join(", ")
        )));
    }
    let mut names: Vec<String> = names
        .iter()
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    let mut seen = Vec::new();
    names.retain(|name| {
        let first = !seen.contains(name);
        seen.push(name.clone());
        first
    });
    Ok((names, paths.to_vec()))
}

/// What the configuration vouches for, and over it what the command line does.
fn grants(
    config: &Config,
    runtime: &Runtime,
    arguments: &TransformArguments,
) -> Result<Grants, Problem> {
    let configured = Grants::new(&config.booster).map_err(Error::from)?;
    host::check_assumptions(runtime, &configured)?;
    let flags = arguments.assumptions.iter().chain(&arguments.withdrawn);
    if let Some(name) = host::unknown_assumption(runtime, flags.map(String::as_str))? {
        let known = list::assumptions(runtime)?;
        let known: Vec<&str> = known.iter().map(|info| info.name.as_str()).collect();
        return Err(Problem::Input(format!(
            "there is no assumption `{name}`: there is {}",
            known.join(", ")
        )));
    }
    configured
        .and(
            "--assume and --no-assume",
            &arguments.assumptions,
            &arguments.withdrawn,
        )
        .map_err(|e| Problem::Input(e.to_string()))
}

fn files(
    job: &Job,
    arguments: &TransformArguments,
    paths: &[PathBuf],
    extensions: &[String],
    verbose: bool,
) -> Result<Exit, Problem> {
    let walk::Found { files, unread } = walk::find(paths, extensions)?;
    let single = files.len() == 1 && unread.is_empty();
    let trees = arguments.write.then(|| git::Trees::of(&files));
    for tree in trees.iter().flat_map(git::Trees::dirty) {
        show::warning(&format!(
            "{} has changes that are not committed: they will mix with these",
            tree.display()
        ));
    }
    let keep_texts = arguments.diff || (single && !arguments.write);
    let limit = limit(job);
    let packages = walk::Packages::default();
    let stopped = arguments.write.then(stop::on_signal);
    let is_stopped = || {
        stopped
            .as_ref()
            .is_some_and(|stopped| stopped.load(Ordering::Relaxed))
    };
    let mut reports = in_parallel(&files, arguments.write, |path| {
        if is_stopped() {
            return Report::left_at_stop(&path.to_string_lossy(), job.names());
        }
        let mut report = match walk::read(path, &limit) {
            Ok(text) => job.report(SourceFile {
                path: path.to_string_lossy().into_owned(),
                module: packages.say_module(path),
                text,
                dialect: None,
            }),
            Err(words) => Report::failed(&path.to_string_lossy(), job.names(), words),
        };
        if arguments.write && report.changed {
            let after = report.texts.as_ref().map(|(_, after)| after.as_str());
            match walk::replace(path, after.unwrap_or_default()) {
                Ok(replaced) => {
                    let untracked = trees.as_ref().is_some_and(|trees| trees.lack(path));
                    report.take_written(&replaced, untracked);
                }
                Err(words) => {
                    let words = format!("{words}; left as it was");
                    report = Report::failed(&report.path, job.names(), words);
                }
            }
        }
        if !keep_texts {
            report.texts = None;
        }
        report
    });
    if !unread.is_empty() {
        reports.extend(unread.into_iter().map(|own| {
            let report = match own.is_folder {
                true => Report::unread_folder,
                false => Report::failed,
            };
            report(&own.path.to_string_lossy(), job.names(), own.words)
        }));
        reports.sort_by(|a, b| Path::new(&a.path).cmp(Path::new(&b.path)));
    }
    warn_of_untracked(&reports);
    for (report, words) in reports
        .iter()
        .filter_map(|report| Some((report, report.warning.as_ref()?)))
    {
        show::warning(&format!("{}: {words}", report.name()));
    }
    print::print(job, &reports, arguments, single, verbose)?;
    Ok(exit(&reports, arguments.check))
}

/// Files whose old text is nowhere any more, in one line.
fn warn_of_untracked(reports: &[Report]) {
    const NAMED: usize = 3;
    let names: Vec<&str> = reports
        .iter()
        .filter(|report| report.untracked)
        .map(Report::name)
        .collect();
    if names.is_empty() {
        return;
    }
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    show::warning(&format!(
        "git has no copy of {} old text: {} that {} changed {} not tracked: {}{more}; `git add` before --write keeps one",
        show::plural(names.len(), "its", "their"),
        show::count(names.len(), "file"),
        show::plural(names.len(), "was", "were"),
        show::plural(names.len(), "is", "are"),
        names[..names.len().min(NAMED)].join(", "),
    ));
}

/// How long a text may be for the booster.
fn limit(job: &Job) -> walk::Limit {
    walk::Limit {
        bytes: job.runtime().config().max_input,
        remedy: "generated files are better left out; `runtime.max_input` in the configuration raises it",
    }
}

fn stdin(job: &Job, arguments: &TransformArguments, verbose: bool) -> Result<Exit, Problem> {
    if arguments.write {
        return Err(Problem::Input(
            "--write needs files: standard input has no place to be written to".to_owned(),
        ));
    }
    let limit = limit(job);
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(limit.bytes as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(Problem::unreadable_stdin)?;
    let named = arguments.stdin_path.clone().unwrap_or_default();
    let path = named.to_string_lossy().into_owned();
    let decoded = if bytes.len() > limit.bytes {
        Err(limit.exceeded(None))
    } else {
        walk::decode(bytes)
    };
    let report = match decoded {
        Ok(text) => job.report(SourceFile {
            path,
            text,
            module: None,
            dialect: None,
        }),
        Err(words) => Report::failed(&path, job.names(), words),
    };
    let reports = [report];
    print::print(job, &reports, arguments, true, verbose)?;
    Ok(exit(&reports, arguments.check))
}

fn exit(reports: &[Report], check: bool) -> Exit {
    let failed = reports.iter().any(|report| report.error.is_some());
    let would_change = check && reports.iter().any(|report| report.changed);
    if failed || would_change {
        Exit::Failed
    } else {
        Exit::Done
    }
}
