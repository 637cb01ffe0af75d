// Events of the host, its clock and the recorder in the period, in the order of snapshots.
//
// In:    the report's value.
// Out:   rows for every form of the report.
// Never: an unsynchronised clock as a count only: each such range is a row.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "query/report/compliance/compliance.h"

namespace sockwitness::query {

struct ReportEvent {
  std::string_view kind;
  // Of the snapshot that it happened before, or that shows it first; nothing: after the last one.
  std::optional<schema::Seq> before;
  SafeText text;
  Value::Object members;
};

[[nodiscard]] std::vector<ReportEvent> list_events(const ComplianceInput& input,
                                                   const ClockFace& clock);

}  // namespace sockwitness::query
