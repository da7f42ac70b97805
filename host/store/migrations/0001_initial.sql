-- One row for each task, whatever became of it. Times are microseconds since 1970 (UTC), durations nanoseconds, money picodollars.
CREATE TABLE outcomes (
    id TEXT PRIMARY KEY NOT NULL,
    started_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    kind TEXT NOT NULL,
    domain TEXT NOT NULL,
    complexity INTEGER NOT NULL,
    tier_asked INTEGER,
    tier_decided INTEGER,
    tier_done INTEGER,
    model TEXT,
    provider TEXT,
    quality REAL,
    cost INTEGER NOT NULL,
    baseline INTEGER NOT NULL,
    -- JSON, or NULL when no model was called or the vendor did not tell.
    usage TEXT,
    classify_ns INTEGER NOT NULL,
    decide_ns INTEGER NOT NULL,
    transform_ns INTEGER NOT NULL,
    provider_ns INTEGER NOT NULL,
    total_ns INTEGER NOT NULL,
    confidence REAL NOT NULL,
    propensity REAL NOT NULL,
    -- JSON array of words.
    reasons TEXT NOT NULL,
    fallback_reason TEXT,
    transform TEXT,
    error TEXT,
    -- Pairs of a little-endian u32 place and an f32 value, or NULL when features are not kept.
    features BLOB,
    -- NULL unless the configuration asks for prompts.
    prompt TEXT
) STRICT;
CREATE INDEX outcomes_by_time ON outcomes (started_at);
CREATE INDEX outcomes_by_tier ON outcomes (tier_done, started_at);

-- What was set aside before a call. The owner is the process that asked for it. `state` is reserved, settled, or recovered.
CREATE TABLE reservations (
    outcome_id TEXT PRIMARY KEY NOT NULL REFERENCES outcomes (id),
    owner TEXT NOT NULL,
    day TEXT NOT NULL,
    bound INTEGER NOT NULL,
    state TEXT NOT NULL,
    cost INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX reservations_open ON reservations (owner) WHERE state = 'reserved';

-- The sums over a day's reservations, kept in the same transactions.
CREATE TABLE days (
    day TEXT PRIMARY KEY NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0,
    reserved INTEGER NOT NULL DEFAULT 0,
    overrun INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What the policy learns from, in the order in which it is replayed.
CREATE TABLE feedback (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    outcome_id TEXT NOT NULL REFERENCES outcomes (id),
    at INTEGER NOT NULL,
    -- automatic, or the verdict's name.
    verdict TEXT NOT NULL,
    tier INTEGER NOT NULL,
    quality REAL NOT NULL,
    weight REAL NOT NULL,
    kind TEXT NOT NULL,
    complexity INTEGER NOT NULL,
    features BLOB
) STRICT;

-- Bases from which the log is replayed.
CREATE TABLE snapshots (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    through_seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
