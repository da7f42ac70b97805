//! Calls that were billed above what was set aside for them, and what follows: the model is held back until somebody has looked.
//!
//! A bill above the bound shows that the bound was computed from a wrong price, or that the vendor counts something that nobody knew of. The next
//! call's bound would be as wrong, so it is not made, under a limit or not. Other models are called on.

use jiff::Timestamp;
use serde::Serialize;
use sqlx::Row as _;

use super::query::amount;
use super::writer::{Command, Writer};
use super::{BeginError, Error, Store};
use crate::money::Picodollars;
use crate::outcome::Outcome;

/// A call that was billed above what was set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overrun {
    /// The task.
    pub task: String,
    /// When it was booked.
    pub at: Timestamp,
    /// Who billed it.
    pub provider: String,
    /// For which model.
    pub model: String,
    /// What had been set aside.
    pub bound: Picodollars,
    /// What was billed.
    pub cost: Picodollars,
    /// When somebody accepted it; none while the model is held back for it.
    pub accepted_at: Option<Timestamp>,
}

impl Writer {
    /// Stops a call to a model that was billed above its bound before.
    pub(super) async fn refuse_held_back(&mut self, outcome: &Outcome) -> Result<(), BeginError> {
        let (Some(provider), Some(model)) = (&outcome.provider, &outcome.model) else {
            return Ok(());
        };
        let path = self.path.clone();
        let failed = |e: sqlx::Error| Error::of(&e, &path);
        let held = sqlx::query(
            "SELECT outcome_id, bound, cost FROM overruns WHERE provider = ? AND model = ? AND accepted_at IS NULL ORDER BY at LIMIT 1",
        )
        .bind(provider.clone())
        .bind(model.clone())
        .fetch_optional(&mut self.connection)
        .await
        .map_err(failed)?;
        let Some(held) = held else {
            return Ok(());
        };
        Err(BeginError::Overrun {
            provider: provider.clone(),
            model: model.clone(),
            task: held.try_get("outcome_id").map_err(failed)?,
            bound: amount(held.try_get("bound").map_err(failed)?),
            cost: amount(held.try_get("cost").map_err(failed)?),
        })
    }

    pub(super) async fn accept_overruns(&mut self) -> Result<u64, Error> {
        sqlx::query("UPDATE overruns SET accepted_at = ? WHERE accepted_at IS NULL")
            .bind(Timestamp::now().as_microsecond())
            .execute(&mut self.connection)
            .await
            .map(|done| done.rows_affected())
            .map_err(|e| self.error(&e))
    }
}

impl Store {
    /// Calls that were billed above their bound, newest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn overruns(&self) -> Result<Vec<Overrun>, Error> {
        let time = |micros| Timestamp::from_microsecond(micros).unwrap_or_default();
        self.read(async |connection| {
            let rows = sqlx::query("SELECT * FROM overruns ORDER BY at DESC")
                .fetch_all(connection)
                .await?;
            rows.iter()
                .map(|row| {
                    Ok(Overrun {
                        task: row.try_get("outcome_id")?,
                        at: time(row.try_get("at")?),
                        provider: row.try_get("provider")?,
                        model: row.try_get("model")?,
                        bound: amount(row.try_get("bound")?),
                        cost: amount(row.try_get("cost")?),
                        accepted_at: row.try_get::<Option<i64>, _>("accepted_at")?.map(time),
                    })
                })
                .collect()
        })
        .await
    }

    /// Accepts what was billed so far above bounds: the models that were held back for it are called again. Returns how many calls that were.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn accept_overruns(&self) -> Result<u64, Error> {
        self.ask(|reply| Command::AcceptOverruns { reply }).await
    }
}
