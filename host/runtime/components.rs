//! Where components come from: embedded and compiled ahead of time, or a file of the user's.
//!
//! Loading a precompiled form runs whatever code it holds. Only two kinds are ever loaded: what this binary itself embeds, and
//! what the host compiled before into a folder that only its user can write. A precompiled file from elsewhere never is.

use std::fmt;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::{Fault, RuntimeConfig};

struct Embedded {
    name: &'static str,
    wasm: &'static [u8],
    precompiled: &'static [u8],
    wit: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The components of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// Says what a task is.
    Classifier,
    /// Says where it goes.
    Router,
    /// Transforms source text.
    Booster,
}

impl Name {
    /// All of them, in the order in which a task meets them.
    pub const ALL: [Name; 3] = [Name::Classifier, Name::Router, Name::Booster];

    /// Its name in configuration and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Name::Classifier => "classifier",
            Name::Router => "router",
            Name::Booster => "booster",
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a component cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ComponentError {
    /// The file that the configuration names cannot be read.
    #[error("the {name} `{}` cannot be read: {reason}; correct or remove `components.{name}` in the configuration", path.display())]
    Unreadable {
        /// Which component.
        name: Name,
        /// The file.
        path: PathBuf,
        /// The operating system's words.
        reason: String,
    },
    /// What was read is no component that this engine can run.
    #[error(
        "the {name} {origin} is not a component that can be run ({reason}): correct or remove `components.{name}` in the configuration; `tinydancer components export` then writes one that runs"
    )]
    Invalid {
        /// Which component.
        name: Name,
        /// The file, or "that is embedded".
        origin: String,
        /// The engine's words.
        reason: String,
    },
    /// It is a component, and not one of this contract.
    #[error(
        "the {name} {origin} does not fit the contract `tinydancer:routing` ({reason}): correct or remove `components.{name}` in the configuration; `tinydancer components export` then writes one that fits, with its WIT"
    )]
    Misfit {
        /// Which component.
        name: Name,
        /// The file, or "that is embedded".
        origin: String,
        /// The engine's words.
        reason: String,
    },
    /// It fits the contract, and failed where no task can stand in for its answer.
    #[error("the {name} {origin} failed ({fault}): {}", after_failure(*name, origin))]
    Failed {
        /// Which component.
        name: Name,
        /// The file, or "that is embedded".
        origin: String,
        /// What it did.
        fault: Box<Fault>,
    },
    /// WebAssembly cannot be run on this machine at all.
    #[error("the WebAssembly engine cannot start on this machine: {0}")]
    Engine(String),
}

/// What stands for the file of a component that is none of the user's.
const EMBEDDED_ORIGIN: &str = "that is embedded";

fn after_failure(name: Name, origin: &str) -> String {
    if origin == EMBEDDED_ORIGIN {
        "nothing was lost; try again, and if it stays so, report it".to_owned()
    } else {
        format!(
            "correct or remove `components.{name}` in the configuration; `tinydancer components export` then writes one that works"
        )
    }
}

/// A component in use, described for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Available {
    /// Which one.
    pub name: Name,
    /// The file it comes from; none when it is embedded.
    pub path: Option<PathBuf>,
    /// The .wasm itself.
    pub wasm: Vec<u8>,
    /// SHA-256 of the .wasm, in lower-case hexadecimal.
    pub sha256: String,
    /// Its part of the contract, as one WIT document with its comments; a file of the user's was checked against it.
    pub wit: &'static str,
}

/// Finds and compiles components.
pub(super) struct Loader {
    paths: [Option<PathBuf>; 3],
    cache: Option<PathBuf>,
}

impl Loader {
    pub(super) fn new(config: &RuntimeConfig) -> Loader {
        Loader {
            paths: [
                config.classifier.clone(),
                config.router.clone(),
                config.booster.clone(),
            ],
            cache: config.cache.clone(),
        }
    }

    pub(super) fn is_replaced(&self, name: Name) -> bool {
        self.path(name).is_some()
    }

    fn path(&self, name: Name) -> Option<&Path> {
        self.paths[name as usize].as_deref()
    }

