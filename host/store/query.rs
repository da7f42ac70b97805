//! Questions to the store: they go through a connection of their own that cannot write.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};

use super::breakdown::{Axis, groups};
use super::{Error, Snapshot, Store, rows, sqlite};
use crate::money::Picodollars;
use crate::outcome::{Outcome, Status};
use crate::tier::Tier;
use crate::wit::Feedback;

/// Compaction takes whole pieces out of the log, so numbers are missing afterwards.
pub(super) const FEEDBACK_IS_WHOLE: &str = "SELECT COUNT(*) = COALESCE(MAX(seq), 0) FROM feedback";

/// Which outcomes are meant; what is not set does not matter.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// Done at this tier.
    pub tier: Option<Tier>,
    /// Done by this model.
    pub model: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Asked for by this caller.
    pub caller: Option<String>,
    /// Ended so.
    pub status: Option<Status>,
    /// At most so many.
    pub limit: Option<u32>,
}

/// What happened at one tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TierStats {
    /// Tasks that ended there, however they ended.
    pub tasks: u64,
    /// Those that succeeded.
    pub succeeded: u64,
    /// What they cost.
    pub cost: Picodollars,
    /// What the same would have cost at tier 2's model.
    pub baseline: Picodollars,
}

/// What happened altogether.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// All tasks.
    pub routed: u64,
    /// By the tier that did them, or was tried last; the key is its number.
    pub by_tier: BTreeMap<u8, TierStats>,
    /// Those that came to no tier: refused, or nobody could be called.
    pub no_tier: TierStats,
    /// How many ended how, by the name of the status; one that nobody ended in is not there.
    pub by_status: BTreeMap<String, u64>,
    /// Tasks that tier 0 was tried on.
    pub booster_tried: u64,
    /// Those that it answered.
    pub booster_answered: u64,
    /// How often another tier did it than was decided, by reason.
    pub fallbacks: BTreeMap<String, u64>,
    /// Average time to classify and decide, in nanoseconds; a transform that was called by its name had nothing to decide.
    pub decision_average_ns: u64,
    /// The time that 99 of 100 decisions stay within, in nanoseconds.
    pub decision_p99_ns: u64,
    /// What all of it cost.
    pub cost: Picodollars,
    /// What all of it would have cost at tier 2's model.
    pub baseline: Picodollars,
}

pub(super) fn amount(value: i64) -> Picodollars {
    Picodollars::new(u64::try_from(value).unwrap_or(0))
}

pub(super) fn conditions(builder: &mut QueryBuilder<Sqlite>, query: &Query) {
    builder.push(" WHERE 1 = 1");
    if let Some(since) = query.since {
        builder
            .push(" AND started_at >= ")
            .push_bind(since.as_microsecond());
    }
    if let Some(until) = query.until {
        builder
            .push(" AND started_at < ")
            .push_bind(until.as_microsecond());
    }
    if let Some(tier) = query.tier {
        builder
            .push(" AND tier_done = ")
            .push_bind(i64::from(tier.number()));
    }
    if let Some(model) = &query.model {
        builder.push(" AND model = ").push_bind(model.clone());
    }
    if let Some(kind) = &query.kind {
        builder.push(" AND kind = ").push_bind(kind.clone());
    }
    if let Some(caller) = &query.caller {
        builder.push(" AND caller = ").push_bind(caller.clone());
    }
    if let Some(status) = query.status {
        builder.push(" AND status = ").push_bind(status.name());
    }
}

impl Store {
    /// Reads what is in the file once all that was handed over before is. Where that cannot be written, what is there is read.
    pub(super) async fn read<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, Error> {
        if let Some(fault) = self.fault() {
            return Err(fault.clone());
        }
        if let Err(error) = self.flush().await {
            tracing::error!("what was handed over last is not in the store: {error}");
        }
        let mut slot = self.0.reader.lock().await;
        if slot.is_none() {
            *slot = Some(sqlite::open_reader(&self.0.path, &self.0.options).await?);
        }
        let Some(connection) = slot.as_mut() else {
            return Err(Error::Closed);
        };
        work(connection)
            .await
            .map_err(|e| Error::of(&e, &self.0.path))
    }

