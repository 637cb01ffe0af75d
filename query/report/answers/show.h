// The answer of `show`, in each of its forms.
//
// In:    a snapshot, the rows that were selected, what was asked for.
// Out:   a document for machines, or lines in one of three layouts for people.
// Never: shows a row without saying on which snapshot and how many gaps it rests.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/analysis/listing.h"
#include "query/report/neutral/document.h"
#include "query/report/neutral/page.h"
#include "query/report/words/host_words.h"
#include "query/report/words/port_names.h"

namespace sockwitness::query {

struct ShowInput {
  const schema::SnapshotView& view;
  const std::vector<ListedSocket>& rows;
  const PortNames& names;
  std::optional<schema::WallTime> asked_at;  // --at, when it named an instant
  std::int64_t distance_us = 0;              // from the snapshot to the instant asked for
  std::string note;  // why the snapshot may not be good enough; empty for none
};

struct ShowStyle {
  Breadth breadth = Breadth::Usual;
  bool extended = false;     // -e
  bool all_holders = false;  // --holders
  bool inet = true;          // the internet families were asked for
  bool unix_domain = false;  // unix sockets were asked for
  bool each_gap = false;     // --gaps
  ClockFace clock;
  schema::WallTime now;  // for "4 minutes ago"
};

[[nodiscard]] Document build_show(const ShowInput& input);
[[nodiscard]] Page lay_out_wide(const ShowInput& input, const ShowStyle& style);
// netstat's columns and header lines, once for each network namespace; nothing is cut.
[[nodiscard]] Page lay_out_netstat(const ShowInput& input, const ShowStyle& style);
// ss's columns; a socket of another namespace than the host's ends in "netns:LABEL".
[[nodiscard]] Page lay_out_ss(const ShowInput& input, const ShowStyle& style);

}  // namespace sockwitness::query
