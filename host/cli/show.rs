//! What every command prints alike: messages, amounts, tables, diffs. Colours only where a terminal reads them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use super::Problem;
use crate::money::Picodollars;

const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";
const YELLOW: &str = "\u{1b}[33m";
const CYAN: &str = "\u{1b}[36m";
const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const RESET: &str = "\u{1b}[0m";

/// A problem that ends the command, with its remedy on the line.
pub(super) fn problem(problem: &Problem) {
    let diagnostic = miette::MietteDiagnostic::new(problem.to_string());
    let mut text = String::new();
    // Terminals wrap by themselves, and names are not torn apart at their hyphens.
    let shown = miette::GraphicalReportHandler::new()
        .with_wrap_lines(false)
        .render_report(&mut text, &diagnostic);
    match shown {
        Ok(()) => say(text.trim_end()),
        Err(_) => say(&diagnostic.to_string()),
    }
}

/// An error about one item among several.
pub(super) fn error(words: &str) {
    say(&format!("{RED}error{RESET}: {words}"));
}

/// Something to know before it is too late.
pub(super) fn warning(words: &str) {
    say(&format!("{YELLOW}warning{RESET}: {words}"));
}

/// A remark beside the output proper.
pub(super) fn note(words: &str) {
    say(&format!("{DIM}{words}{RESET}"));
}

/// A line on standard error. Where that cannot be written there is nobody left to tell, and the exit code still says how it ended.
fn say(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Emphasis for output that goes through anstream.
pub(super) fn bold(text: &str) -> String {
    format!("{BOLD}{text}{RESET}")
}

/// The opposite.
pub(super) fn dim(text: &str) -> String {
    format!("{DIM}{text}{RESET}")
}

/// `1 site`, `2 sites`.
pub(super) fn count(number: u32, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A duration in the unit that people say it in.
pub(super) fn duration(nanoseconds: u64) -> String {
    let ns = nanoseconds as f64;
    match nanoseconds {
        0..1_000 => format!("{nanoseconds} ns"),
        1_000..1_000_000 => format!("{:.1} µs", ns / 1e3),
        1_000_000..1_000_000_000 => format!("{:.2} ms", ns / 1e6),
        _ => format!("{:.2} s", Duration::from_nanos(nanoseconds).as_secs_f64()),
    }
}

/// Dollars as a JSON number. The exact amount stands beside it in picodollars.
pub(super) fn dollars(amount: Picodollars) -> f64 {
    amount.get() as f64 / 1e12
}

/// A unified diff with three lines of context; empty when nothing changed.
pub(super) fn diff(path: &str, before: &str, after: &str) -> String {
    if before == after {
        return String::new();
    }
    let name = if path.is_empty() { "stdin" } else { path };
    let diff = similar::TextDiff::from_lines(before, after);
    let plain = diff
        .unified_diff()
        .context_radius(3)
        .header(&format!("a/{name}"), &format!("b/{name}"))
        .to_string();
    plain
        .split_inclusive('\n')
        .fold(String::with_capacity(plain.len() * 2), |mut out, line| {
            let body = line.trim_end_matches('\n');
            let colour = match body.as_bytes() {
                [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => BOLD,
                [b'+', ..] => GREEN,
                [b'-', ..] => RED,
                [b'@', ..] => CYAN,
                _ => "",
            };
            let reset = if colour.is_empty() { "" } else { RESET };
            // Writing to a String does not fail.
            let _ = write!(out, "{colour}{body}{reset}{}", &line[body.len()..]);
            out
        })
}

/// Rows under headings, each column as wide as its widest cell; numbers to the right.
pub(super) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count());
        cells
            .chain([headings[column].chars().count()])
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let numeric: Vec<bool> = (0..headings.len())
        .map(|column| {
            let mut cells = rows
                .iter()
                .filter_map(|row| row.get(column))
                .filter(|cell| !cell.is_empty())
                .peekable();
            cells.peek().is_some()
                && cells.all(|cell| {
                    cell.starts_with(|c: char| c.is_ascii_digit() || c == '$' || c == '-')
                })
        })
        .collect();
    let mut text = String::new();
    let mut line = |cells: &[String], emphasis: bool| {
        let mut row = String::new();
        for (column, cell) in cells.iter().enumerate() {
            let pad = " ".repeat(widths[column].saturating_sub(cell.chars().count()));
            let (before, after) = if numeric[column] {
                (pad, String::new())
            } else {
                (String::new(), pad)
            };
            let gap = if column == 0 { "" } else { "  " };
            // Writing to a String does not fail.
            let _ = write!(row, "{gap}{before}{cell}{after}");
        }
        let row = row.trim_end();
        text.push_str(&if emphasis { bold(row) } else { row.to_owned() });
        text.push('\n');
    };
    line(
        &headings
            .iter()
            .map(|heading| (*heading).to_owned())
            .collect::<Vec<_>>(),
        true,
    );
    for row in rows {
        line(row, false);
    }
    text
}
