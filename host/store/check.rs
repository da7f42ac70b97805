//! Whether the ledger agrees with itself and with the outcomes.

use serde::Serialize;
use sqlx::Row as _;

use super::{Error, Store};

/// Whether the ledger and the outcomes agree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerReport {
    /// What does not agree, in words; empty when all is well.
    pub faults: Vec<String>,
    /// How many reservations were looked at.
    pub reservations: u64,
}

impl Store {
    /// Checks to the last unit that a day's sums and those of every limit are the sums of their reservations, and that what was booked stands in
    /// the outcomes.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn check_ledger(&self) -> Result<LedgerReport, Error> {
        const SUMS: &str = "SELECT d.day AS day FROM days AS d LEFT JOIN reservations AS r ON r.day = d.day GROUP BY d.day \
            HAVING d.reserved <> coalesce(sum(CASE r.state WHEN 'reserved' THEN r.bound END), 0) \
            OR d.settled <> d.compacted + coalesce(sum(CASE r.state WHEN 'reserved' THEN 0 ELSE r.cost END), 0)";
        const ROWS: &str = "SELECT r.outcome_id AS id FROM reservations AS r LEFT JOIN outcomes AS o ON o.id = r.outcome_id \
            WHERE o.id IS NULL OR (r.state = 'reserved') <> (o.status = 'started') OR (r.state <> 'reserved' AND o.cost <> r.cost)";
        const SCOPES: &str = "SELECT d.scope AS scope FROM scopes AS d LEFT JOIN reservation_scopes AS s ON s.scope = d.scope \
            LEFT JOIN reservations AS r ON r.outcome_id = s.outcome_id GROUP BY d.scope \
            HAVING d.reserved <> coalesce(sum(CASE r.state WHEN 'reserved' THEN r.bound END), 0) \
            OR d.settled <> d.compacted + coalesce(sum(CASE WHEN r.state <> 'reserved' THEN r.cost END), 0)";
        const OVERRUNS: &str = "SELECT d.day AS day FROM days AS d LEFT JOIN reservations AS r ON r.day = d.day AND r.state <> 'reserved' \
            GROUP BY d.day HAVING d.overrun <> d.compacted_overrun + coalesce(sum(max(r.cost - r.bound, 0)), 0)";
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
