//! How many outcomes could not be recorded, kept beside the store: where the store cannot be written, a line in a file of its own often can.
//!
//! A count is all that it holds. Where not even that can be written, the loss is told and counted in this process alone.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A line with the time and a count for each loss.
fn file(store: &Path) -> PathBuf {
    let mut name = store.file_name().unwrap_or_default().to_owned();
    name.push(".unrecorded");
    store.with_file_name(name)
}

/// Adds to the count, if that can be written.
pub(super) fn note(store: &Path, count: u64) {
    let line = format!("{} {count}\n", jiff::Timestamp::now());
    let written = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(file(store))
        // One write, so that lines of several processes stay whole.
        .and_then(|mut file| file.write_all(line.as_bytes()));
    if let Err(error) = written {
        tracing::debug!(%error, "a loss is counted in this process alone");
    }
}

/// The count of all processes so far; a line that is cut off counts for nothing.
pub(super) fn count(store: &Path) -> u64 {
    let text = std::fs::read_to_string(file(store)).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_once(' ')?.1.parse::<u64>().ok())
        .fold(0, u64::saturating_add)
}
