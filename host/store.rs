//! Outcomes, the ledger and the feedback log, in one SQLite file. The only module that knows SQL.
//!
//! One thread writes. Outcomes that cost nothing are handed to it through a bounded queue and committed in groups, at the latest
//! 25 ms after they came. Money is set aside in memory, from blocks of the limits that the file has leased to this process; the row `started`
//! is committed before a call is made, and the settlement by a commit that nobody needs to wait for: whatever reads the store waits for it. WAL
//! with `synchronous = NORMAL`: what is committed survives the end of the process, however it comes; a power cut can take the last commits,
//! unless [`Options::survive_power_cut`] is set.
//!
//! It decides nothing: which tier, which price and which limit are handed in.

mod breakdown;
mod check;
mod compact;
mod group;
mod learned;
mod lease;
mod ledger;
mod lost;
mod overrun;
mod query;
mod recover;
mod reservation;
mod rows;
mod spending;
mod sqlite;
mod sums;
mod verdict;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

pub use breakdown::{Axis, Group};
pub use check::LedgerReport;
pub use compact::Compacted;
pub use learned::Correction;
pub use overrun::Overrun;
pub use query::{Query, Stats, TierStats};
pub use reservation::{Begin, BeginError, LimitState, Reservation, ScopeLimit};
pub use spending::{DaySpend, UnderWay};
pub use sqlite::Error;
pub use verdict::{Lesson, Verdict};

