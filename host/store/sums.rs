//! The statements that add to the sums of days and of other limits, and what a sum says of its limit.

use std::sync::LazyLock;

use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row as _, SqlSafeStr as _, SqlStr};

use super::BeginError;
use super::lease::Hold;
use super::ledger::NotTaken;
use super::rows::{self, Bound};
use crate::money::Picodollars;

/// The share of a limit, in percent, at which a warning is due.
const WARN_AT: i64 = 80;

/// Takes what is added out of this process's lease, adds it to a sum and looks at what then stands there.
macro_rules! add_to {
    ($table:literal, $key:literal) => {
        concat!(
            "; UPDATE leases SET amount = max(amount - ?, 0) WHERE scope = ? AND owner = ?; INSERT INTO ", $table, " (", $key,
            ", reserved) VALUES (?, ?) ON CONFLICT (", $key, ") DO UPDATE SET reserved = reserved + excluded.reserved ",
            "RETURNING settled, reserved, (SELECT coalesce(sum(amount), 0) FROM leases WHERE scope = ?) AS leased, ",
            "(SELECT coalesce(sum(amount), 0) FROM leases WHERE scope = ? AND owner <> ?) AS elsewhere"
        )
    };
}

const DAY: &str = add_to!("days", "day");
const SCOPE: &str = add_to!("scopes", "scope");
const LINK: &str = "; INSERT INTO reservation_scopes (outcome_id, scope) VALUES (?, ?)";

/// Adds to one sum.
pub(super) fn add(hold: &Hold) -> &'static str {
    if hold.day.is_some() { DAY } else { SCOPE }
}

/// So many sums a call usually counts in at most: the day's, the hour's, the tier's, the caller's.
const USUAL: usize = 4;

/// Begins a transaction with a task's row, its reservation and so many sums, the day's first, in one trip to the connection's thread: trips are
/// most of what a short transaction costs.
pub(super) fn begin(sums: usize) -> SqlStr {
    static SQL: LazyLock<[String; USUAL]> = LazyLock::new(|| std::array::from_fn(begin_with));
    let further = sums.saturating_sub(1);
    match SQL.get(further) {
        Some(sql) => SqlStr::from_static(sql),
        // It is put together of constants alone.
        None => AssertSqlSafe(begin_with(further)).into_sql_str(),
    }
}

fn begin_with(further: usize) -> String {
    let scopes = format!("{SCOPE}{LINK}").repeat(further);
    format!("{}{DAY}{scopes}", rows::BEGIN_RESERVE)
}

/// Binds what [`add`] takes.
pub(super) fn bind(query: Bound, hold: &Hold, owner: &str, amount: i64, from_lease: i64) -> Bound {
    query
        .bind(from_lease)
        .bind(hold.key.clone())
        .bind(owner.to_owned())
        .bind(hold.day.as_ref().unwrap_or(&hold.key).clone())
        .bind(amount)
        .bind(hold.key.clone())
        .bind(hold.key.clone())
        .bind(owner.to_owned())
}

/// A sum as it stands with a call in it.
pub(super) struct Sum {
    settled: i64,
    reserved: i64,
    /// Leased by any process and not used yet.
    leased: i64,
    /// Of that, by other processes.
    elsewhere: i64,
}

impl Sum {
    pub(super) fn of(row: &SqliteRow) -> Result<Sum, sqlx::Error> {
        Ok(Sum {
            settled: row.try_get("settled")?,
            reserved: row.try_get("reserved")?,
            leased: row.try_get("leased")?,
            elsewhere: row.try_get("elsewhere")?,
        })
    }

    /// How much of the limit is left, with the call in the sum; a refusal where that is less than nothing. A call that adds nothing is never
    /// refused.
    pub(super) fn left(&self, hold: &Hold, amount: i64) -> Result<i64, NotTaken> {
        let Some(limit) = hold.limit.filter(|_| amount > 0) else {
            return Ok(0);
        };
        let sum = self.settled.saturating_add(self.reserved);
        let over = sum.saturating_add(self.leased).saturating_sub(limit);
        let money = |value: i64| Picodollars::new(value.unsigned_abs());
        if over > 0 {
            let others = self.reserved.saturating_add(self.leased) - amount;
            return Err(NotTaken {
                why: BeginError::BudgetSpent {
                    scope: hold.words(),
                    limit: money(limit),
                    settled: money(self.settled),
                    reserved: money(others),
                    wanted: money(amount),
                },
                elsewhere: over <= self.elsewhere,
            });
        }
        let mark = limit / 100 * WARN_AT;
        if sum >= mark && sum - amount < mark {
            tracing::warn!(
                limited = hold.words(),
                limit = %money(limit),
                taken = %money(sum),
                "{WARN_AT} % of a budget are spent or reserved"
            );
        }
        Ok(-over)
    }
}
