-- Under which settings of SQLite the rows were written: durability rests on them, and the rows do not show them.

-- A setting with the first record that was written under it; again when it is another.
CREATE TABLE setting (
  record INTEGER NOT NULL REFERENCES record (id),  -- the first record written under it
  name TEXT NOT NULL,                 -- of the setting
  value TEXT NOT NULL,                -- as SQLite told it when the file was opened for writing
  PRIMARY KEY (record, name)
) STRICT, WITHOUT ROWID;
