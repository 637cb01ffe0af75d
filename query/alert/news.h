// The items of an alert: one for each thing that an administrator has to know.
//
// In:    results of the analysis that were not reported before.
// Out:   plain values; they refer to the results that they were made from.
// Never: a word that is not in those results; bytes of the host are as they were recorded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/analysis/diff.h"
#include "query/analysis/findings/finding.h"
#include "query/analysis/findings/severity.h"
#include "query/analysis/history/register.h"

namespace sockwitness::query {

enum class NewsKind : std::uint8_t {
  Change,    // of what listens
  Finding,   // of a rule
  Account,   // expired, or not accounted for
  Coverage,  // failed runs, times without snapshots, gaps, the clock
  Problem,   // a rule or a file of the site that cannot be used
  Record     // the database is another one, or went back; earlier reports are not known
};

enum class NewsPhase : std::uint8_t { New, Worse, Gone };

struct NewsItem {
  NewsKind kind = NewsKind::Change;
  NewsPhase phase = NewsPhase::New;
  Severity severity = Severity::Medium;
  std::string what;                // for machines: "new_listener", a rule's id, "time_gap"
  std::string title;               // for people: "new listener", a rule's title
  std::vector<std::string> where;  // "tcp 8443", each once
  std::string who;                 // the program's full path, with what it runs
  std::vector<std::string> lines;  // more of it, in the order of weight
  std::string ask;                 // what shows all of it: "when tcp/8443"
  std::string approval;            // what the policy says of it; empty for nothing
  std::optional<schema::WallTime> not_before;  // it was not so then
  std::optional<schema::WallTime> first_seen;
  std::optional<schema::WallTime> last_seen;
  std::optional<schema::WallTime> gone_by;     // its place was read then, without it
  const Change* change = nullptr;              // that gave it its weight
  std::vector<const RegisterChange*> changes;  // all of it, in their order
  const Finding* finding = nullptr;

  // Whether it counts: what is gone does whenever it was reported.
  [[nodiscard]] bool counts(Severity least) const {
    return phase == NewsPhase::Gone || severity >= least;
  }
};

// "change", "finding", …
[[nodiscard]] std::string_view news_kind_word(NewsKind kind);
// "new", "worse", "gone"
[[nodiscard]] std::string_view news_phase_word(NewsPhase phase);

// "new listener tcp 8443 by /var/tmp/.cache/updated": as little as tells what it is.
[[nodiscard]] std::string phrase_of(const NewsItem& item);

// The gravest first; what is gone comes last.
void sort_news(std::vector<NewsItem>& items);

}  // namespace sockwitness::query