    fn embedded(name: Name) -> &'static Embedded {
        EMBEDDED
            .iter()
            .find(|embedded| embedded.name == name.as_str())
            .expect("the build script embeds every component of the contract")
    }

    pub(super) fn load(&self, name: Name, engine: &Engine) -> Result<Component, ComponentError> {
        let Some(path) = self.path(name) else {
            let embedded = Self::embedded(name);
            // SAFETY: these bytes were made by this crate's own build script and are part of this very binary.
            let loaded = unsafe { Component::deserialize(engine, embedded.precompiled) };
            return loaded.or_else(|mismatch| {
                tracing::warn!(component = %name, reason = %mismatch, "compiled ahead of time for another machine: compiling it now");
                self.compile(name, embedded.wasm, engine)
            });
        };
        let wasm = self.read(name, path)?;
        self.compile(name, &wasm, engine)
    }

    fn read(&self, name: Name, path: &Path) -> Result<Vec<u8>, ComponentError> {
        fs::read(path).map_err(|e| ComponentError::Unreadable {
            name,
            path: path.to_owned(),
            reason: e.to_string(),
        })
    }

    /// Compiles, or takes what an earlier process of this user compiled from the same bytes with the same engine.
    fn compile(
        &self,
        name: Name,
        wasm: &[u8],
        engine: &Engine,
    ) -> Result<Component, ComponentError> {
        let invalid = |e: wasmtime::Error| ComponentError::Invalid {
            name,
            origin: self.origin(name),
            reason: format!("{e:#}"),
        };
        let cached = self
            .cache
            .as_ref()
            .map(|folder| folder.join(cache_key(wasm, engine)));
        if let Some(file) = cached.as_deref().filter(|file| is_private(file)) {
            // SAFETY: the file lies in a folder that only this user can write, checked just now, and this code wrote it.
            if let Ok(component) = unsafe { Component::deserialize_file(engine, file) } {
                return Ok(component);
            }
        }
        if !wasm.starts_with(b"\0asm") {
            return Err(ComponentError::Invalid {
                name,
                origin: self.origin(name),
                reason: "it does not begin as a .wasm file does".to_owned(),
            });
        }
        let component = Component::from_binary(engine, wasm).map_err(invalid)?;
        if let Some(file) = cached {
            // A cache that cannot be written costs time at the next start and nothing else.
            if let Err(reason) = component
                .serialize()
                .map_err(|e| e.to_string())
                .and_then(|code| write_private(&file, &code).map_err(|e| e.to_string()))
            {
                tracing::debug!(component = %name, reason, "the compiled form is not kept");
            }
        }
        Ok(component)
    }

    pub(super) fn misfit(&self, name: Name, error: &wasmtime::Error) -> ComponentError {
        ComponentError::Misfit {
            name,
            origin: self.origin(name),
            reason: format!("{error:#}"),
        }
    }

    pub(super) fn failed(&self, name: Name, fault: Fault) -> ComponentError {
        match fault {
            Fault::Load(error) => error,
            fault => ComponentError::Failed {
                name,
                origin: self.origin(name),
                fault: Box::new(fault),
            },
        }
    }

    fn origin(&self, name: Name) -> String {
        self.path(name).map_or_else(
            || EMBEDDED_ORIGIN.to_owned(),
            |path| format!("`{}`", path.display()),
        )
    }

    pub(super) fn describe(&self, name: Name) -> Result<Available, ComponentError> {
        let embedded = Self::embedded(name);
        let wasm = match self.path(name) {
            Some(path) => self.read(name, path)?,
            None => embedded.wasm.to_vec(),
        };
        Ok(Available {
            name,
            path: self.path(name).map(Path::to_owned),
            sha256: hex(&Sha256::digest(&wasm)),
            wasm,
            wit: embedded.wit,
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// A name that changes with the bytes, the engine's version and its settings.
fn cache_key(wasm: &[u8], engine: &Engine) -> String {
    use std::hash::{Hash as _, Hasher};

    /// Feeds the engine's own notion of compatibility to the digest.
    struct Feed(Sha256);
    impl Hasher for Feed {
        fn finish(&self) -> u64 {
            0
        }
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
    }

    let mut feed = Feed(Sha256::new());
    feed.0.update(wasm);
    engine.precompile_compatibility_hash().hash(&mut feed);
    format!("{}.cwasm", hex(&feed.0.finalize()))
}

/// Whether a file and its folder belong to this user and nobody else can write them.
#[cfg(unix)]
fn is_private(file: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    let own = fs::metadata("/proc/self").map(|me| me.uid()).ok();
    [Some(file), file.parent()]
        .into_iter()
        .flatten()
        .all(|path| {
            fs::symlink_metadata(path).is_ok_and(|found| {
                !found.file_type().is_symlink()
                    && found.mode() & 0o022 == 0
                    && own.is_none_or(|own| own == found.uid())
            })
        })
}

#[cfg(not(unix))]
fn is_private(_file: &Path) -> bool {
    false
}

/// Writes beside and renames, into a folder made for this user alone.
fn write_private(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    beside.write_all(bytes)?;
    beside.persist(file)?;
    Ok(())
}
