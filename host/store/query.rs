//! Questions to the store: they go through a connection of their own that cannot write.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};

use super::breakdown::{Axis, groups};
use super::{Error, Snapshot, Store, rows, sqlite};
use crate::money::Picodollars;
use crate::outcome::{Outcome, Status};
use crate::tier::Tier;
use crate::wit::Feedback;

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
    /// Tasks that ended there.
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
    /// By the tier that did them; the key is its number.
    pub by_tier: BTreeMap<u8, TierStats>,
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

/// What a day cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DaySpend {
    /// The day.
    pub day: String,
    /// Spent.
    pub settled: Picodollars,
    /// Set aside for calls under way.
    pub reserved: Picodollars,
    /// What vendors billed beyond what was set aside; it is part of what is spent.
    pub overrun: Picodollars,
}

/// Whether the ledger and the outcomes agree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerReport {
    /// What does not agree, in words; empty when all is well.
    pub faults: Vec<String>,
    /// How many reservations were looked at.
    pub reservations: u64,
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
        let _ = self.flush().await;
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
            "SELECT count(*) AS routed, coalesce(sum(tier_decided = 0), 0) AS tried, coalesce(sum(tier_done = 0), 0) AS answered, \
             count(nullif(classify_ns + decide_ns, 0)) AS decided, \
             CAST(coalesce(avg(nullif(classify_ns + decide_ns, 0)), 0) AS INTEGER) AS average FROM outcomes",
        );
        conditions(&mut whole, query);
        let mut fallbacks =
            QueryBuilder::new("SELECT fallback_reason AS reason, count(*) AS times FROM outcomes");
        conditions(&mut fallbacks, query);
        fallbacks.push(" AND fallback_reason IS NOT NULL GROUP BY fallback_reason");
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
                if let Ok(tier) = group.name.parse() {
                    stats.by_tier.insert(tier, own);
                }
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

    /// What days cost, newest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn spending(&self, days: u32) -> Result<Vec<DaySpend>, Error> {
        self.read(async |connection| {
            let rows = sqlx::query("SELECT * FROM days ORDER BY day DESC LIMIT ?")
                .bind(i64::from(days))
                .fetch_all(connection)
                .await?;
            rows.iter()
                .map(|row| {
                    Ok(DaySpend {
                        day: row.try_get("day")?,
                        settled: amount(row.try_get("settled")?),
                        reserved: amount(row.try_get("reserved")?),
                        overrun: amount(row.try_get("overrun")?),
                    })
                })
                .collect()
        })
        .await
    }

    /// What of a day's limit is spent or set aside.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn spent(&self, day: Date) -> Result<Picodollars, Error> {
        let (settled, reserved) = self.spent_on(day).await?;
        Ok(settled.saturating_add(reserved))
    }

    /// What is spent on a day and what is set aside.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn spent_on(&self, day: Date) -> Result<(Picodollars, Picodollars), Error> {
        self.sums(
            "SELECT settled, reserved FROM days WHERE day = ?",
            day.to_string(),
        )
        .await
    }

    /// What is spent and what is set aside of a limit besides the day's, by its name.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn spent_of(&self, scope: &str) -> Result<(Picodollars, Picodollars), Error> {
        self.sums(
            "SELECT settled, reserved FROM scopes WHERE scope = ?",
            scope.to_owned(),
        )
        .await
    }

    async fn sums(
        &self,
        query: &'static str,
        name: String,
    ) -> Result<(Picodollars, Picodollars), Error> {
        self.read(async |connection| {
            let row = sqlx::query(query)
                .bind(name)
                .fetch_optional(connection)
                .await?;
            row.map_or(Ok(Default::default()), |row| {
                let sum = |column: &str| row.try_get(column).map(amount);
                Ok((sum("settled")?, sum("reserved")?))
            })
        })
        .await
    }

    /// Feedback after a place in the log, in the order in which it is replayed.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn feedback_after(&self, seq: i64) -> Result<Vec<(i64, Feedback)>, Error> {
        self.read(async |connection| {
            let rows = sqlx::query("SELECT * FROM feedback WHERE seq > ? ORDER BY seq")
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
        self.read(async |connection| {
            let row =
                sqlx::query("SELECT bytes, through_seq FROM snapshots ORDER BY id DESC LIMIT 1")
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

    /// Checks that a day's sums are the sums of its reservations, and that what was booked stands in the outcomes.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn check_ledger(&self) -> Result<LedgerReport, Error> {
        const SUMS: &str = "SELECT d.day AS day FROM days AS d LEFT JOIN reservations AS r ON r.day = d.day GROUP BY d.day \
            HAVING d.reserved <> coalesce(sum(CASE r.state WHEN 'reserved' THEN r.bound END), 0) \
            OR d.settled <> coalesce(sum(CASE r.state WHEN 'reserved' THEN 0 ELSE r.cost END), 0)";
        const ROWS: &str = "SELECT r.outcome_id AS id FROM reservations AS r LEFT JOIN outcomes AS o ON o.id = r.outcome_id \
            WHERE o.id IS NULL OR (r.state = 'reserved') <> (o.status = 'started') OR (r.state <> 'reserved' AND o.cost <> r.cost)";
        const SCOPES: &str = "SELECT d.scope AS scope FROM scopes AS d LEFT JOIN reservation_scopes AS s ON s.scope = d.scope \
            LEFT JOIN reservations AS r ON r.outcome_id = s.outcome_id GROUP BY d.scope \
            HAVING d.reserved <> coalesce(sum(CASE r.state WHEN 'reserved' THEN r.bound END), 0) \
            OR d.settled <> coalesce(sum(CASE WHEN r.state <> 'reserved' THEN r.cost END), 0)";
        const OVERRUNS: &str = "SELECT d.day AS day FROM days AS d LEFT JOIN reservations AS r ON r.day = d.day AND r.state <> 'reserved' \
            GROUP BY d.day HAVING d.overrun <> coalesce(sum(max(r.cost - r.bound, 0)), 0)";
        const LOOSE: &str = "SELECT r.day AS day FROM reservations AS r LEFT JOIN days AS d ON d.day = r.day WHERE d.day IS NULL";
        const UNPAID: &str = "SELECT o.id AS id FROM outcomes AS o LEFT JOIN reservations AS r ON r.outcome_id = o.id \
            WHERE r.outcome_id IS NULL AND (o.cost <> 0 OR o.status = 'started')";
        self.read(async |connection| {
            // One view of the file for all questions, whatever is written meanwhile.
            let mut view = sqlx::Connection::begin(&mut *connection).await?;
            let connection = &mut *view;
            let mut faults = Vec::new();
            for row in sqlx::query(SUMS).fetch_all(&mut *connection).await? {
                faults.push(format!(
                    "the sums of {} are not those of its reservations",
                    row.try_get::<String, _>("day")?
                ));
            }
            for row in sqlx::query(SCOPES).fetch_all(&mut *connection).await? {
                faults.push(format!(
                    "the sums of {} are not those of its reservations",
                    row.try_get::<String, _>("scope")?
                ));
            }
            for row in sqlx::query(OVERRUNS).fetch_all(&mut *connection).await? {
                faults.push(format!(
                    "the overrun of {} is not that of its reservations",
                    row.try_get::<String, _>("day")?
                ));
            }
            for row in sqlx::query(LOOSE).fetch_all(&mut *connection).await? {
                faults.push(format!(
                    "there are reservations for {}, and no sums",
                    row.try_get::<String, _>("day")?
                ));
            }
            for row in sqlx::query(UNPAID).fetch_all(&mut *connection).await? {
                faults.push(format!(
                    "the task {} cost something or is under way, and nothing was reserved for it",
                    row.try_get::<String, _>("id")?
                ));
            }
            for row in sqlx::query(ROWS).fetch_all(&mut *connection).await? {
                faults.push(format!(
                    "the task {} and its reservation do not agree",
                    row.try_get::<String, _>("id")?
                ));
            }
            let count: i64 = sqlx::query_scalar("SELECT count(*) FROM reservations")
                .fetch_one(&mut *connection)
                .await?;
            view.commit().await?;
            Ok(LedgerReport {
                faults,
                reservations: u64::try_from(count).unwrap_or(0),
            })
        })
        .await
    }
}
