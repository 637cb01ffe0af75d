-- The chain of records: every record is a link that is signed, with a root over the rows that it added. What lay in the
-- file before its first link belongs to that one: from then on a change of it is seen.

-- What a link vouches for beside its rows, and its signature. FORMAT.md, "The chain", says what is signed.
CREATE TABLE link (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- the record
  leaves INTEGER NOT NULL,            -- how many rows it added
  advance BLOB NOT NULL,              -- by how much each numbering of rows rose, as variable-length numbers
  root BLOB NOT NULL,                 -- over these rows, 32 bytes
  successor BLOB NOT NULL,            -- public key that signs the next link, 32 bytes
  head BLOB NOT NULL,                 -- SHA-256 of all that is signed, 32 bytes
  signature BLOB NOT NULL             -- Ed25519 of the head, 64 bytes
) STRICT;

-- By what, where and in which form links are made; from this record until the next row.
CREATE TABLE environment (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- the first record that it holds for
  format INTEGER NOT NULL,            -- version of the format
  schema_sha256 BLOB NOT NULL,        -- of the statements that made the tables, 32 bytes
  configuration_sha256 BLOB NOT NULL, -- of the settings that rows are written under, 32 bytes
  recorder_version TEXT NOT NULL,     -- of the recorder
  binary_sha256 BLOB,                 -- of its program file, 32 bytes; NULL: not readable
  binary_device INTEGER NOT NULL,     -- st_dev of that file
  binary_inode INTEGER NOT NULL,      -- st_ino
  binary_size INTEGER NOT NULL,       -- bytes
  binary_mtime_ns INTEGER NOT NULL,   -- last content change, nanoseconds since 1970
  binary_ctime_ns INTEGER NOT NULL,   -- last inode change, nanoseconds since 1970
  machine_id TEXT NOT NULL,           -- /etc/machine-id, empty when there is none
  host_name BLOB NOT NULL             -- uname(2) nodename
) STRICT;

-- Where a row of keys begins: nothing signed before vouches for its first one.
CREATE TABLE key_segment (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- the first record that is signed by it
  public_key BLOB NOT NULL,           -- that signs this record, 32 bytes
  reason INTEGER NOT NULL,            -- 1 the chain begins, 2 there were no keys, 3 none could be read, 4 they were of another state of the file
  known INTEGER                       -- highest record that these keys knew of; NULL: none
) STRICT;
