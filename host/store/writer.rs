//! The thread that writes: one connection, commands in, groups of rows out.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlx::Connection as _;
use sqlx::{Row as _, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::recover::Owner;
use super::rows::{self, signed};
use super::{Begin, BeginError, Error, Reservation, ScopeLimit, Snapshot, Verdict, recover};
use crate::money::Picodollars;
use crate::outcome::{Outcome, Status};
use crate::wit::Feedback;

type Reply<T> = oneshot::Sender<Result<T, Error>>;
type Record = (Outcome, Option<Feedback>);

/// What the writer is asked for besides outcomes that cost nothing.
pub(super) enum Command {
    Begin {
        begin: Box<Begin>,
        reply: oneshot::Sender<Result<Reservation, BeginError>>,
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
        bound: Picodollars,
        limit: Option<Picodollars>,
        scopes: Vec<ScopeLimit>,
        reply: oneshot::Sender<Result<(), BeginError>>,
    },
    Abandon {
        id: String,
    },
    Feedback {
        id: String,
        verdict: Verdict,
        reply: Reply<Feedback>,
    },
    Snapshot {
        snapshot: Snapshot,
        reply: Reply<()>,
    },
    Flush {
        reply: Reply<()>,
    },
    Close,
}

/// Outcomes wait so long at most before they are committed.
const GATHER: Duration = Duration::from_millis(25);
/// So many are committed together at most.
const GROUP: usize = 1_024;
/// So long a group that cannot be written is tried again.
const PERSIST: Duration = Duration::from_secs(2);
/// So long a refusal is taken for what it is, before reservations of crashed processes are looked for once more.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// The share of a limit, in percent, at which a warning is due.
const WARN_AT: i64 = 80;

pub(super) struct Writer {
    connection: SqliteConnection,
    owner: Owner,
    commands: mpsc::UnboundedSender<Command>,
    unrecorded: Arc<AtomicU64>,
    path: PathBuf,
    looked_for_crashed: Option<Instant>,
}

impl Writer {
    pub(super) fn new(
        connection: SqliteConnection,
        owner: Owner,
        commands: mpsc::UnboundedSender<Command>,
        unrecorded: Arc<AtomicU64>,
    ) -> Writer {
        Writer {
            connection,
            path: owner.store().to_owned(),
            owner,
            commands,
            unrecorded,
            looked_for_crashed: None,
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
                    // What is lost is counted and told there.
                    let _ = self.write_group(&mut group).await;
                    due = None;
                    continue;
                }
                () = until(due) => {
                    // What is lost is counted and told there.
                    let _ = self.write_group(&mut group).await;
                    due = None;
                    continue;
                }
            };
            match command {
                Some(Command::Close) | None => {
                    while let Ok(record) = records.try_recv() {
                        group.push(record);
                    }
                    // What is lost is counted and told there.
                    let _ = self.write_group(&mut group).await;
                    return;
                }
                Some(Command::Flush { reply }) => {
                    while let Ok(record) = records.try_recv() {
                        group.push(record);
                    }
                    let lost = self.write_group(&mut group).await;
                    due = None;
                    let _ = reply.send(lost);
                }
                Some(command) => self.obey(command).await,
            }
        }
    }

    /// Commits outcomes that cost nothing. A group that cannot be written for two seconds is counted as unrecorded.
    async fn write_group(&mut self, group: &mut Vec<Record>) -> Result<(), Error> {
        if group.is_empty() {
            return Ok(());
        }
        let until = Instant::now() + PERSIST;
        loop {
            match self.try_group(group).await {
                Ok(()) => {
                    group.clear();
                    return Ok(());
                }
                Err(error) if error.may_pass() && Instant::now() < until => {
                    tokio::time::sleep(Duration::from_millis(50)).await
                }
                Err(error) => {
                    self.unrecorded
                        .fetch_add(group.len() as u64, Ordering::Relaxed);
                    tracing::error!(lost = group.len(), %error, "outcomes could not be recorded");
                    group.clear();
                    return Err(error);
                }
            }
        }
    }

    async fn try_group(&mut self, group: &[Record]) -> Result<(), Error> {
        self.execute("BEGIN IMMEDIATE").await?;
        let written = self.insert_group(group).await;
        self.end(written).await
    }

    async fn insert_group(&mut self, group: &[Record]) -> Result<(), Error> {
        let mut rest = group;
        while let Some((chunk, more)) = rest.split_at_checked(rows::TOGETHER) {
            rest = more;
            let rows = chunk.iter().map(|(outcome, _)| outcome.clone());
            match rows::insert_together(rows)
                .execute(&mut self.connection)
                .await
            {
                Ok(_) => {
                    for (outcome, feedback) in chunk {
                        self.insert_feedback(outcome.id.clone(), "automatic", feedback.as_ref())
                            .await?;
                    }
                }
                // The statement took itself back; one by one it shows which of them came before.
                Err(e) if is_unique(&e) => self.insert_each(chunk).await?,
                Err(e) => return Err(self.error(&e)),
            }
        }
        self.insert_each(rest).await
    }

    async fn insert_each(&mut self, group: &[Record]) -> Result<(), Error> {
        for (outcome, feedback) in group {
            let id = match rows::bind(rows::INSERT, outcome.clone())
                .execute(&mut self.connection)
                .await
            {
                Ok(_) => outcome.id.clone(),
                Err(e) if is_unique(&e) => {
                    // A caller's id that came before: the row is kept under one of its own rather than lost.
                    let own = format!("{}~{}", outcome.id, uuid::Uuid::now_v7());
                    let again = Outcome {
                        id: own.clone(),
                        ..outcome.clone()
                    };
                    rows::bind(rows::INSERT, again)
                        .execute(&mut self.connection)
                        .await
                        .map_err(|e| self.error(&e))?;
                    own
                }
                Err(e) => return Err(self.error(&e)),
            };
            self.insert_feedback(id, "automatic", feedback.as_ref())
                .await?;
        }
        Ok(())
    }

    async fn insert_feedback(
        &mut self,
        id: String,
        verdict: &'static str,
        feedback: Option<&Feedback>,
    ) -> Result<(), Error> {
        if let Some(feedback) = feedback {
            rows::bind_feedback(id, verdict, feedback)
                .execute(&mut self.connection)
                .await
                .map_err(|e| self.error(&e))?;
        }
        Ok(())
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Begin { begin, reply } => {
                let begun = self.begin_or_recover(*begin).await;
                // Where nobody waits any more the reservation comes back here and is dropped, which books it.
                let _ = reply.send(begun);
            }
            Command::Settle {
                id,
                outcome,
                cost,
                feedback,
                reply,
            } => {
                let until = Instant::now() + PERSIST;
                let settled = loop {
                    match self.settle(&id, &outcome, cost, feedback.as_ref()).await {
                        Err(error) if error.may_pass() && Instant::now() < until => {
                            tokio::time::sleep(Duration::from_millis(50)).await;
                        }
                        other => break other,
                    }
                };
                if let Err(Err(error)) = reply.send(settled) {
                    // Nobody waits to hear it; recovery books the bound.
                    tracing::error!(task = %id, %error, "a paid task could not be settled; it is kept as started");
                }
            }
            Command::Extend {
                id,
                bound,
                limit,
                scopes,
                reply,
            } => {
                let _ = reply.send(self.extend(&id, bound, limit, &scopes).await);
            }
            Command::Abandon { id } => {
                let until = Instant::now() + PERSIST;
                let booked = loop {
                    match self.abandon(&id).await {
                        Err(error) if error.may_pass() && Instant::now() < until => {
                            tokio::time::sleep(Duration::from_millis(50)).await;
                        }
                        other => break other,
                    }
                };
                if let Err(error) = booked {
                    tracing::error!(task = %id, %error, "a call that was given up is not booked yet; the next start does it");
                }
            }
            Command::Feedback { id, verdict, reply } => {
                let _ = reply.send(self.feedback(&id, verdict).await);
            }
            Command::Snapshot { snapshot, reply } => {
                let _ = reply.send(self.snapshot(snapshot).await);
            }
            Command::Flush { reply } => {
                let _ = reply.send(Ok(()));
            }
            Command::Close => {}
        }
    }

    /// What a process that crashed had set aside stands in nobody's way: before a limit is said not to reach, it is booked.
    async fn begin_or_recover(&mut self, begin: Begin) -> Result<Reservation, BeginError> {
        let refused = match self.begin(&begin).await {
            Err(refused @ BeginError::BudgetSpent { .. }) => refused,
            other => return other,
        };
        if self
            .looked_for_crashed
            .is_some_and(|at| at.elapsed() < LOOK_AGAIN)
        {
            return Err(refused);
        }
        self.looked_for_crashed = Some(Instant::now());
        match recover::recover(&mut self.connection, &self.path, &self.owner).await {
            Ok(0) => Err(refused),
            Ok(_) => self.begin(&begin).await,
            Err(error) => {
                tracing::warn!(%error, "reservations of crashed processes could not be looked for");
                Err(refused)
            }
        }
    }

    async fn begin(&mut self, begin: &Begin) -> Result<Reservation, BeginError> {
        let begun = self.try_begin(begin).await;
        match begun {
            Ok(()) => {
                self.end(Ok(())).await?;
                Ok(Reservation {
                    id: begin.outcome.id.clone(),
                    bound: begin.bound,
                    commands: Some(self.commands.clone()),
                })
            }
            Err(refused) => {
                // What kept the transaction from beginning left nothing to roll back, and SQLite says so here.
                let _ = self.execute("ROLLBACK").await;
                Err(refused)
            }
        }
    }

    async fn try_begin(&mut self, begin: &Begin) -> Result<(), BeginError> {
        let (day, bound) = (begin.day.to_string(), signed(begin.bound.get()));
        let limit = begin.limit.map(|limit| signed(limit.get()));
        let path = self.path.clone();
        let failed = |e: sqlx::Error| Error::of(&e, &path);
        rows::bind(rows::BEGIN_INSERT, begin.outcome.clone())
            .execute(&mut self.connection)
            .await
            .map_err(|e| {
                if is_unique(&e) {
                    Error::Duplicate(begin.outcome.id.clone())
                } else {
                    failed(e)
                }
            })?;
        let words = format!("the day {day}");
        take(&mut self.connection, &DAYS, &day, &words, bound, limit)
            .await
            .map_err(|e| e.into_begin(&path))?;
        sqlx::query("INSERT INTO reservations (outcome_id, owner, day, bound, state) VALUES (?, ?, ?, ?, 'reserved')")
            .bind(begin.outcome.id.clone())
            .bind(self.owner.id().to_owned())
            .bind(day)
            .bind(bound)
            .execute(&mut self.connection)
            .await
            .map_err(failed)?;
        for own in &begin.scopes {
            let limit = Some(signed(own.limit.get()));
            take(
                &mut self.connection,
                &SCOPES,
                &own.scope,
                &own.scope,
                bound,
                limit,
            )
            .await
            .map_err(|e| e.into_begin(&path))?;
            sqlx::query("INSERT INTO reservation_scopes (outcome_id, scope) VALUES (?, ?)")
                .bind(begin.outcome.id.clone())
                .bind(own.scope.clone())
                .execute(&mut self.connection)
                .await
                .map_err(|e| Error::of(&e, &path))?;
        }
        Ok(())
    }

    async fn extend(
        &mut self,
        id: &str,
        bound: Picodollars,
        limit: Option<Picodollars>,
        scopes: &[ScopeLimit],
    ) -> Result<(), BeginError> {
        self.execute("BEGIN IMMEDIATE").await?;
        match self.try_extend(id, bound, limit, scopes).await {
            Ok(()) => Ok(self.end(Ok(())).await?),
            Err(refused) => {
                self.execute("ROLLBACK").await?;
                Err(refused)
            }
        }
    }

    async fn try_extend(
        &mut self,
        id: &str,
        bound: Picodollars,
        limit: Option<Picodollars>,
        scopes: &[ScopeLimit],
    ) -> Result<(), BeginError> {
        let path = self.path.clone();
        let failed = |e: sqlx::Error| Error::of(&e, &path);
        let known = sqlx::query(
            "SELECT days.day, bound, days.settled, days.reserved FROM reservations JOIN days ON days.day = reservations.day \
             WHERE outcome_id = ? AND state = 'reserved'",
        )
        .bind(id.to_owned())
        .fetch_optional(&mut self.connection)
        .await
        .map_err(failed)?
        .ok_or(Error::Closed)?;
        let number = |name: &str| known.try_get::<i64, _>(name).map_err(failed);
        let day: String = known.try_get("day").map_err(failed)?;
        let more = signed(bound.get()).saturating_sub(number("bound")?);
        let (settled, reserved) = (number("settled")?, number("reserved")?);
        // The statement that takes the write lock came before: nobody changes the day in between.
        if let Some(limit) = limit
            && more > 0
            && settled.saturating_add(reserved).saturating_add(more) > signed(limit.get())
        {
            let amount = |value: i64| Picodollars::new(value.unsigned_abs());
            return Err(BeginError::BudgetSpent {
                scope: format!("the day {day}"),
                limit,
                settled: amount(settled),
                reserved: amount(reserved),
                wanted: bound,
            });
        }
        sqlx::query("UPDATE days SET reserved = reserved + ? WHERE day = ?")
            .bind(more)
            .bind(day)
            .execute(&mut self.connection)
            .await
            .map_err(failed)?;
        sqlx::query(
            "UPDATE scopes SET reserved = reserved + ?1 \
             WHERE scope IN (SELECT scope FROM reservation_scopes WHERE outcome_id = ?2)",
        )
        .bind(more)
        .bind(id.to_owned())
        .execute(&mut self.connection)
        .await
        .map_err(failed)?;
        for own in scopes {
            extend_scope(&mut self.connection, id, signed(bound.get()), more, own)
                .await
                .map_err(|e| e.into_begin(&path))?;
        }
        sqlx::query("UPDATE reservations SET bound = ? WHERE outcome_id = ?")
            .bind(signed(bound.get()))
            .bind(id.to_owned())
            .execute(&mut self.connection)
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn settle(
        &mut self,
        id: &str,
        outcome: &Outcome,
        cost: Picodollars,
        feedback: Option<&Feedback>,
    ) -> Result<(), Error> {
        let settled = self.try_settle(id, outcome, cost, feedback).await;
        self.end(settled).await
    }

    async fn try_settle(
        &mut self,
        id: &str,
        outcome: &Outcome,
        cost: Picodollars,
        feedback: Option<&Feedback>,
    ) -> Result<(), Error> {
        let row = Outcome {
            id: id.to_owned(),
            cost,
            ..outcome.clone()
        };
        rows::bind(rows::BEGIN_REPLACE, row)
            .execute(&mut self.connection)
            .await
            .map_err(|e| self.error(&e))?;
        book(&mut self.connection, id, Some(cost), "settled")
            .await
            .map_err(|e| Error::of(&e, &self.path))?;
        self.insert_feedback(id.to_owned(), "automatic", feedback)
            .await
    }

    /// The caller went away: the call may be on the bill, so it is booked in full.
    async fn abandon(&mut self, id: &str) -> Result<(), Error> {
        self.execute("BEGIN IMMEDIATE").await?;
        let booked = async {
            book(&mut self.connection, id, None, "settled").await?;
            sqlx::query(
                "UPDATE outcomes SET status = ?1, error = ?2, cost = (SELECT cost FROM reservations WHERE outcome_id = ?3) \
                 WHERE id = ?3 AND status = 'started'",
            )
            .bind(Status::Cancelled.name())
            .bind("the caller went away before the answer")
            .bind(id.to_owned())
            .execute(&mut self.connection)
            .await
        }
        .await
        .map(drop)
        .map_err(|e| Error::of(&e, &self.path));
        self.end(booked).await
    }

    async fn feedback(&mut self, id: &str, verdict: Verdict) -> Result<Feedback, Error> {
        self.execute("BEGIN IMMEDIATE").await?;
        let written = self.try_feedback(id, verdict).await;
        let (answer, ended) = match written {
            Ok(feedback) => (Ok(feedback), Ok(())),
            Err(e) => (Err(e.clone()), Err(e)),
        };
        self.end(ended).await?;
        answer
    }

    async fn try_feedback(&mut self, id: &str, verdict: Verdict) -> Result<Feedback, Error> {
        let path = self.path.clone();
        let failed = |e: sqlx::Error| Error::of(&e, &path);
        let row = sqlx::query("SELECT * FROM outcomes WHERE id = ?")
            .bind(id.to_owned())
            .fetch_optional(&mut self.connection)
            .await
            .map_err(failed)?;
        let outcome =
            rows::outcome(&row.ok_or_else(|| Error::NoSuchTask(id.to_owned()))?).map_err(failed)?;
        let tier = outcome
            .tier_done
            .ok_or_else(|| Error::NothingDone(id.to_owned()))?;
        let feedback = Feedback {
            kind: outcome.kind,
            complexity: outcome.complexity,
            features: crate::wit::Features {
                indices: outcome.features.indices,
                values: outcome.features.values,
            },
            tier: tier.number(),
            quality: verdict.quality(),
            weight: 1.0,
        };
        sqlx::query("UPDATE outcomes SET quality = ? WHERE id = ?")
            .bind(f64::from(feedback.quality))
            .bind(id.to_owned())
            .execute(&mut self.connection)
            .await
            .map_err(failed)?;
        self.insert_feedback(id.to_owned(), verdict.name(), Some(&feedback))
            .await?;
        Ok(feedback)
    }

    async fn snapshot(&mut self, snapshot: Snapshot) -> Result<(), Error> {
        self.execute("BEGIN IMMEDIATE").await?;
        let written = async {
            sqlx::query("INSERT INTO snapshots (through_seq, at, bytes) VALUES (?, ?, ?)")
                .bind(snapshot.through_seq)
                .bind(jiff::Timestamp::now().as_microsecond())
                .bind(snapshot.bytes)
                .execute(&mut self.connection)
                .await?;
            sqlx::query("DELETE FROM snapshots WHERE id NOT IN (SELECT id FROM snapshots ORDER BY id DESC LIMIT 3)")
                .execute(&mut self.connection)
                .await
        }
        .await
        .map(drop)
        .map_err(|e| Error::of(&e, &self.path));
        self.end(written).await
    }

    async fn execute(&mut self, sql: &'static str) -> Result<(), Error> {
        sqlx::query(sql)
            .execute(&mut self.connection)
            .await
            .map(drop)
            .map_err(|e| self.error(&e))
    }

    /// Commits, or rolls back and passes the error on.
    async fn end(&mut self, done: Result<(), Error>) -> Result<(), Error> {
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

    fn error(&self, e: &sqlx::Error) -> Error {
        Error::of(e, &self.path)
    }
}

/// The statements that take money from a limit.
struct Sums {
    /// Makes the row where there is none, and adds to it where the limit reaches: no row comes back where it does not.
    take: &'static str,
    look: &'static str,
}

const DAYS: Sums = Sums {
    take: "INSERT INTO days (day, reserved) SELECT ?2, ?1 WHERE ?3 IS NULL OR ?1 <= ?3 \
           ON CONFLICT (day) DO UPDATE SET reserved = reserved + ?1 WHERE ?3 IS NULL OR settled + reserved + ?1 <= ?3 \
           RETURNING settled + reserved",
    look: "SELECT settled, reserved FROM days WHERE day = ?",
};
const SCOPES: Sums = Sums {
    take: "INSERT INTO scopes (scope, reserved) SELECT ?2, ?1 WHERE ?3 IS NULL OR ?1 <= ?3 \
           ON CONFLICT (scope) DO UPDATE SET reserved = reserved + ?1 WHERE ?3 IS NULL OR settled + reserved + ?1 <= ?3 \
           RETURNING settled + reserved",
    look: "SELECT settled, reserved FROM scopes WHERE scope = ?",
};

/// Why nothing was taken.
enum NotTaken {
    Spent(BeginError),
    Sqlite(sqlx::Error),
}

impl From<sqlx::Error> for NotTaken {
    fn from(error: sqlx::Error) -> Self {
        NotTaken::Sqlite(error)
    }
}

impl NotTaken {
    fn into_begin(self, path: &std::path::Path) -> BeginError {
        match self {
            NotTaken::Spent(refused) => refused,
            NotTaken::Sqlite(error) => Error::of(&error, path).into(),
        }
    }
}

/// Sets money aside in one conditional step: whoever comes at the same time sees the sum with this call in it, or this call sees theirs.
async fn take(
    connection: &mut SqliteConnection,
    sums: &Sums,
    key: &str,
    words: &str,
    bound: i64,
    limit: Option<i64>,
) -> Result<(), NotTaken> {
    let sum: Option<i64> = sqlx::query_scalar(sums.take)
        .bind(bound)
        .bind(key.to_owned())
        .bind(limit)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(sum) = sum else {
        let row = sqlx::query(sums.look)
            .bind(key.to_owned())
            .fetch_optional(connection)
            .await?;
        let amount = |value: i64| Picodollars::new(value.unsigned_abs());
        let kept = |column: &str| row.as_ref().map_or(Ok(0), |row| row.try_get(column));
        return Err(NotTaken::Spent(BeginError::BudgetSpent {
            scope: words.to_owned(),
            limit: amount(limit.unwrap_or_default()),
            settled: amount(kept("settled")?),
            reserved: amount(kept("reserved")?),
            wanted: amount(bound),
        }));
    };
    if let Some(limit) = limit {
        let mark = limit / 100 * WARN_AT;
        if sum >= mark && sum - bound < mark {
            tracing::warn!(
                limited = words,
                limit = %Picodollars::new(limit.unsigned_abs()),
                taken = %Picodollars::new(sum.unsigned_abs()),
                "{WARN_AT} % of a budget are spent or reserved"
            );
        }
    }
    Ok(())
}

/// Counts a reservation that grows in a scope: one that it is in already has its growth, another gets the whole. Then the limit is held to.
async fn extend_scope(
    connection: &mut SqliteConnection,
    id: &str,
    bound: i64,
    more: i64,
    own: &ScopeLimit,
) -> Result<(), NotTaken> {
    // The row that the next statement points at.
    sqlx::query("INSERT INTO scopes (scope) VALUES (?) ON CONFLICT DO NOTHING")
        .bind(own.scope.clone())
        .execute(&mut *connection)
        .await?;
    let is_new = sqlx::query(
        "INSERT INTO reservation_scopes (outcome_id, scope) VALUES (?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(id.to_owned())
    .bind(own.scope.clone())
    .execute(&mut *connection)
    .await?
    .rows_affected()
        == 1;
    // The growth of a scope that it was in stands in the sum; nothing is added then, and only the limit is looked at.
    let added = if is_new { bound } else { 0 };
    if !is_new && more <= 0 {
        return Ok(());
    }
    let limit = Some(signed(own.limit.get()));
    take(connection, &SCOPES, &own.scope, &own.scope, added, limit).await
}

/// Books a reservation that is still open: at a cost, or in full. One that was booked before is left alone.
pub(super) async fn book(
    connection: &mut SqliteConnection,
    id: &str,
    cost: Option<Picodollars>,
    state: &'static str,
) -> Result<(), sqlx::Error> {
    // One trip for all three: a number means the same argument in each of them.
    sqlx::query(
        "UPDATE days SET reserved = reserved - r.bound, settled = settled + coalesce(?1, r.bound), \
         overrun = overrun + max(coalesce(?1, r.bound) - r.bound, 0) \
         FROM reservations AS r WHERE r.outcome_id = ?2 AND r.state = 'reserved' AND days.day = r.day; \
         UPDATE scopes SET reserved = reserved - r.bound, settled = settled + coalesce(?1, r.bound), \
         overrun = overrun + max(coalesce(?1, r.bound) - r.bound, 0) \
         FROM reservations AS r JOIN reservation_scopes AS s ON s.outcome_id = r.outcome_id \
         WHERE r.outcome_id = ?2 AND r.state = 'reserved' AND scopes.scope = s.scope; \
         UPDATE reservations SET state = ?3, cost = coalesce(?1, bound) WHERE outcome_id = ?2 AND state = 'reserved'",
    )
    .bind(cost.map(|cost| signed(cost.get())))
    .bind(id.to_owned())
    .bind(state)
    .execute(connection)
    .await
    .map(drop)
}

fn is_unique(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(database) if database.is_unique_violation())
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
