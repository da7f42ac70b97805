//! Opening the file, and what its errors mean.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use super::Options;

/// What can go wrong with the store. Each says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file or its folder cannot be made, read or written.
    #[error("the store `{}` cannot be used: {reason}; set TINYDANCER_HOME to a folder that can be written", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file is no database, or a broken one.
    #[error("the store `{}` is damaged ({reason}) and was left as it is: move it away to start anew, or mend it with `sqlite3 FILE .recover`", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// SQLite's words.
        reason: String,
    },
    /// Another program's database.
    #[error("`{}` is another program's database (it has a table `{table}`) and was left as it is: move it away, or set TINYDANCER_HOME to another folder", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// A table of it that is none of the store's.
        table: String,
    },
    /// A later release wrote it.
    #[error("the store `{}` was written by a newer release (schema {found}, this one knows {known}): use that release, or another TINYDANCER_HOME", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema that is known here.
        known: i64,
    },
    /// Another process holds it.
    #[error(
        "the store `{}` is locked by another process for too long: see what else uses it, and try again", path.display()
    )]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// No room is left.
    #[error("the disk of the store `{}` is full: nothing more can be recorded, and no model is called until it can; make room on it, or set TINYDANCER_HOME to a folder on another disk", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be written.
    #[error("the store `{}` cannot be written: check its permissions", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// There is a task of this id.
    #[error("there is a task with the id `{0}` already: ids are unique")]
    Duplicate(String),
    /// There is no such task.
    #[error("there is no task `{0}`: `tinydancer outcomes` lists them")]
    NoSuchTask(String),
    /// A verdict has nothing to be about.
    #[error("the task `{0}` cannot be judged: nothing was done of it")]
    NothingDone(String),
    /// The store was closed before.
    #[error("the store is closed")]
    Closed,
    /// Anything else that SQLite says.
    #[error("the store failed: {0}; `tinydancer doctor` looks at it")]
    Other(String),
}

impl Error {
    /// What an error of the library means. SQLite's primary codes: 5 and 6 busy, 8 read-only, 10 input or output, 11 and 26 damaged, 13 full, 14 cannot open.
    pub(super) fn of(error: &sqlx::Error, path: &Path) -> Error {
        let code = match error {
            sqlx::Error::Database(database) => database
                .code()
                .and_then(|code| code.parse::<u32>().ok())
                .map_or(0, |code| code & 0xff),
            _ => 0,
        };
        match code {
            5 | 6 => Error::Locked {
                path: path.to_owned(),
            },
            8 => Error::ReadOnly {
                path: path.to_owned(),
            },
            11 | 26 => Error::Damaged {
                path: path.to_owned(),
                reason: error.to_string(),
            },
            13 => Error::Full {
                path: path.to_owned(),
            },
            10 | 14 => Error::Io {
                path: path.to_owned(),
                reason: error.to_string(),
            },
            _ => Error::Other(format!("`{}`: {error}", path.display())),
        }
    }

    /// Whether trying again soon may help.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, Error::Locked { .. } | Error::Full { .. })
    }
}

/// Every step from an empty file to the newest schema.
const MIGRATIONS: [(i64, &str, &str); 6] = [
    (1, "initial", include_str!("migrations/0001_initial.sql")),
    (6, "hops", include_str!("migrations/0006_hops.sql")),
    (7, "scopes", include_str!("migrations/0007_scopes.sql")),
    (8, "callers", include_str!("migrations/0008_callers.sql")),
    (
        9,
        "leases and compaction",
        include_str!("migrations/0009_leases_and_compaction.sql"),
    ),
    (
        10,
        "feedback_by_task",
        include_str!("migrations/0010_feedback_by_task.sql"),
    ),
];

fn migrator() -> Migrator {
    let migrations = MIGRATIONS
        .iter()
        .map(|(version, name, sql)| {
            Migration::new(
                *version,
                Cow::Borrowed(*name),
                MigrationType::Simple,
                sqlx::SqlStr::from_static(sql),
                false,
            )
        })
        .collect();
    Migrator::with_migrations(migrations)
}

