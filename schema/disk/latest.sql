CREATE TABLE archive (
  id INTEGER PRIMARY KEY CHECK (id = 1),  -- always 1
  uuid BLOB NOT NULL,                 -- 16 random bytes, chosen when the file was made
  created_us INTEGER NOT NULL         -- wall clock then, microseconds since 1970
) STRICT;
CREATE TABLE author (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- what they did
  uid INTEGER NOT NULL,               -- effective user id of the recorder
  user INTEGER NOT NULL REFERENCES text (id),  -- its name, or the number
  login_user INTEGER REFERENCES text (id)      -- who had logged in, also behind sudo; NULL: nobody
) STRICT;
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
CREATE TABLE baseline_acceptance (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- its link of the chain
  baseline INTEGER NOT NULL REFERENCES baseline (record),  -- which one
  seq INTEGER NOT NULL,               -- the snapshot that shows them
  thing INTEGER NOT NULL REFERENCES text (id),   -- as it was named: "tcp/8080"
  reason INTEGER NOT NULL REFERENCES text (id),  -- given with --reason
  until_us INTEGER                    -- end of the acceptance, microseconds since 1970; NULL: none
) STRICT;
CREATE TABLE baseline_drop (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- its link of the chain
  baseline INTEGER NOT NULL REFERENCES baseline (record),  -- which one
  note INTEGER REFERENCES text (id)   -- given with --note
) STRICT;
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
CREATE TABLE baseline_netns (
  record INTEGER NOT NULL REFERENCES baseline (record),  -- the baseline
  netns INTEGER NOT NULL REFERENCES text (id),  -- label
  PRIMARY KEY (record, netns)
) STRICT, WITHOUT ROWID;
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
, container_facts INTEGER REFERENCES container (id)) STRICT;
CREATE TABLE baseline_rpc (
  service INTEGER NOT NULL REFERENCES baseline_service (id),  -- which one
  program INTEGER NOT NULL,           -- RPC program number
  PRIMARY KEY (service, program)
) STRICT, WITHOUT ROWID;
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
, device INTEGER REFERENCES text (id), leads_to INTEGER REFERENCES text (id)) STRICT;
CREATE TABLE change (
  seq INTEGER NOT NULL,               -- the snapshot
  entity INTEGER NOT NULL,            -- which table
  last_id INTEGER NOT NULL,           -- highest id of that table at the snapshot
  ended BLOB NOT NULL,                -- ids that it no longer saw, ascending, as variable-length differences
  PRIMARY KEY (entity, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE container (
  id INTEGER PRIMARY KEY,
  engine INTEGER NOT NULL,                          -- 1 docker, 2 podman, 3 containerd, 4 cri-o, 5 kubernetes (its log directories)
  name INTEGER REFERENCES text (id),                -- name
  image INTEGER REFERENCES text (id),               -- image as it was asked for
  project INTEGER REFERENCES text (id),             -- Compose project
  service INTEGER REFERENCES text (id),             -- Compose service
  pod INTEGER REFERENCES text (id),                 -- pod
  pod_namespace INTEGER REFERENCES text (id),       -- namespace of the pod
  pod_container INTEGER REFERENCES text (id)        -- name in the pod, NULL for what holds the pod together
) STRICT;
CREATE TABLE context (
  id INTEGER PRIMARY KEY,             -- referred to by snapshot.context
  boot_id TEXT NOT NULL,              -- /proc/sys/kernel/random/boot_id
  host_name BLOB NOT NULL,            -- uname(2) nodename
  machine_id TEXT NOT NULL,           -- /etc/machine-id, empty when there is none
  kernel BLOB NOT NULL,               -- uname(2) release and version
  recorder_version TEXT NOT NULL,     -- of the program that wrote it
  ephemeral_first INTEGER NOT NULL,   -- first port of net.ipv4.ip_local_port_range
  ephemeral_last INTEGER NOT NULL,    -- last port of it
  recorder_uid INTEGER NOT NULL,      -- effective user id of the recorder
  recorder_capabilities INTEGER NOT NULL,  -- effective set, bit n is capability n
  package_database_mtime_ns INTEGER NOT NULL,  -- of the package database, nanoseconds since 1970; 0 without one
  every_us INTEGER,                   -- interval that the recorder's loop keeps, microseconds; NULL: a single run
  unprivileged_first INTEGER NOT NULL,  -- net.ipv4.ip_unprivileged_port_start: first port that needs no capability
  preload_file BLOB NOT NULL          -- content of /etc/ld.so.preload; empty: there is none, or a gap
) STRICT;
CREATE TABLE deferred (
  seq INTEGER PRIMARY KEY REFERENCES snapshot (seq),  -- the snapshot
  reason INTEGER NOT NULL REFERENCES text (id)        -- what kept the database, in words
) STRICT;
CREATE TABLE descriptor (
  id INTEGER PRIMARY KEY,             -- rises in the order of recording
  process INTEGER NOT NULL,           -- origin id
  fd INTEGER NOT NULL,                -- descriptor number
  kind INTEGER NOT NULL,              -- 1 file, 2 pipe, 3 fifo, 4 terminal, 5 pty master, 6 null, 7 other device, 8 tun, 9 anonymous
  device INTEGER NOT NULL,            -- st_dev, 0 where the kind has none
  inode INTEGER NOT NULL,             -- st_ino or the pipe's number
  number INTEGER NOT NULL,            -- pty master: its index
  target INTEGER REFERENCES text (id)  -- path or link text
) STRICT;
CREATE TABLE digest (
  facet INTEGER NOT NULL,             -- what of which table, see the list of numbers in FORMAT.md
  block INTEGER NOT NULL,             -- rows block * 16384 + 1 to (block + 1) * 16384
  content BLOB NOT NULL,              -- a set of numbers, or one byte for each row
  PRIMARY KEY (facet, block)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE forward (
  socket INTEGER PRIMARY KEY REFERENCES socket (id),  -- the version that it belongs to
  local_last INTEGER NOT NULL,        -- last port of a range that begins with local_port; 0: one port, or with local_port 0 all
  remote_last INTEGER NOT NULL,       -- likewise of remote_port
  rule INTEGER NOT NULL REFERENCES text (id),  -- family, table and chain of the rule, and what else it asks for
  target INTEGER REFERENCES text (id)  -- label of the namespace that has the address which it leads to; NULL: not known
) STRICT;
CREATE TABLE frame (
  seq INTEGER NOT NULL,               -- the snapshot
  entity INTEGER NOT NULL,            -- which table, as in change
  last_id INTEGER NOT NULL,           -- highest id of that table at the snapshot
  ids BLOB NOT NULL,                  -- living ids, ascending, as variable-length differences
  PRIMARY KEY (entity, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE gap (
  id INTEGER PRIMARY KEY,             -- rises in the order of recording
  source INTEGER NOT NULL,            -- 1 socket table, 2 namespace, 3 process list, 4 process, 5 process field, 6 descriptors, 7 program, 8 registrations, 9 clock, 10 interfaces
  reason INTEGER NOT NULL,            -- 1 permission, 2 interrupted, 3 failed, 4 timed out, 5 vanished, 6 raced, 7 not supported, 8 truncated, 9 too many
  netns INTEGER,                      -- origin id of the namespace; NULL: none in particular
  pid INTEGER,                        -- of the process; NULL: none in particular
  object INTEGER NOT NULL REFERENCES text (id),  -- what exactly
  error_number INTEGER NOT NULL,      -- errno, 0 without one
  count INTEGER NOT NULL              -- how many things it stands for
) STRICT;
CREATE TABLE group_name (
  id INTEGER PRIMARY KEY,             -- rises in the order of recording
  gid INTEGER NOT NULL,               -- group id
  name INTEGER NOT NULL REFERENCES text (id)  -- its name
) STRICT;
CREATE TABLE hold (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- its link of the chain
  name INTEGER NOT NULL REFERENCES text (id),    -- given when it was made
  first_seq INTEGER NOT NULL,         -- the first snapshot that is held
  last_seq INTEGER NOT NULL,          -- the last one that it was made for
  reason INTEGER NOT NULL REFERENCES text (id)   -- given with --reason
) STRICT;
CREATE TABLE hold_end (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- its link of the chain
  hold INTEGER NOT NULL REFERENCES hold (record),     -- which one
  reason INTEGER NOT NULL REFERENCES text (id)        -- given with --reason
) STRICT;
CREATE TABLE holder (
  id INTEGER PRIMARY KEY,             -- rises in the order of recording
  socket INTEGER NOT NULL,            -- origin id
  process INTEGER NOT NULL,           -- origin id
  fd INTEGER NOT NULL                 -- descriptor number
) STRICT;
CREATE TABLE key_segment (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- the first record that is signed by it
  public_key BLOB NOT NULL,           -- that signs this record, 32 bytes
  reason INTEGER NOT NULL,            -- 1 the chain begins, 2 there were no keys, 3 none could be read, 4 they were of another state of the file
  known INTEGER                       -- highest record that these keys knew of; NULL: none
) STRICT;
CREATE TABLE link (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- the record
  leaves INTEGER NOT NULL,            -- how many rows it added
  advance BLOB NOT NULL,              -- by how much each numbering of rows rose, as variable-length numbers
  root BLOB NOT NULL,                 -- over these rows, 32 bytes
  successor BLOB NOT NULL,            -- public key that signs the next link, 32 bytes
  head BLOB NOT NULL,                 -- SHA-256 of all that is signed, 32 bytes
  signature BLOB NOT NULL             -- Ed25519 of the head, 64 bytes
) STRICT;
CREATE TABLE long_text (
  text INTEGER PRIMARY KEY REFERENCES text (id),  -- which one
  length INTEGER NOT NULL,            -- bytes of the whole
  sha256 BLOB,                        -- over the whole, 32 bytes; NULL: not computed, and then it is whole
  head INTEGER,                       -- NULL: whole; else so many bytes of its begin are kept …
  tail INTEGER                        -- … followed by so many of its end, and nothing between
) STRICT;
CREATE TABLE mapping (
  id INTEGER PRIMARY KEY,             -- rises in the order of recording
  process INTEGER NOT NULL,           -- origin id
  program INTEGER NOT NULL REFERENCES program (id)  -- the mapped file
) STRICT;
CREATE TABLE missed (
  record INTEGER PRIMARY KEY REFERENCES record (id),  -- its link of the chain
  at_us INTEGER NOT NULL,             -- wall clock of the run, microseconds since 1970
  kind INTEGER NOT NULL,              -- 1 skipped (another run was under way), 2 failed, 3 late
  runs INTEGER NOT NULL,              -- how many runs it stands for
  reason INTEGER NOT NULL REFERENCES text (id),  -- in words
  after_seq INTEGER                   -- the snapshot before it; NULL before the first
) STRICT;
CREATE TABLE netns (
  id INTEGER PRIMARY KEY,             -- version of a namespace; rises in the order of recording
  origin INTEGER,                     -- id of its first version; NULL: this is it
  inode INTEGER NOT NULL,             -- of the nsfs file, unique within a boot
  label INTEGER NOT NULL REFERENCES text (id)  -- "host", a name, "container …", "unit …", "netns …"
) STRICT;
CREATE TABLE process (
  id INTEGER PRIMARY KEY,             -- version of a process; rises in the order of recording
  origin INTEGER,                     -- id of its first version; NULL: this is it
  pid INTEGER NOT NULL,               -- in the recorder's pid namespace
  start_ns INTEGER NOT NULL,          -- start, nanoseconds since boot, in steps of a clock tick
  parent INTEGER,                     -- pid of the parent; NULL without a visible one
  name INTEGER NOT NULL REFERENCES text (id),    -- comm
  program INTEGER REFERENCES program (id),       -- NULL: kernel thread, zombie, or a gap
  script INTEGER REFERENCES text (id),           -- what an interpreter runs; NULL for none
  script_file INTEGER REFERENCES program (id),   -- the file there
  command_line INTEGER REFERENCES text (id),     -- arguments, each ending in NUL; NULL: none or a gap
  working_directory INTEGER REFERENCES text (id),  -- NULL: none or a gap
  real_uid INTEGER NOT NULL,          -- user ids and group ids
  effective_uid INTEGER NOT NULL,     -- the one that permissions are checked with
  real_gid INTEGER NOT NULL,          -- group of the starter
  effective_gid INTEGER NOT NULL,     -- group that permissions are checked with
  login_uid INTEGER,                  -- user of the login session; NULL: none
  tty INTEGER NOT NULL,               -- device number of the controlling terminal, 0 for none
  process_group INTEGER NOT NULL,     -- pid of the group's leader
  session INTEGER NOT NULL,           -- pid of the session's leader
  cgroup INTEGER REFERENCES text (id),     -- path of the unified or systemd hierarchy
  unit INTEGER REFERENCES text (id),       -- systemd unit, NULL outside units
  container INTEGER REFERENCES text (id),  -- container id or name, NULL outside containers
  capabilities INTEGER NOT NULL,      -- effective set, bit n is capability n
  tracer INTEGER,                     -- pid of the tracer; NULL without one
  preload INTEGER REFERENCES text (id),    -- LD_PRELOAD=… and LD_AUDIT=…, each ending in NUL; NULL for none
  flags INTEGER NOT NULL,             -- bit 0 kernel thread, bit 1 zombie, bit 2 the recorder itself, bit 3 covered in /proc, bit 4 not listed there
  netns INTEGER,                      -- origin id of its network namespace; NULL: not readable
  mount_namespace INTEGER NOT NULL,   -- inodes of its other namespaces, 0: not readable
  pid_namespace INTEGER NOT NULL,     -- see mount_namespace
  user_namespace INTEGER NOT NULL     -- see mount_namespace
, exec_mark INTEGER, title INTEGER REFERENCES text (id), container_facts INTEGER REFERENCES container (id)) STRICT;
CREATE TABLE program (
  id INTEGER PRIMARY KEY,             -- referred to by process and mapping
  path INTEGER NOT NULL REFERENCES text (id),  -- as the process's mount namespace names it
  device INTEGER NOT NULL,            -- st_dev
  inode INTEGER NOT NULL,             -- st_ino
  size INTEGER NOT NULL,              -- bytes
  mtime_ns INTEGER NOT NULL,          -- last content change, nanoseconds since 1970
  ctime_ns INTEGER NOT NULL,          -- last inode change, nanoseconds since 1970
  state INTEGER NOT NULL,             -- 1 present, 2 deleted, 3 replaced, 4 memfd, 5 unknown
  sha256 BLOB NOT NULL,               -- of the content, 32 bytes; empty when it was not hashed
  verdict INTEGER NOT NULL,           -- 1 unowned, 2 intact, 3 altered, 4 no checksum, 5 no database, 6 not checked
  package INTEGER REFERENCES text (id),          -- name of the package that owns the path
  package_version INTEGER REFERENCES text (id)   -- its version
) STRICT;
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
CREATE TABLE record (
  id INTEGER PRIMARY KEY,             -- dense from 1, in the order of recording
  kind INTEGER NOT NULL,              -- 1 snapshot, 2 missed run, 3 baseline, 4 baseline dropped, 5 services accepted
  written_us INTEGER NOT NULL         -- wall clock when it was written, microseconds since 1970
) STRICT;
CREATE TABLE registration (
  id INTEGER PRIMARY KEY,             -- rises in the order of recording
  program INTEGER NOT NULL,           -- RPC program number
  version INTEGER NOT NULL,           -- RPC program version
  transport INTEGER NOT NULL REFERENCES text (id),  -- netid
  address INTEGER NOT NULL REFERENCES text (id),    -- universal address
  owner INTEGER NOT NULL REFERENCES text (id)       -- who registered it
) STRICT;
CREATE TABLE sample (
  seq INTEGER NOT NULL,               -- the snapshot
  socket INTEGER NOT NULL,            -- id of the version that lived then
  recv_q INTEGER NOT NULL,            -- bytes; connections waiting for accept on a listener
  send_q INTEGER NOT NULL,            -- bytes
  PRIMARY KEY (seq, socket)
) STRICT, WITHOUT ROWID;
CREATE TABLE setting (
  record INTEGER NOT NULL REFERENCES record (id),  -- the first record written under it
  name TEXT NOT NULL,                 -- of the setting
  value TEXT NOT NULL,                -- as SQLite told it when the file was opened for writing
  PRIMARY KEY (record, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE snapshot (
  seq INTEGER PRIMARY KEY,            -- number of the snapshot, dense from 1
  record INTEGER NOT NULL REFERENCES record (id),    -- its link of the chain
  context INTEGER NOT NULL REFERENCES context (id),  -- host, boot and recorder
  began_us INTEGER NOT NULL,          -- wall clock at the begin, microseconds since 1970
  began_boot_ns INTEGER NOT NULL,     -- clock since boot at the begin, nanoseconds, counts suspend
  began_awake_ns INTEGER NOT NULL,    -- monotonic clock at the begin, nanoseconds, does not count suspend
  took_us INTEGER NOT NULL,           -- wall clock at the end minus at the begin, microseconds
  took_boot_ns INTEGER NOT NULL,      -- the same of the clock since boot, nanoseconds
  took_awake_ns INTEGER NOT NULL,     -- the same of the monotonic clock, nanoseconds
  clock_synchronized INTEGER,         -- 1 or 0 by adjtimex(2); NULL: a gap says why
  clock_max_error_us INTEGER,         -- adjtimex maxerror, microseconds
  clock_estimated_error_us INTEGER,   -- adjtimex esterror, microseconds
  listening INTEGER NOT NULL,         -- internet sockets that listen
  connected INTEGER NOT NULL,         -- internet sockets with a peer
  processes INTEGER NOT NULL,         -- processes seen
  gaps INTEGER NOT NULL,              -- rows of gap that hold for it
  cost_wall_us INTEGER NOT NULL,      -- duration of the run up to the commit, microseconds
  cost_cpu_us INTEGER NOT NULL,       -- processor time of the run up to the commit, microseconds
  cost_peak_kib INTEGER NOT NULL,     -- peak resident memory, KiB
  deep_seq INTEGER NOT NULL,          -- costly facts of unchanged processes are as old as this snapshot
  note INTEGER REFERENCES text (id)   -- given with --note
) STRICT;
CREATE TABLE socket (
  id INTEGER PRIMARY KEY,             -- version of a socket; rises in the order of recording
  origin INTEGER,                     -- id of its first version; NULL: this is it
  netns INTEGER NOT NULL,             -- origin id of the namespace that it lives in
  protocol INTEGER NOT NULL,          -- 1 tcp, 2 udp, 3 udplite, 4 raw, 5 icmp, 6 unix, 7 packet, 8 netlink, 9 sctp, 10 mptcp, 11 vsock, 12 dccp, 13 other
  state INTEGER NOT NULL,             -- 1 to 11 as the kernel's TCP states, 12 unconnected, 13 unbound
  local_address INTEGER REFERENCES text (id),  -- 4 or 16 bytes, network order; NULL outside the internet families
  local_port INTEGER NOT NULL,        -- raw: the IP protocol number
  remote_address BLOB,                -- NULL: 0.0.0.0 or :: with port 0
  remote_port INTEGER NOT NULL,       -- 0 without a peer
  cookie INTEGER NOT NULL,            -- sock_diag's, 0: the source gives none
  inode INTEGER NOT NULL,             -- of sockfs, 0: no descriptor can refer to it
  uid INTEGER,                        -- owner; NULL: the kernel names none
  no_holder INTEGER NOT NULL          -- 0 it has holders, 1 time-wait, 2 not accepted, 3 orphaned, 4 kernel, 5 other pid namespace, 6 permission, 7 exited
) STRICT;
CREATE TABLE socket_detail (
  socket INTEGER PRIMARY KEY REFERENCES socket (id),  -- the version that it belongs to
  type INTEGER NOT NULL,              -- SOCK_*; 0: the usual one of the protocol
  backlog INTEGER NOT NULL,           -- limit of a listener's accept queue
  name INTEGER REFERENCES text (id),  -- unix: name, abstract ones begin with NUL; vsock: CID:PORT
  remote_name INTEGER REFERENCES text (id),  -- vsock: CID:PORT of the peer
  peer INTEGER NOT NULL,              -- unix: inode of the peer, 0 without one
  number INTEGER NOT NULL,            -- packet: ethertype; netlink: protocol; other: address family
  port_id INTEGER NOT NULL,           -- netlink: port id
  interface INTEGER NOT NULL,         -- index of the interface that it is bound to, 0 to none
  interface_name INTEGER REFERENCES text (id),  -- its name in that namespace
  v6only INTEGER,                     -- 1: takes no IPv4 connections; NULL: not told
  filter_length INTEGER,              -- packet: instructions of its filter; NULL without one
  filter_sha256 BLOB,                 -- packet: over the instructions
  promiscuous INTEGER                 -- packet: 1 it makes an interface promiscuous; NULL: not told
) STRICT;
CREATE TABLE text (
  id INTEGER PRIMARY KEY,             -- referred to by every other table
  hash INTEGER NOT NULL,              -- FNV-1a 64 of the bytes as a signed number; finds them, proves nothing
  bytes BLOB NOT NULL                 -- exactly as read, not assumed to be UTF-8
) STRICT;
CREATE TABLE text_run (
  text INTEGER NOT NULL REFERENCES long_text (text),  -- which one
  position INTEGER NOT NULL,          -- from 0
  first INTEGER NOT NULL REFERENCES text (id),  -- its first piece
  last INTEGER NOT NULL REFERENCES text (id),   -- its last piece
  PRIMARY KEY (text, position)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE user_name (
  id INTEGER PRIMARY KEY,             -- rises in the order of recording
  uid INTEGER NOT NULL,               -- user id
  name INTEGER NOT NULL REFERENCES text (id)  -- its name
) STRICT;
CREATE INDEX baseline_owner_by_service ON baseline_owner (service);
CREATE INDEX baseline_service_by_record ON baseline_service (record);
CREATE INDEX change_by_last_id ON change (entity, last_id);
CREATE INDEX container_by_name ON container (name, pod, image, pod_container);
CREATE INDEX process_by_origin ON process (origin) WHERE origin IS NOT NULL;
CREATE INDEX program_by_inode ON program (inode);
CREATE INDEX snapshot_by_time ON snapshot (began_us);
CREATE INDEX socket_by_origin ON socket (origin) WHERE origin IS NOT NULL;
CREATE INDEX socket_listening ON socket (local_port) WHERE state = 10 OR (state = 12 AND protocol IN (2, 3));
CREATE INDEX text_by_hash ON text (hash);
