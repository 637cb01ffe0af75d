-- The tables of a fleet on one server, for ClickHouse of today: clickhouse-client --multiquery < one-server-today.sql
-- Beside one-server.sql it has times to the microsecond, codecs, words stored once, and indexes that skip what cannot match.
-- A row that comes again folds into one: each key names a row, and the highest seq is its newest state. In `snapshots`
-- the head is part of the key, so that a forged one for the same snapshot stays beside the true one.
CREATE DATABASE IF NOT EXISTS sockwitness;

CREATE TABLE IF NOT EXISTS sockwitness.snapshots
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
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(taken_at)
ORDER BY (host, archive, seq, kind, record, ifNull(head, ''), ifNull(file, ''));

CREATE TABLE IF NOT EXISTS sockwitness.services
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
ENGINE = ReplacingMergeTree(seq)
PARTITION BY toYYYYMM(first_seen)
ORDER BY (host, archive, row);

CREATE TABLE IF NOT EXISTS sockwitness.programs
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
ENGINE = ReplacingMergeTree(seq)
PARTITION BY toYYYYMM(first_seen)
ORDER BY (host, archive, row);

CREATE TABLE IF NOT EXISTS sockwitness.peers
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
ENGINE = ReplacingMergeTree(seq)
PARTITION BY toYYYYMM(hour)
ORDER BY (host, archive, row);

CREATE TABLE IF NOT EXISTS sockwitness.findings
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
ENGINE = ReplacingMergeTree(seq)
PARTITION BY toYYYYMM(first_seen)
ORDER BY (host, archive, row);

-- What hosts are for, from the site's own inventory: clickhouse-client --query "INSERT INTO sockwitness.roles (host, role) FORMAT CSV" < roles.csv
CREATE TABLE IF NOT EXISTS sockwitness.roles
(
    host LowCardinality(String),
    role String,
    changed_at DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY host;
