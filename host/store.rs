//! Outcomes, the ledger and the feedback log, in one SQLite file. The only module that knows SQL.
//!
//! One thread writes. Outcomes that cost nothing are handed to it through a bounded queue and committed in groups, at the latest
//! 25 ms after they came; money is set aside by a commit that the caller waits for, and settled by one that nobody needs to wait for. WAL
//! with `synchronous = NORMAL`: what is committed survives the end of the process, however it comes; a power cut can take the last commits,
//! unless [`Options::survive_power_cut`] is set.
//!
//! It decides nothing: which tier, which price and which limit are handed in.

mod breakdown;
mod query;
mod recover;
mod rows;
mod sqlite;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::civil::Date;
use tokio::sync::{mpsc, oneshot};

pub use breakdown::{Axis, Group};
pub use query::{DaySpend, LedgerReport, Query, Stats, TierStats};
pub use sqlite::Error;

use crate::money::Picodollars;
use crate::outcome::Outcome;
use crate::wit::Feedback;
use writer::Command;

/// How the store is kept.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Flush to the disk at every commit.
    pub survive_power_cut: bool,
    /// How long another process's lock is waited for.
    pub busy_timeout: Duration,
    /// How many outcomes may wait to be written.
    pub queue: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            survive_power_cut: false,
            busy_timeout: Duration::from_secs(5),
            queue: 4_096,
        }
    }
}

/// Whether an outcome was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is in the queue, and will be in the file within 25 ms.
    Queued,
    /// It is lost, for this reason; it is counted.
    Unrecorded(String),
}

/// What is asked for before a paid call.
#[derive(Debug)]
pub struct Begin {
    /// The task's row as it stands.
    pub outcome: Outcome,
    /// The day that the money belongs to.
    pub day: Date,
    /// What the call can cost at most.
    pub bound: Picodollars,
    /// What the day may cost; none for no limit.
    pub limit: Option<Picodollars>,
    /// Further limits, all of which have to reach.
    pub scopes: Vec<ScopeLimit>,
}

/// A limit for something narrower than a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeLimit {
    /// What is limited, with its time: `hour 2026-03-01T14+00:00`, `tier 4 on 2026-03-01`. Calls of the same name share the limit.
    pub scope: String,
    /// What it may cost.
    pub limit: Picodollars,
}

/// Where a limit stands.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LimitState {
    /// What is limited, with its time: `day 2026-03-01`, or as [`ScopeLimit::scope`].
    pub scope: String,
    /// What it may cost.
    pub limit: Picodollars,
    /// Spent.
    pub settled: Picodollars,
    /// Set aside for calls under way.
    pub reserved: Picodollars,
}

impl LimitState {
    /// What may still be set aside.
    #[must_use]
    pub fn left(&self) -> Picodollars {
        self.limit
            .saturating_sub(self.settled)
            .saturating_sub(self.reserved)
    }

    /// The share that is spent or set aside; above 1 where a vendor billed more than was set aside.
    #[must_use]
    pub fn share(&self) -> f64 {
        let used = self.settled.saturating_add(self.reserved);
        used.get() as f64 / self.limit.get().max(1) as f64
    }
}

/// Why a paid call may not be made.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// A limit does not reach.
    #[error(
        "the limit of {limit} for {scope} does not reach: {settled} are spent and {reserved} reserved, and the call could cost {wanted}"
    )]
    BudgetSpent {
        /// What is limited.
        scope: String,
        /// The limit.
        limit: Picodollars,
        /// What is spent.
        settled: Picodollars,
        /// What is set aside for calls under way.
        reserved: Picodollars,
        /// What the call could cost.
        wanted: Picodollars,
    },
    /// The ledger cannot be written.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Money that is set aside for a call. Dropped without being settled, it is booked as spent in full and the task as cancelled: a call
/// that nobody waits for any more is paid all the same.
#[derive(Debug)]
pub struct Reservation {
    id: String,
    bound: Picodollars,
    commands: Option<mpsc::UnboundedSender<Command>>,
}

impl Reservation {
    /// What was set aside.
    #[must_use]
    pub fn bound(&self) -> Picodollars {
        self.bound
    }

