//! The ledger's transactions: money set aside, set aside anew, booked.
//!
//! Each begins with the statement that takes the write lock, so nobody changes a sum between the look at it and the commit.

use std::time::{Duration, Instant};

use sqlx::{Row as _, SqliteConnection};

use super::lease::{self, Hold};
use super::reservation::Asked;
use super::rows::{self, signed};
use super::writer::{LOOK_AGAIN, Writer, is_unique};
use super::{Begin, BeginError, Error, Reservation, recover, sums};
use crate::money::Picodollars;
use crate::outcome::{Outcome, Status};
use crate::wit::Feedback;

/// Why money was not set aside.
pub(super) struct Refused {
    pub(super) why: BeginError,
    /// What was asked for, where another live process has leased enough of the limit and not used it: it may come back soon.
    pub(super) again: Option<Box<Asked>>,
}

/// Why no other sum was set aside.
pub(super) struct NotExtended {
    pub(super) why: BeginError,
    /// As [`Refused::again`].
    pub(super) again: Option<Box<Begin>>,
}

/// A refusal on the way out of a transaction.
pub(super) struct NotTaken {
    pub(super) why: BeginError,
    /// What other processes lease would do.
    pub(super) elsewhere: bool,
}

impl<E: Into<BeginError>> From<E> for NotTaken {
    fn from(why: E) -> Self {
        NotTaken {
            why: why.into(),
            elsewhere: false,
        }
    }
}

impl Writer {
    /// Sets money aside and writes the row. `prepaid` says that its money has been taken from this process's blocks.
    ///
    /// Before it is refused, all of this process's own blocks are counted for it, and what crashed processes had set aside is booked.
    pub(super) async fn begin(
        &mut self,
        asked: Box<Asked>,
        prepaid: bool,
    ) -> Result<Reservation, Refused> {
        let Asked { begin, holds } = &*asked;
        let mut begun = self.begin_from(begin, holds, prepaid).await;
        if prepaid && is_spent(&begun) {
            // An overrun has eaten into what was leased: the blocks count for nothing then, and the sums decide.
            begun = self.begin_from(begin, holds, false).await;
        }
        if is_spent(&begun) && self.has_booked_crashed().await {
            begun = self.begin_from(begin, holds, false).await;
        }
        match begun {
            Ok(()) => Ok(Reservation::new(
                begin.outcome.id.clone(),
                begin.bound,
                self.commands.clone(),
            )),
            Err(NotTaken { why, elsewhere }) => Err(Refused {
                why,
                again: elsewhere.then_some(asked),
            }),
        }
    }

    /// Looks for reservations of processes that crashed, once a second at most.
    async fn has_booked_crashed(&mut self) -> bool {
        if self
            .looked_for_crashed
            .is_some_and(|at| at.elapsed() < LOOK_AGAIN)
        {
            return false;
        }
        self.looked_for_crashed = Some(Instant::now());
        match recover::recover(&mut self.connection, &self.path, &self.owner).await {
            Ok(recovered) => recovered.found > 0,
            Err(error) => {
                tracing::warn!(%error, "reservations of crashed processes could not be looked for");
                false
            }
        }
    }

    async fn begin_from(
        &mut self,
        begin: &Begin,
        holds: &[Hold],
        prepaid: bool,
    ) -> Result<(), NotTaken> {
        let bound = signed(begin.bound.get());
        let taken: Vec<i64> = holds
            .iter()
            .map(|hold| match hold.limit {
                None => 0,
                Some(_) if prepaid => bound,
                Some(_) => self.blocks.empty(hold),
            })
            .collect();
        let begun = match self.try_begin(begin, holds, &taken, prepaid).await {
            Ok(leased) => self
                .end(Ok(()))
                .await
                .map(|()| leased)
                .map_err(NotTaken::from),
            Err(refused) => {
                // What kept the transaction from beginning left nothing to roll back, and SQLite says so here.
                let _ = self.execute("ROLLBACK").await;
                Err(refused)
            }
        };
        // A refusal leaves every lease as it was.
        let filled = begun.as_ref().unwrap_or(&taken);
        for (hold, amount) in holds.iter().zip(filled) {
            self.blocks.fill(hold, *amount);
        }
        begun.map(drop)
    }

