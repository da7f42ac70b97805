-- JSON array of every provider's model that was tried for a task, in order; NULL where none was.
ALTER TABLE outcomes ADD COLUMN hops TEXT;
-- 1 where the answer came from memory.
ALTER TABLE outcomes ADD COLUMN cached INTEGER NOT NULL DEFAULT 0;
