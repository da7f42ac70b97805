-- A settlement writes its task's row anew, and SQLite then looks for feedback on the row before: without this through all that there is.
CREATE INDEX feedback_by_task ON feedback (outcome_id);