    /// Returns what was leased beyond the call, by limit.
    async fn try_begin(
        &mut self,
        begin: &Begin,
        holds: &[Hold],
        taken: &[i64],
        prepaid: bool,
    ) -> Result<Vec<i64>, NotTaken> {
        let bound = signed(begin.bound.get());
        let id = &begin.outcome.id;
        let owner = self.owner.id();
        let mut query = rows::bind_to(sqlx::query(sums::begin(holds.len())), begin.outcome.clone())
            .bind(id.clone())
            .bind(owner.to_owned())
            .bind(begin.day.to_string())
            .bind(bound)
            .bind(begin.outcome.provider.clone())
            .bind(begin.outcome.model.clone());
        for (hold, from_lease) in holds.iter().zip(taken) {
            query = sums::bind(query, hold, owner, bound, *from_lease);
            if hold.day.is_none() {
                query = query.bind(id.clone()).bind(hold.key.clone());
            }
        }
        let rows = query.fetch_all(&mut self.connection).await.map_err(|e| {
            if is_unique(&e) {
                Error::Duplicate(id.clone())
            } else {
                self.error(&e)
            }
        })?;
        let failed = |e: sqlx::Error| Error::of(&e, &self.path);
        let (reservation, sums) = rows
            .split_first()
            .ok_or_else(|| Error::Other("a reservation was not written".to_owned()))?;
        if reservation.try_get("held").map_err(failed)? {
            self.refuse_held_back(&begin.outcome).await?;
        }
        let mut leased = Vec::with_capacity(holds.len());
        for (hold, row) in holds.iter().zip(sums) {
            let left = sums::Sum::of(row)
                .map_err(|e| self.error(&e))?
                .left(hold, bound)?;
            let more = match hold.limit {
                Some(limit) if !prepaid => lease::block(limit, bound, left),
                _ => 0,
            };
            if more > 0 {
                self.lease(hold, more).await?;
            }
            leased.push(more);
        }
        Ok(leased)
    }

    /// Sets another sum aside for a task. Before it is refused, this process's own blocks are given back, and what crashed processes had
    /// set aside is booked.
    pub(super) async fn extend(&mut self, id: &str, to: Box<Begin>) -> Result<(), NotExtended> {
        let mut extended = self.extend_once(id, &to).await;
        if is_spent(&extended) {
            self.give_back(Duration::ZERO).await;
            self.has_booked_crashed().await;
            extended = self.extend_once(id, &to).await;
        }
        extended.map_err(|NotTaken { why, elsewhere }| NotExtended {
            why,
            again: elsewhere.then_some(to),
        })
    }

    async fn extend_once(&mut self, id: &str, to: &Begin) -> Result<(), NotTaken> {
        match self.try_extend(id, to).await {
            Ok(()) => Ok(self.end(Ok(())).await?),
            Err(refused) => {
                let _ = self.execute("ROLLBACK").await;
                Err(refused)
            }
        }
    }

    async fn try_extend(&mut self, id: &str, to: &Begin) -> Result<(), NotTaken> {
        let row = Outcome {
            id: id.to_owned(),
            ..to.outcome.clone()
        };
        rows::bind(rows::BEGIN_REPLACE, row)
            .execute(&mut self.connection)
            .await
            .map_err(|e| self.error(&e))?;
        self.refuse_held_back(&to.outcome).await?;
        let path = self.path.clone();
        let failed = |e: sqlx::Error| Error::of(&e, &path);
        let known = sqlx::query(
            "SELECT day, bound FROM reservations WHERE outcome_id = ? AND state = 'reserved'",
        )
        .bind(id.to_owned())
        .fetch_optional(&mut self.connection)
        .await
        .map_err(failed)?
        .ok_or(Error::Closed)?;
        let bound = signed(to.bound.get());
        let more = bound.saturating_sub(known.try_get("bound").map_err(failed)?);
        // The money stays with the day on which it was first set aside.
        let day = known.try_get::<String, _>("day").map_err(failed)?;
        let day = day.parse().unwrap_or(to.day);
        let holds = Begin { day, ..to.clone() }.holds();
        // What the tries before counted in grows with them; whether it reaches was looked at when they began.
        sqlx::query(
            "UPDATE scopes SET reserved = reserved + ?1 \
             WHERE scope IN (SELECT scope FROM reservation_scopes WHERE outcome_id = ?2); \
             UPDATE reservations SET bound = ?3 WHERE outcome_id = ?2",
        )
        .bind(more)
        .bind(id.to_owned())
        .bind(bound)
        .execute(&mut self.connection)
        .await
        .map_err(failed)?;
        for hold in &holds {
            let amount = if hold.day.is_some() {
                more
            } else {
                self.extend_scope(id, hold, bound, more).await?
            };
            let query = sqlx::query(sums::add(hold));
            let row = sums::bind(query, hold, self.owner.id(), amount, 0)
                .fetch_one(&mut self.connection)
                .await
                .map_err(failed)?;
            sums::Sum::of(&row).map_err(failed)?.left(hold, amount)?;
        }
        Ok(())
    }

