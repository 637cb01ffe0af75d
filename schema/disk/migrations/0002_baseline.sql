-- Baselines: named sets of services, kept in full, so that they outlive the snapshots that they were made from.

-- Who did what is neither a snapshot nor a missed run.
CREATE TABLE author (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- what they did
  uid INTEGER NOT NULL,               -- effective user id of the recorder
  user INTEGER NOT NULL REFERENCES text (id),  -- its name, or the number
  login_user INTEGER REFERENCES text (id)      -- who had logged in, also behind sudo; NULL: nobody
) STRICT;

-- A set of services under a name.
CREATE TABLE baseline (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- its link of the chain
  name INTEGER NOT NULL REFERENCES text (id),  -- given when it was made
  host_name BLOB NOT NULL,            -- uname(2) nodename of the last snapshot
  first_seq INTEGER NOT NULL,         -- snapshots that it was made from
  last_seq INTEGER NOT NULL,          -- the last of them
  snapshots INTEGER NOT NULL,         -- how many there were
  began_us INTEGER NOT NULL,          -- wall clock of the first one, microseconds since 1970
  ended_us INTEGER NOT NULL,          -- wall clock of the last one, microseconds since 1970
  least_share_percent INTEGER NOT NULL,  -- services seen in fewer of the snapshots were left out
  left_out INTEGER NOT NULL,          -- how many were
  note INTEGER REFERENCES text (id)   -- given with --note
) STRICT;

-- It is not to be used any more.
CREATE TABLE baseline_drop (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- its link of the chain
  baseline INTEGER NOT NULL REFERENCES baseline (record),  -- which one
  note INTEGER REFERENCES text (id)   -- given with --note
) STRICT;

-- Services that were added to a baseline by hand.
CREATE TABLE baseline_acceptance (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- its link of the chain
  baseline INTEGER NOT NULL REFERENCES baseline (record),  -- which one
  seq INTEGER NOT NULL,               -- the snapshot that shows them
  thing INTEGER NOT NULL REFERENCES text (id),   -- as it was named: "tcp/8080"
  reason INTEGER NOT NULL REFERENCES text (id),  -- given with --reason
  until_us INTEGER                    -- end of the acceptance, microseconds since 1970; NULL: none
) STRICT;

-- The services of a baseline or of an acceptance.
CREATE TABLE baseline_service (
  id INTEGER PRIMARY KEY,             -- rises in the order of recording
  record INTEGER NOT NULL REFERENCES record (id),  -- the baseline or the acceptance
  netns INTEGER NOT NULL REFERENCES text (id),     -- label of the network namespace
  protocol INTEGER NOT NULL,          -- as socket.protocol
  local_address BLOB,                 -- 4 or 16 bytes, network order; NULL outside the internet families
  local_port INTEGER NOT NULL,        -- 0 outside the internet families
  name INTEGER REFERENCES text (id),  -- unix: name, abstract ones begin with NUL; vsock: CID:PORT
  v6only INTEGER,                     -- 1: takes no IPv4 connections; NULL: not told
  standing INTEGER NOT NULL,          -- 0 answers for certain, 1 a chosen port that nobody watched before
  no_holder INTEGER NOT NULL,         -- as socket.no_holder
  first_seq INTEGER NOT NULL,         -- first snapshot of the range that had it
  last_seq INTEGER NOT NULL,          -- last one
  snapshots INTEGER NOT NULL          -- how many had it
) STRICT;
CREATE INDEX baseline_service_by_record ON baseline_service (record);

-- Who answered there.
CREATE TABLE baseline_owner (
  id INTEGER PRIMARY KEY,             -- rises in the order of recording, oldest owner of a service first
  service INTEGER NOT NULL REFERENCES baseline_service (id),  -- where
  name INTEGER NOT NULL REFERENCES text (id),      -- comm
  program INTEGER REFERENCES program (id),         -- NULL: it could not be read
  script INTEGER REFERENCES text (id),             -- what an interpreter runs; NULL for none
  script_file INTEGER REFERENCES program (id),     -- the file there
  command_line INTEGER REFERENCES text (id),       -- arguments, each ending in NUL; NULL: none or a gap
  uid INTEGER NOT NULL,               -- effective user id
  user INTEGER NOT NULL REFERENCES text (id),      -- its name, or the number
  unit INTEGER REFERENCES text (id),               -- systemd unit, NULL outside units
  container INTEGER REFERENCES text (id),          -- container id or name, NULL outside containers
  manager INTEGER NOT NULL            -- 1: holds it for others (systemd, inetd)
) STRICT;
CREATE INDEX baseline_owner_by_service ON baseline_owner (service);

-- RPC programs registered for a service.
CREATE TABLE baseline_rpc (
  service INTEGER NOT NULL REFERENCES baseline_service (id),  -- which one
  program INTEGER NOT NULL,           -- RPC program number
  PRIMARY KEY (service, program)
) STRICT, WITHOUT ROWID;

-- Network namespaces that were looked at.
CREATE TABLE baseline_netns (
  record INTEGER NOT NULL REFERENCES baseline (record),  -- the baseline
  netns INTEGER NOT NULL REFERENCES text (id),  -- label
  PRIMARY KEY (record, netns)
) STRICT, WITHOUT ROWID;

-- What none of its snapshots could see.
CREATE TABLE baseline_gap (
  id INTEGER PRIMARY KEY,             -- rises in the order of recording
  record INTEGER NOT NULL REFERENCES baseline (record),  -- the baseline
  source INTEGER NOT NULL,            -- as gap.source
  reason INTEGER NOT NULL,            -- as gap.reason
  netns INTEGER REFERENCES text (id), -- label of the namespace; NULL: none in particular
  pid INTEGER,                        -- of the process; NULL: none in particular
  object INTEGER NOT NULL REFERENCES text (id),  -- what exactly
  error_number INTEGER NOT NULL,      -- errno, 0 without one
  count INTEGER NOT NULL              -- how many things it stands for
) STRICT;
