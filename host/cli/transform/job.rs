//! The transforms that a command asks for, and what holds where: one text in, what became of it out, recorded if that is wanted.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::super::{Common, Problem, show};
use super::report::Report;
use crate::Host;
use crate::config::Grants;
use crate::runtime::{BoosterError, Runtime};
use crate::wit::{Options, SourceFile, Transformation};

/// What is to be done to every text.
pub(in super::super) struct Job {
    runtime: Runtime,
    names: Vec<String>,
    grants: Grants,
    record: Option<Record>,
}

/// The store behind `--record`, and what runs it.
struct Record {
    host: Host,
    tokio: tokio::runtime::Runtime,
    /// How many outcomes are not in the store, and why the first of them is not.
    lost: Mutex<(u32, Option<String>)>,
}

impl Job {
    pub(super) fn new(runtime: Runtime, names: Vec<String>, grants: Grants) -> Job {
        Job {
            runtime,
            names,
            grants,
            record: None,
        }
    }

    /// The same, with the outcomes recorded.
    pub(super) fn recorded(mut self, common: &Common) -> Result<Job, Problem> {
        let tokio = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(Problem::system("the asynchronous runtime cannot start"))?;
        let host = tokio.block_on(common.host())?;
        self.record = Some(Record {
            host,
            tokio,
            lost: Mutex::default(),
        });
        Ok(self)
    }

    /// Writes what is queued, and says what was lost.
    pub(super) fn close(self) -> Result<(), Problem> {
        let Some(Record { host, tokio, lost }) = self.record else {
            return Ok(());
        };
        tokio.block_on(host.close())?;
        if let (count, Some(reason)) = lost.into_inner().unwrap_or_default() {
            show::warning(&format!(
                "{} not recorded: {reason}",
                show::count(count, "outcome")
            ));
        }
        Ok(())
    }

    pub(in super::super) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// The transforms of the command line; a line of a stream may name others.
    pub(in super::super) fn names(&self) -> &[String] {
        &self.names
    }

    /// What holds for a path; the last two win over all that is configured.
    pub(in super::super) fn options(
        &self,
        path: &str,
        assumptions: &[String],
        withdrawn: &[String],
    ) -> Options {
        // Patterns may be absolute. Standard input and snippets have no path that could be one.
        let absolute = (!path.is_empty())
            .then(|| std::path::absolute(path).ok())
            .flatten();
        let path = absolute
            .as_ref()
            .map_or(path.into(), |path| path.to_string_lossy());
        self.grants.options(&path, assumptions, withdrawn)
    }

    /// Does transforms to a text.
    pub(in super::super) fn transform(
        &self,
        file: &SourceFile,
        names: &[String],
        options: &Options,
    ) -> Result<Transformation, BoosterError> {
        let began = Instant::now();
        let ended = self.runtime.transform(file, names, options);
        if let Some(record) = &self.record {
            record.take(names, &file.text, &ended, began.elapsed());
        }
        ended
    }

    /// Does the command's transforms to a file, and reports.
    pub(super) fn report(&self, file: SourceFile) -> Report {
        let options = self.options(&file.path, &[], &[]);
        match self.transform(&file, &self.names, &options) {
            Ok(done) => Report::done(file, &self.names, done),
            Err(e) => Report::failed(&file.path, &self.names, words(&e)),
        }
    }
}

impl Record {
    fn take(
        &self,
        names: &[String],
        text: &str,
        ended: &Result<Transformation, BoosterError>,
        took: Duration,
    ) {
        let recorded = self.host.record_transform(names, text, ended, took);
        if let Some(reason) = self.tokio.block_on(recorded)
            && let Ok(mut lost) = self.lost.lock()
        {
            lost.0 += 1;
            lost.1.get_or_insert(reason);
        }
    }
}

fn words(error: &BoosterError) -> String {
    match error {
        BoosterError::Fault(fault) => format!("{fault} ({}); left alone", fault.code()),
        other => other.to_string(),
    }
}
