//! Where a key comes from: an environment variable, a file, or a command's output. It is never shown.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::Mutex;

/// A command that gives a key may take so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A key, or how to come by one.
pub(crate) enum Secret {
    /// It is known.
    Known(SecretString),
    /// A program prints it. It is run at the first call, and again when the vendor does not accept what it gave.
    Command {
        /// The program and its arguments; no shell is between.
        command: Vec<String>,
        /// What it gave.
        known: Mutex<Option<SecretString>>,
    },
}

/// Why there is no key. The words name the place and never the content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Nobody gave one.
    #[error(
        "there is no key for {provider}: set {variable}, or providers.{provider}.api_key_file or api_key_command"
    )]
    Missing {
        /// For which provider.
        provider: String,
        /// The variable that was looked at.
        variable: String,
    },
    /// The file cannot be read.
    #[error("the key file `{path}` cannot be read: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The command failed.
    #[error("the command for the key, `{program}`, {reason}")]
    Command {
        /// The program, without its arguments.
        program: String,
        /// How.
        reason: String,
    },
}

/// Where to look for a key.
pub(crate) struct Source<'a> {
    pub(crate) provider: &'a str,
    pub(crate) variable: &'a str,
    pub(crate) file: Option<&'a PathBuf>,
    pub(crate) command: Option<&'a [String]>,
}

impl Source<'_> {
    /// The variable wins over the file, and the file over the command.
    pub(crate) fn find(&self, env: &dyn Fn(&str) -> Option<String>) -> Result<Secret, SecretError> {
        if let Some(key) = env(self.variable).filter(|key| !key.trim().is_empty()) {
            return Ok(Secret::Known(SecretString::from(key.trim().to_owned())));
        }
        if let Some(path) = self.file {
            let failed = |reason: String| SecretError::File {
                path: path.display().to_string(),
                reason,
            };
            let key = std::fs::read_to_string(path).map_err(|e| failed(e.to_string()))?;
            if key.trim().is_empty() {
                return Err(failed("it is empty".to_owned()));
            }
            return Ok(Secret::Known(SecretString::from(key.trim().to_owned())));
        }
        if let Some(command) = self.command.filter(|command| !command.is_empty()) {
            return Ok(Secret::Command {
                command: command.to_vec(),
                known: Mutex::new(None),
            });
        }
        Err(SecretError::Missing {
            provider: self.provider.to_owned(),
            variable: self.variable.to_owned(),
        })
    }
}

impl Secret {
    /// The key.
    pub(crate) async fn get(&self) -> Result<SecretString, SecretError> {
        match self {
            Secret::Known(key) => Ok(key.clone()),
            Secret::Command { command, known } => {
                let mut known = known.lock().await;
                if let Some(key) = &*known {
                    return Ok(key.clone());
                }
                let key = run(command.clone()).await?;
                *known = Some(key.clone());
                Ok(key)
            }
        }
    }

    /// Forgets what a command gave. True where another try may get another key.
    pub(crate) async fn forget(&self) -> bool {
        match self {
            Secret::Known(_) => false,
            Secret::Command { known, .. } => known.lock().await.take().is_some(),
        }
    }
}

async fn run(command: Vec<String>) -> Result<SecretString, SecretError> {
    let program = command.first().cloned().unwrap_or_default();
    let failed = |reason: &str| SecretError::Command {
        program: program.clone(),
        reason: reason.to_owned(),
    };
    let work = tokio::task::spawn_blocking(move || {
        std::process::Command::new(&command[0])
            .args(&command[1..])
            .stdin(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .output()
    });
    let output = tokio::time::timeout(PATIENCE, work)
        .await
        .map_err(|_| failed("took longer than 30 seconds"))?
        .map_err(|_| failed("could not be waited for"))?
        .map_err(|e| failed(&format!("could not be run: {e}")))?;
    if !output.status.success() {
        return Err(failed(&format!("ended with {}", output.status)));
    }
    match std::str::from_utf8(&output.stdout).map(str::trim) {
        Ok(key) if !key.is_empty() => Ok(SecretString::from(key.to_owned())),
        _ => Err(failed("printed no key")),
    }
}
