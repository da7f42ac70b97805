//! Outcomes that cost nothing, committed in groups.

use std::time::{Duration, Instant};

use super::Error;
use super::rows;
use super::writer::{PERSIST, Record, Writer, is_unique};
use crate::outcome::Outcome;

impl Writer {
    /// Commits outcomes that cost nothing, while nobody waits for it: what is lost is told here.
    pub(super) async fn write_untold(&mut self, group: &mut Vec<Record>) {
        let count = group.len();
        if let Err(error) = self.write_group(group).await {
            tracing::error!(
                "{count} outcome{} could not be recorded: {error}",
                if count == 1 { "" } else { "s" }
            );
        }
    }

    /// Commits outcomes that cost nothing. A group that cannot be written for two seconds is counted as unrecorded.
    pub(super) async fn write_group(&mut self, group: &mut Vec<Record>) -> Result<(), Error> {
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
                    self.count_unrecorded(group.len() as u64);
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

    /// Keeps the row of a task whose caller went away, unless the task has one: a call under way, or an end that was recorded.
    pub(super) async fn keep_gone(&mut self, outcome: &Outcome) -> Result<(), Error> {
        self.execute("BEGIN IMMEDIATE").await?;
        let kept = self.try_keep_gone(outcome).await;
        self.end(kept).await
    }

    async fn try_keep_gone(&mut self, outcome: &Outcome) -> Result<(), Error> {
        // A caller's id may have come before: the time tells whether it was for this task.
        let has_row: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM outcomes WHERE id = ? AND started_at = ?)",
        )
        .bind(outcome.id.clone())
        .bind(outcome.started_at.as_microsecond())
        .fetch_one(&mut self.connection)
        .await
        .map_err(|e| self.error(&e))?;
        if has_row {
            return Ok(());
        }
        self.insert_each(&[(outcome.clone(), None)]).await
    }
}
