-- Retention: what was removed is told by a record of the chain, and what must stay is held.

-- Snapshots that were removed, the oldest first; nothing before `last_seq` is there any more.
CREATE TABLE prune (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- its link of the chain
  first_seq INTEGER NOT NULL,         -- snapshots that it removed
  last_seq INTEGER NOT NULL,          -- the last of them
  began_us INTEGER NOT NULL,          -- wall clock of the first one, microseconds since 1970
  ended_us INTEGER NOT NULL,          -- wall clock of the last one, microseconds since 1970
  removed INTEGER NOT NULL,           -- how many rows it removed
  until_record INTEGER NOT NULL REFERENCES record (id),  -- of the records up to this one not all rows are left
  kept INTEGER NOT NULL,              -- how many rows of these are left
  kept_root BLOB NOT NULL,            -- over these rows, 32 bytes
  marks BLOB NOT NULL,                -- how far each numbering of rows had risen with that record, as variable-length numbers
  policy INTEGER NOT NULL REFERENCES text (id)  -- what was asked for: "--keep 400d"
) STRICT;

-- Snapshots that no prune removes, nor any after them.
CREATE TABLE hold (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- its link of the chain
  name INTEGER NOT NULL REFERENCES text (id),    -- given when it was made
  first_seq INTEGER NOT NULL,         -- the first snapshot that is held
  last_seq INTEGER NOT NULL,          -- the last one that it was made for
  reason INTEGER NOT NULL REFERENCES text (id)   -- given with --reason
) STRICT;

-- It holds no more.
CREATE TABLE hold_end (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- its link of the chain
  hold INTEGER NOT NULL REFERENCES hold (record),     -- which one
  reason INTEGER NOT NULL REFERENCES text (id)        -- given with --reason
) STRICT;
