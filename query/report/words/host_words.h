// How times, gaps and the state of a snapshot read for people.
//
// In:    values of the model; a clock face that writes an instant in the zone that was asked for.
// Out:   safe text.
// Never: reads a clock or a zone.
#pragma once

#include <functional>
#include <string>

#include "query/report/neutral/page.h"
#include "query/report/neutral/safe_text.h"
#include "schema/model/gap.h"
#include "schema/model/netns.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::query {

// An instant as people read it: "2026-11-23 03:30:00Z".
using ClockFace = std::function<std::string(schema::WallTime)>;

// "descriptors of 3 processes: permission", "table tcp in netns blue: timeout"
[[nodiscard]] SafeText gap_text(const schema::Gap& gap,
                                const std::vector<schema::Netns>& namespaces);
// "descriptors, mappings of a process (1): permission"; the process when all are about one. Gaps
// that differ in their process only are one line.
[[nodiscard]] std::vector<SafeText> gap_lines(const std::vector<schema::Gap>& gaps,
                                              const std::vector<schema::Netns>& namespaces);
// The same in one line.
[[nodiscard]] SafeText gaps_text(const std::vector<schema::Gap>& gaps,
                                 const std::vector<schema::Netns>& namespaces);
// "complete" or "2 gaps: …"; where that is long, of what: "9 gaps: details of 43 processes, NAT
// rules (--gaps lists them)".
[[nodiscard]] SafeText completeness_text(const std::vector<schema::Gap>& gaps,
                                         const std::vector<schema::Netns>& namespaces);

// What completeness_text counts, each in a line of its own.
void add_gaps(Page& page,
              const std::vector<schema::Gap>& gaps,
              const std::vector<schema::Netns>& namespaces);

}  // namespace sockwitness::query
