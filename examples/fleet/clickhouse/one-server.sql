-- The tables of a fleet on one server, for ClickHouse from 18.16 (Debian 12) on: clickhouse-client --multiquery < one-server.sql
-- A row that comes again folds into one: each key names a row, and the highest seq is its newest state. In `snapshots`
-- the head is part of the key, so that a forged one for the same snapshot stays beside the true one.
CREATE DATABASE IF NOT EXISTS sockwitness;

CREATE TABLE IF NOT EXISTS sockwitness.snapshots
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
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(taken_at)
ORDER BY (host, archive, seq, kind, record, ifNull(head, ''), ifNull(file, ''));

CREATE TABLE IF NOT EXISTS sockwitness.services
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
ENGINE = ReplacingMergeTree(seq)
PARTITION BY toYYYYMM(first_seen)
ORDER BY (host, archive, row);

CREATE TABLE IF NOT EXISTS sockwitness.programs
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
ENGINE = ReplacingMergeTree(seq)
PARTITION BY toYYYYMM(first_seen)
ORDER BY (host, archive, row);

CREATE TABLE IF NOT EXISTS sockwitness.peers
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
ENGINE = ReplacingMergeTree(seq)
PARTITION BY toYYYYMM(hour)
ORDER BY (host, archive, row);

CREATE TABLE IF NOT EXISTS sockwitness.findings
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
ENGINE = ReplacingMergeTree(seq)
PARTITION BY toYYYYMM(first_seen)
ORDER BY (host, archive, row);

-- What hosts are for, from the site's own inventory: clickhouse-client --query "INSERT INTO sockwitness.roles (host, role) FORMAT CSV" < roles.csv
CREATE TABLE IF NOT EXISTS sockwitness.roles
(
    host String,
    role String,
    changed_at DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY host;
