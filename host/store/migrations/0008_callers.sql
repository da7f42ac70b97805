-- Who asked: a team, a service, a key's name. Empty where a task names nobody.
ALTER TABLE outcomes ADD COLUMN caller TEXT NOT NULL DEFAULT '';
