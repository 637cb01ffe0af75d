// The latest snapshot as figures for node_exporter's textfile collector.
//
// In:    counts that were made elsewhere.
// Out:   lines of the text format.
// Never: a label that the recorded host chose.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "query/analysis/findings/severity.h"
#include "schema/base/time.h"

namespace sockwitness::query {

struct AlertMetrics {
  std::size_t listeners = 0;
  std::optional<std::size_t> unexplained;    // nothing: there is no policy and no baseline
  std::map<Severity, std::size_t> findings;  // that are not accepted
  schema::WallTime last_snapshot;
  std::size_t gaps = 0;
};

[[nodiscard]] std::string write_alert_metrics(const AlertMetrics& metrics);

}  // namespace sockwitness::query
