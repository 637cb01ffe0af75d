// The cursor of `spool` in each database, and the rows that are open there.
//
// In:    the text that was kept, or nothing.
// Out:   the same as a value; the text that is to be kept.
// Never: a part of a text: one that is damaged or of another version gives nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schema/model/service.h"

namespace sockwitness::query {

// A snapshot and when it began: the time outlives the snapshot, which may be pruned.
struct Stamp {
  schema::Seq seq;
  schema::WallTime at;

  friend bool operator==(const Stamp&, const Stamp&) = default;
};

// A service that has not ended, as it was written last.
struct OpenService {
  schema::Endpoint endpoint;
  std::string row;  // its name in the lines, the same as long as it lasts
  Stamp first;
  std::optional<Stamp> not_before;  // the last snapshot that could see the place before
  Stamp last;                       // that showed it
  std::string content;  // what its lines say besides the interval, one JSON object of one line

  friend bool operator==(const OpenService&, const OpenService&) = default;
};

// The same of a finding.
struct OpenFinding {
  std::string key;
  std::string row;
  std::string rule;
  Stamp first;
  std::optional<Stamp> not_before;
  Stamp last;
  std::optional<Stamp> unseen;  // the first snapshot after `last` that could see, and did not
  std::string content;

  friend bool operator==(const OpenFinding&, const OpenFinding&) = default;
};

struct ArchiveCursor {
  std::optional<Stamp> last;        // the last snapshot whose lines were written
  schema::Seq epoch;                // where comparisons begin again
  schema::Seq peers_from;           // the first snapshot whose peers were not written
  std::int64_t record = 0;          // the last record that gave no snapshot and was written
  std::set<std::int64_t> programs;  // rows that were written
  std::optional<Stamp> judged;      // the last snapshot in which rules could see everything
  std::vector<OpenService> services;
  std::vector<OpenFinding> findings;

  friend bool operator==(const ArchiveCursor&, const ArchiveCursor&) = default;
};

// By archive, hexadecimal.
using SpoolCursor = std::map<std::string, ArchiveCursor>;

[[nodiscard]] std::string write_spool_cursor(const SpoolCursor& cursor);
// Nothing for what write_spool_cursor did not write.
[[nodiscard]] std::optional<SpoolCursor> parse_spool_cursor(std::string_view text);

}  // namespace sockwitness::query
