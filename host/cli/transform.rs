//! `tinydancer transform`: files, folders, globs, standard input, or a stream of JSON lines. It opens no store.

use std::io::{IsTerminal as _, Read as _, Write as _};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use serde::Serialize;

use super::{Common, Exit, Problem, jsonl, show, walk};
use crate::Error;
use crate::boost::Refused;
use crate::runtime::{BoosterError, Runtime};
use crate::wit::{Options, SourceFile, Transformation};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
A place that cannot be shown to keep its behaviour is left alone and counted; that is no failure.
Without --write nothing is written: one file (or standard input) is printed transformed, several are summed up.
With several files, those that can be transformed are, and the exit code is 1 if any could not be read or parsed.")]
pub(super) struct TransformArguments {
    /// The transform, such as var-to-const; --list names those that there are
    #[arg(required_unless_present_any = ["list", "jsonl"])]
    name: Option<String>,
    /// Files, folders (what .gitignore leaves out is left out) and globs; `-` or nothing is standard input
    paths: Vec<PathBuf>,
    /// Put the transformed text in each file's place
    #[arg(long, conflicts_with_all = ["check", "jsonl"])]
    write: bool,
    /// Show what would change as a unified diff
    #[arg(long, conflicts_with_all = ["json", "jsonl"])]
    diff: bool,
    /// Change nothing; exit with 1 if anything would change
    #[arg(long, conflicts_with = "jsonl")]
    check: bool,
    /// Print one JSON array with a report for each file
    #[arg(long, conflicts_with = "jsonl")]
    json: bool,
    /// Answer one JSON request a line, {"id","code","transform","module"?,"path"?}, by one line {"id","code","changed","refused","error"?}
    #[arg(long, conflicts_with = "paths")]
    jsonl: bool,
    /// Vouch for something that lifts refusals, such as module; --list names what can be vouched for
    #[arg(long = "assume", value_name = "NAME")]
    assumptions: Vec<String>,
    /// The path that standard input is taken to have, for its language
    #[arg(long, value_name = "PATH")]
    stdin_path: Option<PathBuf>,
    /// Show each place that was left alone, with the reason
    #[arg(long, short)]
    verbose: bool,
    /// List the transforms with their refusal codes and end
    #[arg(long)]
    list: bool,
}

/// What became of one text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    path: String,
    transform: String,
    changed: bool,
    sites_changed: u32,
    confidence: f32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<Refused>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    edits: Vec<ShownEdit>,
    written: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Before and after, for a diff or for printing; not part of the report.
    #[serde(skip)]
    texts: Option<(String, String)>,
}

#[derive(Debug, Serialize)]
struct ShownEdit {
    start: u32,
    end: u32,
    replacement: String,
}

pub(super) fn run(common: &Common, arguments: TransformArguments) -> Result<Exit, Problem> {
    let config = common.config()?;
    let runtime = Runtime::new(config.runtime(&common.home()?)).map_err(Error::from)?;
    if arguments.list {
        return list(&runtime, arguments.json);
    }
    let mut assumptions = config.booster.assumptions.clone();
    assumptions.extend(arguments.assumptions.iter().cloned());
    let options = Options {
        assumptions,
        withdrawn: Vec::new(),
    };
    if arguments.jsonl {
        return jsonl::transform(&runtime, arguments.name.as_deref(), &options);
    }
    // `required_unless_present_any` has seen to it that there is a name.
    let name = arguments.name.clone().unwrap_or_default();
    let from_stdin = arguments.paths.is_empty() || arguments.paths == [Path::new("-")];
    if from_stdin {
        return stdin(&runtime, &arguments, &name, &options);
    }
    let extensions = extensions(&runtime, &name)?;
    let files = walk::find(&arguments.paths, &extensions)?;
    if arguments.write {
        for tree in walk::dirty_trees(&files) {
            show::warning(&format!(
                "{} has changes that are not committed: they will mix with these",
                tree.display()
            ));
        }
    }
    let keep_texts = arguments.diff || (files.len() == 1 && !arguments.write);
    let limit = runtime.config().max_input;
    let reports = in_parallel(&files, |path| {
        let mut report = match walk::read(path, limit) {
            Ok(text) => {
                let file = SourceFile {
                    path: path.to_string_lossy().into_owned(),
                    module: walk::package_says_module(path),
                    text,
                    dialect: None,
                };
                transformed(&runtime, file, &name, &options)
            }
            Err(words) => Report::failed(path, &name, words),
        };
        if let Some((_, after)) = report
            .texts
            .as_ref()
            .filter(|_| arguments.write && report.changed)
        {
            match walk::replace(path, after) {
                Ok(()) => report.written = true,
                Err(words) => report.error = Some(words),
            }
        }
        if !keep_texts {
            report.texts = None;
        }
        report
    });
    print(&reports, &arguments, files.len() == 1)?;
    Ok(exit(&reports, arguments.check))
}

