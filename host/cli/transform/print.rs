//! Reports in the form that was asked for: for people, as JSON, as edits; SARIF is next door.

use serde_json::json;

use super::super::{Problem, show};
use super::job::Job;
use super::report::{Report, Subject, Summary};
use super::{TransformArguments, sarif};

pub(super) fn print(
    job: &Job,
    reports: &[Report],
    arguments: &TransformArguments,
    single: bool,
    verbose: bool,
) -> Result<(), Problem> {
    let form = if arguments.json {
        Some(json!(reports))
    } else if arguments.edits {
        Some(edits(reports))
    } else if arguments.sarif {
        Some(sarif::log(job.runtime(), reports)?)
    } else {
        None
    };
    if let Some(value) = form {
        say_what_was_left(reports);
        return document(&value);
    }
    let whole_text = single && !arguments.write && !arguments.diff && !arguments.check;
    show::exactly(texts(reports, arguments, whole_text).as_bytes())?;
    for report in reports {
        if let Some(words) = &report.error
            && report.subject != Subject::LeftAtStop
        {
            show::error(&format!("{}: {words}", report.name()));
        }
        if arguments.verbose || verbose {
            for site in &report.refused {
                show::note(&show::refusal(report.name(), site));
            }
        }
    }
    say_what_was_left(reports);
    let summary = Summary::of(reports);
    if !single || arguments.check || arguments.write || summary.sites_refused > 0 {
        let files = match (whole_text, arguments.write) {
            (true, _) => None,
            (false, true) => Some("changed"),
            (false, false) => Some("would change"),
        };
        show::note(&in_words(&summary, files));
    }
    Ok(())
}

/// How many files a signal kept from their turn.
fn say_what_was_left(reports: &[Report]) {
    let left = reports
        .iter()
        .filter(|own| own.subject == Subject::LeftAtStop);
    if let Ok(left @ 1..) = u32::try_from(left.count()) {
        show::error(&format!(
            "stopped: {} left alone; run the command again for the rest",
            show::count(left, "file")
        ));
    }
}

fn document(value: &serde_json::Value) -> Result<(), Problem> {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    show::exactly(format!("{text}\n").as_bytes())
}

/// The edits and nothing else: what an editor or another program applies.
fn edits(reports: &[Report]) -> serde_json::Value {
    reports
        .iter()
        .map(|report| match &report.error {
            None => json!({ "path": report.path, "edits": report.edits }),
            Some(words) => json!({ "path": report.path, "edits": [], "error": words }),
        })
        .collect()
}

/// What goes to standard output for people: diffs, the one text, or a line for each file that changes.
fn texts(reports: &[Report], arguments: &TransformArguments, whole_text: bool) -> String {
    let mut printed = String::new();
    let in_colour = show::is_coloured();
    for report in reports {
        if let Some((before, after)) = report.texts.as_ref().filter(|_| arguments.diff) {
            printed.push_str(&show::diff(&report.path, before, after, in_colour));
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
                report.name(),
                show::count(report.sites_changed, "site")
            ));
        }
    }
    printed
}

/// The counts in words. `files` says what became of the files; none where the one text was printed instead.
fn in_words(summary: &Summary, files: Option<&str>) -> String {
    let left = show::count(summary.sites_refused, "site");
    let changed = show::count(summary.sites_changed, "site");
    let mut words = match files {
        Some(verb) => format!(
            "{} of {} {verb}: {changed}, {left} left alone",
            summary.changed,
            show::count(summary.files, "file"),
        ),
        None => format!("{changed} changed, {left} left alone"),
    };
    if summary.failed > 0 {
        words.push_str(&format!(
            ", {} not transformed",
            show::count(summary.failed, "file")
        ));
    }
    if summary.folders > 0 {
        words.push_str(&format!(
            ", {} not read",
            show::count(summary.folders, "folder")
        ));
    }
    let several = summary
        .codes
        .iter()
        .any(|own| own.transform != summary.codes[0].transform);
    for own in &summary.codes {
        let code = if several {
            format!("{}: {}", own.transform, own.code)
        } else {
            own.code.clone()
        };
        words.push_str(&format!("\n{:>6}  {code}", own.count));
        for (name, count) in &own.lifted_by {
            words.push_str(&format!("; --assume {name} would lift {count}"));
        }
    }
    if let Some(first) = summary.codes.first() {
        words.push_str(&format!(
            "\n--verbose shows each place, --explain {} what a code means",
            first.code
        ));
    }
    words
}
