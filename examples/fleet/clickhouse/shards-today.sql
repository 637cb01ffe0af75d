-- The tables of a fleet on shards with replicas, for ClickHouse of today. The cluster is called `fleet` in the servers'
-- configuration, with internal_replication, and each server has the macros {shard} and {replica}.
-- Questions join `roles` on each shard: distributed_product_mode = 'local' in the profile of whoever asks.
CREATE DATABASE IF NOT EXISTS sockwitness ON CLUSTER fleet;

CREATE TABLE IF NOT EXISTS sockwitness.snapshots_local ON CLUSTER fleet
(
    host LowCardinality(String),
    archive LowCardinality(String),
    seq UInt32 CODEC(Delta, ZSTD(1)),
    head Nullable(String) CODEC(ZSTD(1)),
    kind LowCardinality(String),                        -- snapshot, missed, prune, pruned, not_judged, removed
    record UInt32,
    taken_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    boot_id LowCardinality(String),
    complete UInt8,
    gaps UInt32,
    gap_sources Array(String),
    listening UInt32,
    connected UInt32,
    processes UInt32,
    version LowCardinality(String),
    policy LowCardinality(Nullable(String)),
    at Nullable(DateTime64(6, 'UTC')),
    missed_kind Nullable(String),
    runs UInt32,
    reason Nullable(String),
    first_seq Nullable(UInt32),
    last_seq Nullable(UInt32),
    file Nullable(String),
    lines Nullable(UInt64),
    received_at DateTime('UTC') MATERIALIZED now() CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/sockwitness/{shard}/snapshots', '{replica}')
PARTITION BY toYYYYMM(taken_at)
ORDER BY (host, archive, seq, kind, record, ifNull(head, ''), ifNull(file, ''));

CREATE TABLE IF NOT EXISTS sockwitness.services_local ON CLUSTER fleet
(
    host LowCardinality(String),
    archive LowCardinality(String),
    seq UInt32 CODEC(Delta, ZSTD(1)),
    head Nullable(String) CODEC(ZSTD(1)),
    row String CODEC(ZSTD(1)),
    state LowCardinality(String),
    first_seen DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    first_seq UInt32,
    not_before Nullable(DateTime64(6, 'UTC')),
    not_before_seq Nullable(UInt32),
    last_seen Nullable(DateTime64(6, 'UTC')),
    last_seq Nullable(UInt32),
    not_after Nullable(DateTime64(6, 'UTC')),
    not_after_seq Nullable(UInt32),
    protocol LowCardinality(String),
    family LowCardinality(String),
    local_address Nullable(String) CODEC(ZSTD(1)),
    local_port Nullable(UInt16),
    netns LowCardinality(String),
    device Nullable(String),
    path Nullable(String) CODEC(ZSTD(1)),
    v6only Nullable(UInt8),
    program LowCardinality(Nullable(String)),
    script LowCardinality(Nullable(String)),
    sha256 Nullable(String) CODEC(ZSTD(1)),
    package LowCardinality(Nullable(String)),
    package_state LowCardinality(Nullable(String)),
    file_state LowCardinality(Nullable(String)),
    user LowCardinality(Nullable(String)),
    uid Nullable(UInt32),
    unit LowCardinality(Nullable(String)),
    container Nullable(String),
    container_name LowCardinality(Nullable(String)),
    container_image LowCardinality(Nullable(String)),
    owners Array(String),
    no_holder_reason Nullable(String),
    rpc_programs Array(UInt32),
    forwards_to Nullable(String),
    status LowCardinality(Nullable(String)),
    approved_by Nullable(String),
    expires Nullable(DateTime64(6, 'UTC')),
    received_at DateTime('UTC') MATERIALIZED now() CODEC(DoubleDelta, ZSTD(1)),
    INDEX by_sha256 sha256 TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_port local_port TYPE set(256) GRANULARITY 4
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/sockwitness/{shard}/services', '{replica}', seq)
PARTITION BY toYYYYMM(first_seen)
ORDER BY (host, archive, row);

CREATE TABLE IF NOT EXISTS sockwitness.programs_local ON CLUSTER fleet
(
    host LowCardinality(String),
    archive LowCardinality(String),
    seq UInt32 CODEC(Delta, ZSTD(1)),
    head Nullable(String) CODEC(ZSTD(1)),
    row String CODEC(ZSTD(1)),
    first_seen DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    path String CODEC(ZSTD(1)),
    script UInt8,
    sha256 Nullable(String) CODEC(ZSTD(1)),
    size UInt64,
    file_state LowCardinality(Nullable(String)),
    package LowCardinality(Nullable(String)),
    package_version LowCardinality(Nullable(String)),
    package_state LowCardinality(Nullable(String)),
    received_at DateTime('UTC') MATERIALIZED now() CODEC(DoubleDelta, ZSTD(1)),
    INDEX by_sha256 sha256 TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/sockwitness/{shard}/programs', '{replica}', seq)
PARTITION BY toYYYYMM(first_seen)
ORDER BY (host, archive, row);

CREATE TABLE IF NOT EXISTS sockwitness.peers_local ON CLUSTER fleet
(
    host LowCardinality(String),
    archive LowCardinality(String),
    seq UInt32 CODEC(Delta, ZSTD(1)),
    head Nullable(String) CODEC(ZSTD(1)),
    row String CODEC(ZSTD(1)),
    hour DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    protocol LowCardinality(Nullable(String)),
    direction LowCardinality(Nullable(String)),
    guess UInt8,
    port Nullable(UInt16),
    remote_address Nullable(String) CODEC(ZSTD(1)),
    netns LowCardinality(Nullable(String)),
    program LowCardinality(Nullable(String)),
    first_seen DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    last_seen DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    connections UInt64,
    peers Nullable(UInt32),
    received_at DateTime('UTC') MATERIALIZED now() CODEC(DoubleDelta, ZSTD(1)),
    INDEX by_remote remote_address TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/sockwitness/{shard}/peers', '{replica}', seq)
PARTITION BY toYYYYMM(hour)
ORDER BY (host, archive, row);

CREATE TABLE IF NOT EXISTS sockwitness.findings_local ON CLUSTER fleet
(
    host LowCardinality(String),
    archive LowCardinality(String),
    seq UInt32 CODEC(Delta, ZSTD(1)),
    head Nullable(String) CODEC(ZSTD(1)),
    row String CODEC(ZSTD(1)),
    state LowCardinality(String),
    first_seen DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    first_seq UInt32,
    not_before Nullable(DateTime64(6, 'UTC')),
    not_before_seq Nullable(UInt32),
    last_seen Nullable(DateTime64(6, 'UTC')),
    last_seq Nullable(UInt32),
    not_after Nullable(DateTime64(6, 'UTC')),
    not_after_seq Nullable(UInt32),
    rule LowCardinality(String),
    severity LowCardinality(String),
    title LowCardinality(String),
    attack Array(String),
    accepted UInt8,
    protocol LowCardinality(Nullable(String)),
    local_address Nullable(String) CODEC(ZSTD(1)),
    local_port Nullable(UInt16),
    remote_address Nullable(String) CODEC(ZSTD(1)),
    remote_port Nullable(UInt16),
    program LowCardinality(Nullable(String)),
    script LowCardinality(Nullable(String)),
    sha256 Nullable(String) CODEC(ZSTD(1)),
    package LowCardinality(Nullable(String)),
    package_state LowCardinality(Nullable(String)),
    file_state LowCardinality(Nullable(String)),
    user LowCardinality(Nullable(String)),
    uid Nullable(UInt32),
    unit LowCardinality(Nullable(String)),
    container Nullable(String),
    container_name LowCardinality(Nullable(String)),
    container_image LowCardinality(Nullable(String)),
    received_at DateTime('UTC') MATERIALIZED now() CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/sockwitness/{shard}/findings', '{replica}', seq)
PARTITION BY toYYYYMM(first_seen)
ORDER BY (host, archive, row);

-- What hosts are for, from the site's own inventory: every shard needs its own hosts, which the distributed table sees to.
CREATE TABLE IF NOT EXISTS sockwitness.roles_local ON CLUSTER fleet
(
    host LowCardinality(String),
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
