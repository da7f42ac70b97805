//! What the ledger's sums say: what is spent and set aside, by day and by limit.

use jiff::civil::Date;
use serde::Serialize;
use sqlx::Row as _;

use super::query::amount;
use super::{Error, Store};
use crate::money::Picodollars;

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

/// Calls that are under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnderWay {
    /// How many.
    pub calls: u64,
    /// What is set aside for them.
    pub reserved: Picodollars,
    /// What processes have leased of limits beyond that and not used yet; of the limit of which most is leased.
    pub leased: Picodollars,
}

impl Store {
    /// What is under way now, in every process.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn under_way(&self) -> Result<UnderWay, Error> {
        self.read(async |connection| {
            let row = sqlx::query(
                "SELECT count(*) AS calls, coalesce(sum(bound), 0) AS reserved, (SELECT coalesce(max(leased), 0) FROM \
                 (SELECT sum(amount) AS leased FROM leases GROUP BY scope)) AS leased FROM reservations WHERE state = 'reserved'",
            )
            .fetch_one(connection)
            .await?;
            Ok(UnderWay {
                calls: u64::try_from(row.try_get::<i64, _>("calls")?).unwrap_or(0),
                reserved: amount(row.try_get("reserved")?),
                leased: amount(row.try_get("leased")?),
            })
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
}
