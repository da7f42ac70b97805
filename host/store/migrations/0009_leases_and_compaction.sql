-- Blocks of a limit that a live process has taken out of it and hands out from memory. `scope` is `day 2026-03-01`, or as in `scopes`. What is
-- settled, reserved and leased together never passes the limit.
CREATE TABLE leases (
    scope TEXT NOT NULL,
    owner TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (scope, owner)
) STRICT, WITHOUT ROWID;

-- Calls that were billed above what was set aside. One that nobody has accepted keeps its model from being called.
CREATE TABLE overruns (
    outcome_id TEXT PRIMARY KEY NOT NULL REFERENCES reservations (outcome_id),
    at INTEGER NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    bound INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    accepted_at INTEGER
) STRICT;
CREATE INDEX overruns_open ON overruns (provider, model) WHERE accepted_at IS NULL;

-- What of a sum stands for reservations that were compacted away.
ALTER TABLE days ADD COLUMN compacted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN compacted_overrun INTEGER NOT NULL DEFAULT 0;
ALTER TABLE scopes ADD COLUMN compacted INTEGER NOT NULL DEFAULT 0;

-- Outcomes of days gone by, counted and added up. `started_at` is the beginning of their day in UTC.
CREATE TABLE compacted (
    started_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    kind TEXT NOT NULL,
    caller TEXT NOT NULL,
    tier_decided INTEGER,
    tier_done INTEGER,
    model TEXT,
    provider TEXT,
    fallback_reason TEXT,
    tasks INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    baseline INTEGER NOT NULL
) STRICT;
CREATE INDEX compacted_by_time ON compacted (started_at);

-- What statistics add up: every outcome, whether its row is still there or not. `decision_ns` is 0 where it is not.
CREATE VIEW figures AS
SELECT started_at, status, kind, caller, tier_decided, tier_done, model, provider, fallback_reason, 1 AS tasks, cost, baseline,
    classify_ns + decide_ns AS decision_ns FROM outcomes
UNION ALL
SELECT started_at, status, kind, caller, tier_decided, tier_done, model, provider, fallback_reason, tasks, cost, baseline, 0
    FROM compacted;