fn connect_options(path: &Path, options: &Options) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(options.busy_timeout)
        .foreign_keys(true)
        .synchronous(if options.survive_power_cut {
            SqliteSynchronous::Full
        } else {
            SqliteSynchronous::Normal
        })
        // A slow statement is no news to a user; one that fails comes back as an error.
        .disable_statement_logging()
}

/// Opens the file for writing, makes it if it is not there, and brings its schema up to date.
pub(super) async fn open(path: &Path, options: &Options) -> Result<SqliteConnection, Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let io = |e: std::io::Error| Error::Io {
        path: path.to_owned(),
        reason: e.to_string(),
    };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(io)?;
    let mut file = std::fs::OpenOptions::new();
    file.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    drop(file.open(path).map_err(io)?);

    let failed = |e: sqlx::Error| Error::of(&e, path);
    let mut connection = SqliteConnection::connect_with(&connect_options(path, options))
        .await
        .map_err(failed)?;
    // Before anything is changed in it, the journal's form included.
    refuse_foreign(&mut connection, path).await?;
    sqlx::query("PRAGMA journal_mode = WAL")
        .execute(&mut connection)
        .await
        .map_err(failed)?;
    migrate(&mut connection, path).await?;
    Ok(connection)
}

/// A second connection that only reads.
pub(super) async fn open_reader(path: &Path, options: &Options) -> Result<SqliteConnection, Error> {
    SqliteConnection::connect_with(&connect_options(path, options).read_only(true))
        .await
        .map_err(|e| Error::of(&e, path))
}

/// Refuses a database that has tables, and not those that every store has.
async fn refuse_foreign(connection: &mut SqliteConnection, path: &Path) -> Result<(), Error> {
    let table: Option<String> = sqlx::query_scalar(
        "SELECT min(name) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> '_sqlx_migrations' \
         AND (SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('outcomes', 'reservations', '_sqlx_migrations')) < 3",
    )
    .fetch_one(connection)
    .await
    .map_err(|e| Error::of(&e, path))?;
    match table {
        None => Ok(()),
        Some(table) => Err(Error::Foreign {
            path: path.to_owned(),
            table,
        }),
    }
}

async fn migrate(connection: &mut SqliteConnection, path: &Path) -> Result<(), Error> {
    let known = MIGRATIONS[MIGRATIONS.len() - 1].0;
    let failed = |e: sqlx::Error| Error::of(&e, path);
    let has_table = sqlx::query("SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations'")
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed)?
        .is_some();
    if has_table {
        let found: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)?;
        match found {
            Some(found) if found > known => {
                return Err(Error::Newer {
                    path: path.to_owned(),
                    found,
                    known,
                });
            }
            // The usual case costs no more than these two look-ups.
            Some(found) if found == known => return Ok(()),
            _ => {}
        }
    }
    migrator().run(connection).await.map_err(|e| match e {
        sqlx::migrate::MigrateError::Execute(e) => Error::of(&e, path),
        other => Error::Other(format!(
            "the schema of `{}` cannot be brought up to date: {other}; move it away to start anew, or set TINYDANCER_HOME to another folder",
            path.display()
        )),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_disk_is_told_with_what_to_do() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        // Stands for the disk: SQLite reports both alike.
        let full = "PRAGMA max_page_count = 2; CREATE TABLE t (b BLOB); INSERT INTO t VALUES (zeroblob(100000))";
        let error = sqlx::raw_sql(full)
            .execute(&mut connection)
            .await
            .unwrap_err();
        let told = Error::of(&error, Path::new("/x/tinydancer.db"));
        assert!(matches!(told, Error::Full { .. }), "{told:?}");
        let words = told.to_string();
        for part in ["/x/tinydancer.db", "make room", "TINYDANCER_HOME"] {
            assert!(words.contains(part), "{part}: {words}");
        }
    }
}
