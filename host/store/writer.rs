//! The thread that writes: one connection, commands in, groups of rows out.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::compact::Compacted;
use super::lease::{Blocks, IDLE};
use super::ledger::{NotExtended, Refused};
use super::recover::Owner;
use super::reservation::Asked;
use super::{Begin, Correction, Error, Reservation, Snapshot, Verdict, lost};
use crate::money::Picodollars;
use crate::outcome::Outcome;
use crate::wit::Feedback;

type Reply<T> = oneshot::Sender<Result<T, Error>>;
/// The row of a task that cost nothing, with what is learned from it.
pub(super) type Record = (Outcome, Option<Feedback>);

/// What the writer is asked for besides outcomes that cost nothing.
pub(super) enum Command {
    Begin {
        asked: Box<Asked>,
        /// Its money has been taken from this process's blocks.
        prepaid: bool,
        reply: oneshot::Sender<Result<Reservation, Refused>>,
    },
    Settle {
        id: String,
        outcome: Box<Outcome>,
        cost: Picodollars,
        feedback: Option<Feedback>,
        reply: Reply<()>,
    },
    Extend {
        id: String,
        to: Box<Begin>,
        reply: oneshot::Sender<Result<(), NotExtended>>,
    },
    Abandon {
        id: String,
        /// The call may have been made.
        was_made: bool,
        /// What is known of the task besides what stands in its row.
        known: Option<Box<Outcome>>,
    },
    /// The caller of a task went away before its end: its row, unless it has one.
    Gone {
        outcome: Box<Outcome>,
    },
    AcceptOverruns {
        reply: Reply<u64>,
    },
    Compact {
        before: jiff::Timestamp,
        reply: Reply<Compacted>,
    },
    Shrink {
        reply: Reply<()>,
    },
    Feedback {
        id: String,
        verdict: Verdict,
        reply: Reply<Vec<Feedback>>,
    },
    Correct {
        id: String,
        verdict: Verdict,
        may_rewrite: bool,
        reply: Reply<Correction>,
    },
    Snapshot {
        snapshot: Snapshot,
        reply: Reply<()>,
    },
    Flush {
        reply: Reply<()>,
    },
    CheckWrites {
        reply: Reply<()>,
    },
    Close,
}

/// Outcomes wait so long at most before they are committed.
const GATHER: Duration = Duration::from_millis(25);
/// So many are committed together at most.
const GROUP: usize = 1_024;
/// So long a group that cannot be written is tried again.
pub(super) const PERSIST: Duration = Duration::from_secs(2);
/// So long a refusal is taken for what it is, before reservations of crashed processes are looked for once more.
pub(super) const LOOK_AGAIN: Duration = Duration::from_secs(1);

pub(super) struct Writer {
    pub(super) connection: SqliteConnection,
    pub(super) owner: Owner,
    pub(super) commands: mpsc::UnboundedSender<Command>,
    pub(super) blocks: Arc<Blocks>,
    pub(super) unrecorded: Arc<AtomicU64>,
    pub(super) path: PathBuf,
    pub(super) looked_for_crashed: Option<Instant>,
    /// When which paid task's end could not be written, where nobody waited for it, and why: whoever flushes soon is told, or else the log.
    untold: Option<(Instant, String, Error)>,
}

impl Writer {
    pub(super) fn new(
        connection: SqliteConnection,
        owner: Owner,
        commands: mpsc::UnboundedSender<Command>,
        blocks: Arc<Blocks>,
        unrecorded: Arc<AtomicU64>,
    ) -> Writer {
        Writer {
            connection,
            path: owner.store().to_owned(),
            owner,
            commands,
            blocks,
            unrecorded,
            looked_for_crashed: None,
            untold: None,
        }
    }

    /// Serves until it is closed, then writes what is still queued.
    pub(super) fn run(
        mut self,
        records: mpsc::Receiver<Record>,
        commands: mpsc::UnboundedReceiver<Command>,
    ) {
        let runtime = match tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
        {
            Ok(runtime) => runtime,
            Err(error) => {
                tracing::error!(%error, "the store's thread cannot start; nothing is recorded");
                return;
            }
        };
        runtime.block_on(async move {
            self.serve(records, commands).await;
            // The last one to leave folds the log into the file, so that the file alone is the whole store.
            if let Err(error) = self.connection.close().await {
                tracing::warn!(%error, "the store was left with its log beside it");
            }
            self.owner.release();
        });
    }

    async fn serve(
        &mut self,
        mut records: mpsc::Receiver<Record>,
        mut commands: mpsc::UnboundedReceiver<Command>,
    ) {
        let mut group: Vec<Record> = Vec::new();
        let mut due: Option<Instant> = None;
        loop {
            let command = tokio::select! {
                biased;
                command = commands.recv() => command,
                record = records.recv(), if group.len() < GROUP => {
                    if let Some(record) = record {
                        group.push(record);
                        due.get_or_insert_with(|| Instant::now() + GATHER);
                        if group.len() < GROUP {
                            continue;
                        }
                    }
                    self.write_untold(&mut group).await;
                    due = None;
                    continue;
                }
                () = until(due) => {
                    self.write_untold(&mut group).await;
                    due = None;
                    continue;
                }
                () = until(self.untold.as_ref().map(|(at, _, _)| *at + GATHER)) => {
                    self.tell();
                    continue;
                }
                () = until(self.blocks.next_idle()) => {
                    self.give_back(IDLE).await;
                    continue;
                }
            };
            match command {
                Some(Command::Close) | None => {
                    while let Ok(record) = records.try_recv() {
                        group.push(record);
                    }
                    self.write_untold(&mut group).await;
                    // What was handed over at the last moment, such as calls that were given up.
                    commands.close();
                    while let Some(command) = commands.recv().await {
                        self.obey(command).await;
                    }
                    self.tell();
                    self.give_back(Duration::ZERO).await;
                    return;
                }
                Some(Command::Flush { reply }) => {
                    while let Ok(record) = records.try_recv() {
                        group.push(record);
                    }
                    let lost = self.write_group(&mut group).await;
                    due = None;
                    let _ = reply.send(lost.and(match self.untold.take() {
                        Some((_, _, error)) => Err(error),
                        None => Ok(()),
                    }));
                }
                Some(command) => self.obey(command).await,
            }
        }
    }

