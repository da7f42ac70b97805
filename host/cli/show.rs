//! What every command prints alike: messages, amounts, tables, diffs. Colours only where a terminal reads them.

use std::fmt::{Display, Write as _};
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use super::Problem;
use crate::boost::Refused;
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
    let words = problem.to_string();
    let help = quotes_missing(&words);
    let mut diagnostic = miette::MietteDiagnostic::new(words);
    diagnostic.help = help;
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

/// What to do about a setting that is a string and was written without quotes, as amounts often are.
fn quotes_missing(words: &str) -> Option<String> {
    let (_, kind) = words.rsplit_once("invalid type: ")?;
    let (_, value) = kind
        .strip_suffix(", expected a string")?
        .trim_end_matches('`')
        .rsplit_once('`')?;
    Some(format!(
        "write the value in quotes: \"{value}\"; an amount of money is \"5.00\", in US dollars"
    ))
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

/// Writes to standard output exactly what it is given. What goes through anstream loses its control characters where no terminal reads
/// it, which source texts and JSON must not.
pub(super) fn exactly(bytes: &[u8]) -> Result<(), Problem> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(Problem::io("the output cannot be written"))
}

/// Whether standard output shows colours.
pub(super) fn is_coloured() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
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
pub(super) fn count<N: Copy + Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    format!("{number} {noun}{}", plural(number, "", "s"))
}

/// `1 piece of feedback`.
pub(super) fn feedback<N: Copy + Display + PartialEq + From<u8>>(number: N) -> String {
    format!("{} of feedback", count(number, "piece"))
}

/// The word for one, or the one for more.
pub(super) fn plural<N: PartialEq + From<u8>>(
    number: N,
    one: &'static str,
    more: &'static str,
) -> &'static str {
    if number == N::from(1) { one } else { more }
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

/// `a.js:3:5: why (var-to-const: tdz); --assume NAME would lift it`
pub(super) fn refusal(name: &str, site: &Refused) -> String {
    let lifted = site.lifted_by.as_ref().map_or_else(String::new, |name| {
        format!("; --assume {name} would lift it")
    });
    format!(
        "{name}:{}:{}: {} ({}: {}){lifted}",
        site.place.line, site.place.column, site.message, site.transform, site.code
    )
}

/// A unified diff with three lines of context, as `git apply` and `patch -p1` take it; empty when nothing changed.
pub(super) fn diff(path: &str, before: &str, after: &str, in_colour: bool) -> String {
    if before == after {
        return String::new();
    }
    let name = |side| in_patch(side, if path.is_empty() { "stdin" } else { path });
    // A lone carriage return ends no line of a patch.
    let lines = |text| str::split_inclusive(text, '\n').collect::<Vec<&str>>();
    let (old, new) = (lines(before), lines(after));
    let diff = similar::TextDiff::configure()
        .newline_terminated(true)
        .diff_slices(&old, &new);
    let mut plain = format!("--- {}\n+++ {}\n", name("a"), name("b"));
    // Writing to a String does not fail.
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        let _ = writeln!(plain, "{}", hunk.header());
        for change in hunk.iter_changes() {
            let line = change.value();
            let _ = write!(plain, "{}{line}", change.tag());
            if !line.ends_with('\n') {
                plain.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    if !in_colour {
        return plain;
    }
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

/// A file's name in the head of a patch: below `a/` or `b/`, without `.` and `..` parts and without a root, since patches name files below
/// where they are applied. A name with a blank ends with a tab, or its rest would be taken for a time; one with quotes, backslashes or
/// control characters is quoted as in C.
fn in_patch(side: &str, path: &str) -> String {
    let below_here = std::env::current_dir().ok().and_then(|here| {
        let whole = without_dots(&here.join(path));
        whole.strip_prefix(here).map(Path::to_owned).ok()
    });
    let path = below_here.unwrap_or_else(|| without_dots(Path::new(path)));
    let mut name = side.to_owned();
    for part in path.components() {
        if let Component::Normal(part) = part {
            name.push('/');
            name.push_str(&part.to_string_lossy());
        }
    }
    if name.contains(|c: char| c.is_ascii_control() || c == '"' || c == '\\') {
        let mut quoted = String::from('"');
        for c in name.chars() {
            match c {
                '"' | '\\' => quoted.extend(['\\', c]),
                '\n' => quoted.push_str("\\n"),
                '\t' => quoted.push_str("\\t"),
                c if c.is_ascii_control() => quoted.push_str(&format!("\\{:03o}", c as u32)),
                c => quoted.push(c),
            }
        }
        quoted + "\""
    } else if name.contains(' ') {
        name + "\t"
    } else {
        name
    }
}

/// A path without its `.` and `..` parts; what would lead above its beginning is left out.
fn without_dots(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            Component::CurDir => {}
            part => whole.push(part),
        }
    }
    whole
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_lacks_its_quotes_is_shown_with_them() {
        let words = "TOML parse error\n  |\n2 | daily_limit = 5\ninvalid type: integer `5`, expected a string";
        assert!(quotes_missing(words).unwrap().contains("\"5\""));
        assert_eq!(
            quotes_missing("invalid type: string \"a\", expected u32"),
            None
        );
        assert_eq!(
            quotes_missing("invalid type: sequence, expected a string"),
            None
        );
    }

    #[test]
    fn names_in_patches_are_those_that_patch_programs_read() {
        let here = std::env::current_dir().unwrap();
        let folder = here.file_name().unwrap().to_string_lossy();
        let here = here.join("src/a.js");
        for (path, name) in [
            ("src/a.js", "a/src/a.js"),
            ("./src/./a.js", "a/src/a.js"),
            (here.to_str().unwrap(), "a/src/a.js"),
            ("/elsewhere/a.js", "a/elsewhere/a.js"),
            ("src/../b/./../a.js", "a/a.js"),
            (&format!("../{folder}/a.js"), "a/a.js"),
            ("../nowhere/a.js", "a/nowhere/a.js"),
            ("an a.js", "a/an a.js\t"),
            ("a\"\t\u{1}.js", "\"a/a\\\"\\t\\001.js\""),
            ("ü.js", "a/ü.js"),
        ] {
            assert_eq!(in_patch("a", path), name);
        }
    }

    #[test]
    fn a_lone_carriage_return_ends_no_line_of_a_diff() {
        assert_eq!(
            diff("a.js", "a\rb\r\nc", "a\rB\r\nc", false),
            "--- a/a.js\n+++ b/a.js\n@@ -1,2 +1,2 @@\n-a\rb\r\n+a\rB\r\n c\n\\ No newline at end of file\n"
        );
        assert_eq!(
            diff("a.js", "a\r", "b\r", false),
            "--- a/a.js\n+++ b/a.js\n@@ -1 +1 @@\n-a\r\n\\ No newline at end of file\n+b\r\n\\ No newline at end of file\n"
        );
    }
}
