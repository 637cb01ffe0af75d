// One finding of `check`, ready for every format.
//
// In:    a finding and the snapshot that it was found in.
// Out:   the object of the contract, and lines for people; both outlive the snapshot.
// Never: a reason without its rule, or an accepted finding that does not say so.
#pragma once

#include <vector>

#include "query/analysis/host_view.h"
#include "query/analysis/situation.h"
#include "query/report/host_words.h"
#include "query/report/page.h"
#include "query/report/port_names.h"
#include "query/report/value.h"

namespace sockwitness::query {

struct FindingRecord {
  Severity severity = Severity::Info;
  bool accepted = false;
  // The names of its evidence live as long as the engine that ran the rules.
  Value::Object object;
  SafeText title;               // "shell on the network  T1059.004"
  std::vector<SafeText> lines;  // who, with which socket, why, what else
  SafeText acceptance;          // "accepted until 2026-12-31: …"; empty when nobody accepted it
};

[[nodiscard]] FindingRecord record_finding(const HostView& host,
                                           const Finding& finding,
                                           const PortNames& names,
                                           const ClockFace& clock);

// "2026-12-31"
[[nodiscard]] std::string date_text(std::chrono::year_month_day date);

}  // namespace sockwitness::query
