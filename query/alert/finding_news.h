// Findings by situation: reported once, again when they get worse, and when they are gone.
//
// In:    the situations of the snapshots since an earlier one; what was reported and lasts.
// Out:   items; what lasts now.
// Never: reports as gone what a gap of the latest snapshot covers.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "query/alert/alert_state.h"
#include "query/alert/news.h"
#include "query/analysis/history/moments.h"

namespace sockwitness::query {

struct FindingQuestion {
  std::span<const Finding> findings;               // outlive the items
  const std::map<std::string, schema::Seq>& seen;  // by their keys: the last snapshot that shows it
  const Moments& moments;
  schema::Seq reported_up_to;
  schema::Seq last;
  bool anew = false;   // the state is reported
  bool blind = false;  // the latest snapshot may hide what was found before
  Severity least = Severity::Medium;
};

// Situations of findings in `open` are replaced by those that last.
[[nodiscard]] std::vector<NewsItem> find_finding_news(const FindingQuestion& question,
                                                      std::vector<OpenSituation>& open);

}  // namespace sockwitness::query