    /// The growth that is still to be added to a sum besides the day's: one that the reservation is in has it already, and gives it back here
    /// to have it looked at against the limit.
    async fn extend_scope(
        &mut self,
        id: &str,
        hold: &Hold,
        bound: i64,
        more: i64,
    ) -> Result<i64, Error> {
        let known: Option<i64> = sqlx::query_scalar(
            "UPDATE scopes SET reserved = reserved - ?1 WHERE scope = ?2 \
             AND EXISTS (SELECT 1 FROM reservation_scopes WHERE outcome_id = ?3 AND scope = ?2) RETURNING 1",
        )
        .bind(more)
        .bind(hold.key.clone())
        .bind(id.to_owned())
        .fetch_optional(&mut self.connection)
        .await
        .map_err(|e| self.error(&e))?;
        if known.is_some() {
            return Ok(more);
        }
        // The row that the link points at comes first.
        sqlx::query(
            "INSERT INTO scopes (scope) VALUES (?1) ON CONFLICT DO NOTHING; \
             INSERT INTO reservation_scopes (scope, outcome_id) VALUES (?1, ?2)",
        )
        .bind(hold.key.clone())
        .bind(id.to_owned())
        .execute(&mut self.connection)
        .await
        .map_err(|e| self.error(&e))?;
        Ok(bound)
    }

    pub(super) async fn settle(
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
            .map_err(|e| self.error(&e))?;
        self.insert_feedback(id.to_owned(), "automatic", feedback)
            .await
    }

    /// The caller went away. A call that was made may be on the bill, so it is booked in full; one that was never made costs nothing.
    pub(super) async fn abandon(
        &mut self,
        id: &str,
        was_made: bool,
        known: Option<&Outcome>,
    ) -> Result<(), Error> {
        let cost = (!was_made).then(Picodollars::default);
        self.execute("BEGIN IMMEDIATE").await?;
        let booked = async {
            book(&mut self.connection, id, cost, "settled").await?;
            if let Some(known) = known {
                rows::tell_more(&mut self.connection, id, known).await?;
            }
            sqlx::query(
                "UPDATE outcomes SET status = ?1, error = ?2, cost = (SELECT cost FROM reservations WHERE outcome_id = ?3) \
                 WHERE id = ?3 AND status = 'started'",
            )
            .bind(Status::Cancelled.name())
            .bind(crate::outcome::CALLER_GONE)
            .bind(id.to_owned())
            .execute(&mut self.connection)
            .await
        }
        .await
        .map(drop)
        .map_err(|e| Error::of(&e, &self.path));
        self.end(booked).await
    }
}

fn is_spent(begun: &Result<(), NotTaken>) -> bool {
    matches!(
        begun,
        Err(NotTaken {
            why: BeginError::BudgetSpent { .. },
            ..
        })
    )
}

/// Books a reservation that is still open: at a cost, or in full. One that was booked before is left alone.
pub(super) async fn book(
    connection: &mut SqliteConnection,
    id: &str,
    cost: Option<Picodollars>,
    state: &'static str,
) -> Result<(), sqlx::Error> {
    // One trip for all: a number means the same argument in each of them.
    sqlx::query(
        "UPDATE days SET reserved = reserved - r.bound, settled = settled + coalesce(?1, r.bound), \
         overrun = overrun + max(coalesce(?1, r.bound) - r.bound, 0) \
         FROM reservations AS r WHERE r.outcome_id = ?2 AND r.state = 'reserved' AND days.day = r.day; \
         UPDATE scopes SET reserved = reserved - r.bound, settled = settled + coalesce(?1, r.bound), \
         overrun = overrun + max(coalesce(?1, r.bound) - r.bound, 0) \
         FROM reservations AS r JOIN reservation_scopes AS s ON s.outcome_id = r.outcome_id \
         WHERE r.outcome_id = ?2 AND r.state = 'reserved' AND scopes.scope = s.scope; \
         UPDATE reservations SET state = ?3, cost = coalesce(?1, bound) WHERE outcome_id = ?2 AND state = 'reserved'; \
         INSERT INTO overruns (outcome_id, at, provider, model, bound, cost) \
         SELECT r.outcome_id, ?4, o.provider, o.model, r.bound, r.cost FROM reservations AS r JOIN outcomes AS o ON o.id = r.outcome_id \
         WHERE r.outcome_id = ?2 AND r.state <> 'reserved' AND r.cost > r.bound AND o.provider IS NOT NULL AND o.model IS NOT NULL \
         ON CONFLICT DO NOTHING",
    )
    .bind(cost.map(|cost| signed(cost.get())))
    .bind(id.to_owned())
    .bind(state)
    .bind(jiff::Timestamp::now().as_microsecond())
    .execute(connection)
    .await
    .map(drop)
}
