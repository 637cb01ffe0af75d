// Lines of `spool`: what one host reports to a fleet, schema/json/spool-*.1.json.
//
// In:    rows with their snapshots, and what heads them: host, archive, head of the record.
// Out:   one JSON object a line, ending in a newline; a row has all its members each time it is
//        written.
// Never: a pid, a descriptor or another fact of the moment: what did not change is not written
//        again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/analysis/account.h"
#include "query/analysis/findings/finding.h"
#include "query/read/hour_peers.h"
#include "query/read/other_records.h"
#include "query/read/program_begins.h"
#include "query/spool/finding_rows.h"
#include "query/spool/service_rows.h"
#include "schema/model/snapshot_info.h"
#include "schema/model/visibility.h"

namespace sockwitness::query {

// Where a line comes from.
struct LineHead {
  std::string_view host;     // as the host called itself then; any bytes
  std::string_view archive;  // hexadecimal
  schema::Seq seq;           // the snapshot that tells it
  std::string_view head;     // of its record, hexadecimal; empty: it is not signed
};

struct SnapshotFacts {
  const schema::SnapshotInfo& info;
  std::int64_t record = 0;
  const schema::Visibility* gaps = nullptr;  // null: it has none
  std::string_view policy;                   // hexadecimal; empty: there is none
};
[[nodiscard]] std::string spool_snapshot(const LineHead& head, const SnapshotFacts& facts);
// A run that gave no snapshot, or a prune.
[[nodiscard]] std::string spool_record(const LineHead& head, const OtherRecord& record);

// What is not in the lines, and why.
struct SpoolNotice {
  // "pruned": removed before it was written. "not_judged": too many to ask the rules about.
  // "removed": a file of lines made room for others.
  std::string_view kind;
  std::optional<schema::SeqRange> snapshots;
  std::string_view file;
  std::uint64_t lines = 0;
};
[[nodiscard]] std::string spool_notice(const LineHead& head, const SpoolNotice& notice);

// The content of an OpenService. `account` is null without policy and baseline.
[[nodiscard]] std::string service_content(const schema::Service& service, const Account* account);
[[nodiscard]] std::string spool_service(const LineHead& head, const ServiceLine& line);

// Finding::key without the peer: the same situation with many peers is one row.
[[nodiscard]] std::string finding_key(const Finding& finding);
[[nodiscard]] std::string finding_content(const Finding& finding);
[[nodiscard]] std::string spool_finding(const LineHead& head, const FindingLine& line);

[[nodiscard]] std::string spool_program(const LineHead& head,
                                        const ProgramBegin& begin,
                                        schema::WallTime first_seen);

// The snapshots around a peer's hour.
struct PeerTimes {
  schema::WallTime hour;  // its begin
  schema::WallTime first;
  schema::WallTime last;
  schema::Seq from;  // the first snapshot of the hour
};
[[nodiscard]] std::string spool_peer(const LineHead& head,
                                     const PeerTimes& times,
                                     const HourPeer& peer);
// Those that were too many: how many, and their connections.
[[nodiscard]] std::string spool_more_peers(const LineHead& head,
                                           const PeerTimes& times,
                                           std::uint64_t peers,
                                           std::uint64_t connections);

}  // namespace sockwitness::query
