//! Blocks of limits, leased in the file by this process and handed out from memory, so that setting money aside waits for no disk.
//!
//! A block is taken out of its limit by the transaction that needed more than was there, and is counted against the limit from then on, by every
//! process. What is set aside from it leaves it in the transaction that writes the row `started`. What is in memory is therefore never more
//! than what is leased in the file. A block that lies idle goes back; those of a process that crashed are given back by whoever
//! finds it gone. A limit that is nearly used up is not leased from.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Error;
use super::writer::Writer;

/// A block goes back that was not used for so long. Another process waits a little longer for it before it refuses.
pub(super) const IDLE: Duration = Duration::from_millis(100);

/// A sum that a call counts in.
#[derive(Clone, Debug)]
pub(super) struct Hold {
    /// Its name as a lease.
    pub(super) key: String,
    /// What it may cost; none for no limit.
    pub(super) limit: Option<i64>,
    /// The day, where it is a day's sum.
    pub(super) day: Option<String>,
}

impl Hold {
    /// How a refusal names it.
    pub(super) fn words(&self) -> String {
        match &self.day {
            Some(day) => format!("the day {day}"),
            None => self.key.clone(),
        }
    }
}

#[derive(Debug)]
struct Block {
    /// It is good for calls under this limit alone: under another one the file is asked.
    limit: i64,
    left: i64,
    used: Instant,
}

/// The blocks of this process.
#[derive(Debug, Default)]
pub(super) struct Blocks(Mutex<HashMap<String, Block>>);

impl Blocks {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Block>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an amount from the block of every limit among these, or from none.
    pub(super) fn take(&self, holds: &[Hold], amount: i64) -> bool {
        let mut blocks = self.lock();
        let reach = |hold: &Hold| match hold.limit {
            None => true,
            Some(limit) => blocks
                .get(&hold.key)
                .is_some_and(|block| block.limit == limit && block.left >= amount),
        };
        if !holds.iter().all(reach) {
            return false;
        }
        let now = Instant::now();
        for hold in holds.iter().filter(|hold| hold.limit.is_some()) {
            if let Some(block) = blocks.get_mut(&hold.key) {
                block.left -= amount;
                block.used = now;
            }
        }
        true
    }

    /// Takes all that is left of a limit's block.
    pub(super) fn empty(&self, hold: &Hold) -> i64 {
        self.lock().remove(&hold.key).map_or(0, |block| block.left)
    }

    /// Puts into a limit's block what is leased for it.
    pub(super) fn fill(&self, hold: &Hold, amount: i64) {
        let Some(limit) = hold.limit.filter(|_| amount > 0) else {
            return;
        };
        let mut blocks = self.lock();
        let block = blocks.entry(hold.key.clone()).or_insert(Block {
            limit,
            left: 0,
            used: Instant::now(),
        });
        block.left = block.left.saturating_add(amount);
        block.limit = limit;
        block.used = Instant::now();
    }

    /// Takes the blocks that were not used for so long.
    pub(super) fn take_idle(&self, long: Duration) -> Vec<(Hold, i64)> {
        let now = Instant::now();
        self.lock()
            .extract_if(|_, block| now.duration_since(block.used) >= long)
            .map(|(key, block)| {
                let hold = Hold {
                    key,
                    limit: Some(block.limit),
                    day: None,
                };
                (hold, block.left)
            })
            .collect()
    }

    /// When the next one will have lain idle; none where there is none.
    pub(super) fn next_idle(&self) -> Option<Instant> {
        let blocks = self.lock();
        blocks.values().map(|block| block.used + IDLE).min()
    }
}

/// How much is leased beyond what a call needs, where so much of the limit is neither spent, reserved nor leased: enough for some calls, and
/// never so much of what is left that others would soon miss it.
pub(super) fn block(limit: i64, bound: i64, left: i64) -> i64 {
    const PART_OF_LIMIT: i64 = 64;
    const PART_OF_LEFT: i64 = 4;
    const CALLS: i64 = 16;
    let wanted = (limit / PART_OF_LIMIT).max(bound.saturating_mul(CALLS));
    let block = wanted.min(left / PART_OF_LEFT);
    if block >= bound { block } else { 0 }
}

impl Writer {
    /// Takes a block out of a limit, within a transaction that has looked at it.
    pub(super) async fn lease(&mut self, hold: &Hold, amount: i64) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO leases (scope, owner, amount) VALUES (?1, ?2, ?3) \
             ON CONFLICT (scope, owner) DO UPDATE SET amount = amount + ?3",
        )
        .bind(hold.key.clone())
        .bind(self.owner.id().to_owned())
        .bind(amount)
        .execute(&mut self.connection)
        .await
        .map(drop)
        .map_err(|e| self.error(&e))
    }

    /// Gives back the blocks that lay idle for so long.
    pub(super) async fn give_back(&mut self, idle: Duration) {
        let idle = self.blocks.take_idle(idle);
        if idle.is_empty() {
            return;
        }
        let begun = self.execute("BEGIN IMMEDIATE").await;
        let given = match begun {
            Ok(()) => {
                let given = self.try_give_back(&idle).await;
                self.end(given).await
            }
            failed => failed,
        };
        if let Err(error) = given {
            tracing::debug!(%error, "leased blocks could not be given back yet");
            for (hold, amount) in &idle {
                self.blocks.fill(hold, *amount);
            }
        }
    }

    async fn try_give_back(&mut self, idle: &[(Hold, i64)]) -> Result<(), Error> {
        for (hold, amount) in idle {
            sqlx::query(
                "UPDATE leases SET amount = max(amount - ?1, 0) WHERE scope = ?2 AND owner = ?3; \
                 DELETE FROM leases WHERE scope = ?2 AND owner = ?3 AND amount = 0",
            )
            .bind(*amount)
            .bind(hold.key.clone())
            .bind(self.owner.id().to_owned())
            .execute(&mut self.connection)
            .await
            .map_err(|e| self.error(&e))?;
        }
        Ok(())
    }
}
