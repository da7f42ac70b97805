-- Limits besides the day's: an hour, a tier on a day. `scope` is its name, such as `hour 2026-03-01T14+00:00` or `tier 4 on 2026-03-01`.
-- The sums over a scope's reservations are kept in the same transactions as those of the days.
CREATE TABLE scopes (
    scope TEXT PRIMARY KEY NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0,
    reserved INTEGER NOT NULL DEFAULT 0,
    overrun INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Which scopes a reservation counts in.
CREATE TABLE reservation_scopes (
    outcome_id TEXT NOT NULL REFERENCES reservations (outcome_id),
    scope TEXT NOT NULL REFERENCES scopes (scope),
    PRIMARY KEY (outcome_id, scope)
) STRICT, WITHOUT ROWID;
CREATE INDEX reservation_scopes_by_scope ON reservation_scopes (scope);
