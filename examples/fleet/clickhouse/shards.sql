-- The tables of a fleet on shards with replicas, for ClickHouse from 18.16 on. The cluster is called `fleet` in the servers'
-- configuration, with internal_replication, and each server has the macros {shard} and {replica}.
-- Questions join `roles` on each shard: distributed_product_mode = 'local' in the profile of whoever asks.
CREATE DATABASE IF NOT EXISTS sockwitness ON CLUSTER fleet;

CREATE TABLE IF NOT EXISTS sockwitness.snapshots_local ON CLUSTER fleet
(
    host String,
    archive String,
    seq UInt32,
    head Nullable(String),
    kind String,                        -- snapshot, missed, prune, pruned, not_judged, removed
    record UInt32,
    taken_at DateTime('UTC'),
    boot_id String,
    complete UInt8,
    gaps UInt32,
    gap_sources Array(String),
    listening UInt32,
    connected UInt32,
    processes UInt32,
    version String,
    policy Nullable(String),
    at Nullable(DateTime('UTC')),
    missed_kind Nullable(String),
    runs UInt32,
    reason Nullable(String),
    first_seq Nullable(UInt32),
    last_seq Nullable(UInt32),
    file Nullable(String),
    lines Nullable(UInt64),
    received_at DateTime('UTC') MATERIALIZED now()
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/sockwitness/{shard}/snapshots', '{replica}')
PARTITION BY toYYYYMM(taken_at)
ORDER BY (host, archive, seq, kind, record, ifNull(head, ''), ifNull(file, ''));

CREATE TABLE IF NOT EXISTS sockwitness.services_local ON CLUSTER fleet
(
    host String,
    archive String,
    seq UInt32,
    head Nullable(String),
    row String,
    state String,
    first_seen DateTime('UTC'),
    first_seq UInt32,
    not_before Nullable(DateTime('UTC')),
    not_before_seq Nullable(UInt32),
    last_seen Nullable(DateTime('UTC')),
    last_seq Nullable(UInt32),
    not_after Nullable(DateTime('UTC')),
    not_after_seq Nullable(UInt32),
    protocol String,
    family String,
    local_address Nullable(String),
    local_port Nullable(UInt16),
    netns String,
    device Nullable(String),
    path Nullable(String),
    v6only Nullable(UInt8),
    program Nullable(String),
    script Nullable(String),
    sha256 Nullable(String),
    package Nullable(String),
    package_state Nullable(String),
    file_state Nullable(String),
    user Nullable(String),
    uid Nullable(UInt32),
    unit Nullable(String),
    container Nullable(String),
    container_name Nullable(String),
    container_image Nullable(String),
    owners Array(String),
    no_holder_reason Nullable(String),
    rpc_programs Array(UInt32),
    forwards_to Nullable(String),
    status Nullable(String),
    approved_by Nullable(String),
    expires Nullable(DateTime('UTC')),
    received_at DateTime('UTC') MATERIALIZED now()
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/sockwitness/{shard}/services', '{replica}', seq)
PARTITION BY toYYYYMM(first_seen)
ORDER BY (host, archive, row);

CREATE TABLE IF NOT EXISTS sockwitness.programs_local ON CLUSTER fleet
(
    host String,
    archive String,
    seq UInt32,
    head Nullable(String),
    row String,
    first_seen DateTime('UTC'),
    path String,
    script UInt8,
    sha256 Nullable(String),
    size UInt64,
    file_state Nullable(String),
    package Nullable(String),
    package_version Nullable(String),
    package_state Nullable(String),
    received_at DateTime('UTC') MATERIALIZED now()
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/sockwitness/{shard}/programs', '{replica}', seq)
PARTITION BY toYYYYMM(first_seen)
ORDER BY (host, archive, row);

CREATE TABLE IF NOT EXISTS sockwitness.peers_local ON CLUSTER fleet
(
    host String,
    archive String,
    seq UInt32,
    head Nullable(String),
    row String,
    hour DateTime('UTC'),
    protocol Nullable(String),
    direction Nullable(String),
    guess UInt8,
    port Nullable(UInt16),
    remote_address Nullable(String),
    netns Nullable(String),
    program Nullable(String),
    first_seen DateTime('UTC'),
    last_seen DateTime('UTC'),
    connections UInt64,
    peers Nullable(UInt32),
    received_at DateTime('UTC') MATERIALIZED now()
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/sockwitness/{shard}/peers', '{replica}', seq)
PARTITION BY toYYYYMM(hour)
ORDER BY (host, archive, row);

CREATE TABLE IF NOT EXISTS sockwitness.findings_local ON CLUSTER fleet
(
    host String,
    archive String,
    seq UInt32,
    head Nullable(String),
    row String,
    state String,
    first_seen DateTime('UTC'),
    first_seq UInt32,
    not_before Nullable(DateTime('UTC')),
    not_before_seq Nullable(UInt32),
    last_seen Nullable(DateTime('UTC')),
    last_seq Nullable(UInt32),
    not_after Nullable(DateTime('UTC')),
    not_after_seq Nullable(UInt32),
    rule String,
    severity String,
    title String,
    attack Array(String),
    accepted UInt8,
    protocol Nullable(String),
    local_address Nullable(String),
    local_port Nullable(UInt16),
    remote_address Nullable(String),
    remote_port Nullable(UInt16),
    program Nullable(String),
    script Nullable(String),
    sha256 Nullable(String),
    package Nullable(String),
    package_state Nullable(String),
    file_state Nullable(String),
    user Nullable(String),
    uid Nullable(UInt32),
    unit Nullable(String),
    container Nullable(String),
    container_name Nullable(String),
    container_image Nullable(String),
    received_at DateTime('UTC') MATERIALIZED now()
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/sockwitness/{shard}/findings', '{replica}', seq)
PARTITION BY toYYYYMM(first_seen)
ORDER BY (host, archive, row);

-- What hosts are for, from the site's own inventory: every shard needs its own hosts, which the distributed table sees to.
CREATE TABLE IF NOT EXISTS sockwitness.roles_local ON CLUSTER fleet
(
    host String,
    role String,
    changed_at DateTime('UTC') DEFAULT now()
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/sockwitness/{shard}/roles', '{replica}', changed_at)
ORDER BY host;

-- What questions are asked of, and lines sent to: a host is always on the same shard, so that its rows fold there.
CREATE TABLE IF NOT EXISTS sockwitness.snapshots ON CLUSTER fleet AS sockwitness.snapshots_local
ENGINE = Distributed('fleet', 'sockwitness', 'snapshots_local', sipHash64(host));
CREATE TABLE IF NOT EXISTS sockwitness.services ON CLUSTER fleet AS sockwitness.services_local
ENGINE = Distributed('fleet', 'sockwitness', 'services_local', sipHash64(host));
CREATE TABLE IF NOT EXISTS sockwitness.programs ON CLUSTER fleet AS sockwitness.programs_local
ENGINE = Distributed('fleet', 'sockwitness', 'programs_local', sipHash64(host));
CREATE TABLE IF NOT EXISTS sockwitness.peers ON CLUSTER fleet AS sockwitness.peers_local
ENGINE = Distributed('fleet', 'sockwitness', 'peers_local', sipHash64(host));
CREATE TABLE IF NOT EXISTS sockwitness.findings ON CLUSTER fleet AS sockwitness.findings_local
ENGINE = Distributed('fleet', 'sockwitness', 'findings_local', sipHash64(host));
CREATE TABLE IF NOT EXISTS sockwitness.roles ON CLUSTER fleet AS sockwitness.roles_local
ENGINE = Distributed('fleet', 'sockwitness', 'roles_local', sipHash64(host));
