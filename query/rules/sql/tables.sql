-- What a rule can read. TABLES.md describes every column; a gate compares the two.
CREATE TABLE host (
  name TEXT,
  seq INTEGER,
  deep_seq INTEGER,
  taken_us INTEGER,
  history_began_us INTEGER,
  ephemeral_first INTEGER,
  ephemeral_last INTEGER,
  unprivileged_first INTEGER,
  units INTEGER,
  packages INTEGER,
  packages_changed_us INTEGER,
  unread_descriptors INTEGER,
  unread_processes INTEGER,
  unread_programs INTEGER
) STRICT;
CREATE TABLE programs (
  id INTEGER PRIMARY KEY,
  path TEXT,
  base_name TEXT,
  place TEXT,
  hidden TEXT,
  state TEXT,
  verdict TEXT,
  package TEXT,
  package_version TEXT,
  sha256 TEXT,
  size INTEGER,
  modified_us INTEGER,
  changed_us INTEGER,
  kind TEXT,
  family TEXT,
  copy_of TEXT
) STRICT;
CREATE TABLE processes (
  id INTEGER PRIMARY KEY,
  pid INTEGER,
  parent INTEGER,
  parent_pid INTEGER,
  name TEXT,
  program INTEGER,
  path TEXT,
  base_name TEXT,
  kind TEXT,
  family TEXT,
  genuine INTEGER,
  vouched INTEGER,
  outdated INTEGER,
  script TEXT,
  script_known INTEGER,
  script_file INTEGER,
  inline_code TEXT,
  bare INTEGER,
  obeys INTEGER,
  titled INTEGER,
  command_line TEXT,
  working_directory TEXT,
  uid INTEGER,
  user TEXT,
  real_uid INTEGER,
  real_user TEXT,
  login_uid INTEGER,
  login_user TEXT,
  terminal INTEGER,
  process_group INTEGER,
  session INTEGER,
  cgroup TEXT,
  unit TEXT,
  container TEXT,
  origin TEXT,
  capabilities INTEGER,
  tracer INTEGER,
  kernel_thread INTEGER,
  zombie INTEGER,
  recorder INTEGER,
  covered INTEGER,
  unlisted INTEGER,
  netns TEXT,
  mount_namespace INTEGER,
  pid_namespace INTEGER,
  user_namespace INTEGER,
  started_us INTEGER,
  age_seconds INTEGER,
  listeners INTEGER,
  connections INTEGER,
  captures INTEGER,
  network INTEGER,
  loopback_only INTEGER,
  login_server INTEGER
) STRICT;
CREATE TABLE arguments (
  process INTEGER,
  position INTEGER,
  value TEXT,
  PRIMARY KEY (process, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE ancestry (
  process INTEGER,
  ancestor INTEGER,
  distance INTEGER,
  PRIMARY KEY (process, distance)
) STRICT, WITHOUT ROWID;
CREATE TABLE daemons (
  name TEXT,
  path TEXT,
  package TEXT
) STRICT;
CREATE TABLE sockets (
  id INTEGER PRIMARY KEY,
  protocol TEXT,
  family TEXT,
  state TEXT,
  netns TEXT,
  local TEXT,
  local_address TEXT,
  local_port INTEGER,
  local_class TEXT,
  remote TEXT,
  remote_address TEXT,
  remote_port INTEGER,
  remote_class TEXT,
  inet INTEGER,
  listening INTEGER,
  connected INTEGER,
  loopback INTEGER,
  ephemeral INTEGER,
  direction TEXT,
  direction_evidence TEXT,
  peer INTEGER,
  service_name TEXT,
  rpc_program INTEGER,
  name TEXT,
  abstract INTEGER,
  interface TEXT,
  ethertype INTEGER,
  number INTEGER,
  filter_length INTEGER,
  filter_sha256 TEXT,
  promiscuous INTEGER,
  backlog INTEGER,
  recv_q INTEGER,
  send_q INTEGER,
  uid INTEGER,
  user TEXT,
  inode INTEGER,
  holders INTEGER,
  no_holder TEXT,
  first_seen_us INTEGER,
  last_seen_us INTEGER,
  age_seconds INTEGER
) STRICT;
CREATE TABLE forwards (
  id INTEGER PRIMARY KEY,
  protocol TEXT,
  family TEXT,
  netns TEXT,
  local TEXT,
  local_port INTEGER,
  local_last INTEGER,
  interface TEXT,
  loopback INTEGER,
  own INTEGER,
  target TEXT,
  target_class TEXT,
  target_netns TEXT,
  rule TEXT,
  expected INTEGER
) STRICT;
CREATE TABLE holders (
  socket INTEGER,
  process INTEGER,
  fd INTEGER,
  inherited INTEGER,
  served INTEGER,
  handed INTEGER,
  expected INTEGER
) STRICT;
CREATE TABLE standard_fds (
  process INTEGER,
  fd INTEGER,
  kind TEXT,
  socket INTEGER,
  target TEXT
) STRICT;
CREATE TABLE descriptors (
  process INTEGER,
  fd INTEGER,
  kind TEXT,
  device INTEGER,
  inode INTEGER,
  number INTEGER,
  target TEXT
) STRICT;
CREATE TABLE channels (
  process INTEGER,
  fd INTEGER,
  channel INTEGER,
  kind TEXT,
  side TEXT
) STRICT;
CREATE TABLE mappings (
  process INTEGER,
  program INTEGER
) STRICT;
CREATE TABLE preloads (
  process INTEGER,
  variable TEXT,
  library TEXT
) STRICT;
CREATE TABLE host_preloads (
  library TEXT
) STRICT;
CREATE TABLE namespaces (
  label TEXT,
  inode INTEGER,
  kind TEXT,
  processes INTEGER
) STRICT;
CREATE TABLE gaps (
  source TEXT,
  reason TEXT,
  netns TEXT,
  pid INTEGER,
  object TEXT,
  count INTEGER
) STRICT;
CREATE TABLE port_names (
  protocol TEXT,
  port INTEGER,
  name TEXT,
  PRIMARY KEY (protocol, port)
) STRICT, WITHOUT ROWID;
CREATE TABLE baseline (
  as_of_us INTEGER
) STRICT;
CREATE TABLE baseline_services (
  netns TEXT,
  protocol TEXT,
  family TEXT,
  local_address TEXT,
  local_port INTEGER,
  name TEXT,
  program TEXT,
  sha256 TEXT,
  script TEXT,
  script_known INTEGER,
  user TEXT,
  unit TEXT,
  container TEXT
) STRICT;