    /// Sets another sum aside instead, for the next try of the same task: what is spent so far and what the try can cost at most.
    /// Durable on return. `scopes` are the further limits of that try.
    /// Where a limit does not reach, what was set aside before stays so.
    ///
    /// # Errors
    /// A limit does not reach, or the file cannot be written.
    pub async fn extend(
        &mut self,
        bound: Picodollars,
        limit: Option<Picodollars>,
        scopes: Vec<ScopeLimit>,
    ) -> Result<(), BeginError> {
        let commands = self.commands.as_ref().ok_or(Error::Closed)?;
        let (reply, answer) = oneshot::channel();
        commands
            .send(Command::Extend {
                id: self.id.clone(),
                bound,
                limit,
                scopes,
                reply,
            })
            .map_err(|_| Error::Closed)?;
        answer.await.map_err(|_| Error::Closed)??;
        self.bound = bound;
        Ok(())
    }

    /// Books what the call cost, with the task's row at its end and what is learned from it. It is handed over before this returns, and
    /// cannot be called back; the future ends when it is committed, and need not be waited for.
    ///
    /// # Errors
    /// The file cannot be written. The row then stays `started`, and recovery books the bound.
    pub fn settle(
        mut self,
        outcome: Outcome,
        cost: Picodollars,
        feedback: Option<Feedback>,
    ) -> impl Future<Output = Result<(), Error>> + use<> {
        let (reply, answer) = oneshot::channel();
        let handed = self.commands.take().is_some_and(|commands| {
            commands
                .send(Command::Settle {
                    id: std::mem::take(&mut self.id),
                    outcome: Box::new(outcome),
                    cost,
                    feedback,
                    reply,
                })
                .is_ok()
        });
        async move {
            if !handed {
                return Err(Error::Closed);
            }
            answer.await.map_err(|_| Error::Closed)?
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if let Some(commands) = self.commands.take() {
            // Where the writer has gone, the row stays `started` and the next process's recovery books it.
            let _ = commands.send(Command::Abandon {
                id: std::mem::take(&mut self.id),
            });
        }
    }
}

/// A verdict on a task that was done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// The tier was right.
    GoodFit,
    /// The tier was too weak: the result was poor.
    Underpowered,
    /// The tier was stronger than needed: the result was good.
    Overprovisioned,
    /// The result was of no use.
    Failed,
    /// How good the result was, 0 to 1.
    Score(f32),
}

impl Verdict {
    /// The quality that it stands for. The only place that says so.
    #[must_use]
    pub fn quality(self) -> f32 {
        match self {
            Verdict::GoodFit | Verdict::Overprovisioned => 1.0,
            Verdict::Underpowered => 0.15,
            Verdict::Failed => 0.0,
            Verdict::Score(score) => score.clamp(0.0, 1.0),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Verdict::GoodFit => "good-fit",
            Verdict::Underpowered => "underpowered",
            Verdict::Overprovisioned => "overprovisioned",
            Verdict::Failed => "failed",
            Verdict::Score(_) => "score",
        }
    }
}

/// A base of the learned policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The router's own form.
    pub bytes: Vec<u8>,
    /// The last piece of feedback that is in it.
    pub through_seq: i64,
}

/// The store. Clones share it; the last one that is dropped writes what is queued.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

pub(crate) struct Inner {
    path: PathBuf,
    options: Options,
    records: mpsc::Sender<(Outcome, Option<Feedback>)>,
    commands: mpsc::UnboundedSender<Command>,
    unrecorded: Arc<AtomicU64>,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
    recovered: u64,
    reader: tokio::sync::Mutex<Option<sqlx::SqliteConnection>>,
}

