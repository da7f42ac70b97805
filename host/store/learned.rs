//! What the policy learns from: verdicts, the feedback log, and the bases from which it is replayed.

use sqlx::Row as _;

use super::verdict::Lesson;
use super::writer::{Command, Writer};
use super::{Error, Snapshot, Store, Verdict, rows};
use crate::outcome::Outcome;
use crate::tier::Tier;
use crate::wit::Feedback;

/// What became of a verdict on a task that had one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// There is none, or it cannot be taken out of what was learned: the new one is still to be given.
    NotMade,
    /// It was the same one: nothing has changed.
    Same,
    /// The new one stands in its place in the log. No base of the policy is left, as each may hold the old one.
    Made,
}

/// A piece of an earlier verdict in the log.
struct Earlier {
    seq: i64,
    verdict: String,
    tier: i64,
    quality: f32,
    weight: f32,
}

impl Writer {
    pub(super) async fn insert_feedback(
        &mut self,
        id: String,
        verdict: &'static str,
        feedback: Option<&Feedback>,
    ) -> Result<(), Error> {
        if let Some(feedback) = feedback {
            rows::bind_feedback(id, verdict, feedback)
                .execute(&mut self.connection)
                .await
                .map_err(|e| self.error(&e))?;
        }
        Ok(())
    }

    pub(super) async fn feedback(
        &mut self,
        id: &str,
        verdict: Verdict,
    ) -> Result<Vec<Feedback>, Error> {
        self.execute("BEGIN IMMEDIATE").await?;
        let written = self.try_feedback(id, verdict).await;
        let (answer, ended) = match written {
            Ok(pieces) => (Ok(pieces), Ok(())),
            Err(e) => (Err(e.clone()), Err(e)),
        };
        self.end(ended).await?;
        answer
    }

    async fn try_feedback(&mut self, id: &str, verdict: Verdict) -> Result<Vec<Feedback>, Error> {
        let (outcome, tier) = self.judged(id).await?;
        self.set_quality(id, verdict).await?;
        let lessons = verdict.lessons(tier).into_iter();
        let pieces: Vec<Feedback> = lessons.map(|lesson| lesson.feedback(&outcome)).collect();
        for piece in &pieces {
            self.insert_feedback(id.to_owned(), verdict.name(), Some(piece))
                .await?;
        }
        Ok(pieces)
    }

    /// A task that can be judged, and the tier that did it.
    async fn judged(&mut self, id: &str) -> Result<(Outcome, Tier), Error> {
        let row = sqlx::query("SELECT * FROM outcomes WHERE id = ?")
            .bind(id.to_owned())
            .fetch_optional(&mut self.connection)
            .await
            .map_err(|e| self.error(&e))?
            .ok_or_else(|| Error::NoSuchTask(id.to_owned()))?;
        let outcome = rows::outcome(&row).map_err(|e| self.error(&e))?;
        let tier = outcome
            .tier_done
            .ok_or_else(|| Error::NothingDone(id.to_owned()))?;
        Ok((outcome, tier))
    }

    async fn set_quality(&mut self, id: &str, verdict: Verdict) -> Result<(), Error> {
        sqlx::query("UPDATE outcomes SET quality = ? WHERE id = ?")
            .bind(f64::from(verdict.quality()))
            .bind(id.to_owned())
            .execute(&mut self.connection)
            .await
            .map(drop)
            .map_err(|e| self.error(&e))
    }

    pub(super) async fn correct_feedback(
        &mut self,
        id: &str,
        verdict: Verdict,
        may_rewrite: bool,
    ) -> Result<Correction, Error> {
        self.execute("BEGIN IMMEDIATE").await?;
        let written = self.try_correction(id, verdict, may_rewrite).await;
        let (answer, ended) = match written {
            Ok(made) => (Ok(made), Ok(())),
            Err(e) => (Err(e.clone()), Err(e)),
        };
        self.end(ended).await?;
        answer
    }

    async fn try_correction(
        &mut self,
        id: &str,
        verdict: Verdict,
        may_rewrite: bool,
    ) -> Result<Correction, Error> {
        let (outcome, tier) = self.judged(id).await?;
        let earlier = self.earlier(id).await?;
        let Some(last) = earlier.last() else {
            return Ok(Correction::NotMade);
        };
        let lessons = verdict.lessons(tier);
        let stands = |own: &Lesson| {
            earlier.iter().any(|piece| {
                piece.verdict == verdict.name()
                    && piece.tier == i64::from(own.tier.number())
                    && (piece.quality, piece.weight) == (own.quality, own.weight)
            })
        };
        let live = earlier.iter().filter(|piece| piece.weight > 0.0).count();
        if live == lessons.len() && lessons.iter().all(stands) {
            return Ok(Correction::Same);
        }
        if !may_rewrite || !self.feedback_is_whole().await? {
            let same = last.verdict == verdict.name() && outcome.quality == Some(verdict.quality());
            return Ok(if same {
                Correction::Same
            } else {
                Correction::NotMade
            });
        }
        self.set_quality(id, verdict).await?;
        self.rewrite(&earlier, &lessons, (id, &outcome, verdict))
            .await?;
        self.execute("DELETE FROM snapshots").await?;
        Ok(Correction::Made)
    }