fn stdin(
    runtime: &Runtime,
    arguments: &TransformArguments,
    name: &str,
    options: &Options,
) -> Result<Exit, Problem> {
    if arguments.write {
        return Err(Problem::Input(
            "--write needs files: standard input has no place to be written to".to_owned(),
        ));
    }
    let limit = runtime.config().max_input;
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(Problem::io("standard input cannot be read"))?;
    let named = arguments.stdin_path.clone().unwrap_or_default();
    let path = named.to_string_lossy().into_owned();
    let report = match walk::decode(bytes) {
        Ok(text) => transformed(
            runtime,
            SourceFile {
                path,
                text,
                module: None,
                dialect: None,
            },
            name,
            options,
        ),
        Err(words) => Report::failed(&named, name, words),
    };
    let reports = [report];
    print(&reports, arguments, true)?;
    Ok(exit(&reports, arguments.check))
}

/// The extensions that a transform takes; the answer to a name that does not exist says which ones do.
fn extensions(runtime: &Runtime, name: &str) -> Result<Vec<String>, Problem> {
    let transforms = runtime.transforms().map_err(Error::from)?;
    let names: Vec<&str> = transforms.iter().map(|info| info.name.as_str()).collect();
    match transforms.iter().find(|info| info.name == name) {
        Some(info) => Ok(info.extensions.clone()),
        None => Err(Problem::Input(format!(
            "there is no transform `{name}`: there is {}",
            names.join(", ")
        ))),
    }
}

fn transformed(runtime: &Runtime, file: SourceFile, name: &str, options: &Options) -> Report {
    match runtime.transform(&file, std::slice::from_ref(&name.to_owned()), options) {
        Ok(done) => Report::done(file, name, done),
        Err(e) => Report {
            error: Some(words(&e)),
            ..Report::failed(Path::new(&file.path), name, String::new())
        },
    }
}

fn words(error: &BoosterError) -> String {
    match error {
        BoosterError::Fault(fault) => format!("{fault} ({}); left alone", fault.code()),
        other => other.to_string(),
    }
}

impl Report {
    fn failed(path: &Path, name: &str, words: String) -> Report {
        Report {
            path: path.to_string_lossy().into_owned(),
            transform: name.to_owned(),
            changed: false,
            sites_changed: 0,
            confidence: 0.0,
            refused: Vec::new(),
            edits: Vec::new(),
            written: false,
            error: Some(words),
            texts: None,
        }
    }

