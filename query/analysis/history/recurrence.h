// Whether a service that came or went has done so before.
//
// In:    a difference; for some endpoints their history: earlier owners, and how often they came
//        and went of late.
// Out:   the difference, with reopened and flapping services marked as such, also those that
//        neither side shows.
// Never: treats another owner as the one that came back, or a gap as an absence.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "query/analysis/diff.h"
#include "query/analysis/history/intervals.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

// A time when an endpoint was served before the earlier side of a difference.
struct EarlierService {
  schema::Seq last;
  schema::WallTime last_at;
  std::vector<schema::Owner> owners;
};

struct Recurrence {
  schema::Endpoint endpoint;
  std::vector<EarlierService> earlier;  // the newest first; not all of them
  std::uint32_t came = 0;  // of late: seen after a snapshot that read its place without it
  std::uint32_t went = 0;
  schema::WallTime since;               // what "of late" is counted from
  std::optional<schema::Service> only;  // what was there between the sides, and on neither of them
};

// How far back comings and goings count.
constexpr std::int64_t kFlappingUs = std::chrono::microseconds(std::chrono::hours(24)).count();

// Flapping: it came or went more than twice within that time.
[[nodiscard]] bool is_flapping(const Recurrence& recurrence);
// "it came 3 times and went 2 times since 2026-11-23 02:10:00Z"
[[nodiscard]] std::string flapping_words(const Recurrence& recurrence);

struct RecurrenceCandidate {
  schema::Endpoint endpoint;
  bool is_new = false;  // whose it was before matters, too
};

// Of the changes for which history may have another word; ascending by endpoint, each once.
[[nodiscard]] std::vector<RecurrenceCandidate> recurrence_candidates(const Diff& diff);

// `present`: it is there on the later side, which may be younger than the last snapshot.
void count_swings(std::span<const Interval> spans, bool present, Recurrence& recurrence);

// By endpoint, ascending.
void tell_recurrences(Diff& diff, std::span<const Recurrence> recurrences);

}  // namespace sockwitness::query