    /// Gives each piece of the earlier verdict what the new one says of its tier, or no weight where it says nothing, and adds what is missing.
    async fn rewrite(
        &mut self,
        earlier: &[Earlier],
        lessons: &[Lesson],
        (id, outcome, verdict): (&str, &Outcome, Verdict),
    ) -> Result<(), Error> {
        let mut rest = lessons.to_vec();
        for piece in earlier {
            let own = rest
                .iter()
                .position(|own| i64::from(own.tier.number()) == piece.tier)
                .map(|at| rest.remove(at));
            let (quality, weight) =
                own.map_or((piece.quality, 0.0), |own| (own.quality, own.weight));
            sqlx::query("UPDATE feedback SET verdict = ?, quality = ?, weight = ? WHERE seq = ?")
                .bind(verdict.name())
                .bind(f64::from(quality))
                .bind(f64::from(weight))
                .bind(piece.seq)
                .execute(&mut self.connection)
                .await
                .map_err(|e| self.error(&e))?;
        }
        for own in rest {
            self.insert_feedback(id.to_owned(), verdict.name(), Some(&own.feedback(outcome)))
                .await?;
        }
        Ok(())
    }

    /// What verdicts, and not the end of the task by itself, have taught of a task so far.
    async fn earlier(&mut self, id: &str) -> Result<Vec<Earlier>, Error> {
        let rows = sqlx::query(
            "SELECT seq, verdict, tier, quality, weight FROM feedback WHERE outcome_id = ? AND verdict <> 'automatic' ORDER BY seq",
        )
        .bind(id.to_owned())
        .fetch_all(&mut self.connection)
        .await
        .map_err(|e| self.error(&e))?;
        let pieces: Result<Vec<Earlier>, sqlx::Error> = rows
            .iter()
            .map(|row| {
                Ok(Earlier {
                    seq: row.try_get("seq")?,
                    verdict: row.try_get("verdict")?,
                    tier: row.try_get("tier")?,
                    quality: row.try_get::<f64, _>("quality")? as f32,
                    weight: row.try_get::<f64, _>("weight")? as f32,
                })
            })
            .collect();
        pieces.map_err(|e| self.error(&e))
    }

    async fn feedback_is_whole(&mut self) -> Result<bool, Error> {
        sqlx::query_scalar(super::query::FEEDBACK_IS_WHOLE)
            .fetch_one(&mut self.connection)
            .await
            .map_err(|e| self.error(&e))
    }

    pub(super) async fn snapshot(&mut self, snapshot: Snapshot) -> Result<(), Error> {
        self.execute("BEGIN IMMEDIATE").await?;
        let written = async {
            sqlx::query("INSERT INTO snapshots (through_seq, at, bytes) VALUES (?, ?, ?)")
                .bind(snapshot.through_seq)
                .bind(jiff::Timestamp::now().as_microsecond())
                .bind(snapshot.bytes)
                .execute(&mut self.connection)
                .await?;
            sqlx::query("DELETE FROM snapshots WHERE id NOT IN (SELECT id FROM snapshots ORDER BY id DESC LIMIT 3)")
                .execute(&mut self.connection)
                .await
        }
        .await
        .map(drop)
        .map_err(|e| Error::of(&e, &self.path));
        self.end(written).await
    }
}

impl Store {
    /// Whether somebody has given a verdict on a task.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn is_judged(&self, id: &str) -> Result<bool, Error> {
        self.read(async |connection| {
            sqlx::query_scalar(
                "SELECT EXISTS (SELECT 1 FROM feedback WHERE outcome_id = ? AND verdict <> 'automatic')",
            )
            .bind(id.to_owned())
            .fetch_one(connection)
            .await
        })
        .await
    }

    /// How many pieces of feedback stand in the log up to a place in it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn feedback_through(&self, seq: i64) -> Result<u64, Error> {
        self.read(async |connection| {
            sqlx::query_scalar("SELECT count(*) FROM feedback WHERE seq <= ? AND weight > 0")
                .bind(seq)
                .fetch_one(connection)
                .await
                .map(|count: i64| u64::try_from(count).unwrap_or(0))
        })
        .await
    }

    /// Puts a verdict in the place of the one that a task had before, in the log too, as if it had been given then. It is not made where
    /// `may_rewrite` is false or compaction has taken feedback out of the log, because then a base may hold the old one for good.
    ///
    /// # Errors
    /// No such task, one that nothing was done of, or a file that cannot be written.
    pub async fn correct_feedback(
        &self,
        id: &str,
        verdict: Verdict,
        may_rewrite: bool,
    ) -> Result<Correction, Error> {
        self.ask(|reply| Command::Correct {
            id: id.to_owned(),
            verdict,
            may_rewrite,
            reply,
        })
        .await
    }
}
