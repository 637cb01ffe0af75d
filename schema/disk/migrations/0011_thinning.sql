-- Thinning: of old snapshots only some stay whole; what lived between two of them alone is removed, and a record says so.

-- Snapshots that were thinned.
CREATE TABLE thin (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- its link of the chain
  first_seq INTEGER NOT NULL,         -- the first snapshot that it thinned
  last_seq INTEGER NOT NULL,          -- the last one; those between that no thin_span has are whole
  began_us INTEGER NOT NULL,          -- wall clock of the first one, microseconds since 1970
  ended_us INTEGER NOT NULL,          -- wall clock of the last one, microseconds since 1970
  step_us INTEGER NOT NULL,           -- of each stretch of this length one snapshot stays whole, microseconds
  snapshots INTEGER NOT NULL,         -- how many it thinned
  removed INTEGER NOT NULL,           -- how many rows it removed
  policy INTEGER NOT NULL REFERENCES text (id)  -- what was asked for: "--thin 1h after 30d"
) STRICT;

-- Thinned snapshots in a row, between two that are whole.
CREATE TABLE thin_span (
  record INTEGER NOT NULL REFERENCES thin (record),  -- the thinning that it belongs to
  first_seq INTEGER NOT NULL,         -- the first of them
  last_seq INTEGER NOT NULL,          -- the last of them
  first_record INTEGER NOT NULL REFERENCES record (id),  -- the link of the first of them
  last_record INTEGER NOT NULL REFERENCES record (id),   -- the link of the last of them
  kept INTEGER NOT NULL,              -- how many rows of the records from the one to the other are left
  kept_root BLOB NOT NULL,            -- over these rows, 32 bytes
  PRIMARY KEY (record, first_seq)
) STRICT, WITHOUT ROWID;
