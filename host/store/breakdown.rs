//! Figures over outcomes, side by side: by day, tier, model, provider, kind or caller.
//!
//! It reads what ended tasks cost; what is set aside for tasks under way is the ledger's.

use serde::Serialize;
use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};

use super::query::{amount, conditions};
use super::{Error, Query, Store, TierStats};

/// What outcomes are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// The day of UTC on which the task arrived, newest first. A limit's days begin where the budget's time zone says: those are
    /// [`Store::spending`]'s.
    Day,
    /// The tier that did it.
    Tier,
    /// The model that was called; empty where none was.
    Model,
    /// The provider that was called; empty where none was.
    Provider,
    /// The kind as classified.
    Kind,
    /// Who asked.
    Caller,
}

impl Axis {
    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Axis::Day => "day",
            Axis::Tier => "tier",
            Axis::Model => "model",
            Axis::Provider => "provider",
            Axis::Kind => "kind",
            Axis::Caller => "caller",
        }
    }

    /// The axis of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Axis> {
        [
            Axis::Day,
            Axis::Tier,
            Axis::Model,
            Axis::Provider,
            Axis::Kind,
            Axis::Caller,
        ]
        .into_iter()
        .find(|axis| axis.name() == name)
    }

    /// What SQLite groups by, and the order of the groups.
    pub(super) const fn sql(self) -> (&'static str, &'static str) {
        match self {
            Axis::Day => ("date(started_at / 1000000, 'unixepoch')", "name DESC, name"),
            Axis::Tier => ("coalesce(tier_done, '')", "name"),
            Axis::Model => (
                "coalesce(model, '')",
                "sum(cost) DESC, sum(tasks) DESC, name",
            ),
            Axis::Provider => (
                "coalesce(provider, '')",
                "sum(cost) DESC, sum(tasks) DESC, name",
            ),
            Axis::Kind => ("kind", "sum(cost) DESC, sum(tasks) DESC, name"),
            Axis::Caller => ("caller", "sum(cost) DESC, sum(tasks) DESC, name"),
        }
    }
}

/// The outcomes that have one thing in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// The day, tier, model, provider, kind or caller; empty where there is none.
    pub name: String,
    /// The figures.
    #[serde(flatten)]
    pub figures: TierStats,
}

/// Figures of outcomes by an expression of SQL's.
pub(super) async fn groups(
    connection: &mut SqliteConnection,
    query: &Query,
    (expression, order): (&str, &str),
) -> Result<Vec<Group>, sqlx::Error> {
    let mut builder: QueryBuilder<Sqlite> = QueryBuilder::new(format!(
        "SELECT CAST({expression} AS TEXT) AS name, sum(tasks) AS tasks, sum(tasks * (status = 'success')) AS succeeded, sum(cost) AS cost, \
         sum(baseline) AS baseline FROM figures"
    ));
    conditions(&mut builder, query);
    builder.push(format!(" GROUP BY name ORDER BY {order}"));
    let rows = builder.build().fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let count = |column: &str| -> Result<u64, sqlx::Error> {
                Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0))
            };
            Ok(Group {
                name: row.try_get("name")?,
                figures: TierStats {
                    tasks: count("tasks")?,
                    succeeded: count("succeeded")?,
                    cost: amount(row.try_get("cost")?),
                    baseline: amount(row.try_get("baseline")?),
                },
            })
        })
        .collect()
}

impl Store {
    /// Figures over outcomes by one of their properties.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn breakdown(&self, query: &Query, axis: Axis) -> Result<Vec<Group>, Error> {
        self.read(async |connection| groups(connection, query, axis.sql()).await)
            .await
    }
}
