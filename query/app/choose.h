// The snapshot that a time on the command line selects.
//
// In:    an opened history, a time that was read already.
// Out:   its number, and how well it answers for the time.
// Never: answers with a later snapshot, or from an empty database.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "query/app/open_history.h"
#include "schema/base/error.h"
#include "schema/program/time_spec.h"

namespace sockwitness::query {

struct Choice {
  schema::Seq seq;
  std::optional<schema::WallTime> asked_at;  // when an instant was asked for
  std::int64_t distance_us = 0;
  std::string note;  // why the snapshot may not be good enough; empty for none
};

// Throws schema::Error: Unusable for a history without snapshots, Usage for a time outside it.
// `verb` is the doing of messages: "showing".
[[nodiscard]] Choice choose_snapshot(History& history,
                                     std::string_view verb,
                                     const schema::TimeSpec& spec);

// The same; in the place of one that was thinned the whole one before it, and `note` says so. For
// answers that show more than what listens, which stays.
[[nodiscard]] Choice choose_whole_snapshot(OpenedHistory& opened,
                                           std::string_view verb,
                                           const schema::TimeSpec& spec);

}  // namespace sockwitness::query