    /// Outcomes, newest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn outcomes(&self, query: &Query) -> Result<Vec<Outcome>, Error> {
        let mut builder = QueryBuilder::new("SELECT * FROM outcomes");
        conditions(&mut builder, query);
        builder.push(" ORDER BY started_at DESC, rowid DESC");
        if let Some(limit) = query.limit {
            builder.push(" LIMIT ").push_bind(i64::from(limit));
        }
        self.read(async |connection| {
            builder
                .build()
                .fetch_all(connection)
                .await?
                .iter()
                .map(rows::outcome)
                .collect()
        })
        .await
    }

    /// One outcome.
    ///
    /// # Errors
    /// There is none of this id, or the file cannot be read.
    pub async fn outcome(&self, id: &str) -> Result<Outcome, Error> {
        let found = self
            .read(async |connection| {
                let row = sqlx::query("SELECT * FROM outcomes WHERE id = ?")
                    .bind(id.to_owned())
                    .fetch_optional(connection)
                    .await?;
                row.as_ref().map(rows::outcome).transpose()
            })
            .await?;
        found.ok_or_else(|| Error::NoSuchTask(id.to_owned()))
    }

    /// Figures over outcomes.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn stats(&self, query: &Query) -> Result<Stats, Error> {
        let mut whole = QueryBuilder::new(
            "SELECT coalesce(sum(tasks), 0) AS routed, coalesce(sum(tasks * (tier_decided = 0)), 0) AS tried, \
             coalesce(sum(tasks * (tier_done = 0)), 0) AS answered, count(nullif(decision_ns, 0)) AS decided, \
             CAST(coalesce(avg(nullif(decision_ns, 0)), 0) AS INTEGER) AS average FROM figures",
        );
        conditions(&mut whole, query);
        let mut fallbacks =
            QueryBuilder::new("SELECT fallback_reason AS reason, sum(tasks) AS times FROM figures");
        conditions(&mut fallbacks, query);
        fallbacks.push(" AND fallback_reason IS NOT NULL GROUP BY fallback_reason");
        let mut statuses = QueryBuilder::new("SELECT status, sum(tasks) AS times FROM figures");
        conditions(&mut statuses, query);
        statuses.push(" GROUP BY status");
        let mut slowest = QueryBuilder::new("SELECT classify_ns + decide_ns AS took FROM outcomes");
        conditions(&mut slowest, query);
        slowest.push(" ORDER BY took DESC LIMIT 1 OFFSET ");

        self.read(async |connection| {
            let row = whole.build().fetch_one(&mut *connection).await?;
            let count = |name: &str| -> Result<u64, sqlx::Error> {
                Ok(u64::try_from(row.try_get::<i64, _>(name)?).unwrap_or(0))
            };
            let routed = count("routed")?;
            let mut stats = Stats {
                routed,
                booster_tried: count("tried")?,
                booster_answered: count("answered")?,
                decision_average_ns: count("average")?,
                ..Stats::default()
            };
            slowest.push_bind(i64::try_from(count("decided")? / 100).unwrap_or(i64::MAX));
            if let Some(row) = slowest.build().fetch_optional(&mut *connection).await? {
                stats.decision_p99_ns = u64::try_from(row.try_get::<i64, _>("took")?).unwrap_or(0);
            }
            for group in groups(&mut *connection, query, Axis::Tier.sql()).await? {
                let own = group.figures;
                stats.cost = stats.cost.saturating_add(own.cost);
                stats.baseline = stats.baseline.saturating_add(own.baseline);
                match group.name.parse() {
                    Ok(tier) => {
                        stats.by_tier.insert(tier, own);
                    }
                    Err(_) => stats.no_tier = own,
                }
            }
            for row in statuses.build().fetch_all(&mut *connection).await? {
                stats.by_status.insert(
                    row.try_get("status")?,
                    u64::try_from(row.try_get::<i64, _>("times")?).unwrap_or(0),
                );
            }
            for row in fallbacks.build().fetch_all(&mut *connection).await? {
                stats.fallbacks.insert(
                    row.try_get("reason")?,
                    u64::try_from(row.try_get::<i64, _>("times")?).unwrap_or(0),
                );
            }
            Ok(stats)
        })
        .await
    }

    /// Feedback after a place in the log, in the order in which it is replayed.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn feedback_after(&self, seq: i64) -> Result<Vec<(i64, Feedback)>, Error> {
        self.read(async |connection| {
            let rows =
                sqlx::query("SELECT * FROM feedback WHERE seq > ? AND weight > 0 ORDER BY seq")
                    .bind(seq)
                    .fetch_all(connection)
                    .await?;
            rows.iter().map(rows::feedback).collect()
        })
        .await
    }

    /// The newest base of the learned policy.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn latest_snapshot(&self) -> Result<Option<Snapshot>, Error> {
        self.snapshot_through(i64::MAX).await
    }

    /// The newest base of the learned policy that holds no feedback behind a place in the log.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn snapshot_through(&self, seq: i64) -> Result<Option<Snapshot>, Error> {
        self.read(async |connection| {
            let row = sqlx::query(
                "SELECT bytes, through_seq FROM snapshots WHERE through_seq <= ? ORDER BY id DESC LIMIT 1",
            )
            .bind(seq)
            .fetch_optional(connection)
            .await?;
            row.map(|row| {
                Ok(Snapshot {
                    bytes: row.try_get("bytes")?,
                    through_seq: row.try_get("through_seq")?,
                })
            })
            .transpose()
        })
        .await
    }

    /// Whether the log of feedback has every piece that was ever given: compaction takes the old ones out.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn feedback_is_whole(&self) -> Result<bool, Error> {
        self.read(async |connection| {
            sqlx::query_scalar(FEEDBACK_IS_WHOLE)
                .fetch_one(connection)
                .await
        })
        .await
    }
}
