//! Why the settings cannot be used.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file that was named cannot be read.
    #[error("the configuration `{}` cannot be read: {source}; {}", path.display(), remedy(source))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's words.
        source: std::io::Error,
    },
    /// The folder for state is none, or cannot be gone into.
    #[error("TinyDancer's home `{}` {reason}set TINYDANCER_HOME or --home to a folder", path.display())]
    Home {
        /// What was to be the folder.
        path: PathBuf,
        /// What is wrong with it, and what else helps.
        reason: String,
    },
    /// The file is no TOML, has an unknown key, or a value of a wrong type; the words carry the line.
    #[error("the configuration `{}` is wrong:\n{reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Line, column and what is wrong.
        reason: String,
    },
    /// A value is out of its range.
    #[error("{name} is `{value}`: {expected}")]
    Value {
        /// The key or the environment variable.
        name: String,
        /// What it is set to.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A number is out of its range.
    #[error("{name} is {value}: it may be {range}")]
    Range {
        /// The key.
        name: String,
        /// What it is set to.
        value: String,
        /// The least, the most and their unit.
        range: String,
    },
    /// A price that is none, or in another unit.
    #[error(transparent)]
    Price(#[from] crate::money::PriceError),
    /// There is nowhere to keep state.
    #[error("there is no home folder to keep state in: set TINYDANCER_HOME to a folder")]
    NoHome,
}

/// What is wrong with a home in which the configuration cannot be looked for; none where the file itself is at fault.
pub(super) fn home_fault(home: &Path, file: &Path, source: &std::io::Error) -> Option<ConfigError> {
    // The system does not even say whether there is such a file.
    let is_closed =
        source.kind() == ErrorKind::PermissionDenied && file.symlink_metadata().is_err();
    no_folder(home).or_else(|| {
        let reason = if cfg!(unix) {
            "may not be entered: let its owner enter it (`chmod u+rwx`), or "
        } else {
            "may not be entered: let its owner enter it, or "
        };
        is_closed.then(|| fault(home, reason.to_owned()))
    })
}

/// What is wrong with a home that is no folder or leads to none.
pub(super) fn no_folder(home: &Path) -> Option<ConfigError> {
    match std::fs::metadata(home) {
        Ok(found) if found.is_dir() => None,
        Ok(_) => Some(fault(home, "is a file, not a folder: ".to_owned())),
        Err(e) => {
            let reason = format!("cannot be reached: {e}; mend the way to it, or ");
            Some(fault(home, reason))
        }
    }
}

fn fault(home: &Path, reason: String) -> ConfigError {
    ConfigError::Home {
        path: home.to_owned(),
        reason,
    }
}

/// What helps where a file cannot be read.
fn remedy(source: &std::io::Error) -> &'static str {
    match source.kind() {
        ErrorKind::NotFound => {
            "--config and TINYDANCER_CONFIG name a file that is there; without either, config.toml in TinyDancer's home is read if it is there"
        }
        ErrorKind::PermissionDenied if cfg!(unix) => "`chmod u+r` lets its owner read it",
        ErrorKind::PermissionDenied => "let its owner read it",
        ErrorKind::IsADirectory => "name the file in that folder",
        ErrorKind::InvalidData => "convert it to UTF-8",
        _ => "see whether the file is whole and its disk is there, or name another with --config",
    }
}