    fn tell(&mut self) {
        if let Some((_, task, error)) = self.untold.take() {
            tracing::error!(
                task,
                "a paid task could not be settled; it is kept as started: {error}"
            );
        }
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Begin {
                asked,
                prepaid,
                reply,
            } => {
                let begun = self.begin(asked, prepaid).await;
                // Where nobody waits any more the reservation comes back here: the call is not made.
                if let Err(Ok(reservation)) = reply.send(begun) {
                    self.give_up(&reservation.forget(), false, None).await;
                }
            }
            Command::Settle {
                id,
                outcome,
                cost,
                feedback,
                reply,
            } => {
                let settled = self
                    .persist(async |writer: &mut Self| {
                        writer.settle(&id, &outcome, cost, feedback.as_ref()).await
                    })
                    .await;
                if let Err(Err(error)) = reply.send(settled) {
                    // Nobody waits to hear it; recovery books the bound.
                    self.untold = Some((Instant::now(), id, error));
                }
            }
            Command::Extend { id, to, reply } => {
                let _ = reply.send(self.extend(&id, to).await);
            }
            Command::Abandon {
                id,
                was_made,
                known,
            } => self.give_up(&id, was_made, known.as_deref()).await,
            Command::Gone { outcome } => {
                let id = outcome.id.clone();
                let kept = self
                    .persist(async |writer: &mut Self| writer.keep_gone(&outcome).await)
                    .await;
                if let Err(error) = kept {
                    self.count_unrecorded(1);
                    tracing::error!(task = %id, %error, "a task that was given up could not be recorded");
                }
            }
            Command::Compact { before, reply } => {
                let _ = reply.send(self.compact(before).await);
            }
            Command::Shrink { reply } => {
                let _ = reply.send(self.shrink().await);
            }
            Command::AcceptOverruns { reply } => {
                let _ = reply.send(self.accept_overruns().await);
            }
            Command::Feedback { id, verdict, reply } => {
                let _ = reply.send(self.feedback(&id, verdict).await);
            }
            Command::Correct {
                id,
                verdict,
                may_rewrite,
                reply,
            } => {
                let _ = reply.send(self.correct_feedback(&id, verdict, may_rewrite).await);
            }
            Command::Snapshot { snapshot, reply } => {
                let _ = reply.send(self.snapshot(snapshot).await);
            }
            Command::Flush { reply } => {
                let _ = reply.send(Ok(()));
            }
            Command::CheckWrites { reply } => {
                let _ = reply.send(self.check_writes().await);
            }
            Command::Close => {}
        }
    }

    async fn give_up(&mut self, id: &str, was_made: bool, known: Option<&Outcome>) {
        let booked = self
            .persist(async |writer: &mut Self| writer.abandon(id, was_made, known).await)
            .await;
        if let Err(error) = booked {
            tracing::error!(task = %id, %error, "a call that was given up is not booked yet; the next start does it");
        }
    }

    /// Does something again, for a while, as long as what stands in its way may pass.
    async fn persist<T>(
        &mut self,
        mut work: impl AsyncFnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let until = Instant::now() + PERSIST;
        loop {
            match work(self).await {
                Err(error) if error.may_pass() && Instant::now() < until => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                other => return other,
            }
        }
    }

    /// Commits a page of the file as it is.
    async fn check_writes(&mut self) -> Result<(), Error> {
        // Nobody reads this number, and setting it writes the first page.
        let written = self
            .execute("BEGIN IMMEDIATE; PRAGMA user_version = 0")
            .await;
        self.end(written).await
    }

    pub(super) fn count_unrecorded(&self, count: u64) {
        self.unrecorded.fetch_add(count, Ordering::Relaxed);
        lost::note(&self.path, count);
    }

    pub(super) async fn execute(&mut self, sql: &'static str) -> Result<(), Error> {
        sqlx::query(sql)
            .execute(&mut self.connection)
            .await
            .map(drop)
            .map_err(|e| self.error(&e))
    }

    /// Commits, or rolls back and passes the error on.
    pub(super) async fn end(&mut self, done: Result<(), Error>) -> Result<(), Error> {
        let done = match done {
            Ok(()) => self.execute("COMMIT").await,
            failed => failed,
        };
        if done.is_err() {
            // After some errors (a full disk) SQLite has rolled back by itself, and says so here.
            let _ = self.execute("ROLLBACK").await;
        }
        done
    }

    pub(super) fn error(&self, e: &sqlx::Error) -> Error {
        Error::of(e, &self.path)
    }
}

pub(super) fn is_unique(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(database) if database.is_unique_violation())
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