use crate::outcome::Outcome;
use crate::wit::Feedback;
use reservation::{Asked, PATIENCE, STEP};
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
    blocks: Arc<lease::Blocks>,
    /// Why nothing can be read or written, where that is so.
    fault: Option<Error>,
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
        let recovered = recover::recover(&mut connection, path, &owner)
            .await?
            .booked;
        let blocks = Arc::new(lease::Blocks::default());
        let (records, record_queue) = mpsc::channel(options.queue.max(1));
        let (commands, command_queue) = mpsc::unbounded_channel();
        let unrecorded = Arc::new(AtomicU64::new(0));
        let writer = writer::Writer::new(
            connection,
            owner,
            commands.clone(),
            blocks.clone(),
            unrecorded.clone(),
        );
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
            blocks,
            fault: None,
            reader: tokio::sync::Mutex::new(None),
        })))
    }

    /// A store that cannot be used: it takes no outcome and counts each, sets no money aside, and answers every question with the reason. What
    /// costs nothing goes on without it.
    #[must_use]
    pub fn unavailable(path: &Path, reason: Error) -> Store {
        // Nobody is at the other end.
        let (records, _) = mpsc::channel(1);
        let (commands, _) = mpsc::unbounded_channel();
        Store(Arc::new(Inner {
            path: path.to_owned(),
            options: Options::default(),
            records,
            commands,
            unrecorded: Arc::new(AtomicU64::new(0)),
            thread: Mutex::new(None),
            recovered: 0,
            blocks: Arc::new(lease::Blocks::default()),
            fault: Some(reason),
            reader: tokio::sync::Mutex::new(None),
        }))
    }

    /// Why it cannot be used, where it could not be opened.
    #[must_use]
    pub fn fault(&self) -> Option<&Error> {
        self.0.fault.as_ref()
    }

    /// What stands in the way of something that was handed over and not taken.
    fn why_not(&self) -> Error {
        self.0.fault.clone().unwrap_or(Error::Closed)
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

    /// How many outcomes this process could not record.
    #[must_use]
    pub fn unrecorded(&self) -> u64 {
        self.0.unrecorded.load(Ordering::Relaxed)
    }

    /// How many outcomes could not be recorded, by this process and by those before it as far as they could say so beside the store.
    #[must_use]
    pub fn unrecorded_ever(&self) -> u64 {
        lost::count(&self.0.path).max(self.unrecorded())
    }

    fn count_unrecorded(&self) {
        self.0.unrecorded.fetch_add(1, Ordering::Relaxed);
        lost::note(&self.0.path, 1);
    }

    /// Hands over the row of a task that reserved nothing. A full queue is waited for, for 100 ms.
    pub async fn record(&self, outcome: Outcome, feedback: Option<Feedback>) -> Recorded {
        const PATIENCE: Duration = Duration::from_millis(100);
        let refused = match self.0.records.try_send((outcome, feedback)) {
            Ok(()) => return Recorded::Queued,
            Err(mpsc::error::TrySendError::Full(row)) => {
                match tokio::time::timeout(PATIENCE, self.0.records.send(row)).await {
                    Ok(Ok(())) => return Recorded::Queued,
                    Ok(Err(_)) => self.why_not().to_string(),
                    Err(_) => "the store's queue stayed full for 100 ms".to_owned(),
                }
            }
            Err(mpsc::error::TrySendError::Closed(_)) => self.why_not().to_string(),
        };
        self.count_unrecorded();
        Recorded::Unrecorded(refused)
    }

    /// Sets money aside for a call and hands its row over, before this returns: from the blocks that this process has leased of the
    /// limits, where they reach. The future ends when the row is committed; the call may be made then, and not before.
    ///
    /// It is refused only when all of this process's own blocks have been counted for it. Where other live processes hold as much in blocks that
    /// they have not used, it is asked again for a quarter of a second: a block that lies idle comes back within a tenth.
    ///
    /// # Errors
    /// A limit does not reach, the model is held back for an overrun, or the file cannot be written.
    pub fn begin(
        &self,
        begin: Begin,
    ) -> impl Future<Output = Result<Reservation, BeginError>> + use<> {
        let holds = begin.holds();
        let bound = rows::signed(begin.bound.get());
        let prepaid = self.0.blocks.take(&holds, bound);
        let asked = Box::new(Asked { begin, holds });
        let commands = self.0.commands.clone();
        let first = match &self.0.fault {
            Some(fault) => Err(fault.clone()),
            None => hand_over(&commands, asked, prepaid),
        };
        async move {
            let until = std::time::Instant::now() + PATIENCE;
            let mut answer = first?;
            loop {
                let refused = match answer.await.map_err(|_| Error::Closed)? {
                    Ok(reservation) => return Ok(reservation.handed_out()),
                    Err(refused) => refused,
                };
                let Some(asked) = refused.again.filter(|_| std::time::Instant::now() < until)
                else {
                    return Err(refused.why);
                };
                tokio::time::sleep(STEP).await;
                answer = hand_over(&commands, asked, false)?;
            }
        }
    }

    /// Keeps the row of a task whose caller went away before its end, unless it has one. It waits for nothing, as it is called while things are
    /// dropped.
    pub(crate) fn record_gone(&self, outcome: Outcome) {
        let outcome = Box::new(outcome);
        if self.0.commands.send(Command::Gone { outcome }).is_err() {
            self.count_unrecorded();
        }
    }

    /// Writes a verdict on a task, and returns what there is to learn from it, in the log's order ([`Verdict::lessons`]).
    ///
    /// # Errors
    /// No such task, one that nothing was done of, or a file that cannot be written.
    pub async fn feedback(&self, id: &str, verdict: Verdict) -> Result<Vec<Feedback>, Error> {
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
    /// Something of it cannot be written, now or since the last time. A paid task whose end is lost so is kept as started, and the next start books
    /// it at its bound.
    pub async fn flush(&self) -> Result<(), Error> {
        self.ask(|reply| Command::Flush { reply }).await
    }

    /// Writes a page and commits it: whether what follows can be recorded.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn check_writes(&self) -> Result<(), Error> {
        self.ask(|reply| Command::CheckWrites { reply }).await
    }

    /// Writes what is queued and ends the writer. There is nothing queued where the store could not be opened.
    ///
    /// # Errors
    /// What is queued cannot be written.
    pub async fn close(self) -> Result<(), Error> {
        if self.0.fault.is_some() {
            return Ok(());
        }
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
            .map_err(|_| self.why_not())?;
        answer.await.map_err(|_| Error::Closed)?
    }
}

type Begun = oneshot::Receiver<Result<Reservation, ledger::Refused>>;

fn hand_over(
    commands: &mpsc::UnboundedSender<Command>,
    asked: Box<Asked>,
    prepaid: bool,
) -> Result<Begun, Error> {
    let (reply, answer) = oneshot::channel();
    commands
        .send(Command::Begin {
            asked,
            prepaid,
            reply,
        })
        .map_err(|_| Error::Closed)?;
    Ok(answer)
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
