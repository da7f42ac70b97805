//! What a process leaves behind that ended in the middle of a call, and how the living are told from the dead.
//!
//! Each process holds a lock on a file of its own. The operating system gives the lock back however the process ends, so a lock that can be
//! taken belongs to a process that is gone. A live process's reservations are never touched.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use sqlx::{Row as _, SqliteConnection};

use super::ledger::book;
use super::{Error, rows};
use crate::money::Picodollars;
use crate::outcome::{Hop, Status};

/// This process, as the holder of reservations.
pub(super) struct Owner {
    id: String,
    store: PathBuf,
    file: PathBuf,
    /// Held for its lock.
    _lock: File,
}

/// What an outcome says whose process ended.
const ENDED: &str = "the process ended before the answer";

/// What the name of a file begins with that is not locked yet.
const UNNAMED: &str = "new-";

fn folder(store: &Path) -> PathBuf {
    let mut name = store.file_name().unwrap_or_default().to_owned();
    name.push(".owners");
    store.with_file_name(name)
}

impl Owner {
    pub(super) fn claim(store: &Path) -> Result<Owner, Error> {
        let failed = |e: std::io::Error| Error::Io {
            path: store.to_owned(),
            reason: e.to_string(),
        };
        let folder = folder(store);
        fs::create_dir_all(&folder).map_err(failed)?;
        let id = uuid::Uuid::now_v7().to_string();
        let file = folder.join(&id);
        // Locked before it has its name: whoever clears up would else find it free, take it away, and count this process as gone.
        let unnamed = folder.join(format!("{UNNAMED}{id}"));
        let lock = File::create_new(&unnamed).map_err(failed)?;
        lock.lock().map_err(failed)?;
        fs::rename(&unnamed, &file).map_err(failed)?;
        Ok(Owner {
            id,
            store: store.to_owned(),
            file,
            _lock: lock,
        })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn store(&self) -> &Path {
        &self.store
    }

    /// A process that ends in order takes its file away.
    pub(super) fn release(&self) {
        let _ = fs::remove_file(&self.file);
    }
}

/// Whether the process behind an owner is gone. A file that is not there is a process that ended in order, or whose folder was cleared.
fn is_gone(store: &Path, owner: &str) -> bool {
    match File::open(folder(store).join(owner)) {
        Ok(file) => !matches!(file.try_lock(), Err(TryLockError::WouldBlock)),
        Err(_) => true,
    }
}

/// What was found of processes that are gone.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Recovered {
    /// Reservations that were booked in full.
    pub(super) booked: u64,
    /// Processes that had left reservations or leased blocks.
    pub(super) found: u64,
}

/// Books in full what processes that are gone had reserved, ends their tasks, and gives back what they had leased.
pub(super) async fn recover(
    connection: &mut SqliteConnection,
    store: &Path,
    own: &Owner,
) -> Result<Recovered, Error> {
    let failed = |e: sqlx::Error| Error::of(&e, store);
    let owners: Vec<String> = sqlx::query_scalar(
        "SELECT owner FROM reservations WHERE state = 'reserved' UNION SELECT owner FROM leases",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let mut recovered = Recovered::default();
    for owner in owners
        .iter()
        .filter(|owner| **owner != own.id && is_gone(store, owner))
    {
        sqlx::query("BEGIN IMMEDIATE")
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
        let booked = book_all(connection, owner).await;
        let end = if booked.is_ok() { "COMMIT" } else { "ROLLBACK" };
        sqlx::query(end)
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
        recovered.booked += booked.map_err(failed)?;
        recovered.found += 1;
    }
    clear_files(store);
    Ok(recovered)
}

async fn book_all(connection: &mut SqliteConnection, owner: &str) -> Result<u64, sqlx::Error> {
    let open =
        sqlx::query("SELECT outcome_id FROM reservations WHERE owner = ? AND state = 'reserved'")
            .bind(owner.to_owned())
            .fetch_all(&mut *connection)
            .await?;
    for row in &open {
        let id: String = row.try_get("outcome_id")?;
        book(connection, &id, None, "recovered").await?;
        tell_hop(connection, &id).await?;
        sqlx::query(
            "UPDATE outcomes SET status = ?1, error = ?2, cost = (SELECT cost FROM reservations WHERE outcome_id = ?3) \
             WHERE id = ?3 AND status = 'started'",
        )
        .bind(Status::Failure.name())
        .bind(ENDED)
        .bind(id)
        .execute(&mut *connection)
        .await?;
    }
    sqlx::query("DELETE FROM leases WHERE owner = ?")
        .bind(owner.to_owned())
        .execute(connection)
        .await?;
    Ok(open.len() as u64)
}

/// Adds the call that was under way to a task's hops, at what is booked for it. How long it took nobody knows.
async fn tell_hop(connection: &mut SqliteConnection, id: &str) -> Result<(), sqlx::Error> {
    let row = sqlx::query(
        "SELECT o.*, r.cost AS booked FROM outcomes AS o JOIN reservations AS r ON r.outcome_id = o.id WHERE o.id = ?",
    )
    .bind(id.to_owned())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(());
    };
    let mut outcome = rows::outcome(&row)?;
    let (Some(tier), Some(provider), Some(model)) =
        (outcome.tier_done, &outcome.provider, &outcome.model)
    else {
        return Ok(());
    };
    let booked = u64::try_from(row.try_get::<i64, _>("booked")?).unwrap_or(0);
    let before = outcome
        .hops
        .iter()
        .fold(Picodollars::default(), |sum, hop| {
            sum.saturating_add(hop.cost)
        });
    outcome.hops.push(Hop {
        tier: tier.number(),
        provider: provider.clone(),
        model: model.clone(),
        error: Some(ENDED.to_owned()),
        cost: Picodollars::new(booked).saturating_sub(before),
        attempts: 1,
        duration: 0,
    });
    rows::tell_more(connection, id, &outcome).await
}

/// Takes away the files of processes that are gone.
fn clear_files(store: &Path) {
    for entry in fs::read_dir(folder(store)).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNNAMED) {
            continue;
        }
        let is_free = File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
        if is_free {
            let _ = fs::remove_file(entry.path());
        }
    }
}
