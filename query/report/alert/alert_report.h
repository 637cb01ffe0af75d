// The answer of `alert` as every form of it is made from.
//
// In:    the items of an alert, and the host.
// Out:   a subject, a page for people, a document for machines.
// Never: longer than a screen for people: what is left out is counted, and the command that shows
//        it is named.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "query/alert/news.h"
#include "query/report/neutral/document.h"
#include "query/report/neutral/page.h"
#include "query/report/words/host_words.h"
#include "query/report/words/port_names.h"
#include "schema/model/service.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

struct AlertInput {
  const schema::SnapshotInfo& latest;
  const schema::ServiceSet& present;  // of the latest snapshot
  schema::SeqRange snapshots;         // that it reports on
  schema::Seq since;                  // the one before them: asking since then shows them all
  std::span<const NewsItem> items;    // the gravest first; not empty, unless `anew`
  std::size_t less_weight = 0;
  bool anew = false;      // it reports the state, not the changes
  std::string command;    // "sockwitness", with what it needs to find the database
  std::string_view note;  // what the answer lacks; empty for nothing
  const PortNames& names;
};

// "2 high", "1 medium", "1 gone"
[[nodiscard]] std::vector<SafeText> count_words(std::span<const NewsItem> items);
// "web07: 2 high, 1 medium: new listener tcp 8443 by /var/tmp/.cache/updated"
[[nodiscard]] SafeText alert_subject(const AlertInput& input);
// Without the subject.
[[nodiscard]] Page lay_out_alert(const AlertInput& input, const ClockFace& clock);
[[nodiscard]] Document build_alert(const AlertInput& input);

}  // namespace sockwitness::query
