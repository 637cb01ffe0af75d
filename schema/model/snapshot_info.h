// What the list of records says about one snapshot or one run that gave none, without its sockets
// and processes.
//
// In:    rows of the database.
// Out:   plain values for listings, headers and time questions.
// Never: derived from the wall clock of the reader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/model/context.h"

namespace sockwitness::schema {

struct SnapshotInfo {
  Seq seq;
  ClockReading begin;
  ClockReading end;
  std::optional<ClockSync> clock_sync;
  Context context;
  Totals totals;
  Cost cost;
  std::string note;
  std::optional<Seq> deep_seq;
  // What kept the database from taking it at once; nothing: it was written when it was taken.
  std::optional<std::string> deferred = {};

  [[nodiscard]] bool complete() const { return totals.gaps == 0; }
};

// A run that gave no snapshot. Stored numbers, never reused.
enum class MissedKind : std::uint8_t {
  Skipped = 1,  // another run held the lock
  Failed = 2,   // it could not write
  Late = 3      // a loop's turn came so late that whole turns were left out
};

struct MissedRun {
  WallTime at;
  MissedKind kind = MissedKind::Skipped;
  std::uint32_t count = 1;  // runs that it stands for
  std::string reason;
  std::optional<Seq> after;  // the snapshot before it
};

// Snapshots in a row, both ends included.
struct SeqRange {
  Seq first;
  Seq last;

  [[nodiscard]] bool contains(Seq seq) const { return first <= seq && seq <= last; }
  [[nodiscard]] bool overlaps(const SeqRange& other) const {
    return first <= other.last && other.first <= last;
  }
  friend auto operator<=>(const SeqRange&, const SeqRange&) = default;
};

// When a thing was first and last seen, over the whole history.
struct Seen {
  WallTime first;
  WallTime last;
  SeqRange snapshots = {};  // the same by number
  // Of a socket that was bound before it listened: when it was first seen listening.
  std::optional<WallTime> listening = std::nullopt;

  // Since when it is what it is.
  [[nodiscard]] WallTime since() const { return listening.value_or(first); }
};

[[nodiscard]] std::string_view missed_kind_word(MissedKind kind);

}  // namespace sockwitness::schema
