-- Snapshots that could not be written when they were taken.

-- The snapshot waited in a spool file, because the database could not be written, and was taken in by a later run.
CREATE TABLE deferred (
  seq INTEGER PRIMARY KEY REFERENCES snapshot (seq),  -- the snapshot
  reason INTEGER NOT NULL REFERENCES text (id)        -- what kept the database, in words
) STRICT;
