// One database spooled: everything after its cursor as lines, a piece at a time.
//
// In:    an opened history, rules, policy; how far its lines have got.
// Out:   lines in the folder, each piece together with the new cursor.
// Never: a line that depends on when this runs or on how often it ran before: the lines of many runs
//        are those of one run from nothing.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "query/analysis/policy.h"
#include "query/app/judge.h"
#include "query/read/history.h"
#include "query/read/on_progress.h"
#include "query/spool/spool_cursor.h"
#include "query/terminal/line_spool.h"

namespace sockwitness::query {

struct SpoolSettings {
  const Policy& policy;
  std::string policy_hash;  // hexadecimal; empty: there is none
  std::size_t peers = 0;    // rows an hour
  std::size_t judged = 0;   // snapshots at most, of those that wait
  bool findings = true;
  // Comparisons begin again at the first snapshot after `epoch` that saw everything, so that a run
  // need not read the whole history; at the latest after `longest_epoch`.
  std::int64_t epoch = 256;
  std::int64_t longest_epoch = 2048;
};

struct SpoolReport {
  std::uint64_t snapshots = 0;
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> notes;  // what people have to know, in words
  std::vector<RemovedFile> removed;
};

class SpoolRun {
 public:
  // All outlive it. `cursor` holds all databases of the folder.
  SpoolRun(History& history,
           Judge* judge,
           const SpoolSettings& settings,
           LineSpool& spool,
           SpoolCursor& cursor,
           const OnProgress& on_progress);

  // Adds to the report.
  void run(SpoolReport& report);

 private:
  struct Piece;

  void begin(SpoolReport& report);
  [[nodiscard]] schema::SeqRange next_piece();
  void write_piece(schema::SeqRange piece, SpoolReport& report);
  void add_snapshots(const Piece& piece);
  void add_services(const Piece& piece);
  void add_programs(const Piece& piece);
  void add_peers(const Piece& piece);
  void add_findings(const Piece& piece);
  void add_records(const Piece& piece);
  void put(const char* kind, const std::string& line);
  void commit(SpoolReport& report);
  [[nodiscard]] const std::string& host_at(schema::Seq seq) const;
  [[nodiscard]] std::optional<schema::WallTime> time_of(schema::Seq seq) const;

  History& history_;
  Judge* judge_;
  const SpoolSettings& settings_;
  LineSpool& spool_;
  SpoolCursor& all_;
  const OnProgress& on_progress_;
  Moments moments_;
  std::string archive_;
  ArchiveCursor* cursor_ = nullptr;
  schema::Seq latest_;
  schema::Seq judged_from_;
  std::optional<schema::Baseline> baseline_;
  std::uint64_t lines_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace sockwitness::query
