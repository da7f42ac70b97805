//! What other processes may know of this one's breakers: those that are open, in a file of this process's own under `breakers` in
//! TinyDancer's home. An entry holds until its time and is nothing after it, so that a process that was killed leaves nothing false.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A model that some process leaves alone for a while.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftAlone {
    /// The provider.
    pub provider: String,
    /// The model, in the provider's own words.
    pub model: String,
    /// The address.
    pub endpoint: String,
    /// When one call is tried again.
    pub until: Timestamp,
}

/// This process's file.
#[derive(Debug)]
pub(crate) struct Board {
    file: PathBuf,
}

impl Board {
    /// Nothing is written yet.
    pub(crate) fn new(home: &Path) -> Board {
        Board {
            file: folder(home).join(format!("{}.json", uuid::Uuid::now_v7())),
        }
    }

    /// Replaces what was said before.
    pub(crate) fn post(&self, all: &[LeftAlone]) {
        let posted = if all.is_empty() {
            match std::fs::remove_file(&self.file) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e),
                _ => Ok(()),
            }
        } else {
            self.write(all)
        };
        if let Err(error) = posted {
            tracing::warn!(%error, "open breakers cannot be told to other processes");
        }
    }

    fn write(&self, all: &[LeftAlone]) -> std::io::Result<()> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut beside = tempfile::NamedTempFile::new_in(folder)?;
        beside.write_all(&serde_json::to_vec(all)?)?;
        beside.persist(&self.file).map_err(|e| e.error)?;
        Ok(())
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        self.post(&[]);
    }
}

fn folder(home: &Path) -> PathBuf {
    home.join("breakers")
}

/// What the processes that share a home leave alone at this moment, in order. Files in which nothing holds any more are removed.
#[must_use]
pub fn read(home: &Path, now: Timestamp) -> Vec<LeftAlone> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder(home))
        .into_iter()
        .flatten()
        .flatten()
    {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let own: Vec<LeftAlone> = std::fs::read(&path)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        let held = all.len();
        all.extend(own.into_iter().filter(|one| one.until > now));
        if all.len() == held {
            // Its process has gone without a word, or will write it anew.
            let _ = std::fs::remove_file(path);
        }
    }
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn one(until: Timestamp) -> LeftAlone {
        LeftAlone {
            provider: "p".into(),
            model: "m".into(),
            endpoint: "e".into(),
            until,
        }
    }

    #[test]
    fn what_is_posted_is_read_until_its_time_or_until_it_is_taken_back() {
        let home = tempfile::tempdir().unwrap();
        let now = Timestamp::now();
        let later = now + Duration::from_secs(9);
        let board = Board::new(home.path());
        assert_eq!(read(home.path(), now), []);
        board.post(&[one(later)]);
        assert_eq!(read(home.path(), now), [one(later)]);
        board.post(&[]);
        assert_eq!(read(home.path(), now), []);
        board.post(&[one(later)]);
        drop(board);
        assert_eq!(read(home.path(), now), []);
    }

    #[test]
    fn what_a_killed_process_left_lapses_and_is_removed() {
        let home = tempfile::tempdir().unwrap();
        let now = Timestamp::now();
        let board = Board::new(home.path());
        board.post(&[one(now)]);
        std::mem::forget(board);
        std::fs::write(folder(home.path()).join("x.json"), "no JSON").unwrap();
        assert_eq!(read(home.path(), now), []);
        assert_eq!(std::fs::read_dir(folder(home.path())).unwrap().count(), 0);
    }
}
