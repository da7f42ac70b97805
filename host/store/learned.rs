//! What the policy learns from: verdicts, the feedback log, and the bases from which it is replayed.

use super::writer::Writer;
use super::{Error, Snapshot, Verdict, rows};
use crate::wit::Feedback;

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
        let path = self.path.clone();
        let failed = |e: sqlx::Error| Error::of(&e, &path);
        let row = sqlx::query("SELECT * FROM outcomes WHERE id = ?")
            .bind(id.to_owned())
            .fetch_optional(&mut self.connection)
            .await
            .map_err(failed)?;
        let outcome =
            rows::outcome(&row.ok_or_else(|| Error::NoSuchTask(id.to_owned()))?).map_err(failed)?;
        let tier = outcome
            .tier_done
            .ok_or_else(|| Error::NothingDone(id.to_owned()))?;
        sqlx::query("UPDATE outcomes SET quality = ? WHERE id = ?")
            .bind(f64::from(verdict.quality()))
            .bind(id.to_owned())
            .execute(&mut self.connection)
            .await
            .map_err(failed)?;
        let lessons = verdict.lessons(tier).into_iter();
        let pieces: Vec<Feedback> = lessons.map(|lesson| lesson.feedback(&outcome)).collect();
        for piece in &pieces {
            self.insert_feedback(id.to_owned(), verdict.name(), Some(piece))
                .await?;
        }
        Ok(pieces)
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
