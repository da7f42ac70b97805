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