    fn done(file: SourceFile, name: &str, done: Transformation) -> Report {
        Report {
            path: file.path,
            transform: name.to_owned(),
            changed: done.sites_changed > 0,
            sites_changed: done.sites_changed,
            confidence: done.confidence,
            refused: done.sites_refused.into_iter().map(Refused::from).collect(),
            edits: done
                .edits
                .into_iter()
                .map(|edit| ShownEdit {
                    start: edit.span.start,
                    end: edit.span.end,
                    replacement: edit.replacement,
                })
                .collect(),
            written: false,
            error: None,
            texts: Some((file.text, done.text)),
        }
    }
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

fn print(reports: &[Report], arguments: &TransformArguments, single: bool) -> Result<(), Problem> {
    let mut out = anstream::stdout().lock();
    let failed = Problem::io("the output cannot be written");
    if arguments.json {
        let text = serde_json::to_string_pretty(reports).unwrap_or_default();
        writeln!(out, "{text}").map_err(failed)?;
        return Ok(());
    }
    let mut printed = String::new();
    let whole_text = single && !arguments.write && !arguments.diff && !arguments.check;
    for report in reports {
        if let Some((before, after)) = report.texts.as_ref().filter(|_| arguments.diff) {
            printed.push_str(&show::diff(&report.path, before, after));
        } else if let Some((_, after)) = report.texts.as_ref().filter(|_| whole_text) {
            printed.push_str(after);
        } else if report.changed {
            let verb = if report.written {
                "changed"
            } else {
                "would change"
            };
            printed.push_str(&format!(
                "{}: {verb} {}\n",
                report.path,
                show::count(report.sites_changed, "site")
            ));
        }
    }
    out.write_all(printed.as_bytes()).map_err(failed)?;
    out.flush()
        .map_err(Problem::io("the output cannot be written"))?;
    drop(out);
    for report in reports {
        let name = if report.path.is_empty() {
            "standard input"
        } else {
            &report.path
        };
        if let Some(words) = &report.error {
            show::error(&format!("{name}: {words}"));
        }
        if arguments.verbose {
            let before = report.texts.as_ref().map(|(before, _)| before.as_str());
            for site in &report.refused {
                show::note(&format!(
                    "{name}:{}: {} ({})",
                    show::place(before, site.start),
                    site.message,
                    site.code
                ));
            }
        }
    }
    if !single || arguments.check || arguments.write {
        show::note(&summary(reports));
    } else if reports.iter().any(|report| !report.refused.is_empty()) && !arguments.verbose {
        show::note(&format!("{}; --verbose shows them", summary(reports)));
    }
    Ok(())
}

fn summary(reports: &[Report]) -> String {
    let changed = reports.iter().filter(|report| report.changed).count();
    let sites: u32 = reports.iter().map(|report| report.sites_changed).sum();
    let refused: usize = reports.iter().map(|report| report.refused.len()).sum();
    let failed = reports
        .iter()
        .filter(|report| report.error.is_some())
        .count();
    let mut words = format!(
        "{} of {} changed: {}, {} left alone",
        changed,
        show::count(u32::try_from(reports.len()).unwrap_or(u32::MAX), "file"),
        show::count(sites, "site"),
        show::count(u32::try_from(refused).unwrap_or(u32::MAX), "site"),
    );
    if failed > 0 {
        words.push_str(&format!(
            ", {} not transformed",
            show::count(u32::try_from(failed).unwrap_or(u32::MAX), "file")
        ));
    }
    words
}

fn list(runtime: &Runtime, json: bool) -> Result<Exit, Problem> {
    let transforms = runtime.transforms().map_err(Error::from)?;
    let mut out = anstream::stdout().lock();
    let mut text = String::new();
    if json {
        let value: Vec<_> = transforms
            .iter()
            .map(|info| {
                let codes: Vec<_> = info
                    .codes
                    .iter()
                    .map(|code| serde_json::json!({ "code": code.code, "summary": code.summary, "liftedBy": code.lifted_by }))
                    .collect();
                serde_json::json!({ "name": info.name, "summary": info.summary, "extensions": info.extensions, "codes": codes })
            })
            .collect();
        text.push_str(&serde_json::to_string_pretty(&value).unwrap_or_default());
        text.push('\n');
    } else {
        for info in &transforms {
            text.push_str(&format!(
                "{}\n  {}\n  takes .{}\n",
                info.name,
                info.summary,
                info.extensions.join(", .")
            ));
            let width = info
                .codes
                .iter()
                .map(|code| code.code.len())
                .max()
                .unwrap_or(0);
            for code in &info.codes {
                let lifted: String = code
                    .lifted_by
                    .iter()
                    .map(|name| format!(" [--assume {name}]"))
                    .collect();
                text.push_str(&format!(
                    "    {:width$}  {}{lifted}\n",
                    code.code, code.summary
                ));
            }
        }
    }
    out.write_all(text.as_bytes())
        .map_err(Problem::io("the output cannot be written"))?;
    Ok(Exit::Done)
}

/// Runs `work` on every file, on all cores, with a progress bar where there is something to wait for. Results stay in order.
fn in_parallel<T: Send>(files: &[PathBuf], work: impl Fn(&Path) -> T + Sync) -> Vec<T> {
    const BAR_FROM: usize = 50;
    let bar = (files.len() >= BAR_FROM && std::io::stderr().is_terminal())
        .then(|| indicatif::ProgressBar::new(files.len() as u64));
    let threads = std::thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(files.len());
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let mut results: Vec<Option<T>> = files.iter().map(|_| None).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(file) = files.get(at) else { break };
                    if sender.send((at, work(file))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        for (at, result) in receiver {
            results[at] = Some(result);
            if let Some(bar) = &bar {
                bar.inc(1);
            }
        }
    });
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    results.into_iter().flatten().collect()
}
