//! Retention: outcomes of days gone by become sums. What a day, a tier, a model and a caller cost stays known; single tasks are forgotten.
//!
//! What the policy learned survives in a base: feedback goes only where the newest base has it.

use jiff::Timestamp;
use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::writer::{Command, Writer};
use super::{Error, Store};

/// What was compacted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Compacted {
    /// Outcomes that became sums.
    pub outcomes: u64,
}

/// So many outcomes are compacted in one transaction: others may write in between.
const CHUNK: i64 = 5_000;

/// Which outcomes go: those before a time that have ended, whose feedback is in the newest base, and whose overrun, if any, was accepted.
const CHOOSE: &str = "INSERT INTO temp.old (id) SELECT o.id FROM outcomes AS o WHERE o.started_at < ? AND o.status <> 'started' \
     AND NOT EXISTS (SELECT 1 FROM reservations AS r WHERE r.outcome_id = o.id AND r.state = 'reserved') \
     AND NOT EXISTS (SELECT 1 FROM overruns AS v WHERE v.outcome_id = o.id AND v.accepted_at IS NULL) \
     AND NOT EXISTS (SELECT 1 FROM feedback AS f WHERE f.outcome_id = o.id \
         AND f.seq > coalesce((SELECT through_seq FROM snapshots ORDER BY id DESC LIMIT 1), 0)) \
     LIMIT ?";

/// Adds them up, then takes them away, what points at a row before the row. Older bases go with feedback: the log after them is no longer whole.
const FOLD: &str = "INSERT INTO compacted (started_at, status, kind, caller, tier_decided, tier_done, model, provider, fallback_reason, tasks, cost, baseline) \
     SELECT started_at - started_at % 86400000000 AS day, status, kind, caller, tier_decided, tier_done, model, provider, fallback_reason, \
         count(*), sum(cost), sum(baseline) FROM outcomes WHERE id IN (SELECT id FROM temp.old) \
         GROUP BY day, status, kind, caller, tier_decided, tier_done, model, provider, fallback_reason; \
     UPDATE days SET compacted = compacted + gone.cost, compacted_overrun = compacted_overrun + gone.overrun \
         FROM (SELECT day, sum(cost) AS cost, sum(max(cost - bound, 0)) AS overrun FROM reservations \
             WHERE outcome_id IN (SELECT id FROM temp.old) GROUP BY day) AS gone WHERE days.day = gone.day; \
     UPDATE scopes SET compacted = compacted + gone.cost \
         FROM (SELECT s.scope, sum(r.cost) AS cost FROM reservation_scopes AS s JOIN reservations AS r ON r.outcome_id = s.outcome_id \
             WHERE s.outcome_id IN (SELECT id FROM temp.old) GROUP BY s.scope) AS gone WHERE scopes.scope = gone.scope; \
     DELETE FROM reservation_scopes WHERE outcome_id IN (SELECT id FROM temp.old); \
     DELETE FROM overruns WHERE outcome_id IN (SELECT id FROM temp.old); \
     DELETE FROM reservations WHERE outcome_id IN (SELECT id FROM temp.old); \
     DELETE FROM snapshots WHERE id < (SELECT max(id) FROM snapshots) \
         AND EXISTS (SELECT 1 FROM feedback WHERE outcome_id IN (SELECT id FROM temp.old)); \
     DELETE FROM feedback WHERE outcome_id IN (SELECT id FROM temp.old); \
     DELETE FROM outcomes WHERE id IN (SELECT id FROM temp.old); \
     DELETE FROM scopes WHERE compacted > 0 AND reserved = 0 AND scope NOT IN (SELECT scope FROM reservation_scopes)";

impl Writer {
    pub(super) async fn compact(&mut self, before: Timestamp) -> Result<Compacted, Error> {
        self.execute("CREATE TEMP TABLE IF NOT EXISTS old (id TEXT PRIMARY KEY NOT NULL) STRICT")
            .await?;
        let mut all = Compacted::default();
        loop {
            self.execute("BEGIN IMMEDIATE").await?;
            let folded = self.fold(before).await;
            let (count, ended) = match folded {
                Ok(count) => (count, Ok(())),
                Err(e) => (0, Err(e)),
            };
            self.end(ended).await?;
            all.outcomes += count;
            if count == 0 {
                return Ok(all);
            }
        }
    }

    async fn fold(&mut self, before: Timestamp) -> Result<u64, Error> {
        sqlx::query(AssertSqlSafe(format!("DELETE FROM temp.old; {CHOOSE}")))
            .bind(before.as_microsecond())
            .bind(CHUNK)
            .execute(&mut self.connection)
            .await
            .map_err(|e| self.error(&e))?;
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM temp.old")
            .fetch_one(&mut self.connection)
            .await
            .map_err(|e| self.error(&e))?;
        if count > 0 {
            self.execute(FOLD).await?;
        }
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Gives the room of what is gone back to the disk.
    pub(super) async fn shrink(&mut self) -> Result<(), Error> {
        self.execute("VACUUM").await
    }
}

impl Store {
    /// Whether there are outcomes before a time.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn has_before(&self, before: Timestamp) -> Result<bool, Error> {
        self.read(async |connection| {
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM outcomes WHERE started_at < ?)")
                .bind(before.as_microsecond())
                .fetch_one(connection)
                .await
        })
        .await
    }

    /// Makes sums of the outcomes before a time. Those stay whose task is under way, whose feedback is not in the newest base of the policy, or
    /// whose overrun nobody has accepted.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn compact(&self, before: Timestamp) -> Result<Compacted, Error> {
        self.ask(|reply| Command::Compact { before, reply }).await
    }

    /// Gives the room of what was compacted back to the disk. Nobody else can write meanwhile.
    ///
    /// # Errors
    /// The file cannot be written, or another process reads it.
    pub async fn shrink(&self) -> Result<(), Error> {
        self.ask(|reply| Command::Shrink { reply }).await
    }
}