impl Store {
    /// Opens the file, makes or upgrades it, and books what processes that ended in the middle of a call left behind.
    ///
    /// # Errors
    /// A file that is damaged, newer than this release, locked, or in a place that cannot be written; it is left as it is.
    pub async fn open(path: &Path, options: Options) -> Result<Store, Error> {
        let mut connection = sqlite::open(path, &options).await?;
        let owner = recover::Owner::claim(path)?;
        let recovered = recover::recover(&mut connection, path, &owner).await?;
        let (records, record_queue) = mpsc::channel(options.queue.max(1));
        let (commands, command_queue) = mpsc::unbounded_channel();
        let unrecorded = Arc::new(AtomicU64::new(0));
        let writer = writer::Writer::new(connection, owner, commands.clone(), unrecorded.clone());
        let thread = std::thread::Builder::new()
            .name("tinydancer-store".into())
            .spawn(move || writer.run(record_queue, command_queue))
            .map_err(|e| Error::Io {
                path: path.to_owned(),
                reason: e.to_string(),
            })?;
        Ok(Store(Arc::new(Inner {
            path: path.to_owned(),
            options,
            records,
            commands,
            unrecorded,
            thread: Mutex::new(Some(thread)),
            recovered,
            reader: tokio::sync::Mutex::new(None),
        })))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// How many reservations of ended processes were booked at the start.
    #[must_use]
    pub fn recovered(&self) -> u64 {
        self.0.recovered
    }

    /// How many outcomes could not be recorded since the start.
    #[must_use]
    pub fn unrecorded(&self) -> u64 {
        self.0.unrecorded.load(Ordering::Relaxed)
    }

    /// Hands over the row of a task that reserved nothing. A full queue is waited for, for 100 ms.
    pub async fn record(&self, outcome: Outcome, feedback: Option<Feedback>) -> Recorded {
        const PATIENCE: Duration = Duration::from_millis(100);
        let refused = match self.0.records.try_send((outcome, feedback)) {
            Ok(()) => return Recorded::Queued,
            Err(mpsc::error::TrySendError::Full(row)) => {
                match tokio::time::timeout(PATIENCE, self.0.records.send(row)).await {
                    Ok(Ok(())) => return Recorded::Queued,
                    Ok(Err(_)) => "the store is closed",
                    Err(_) => "the store's queue stayed full for 100 ms",
                }
            }
            Err(mpsc::error::TrySendError::Closed(_)) => "the store is closed",
        };
        self.0.unrecorded.fetch_add(1, Ordering::Relaxed);
        Recorded::Unrecorded(refused.to_owned())
    }

    /// Writes a paid task's row and sets its money aside, in one step. Durable on return.
    ///
    /// # Errors
    /// The day's limit does not reach, or the file cannot be written.
    pub async fn begin(&self, begin: Begin) -> Result<Reservation, BeginError> {
        let (reply, answer) = oneshot::channel();
        self.0
            .commands
            .send(Command::Begin {
                begin: Box::new(begin),
                reply,
            })
            .map_err(|_| Error::Closed)?;
        answer.await.map_err(|_| Error::Closed)?
    }

    /// Writes a verdict on a task, and returns what there is to learn from it.
    ///
    /// # Errors
    /// No such task, one that nothing was done of, or a file that cannot be written.
    pub async fn feedback(&self, id: &str, verdict: Verdict) -> Result<Feedback, Error> {
        self.ask(|reply| Command::Feedback {
            id: id.to_owned(),
            verdict,
            reply,
        })
        .await
    }

    /// Keeps a base of the learned policy; the last three are kept.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn save_snapshot(&self, snapshot: Snapshot) -> Result<(), Error> {
        self.ask(|reply| Command::Snapshot { snapshot, reply })
            .await
    }

    /// Comes back when everything that was handed over is in the file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn flush(&self) -> Result<(), Error> {
        self.ask(|reply| Command::Flush { reply }).await
    }

    /// Writes what is queued and ends the writer.
    ///
    /// # Errors
    /// What is queued cannot be written.
    pub async fn close(self) -> Result<(), Error> {
        let flushed = self.flush().await;
        // The writer is to be the last to leave, as only it can fold the log into the file.
        if let Some(reader) = self.0.reader.lock().await.take() {
            let _ = sqlx::Connection::close(reader).await;
        }
        let _ = self.0.commands.send(Command::Close);
        flushed
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, Error>>) -> Command,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        self.0
            .commands
            .send(command(reply))
            .map_err(|_| Error::Closed)?;
        answer.await.map_err(|_| Error::Closed)?
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        const PATIENCE: Duration = Duration::from_secs(2);
        let _ = self.commands.send(Command::Close);
        let Some(thread) = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        else {
            return;
        };
        let until = std::time::Instant::now() + PATIENCE;
        while !thread.is_finished() && std::time::Instant::now() < until {
            std::thread::sleep(Duration::from_micros(200));
        }
    }
}
