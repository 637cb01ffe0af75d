#include "query/app/fail_on.h"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "schema/base/scan.h"
#include "schema/program/suggest.h"

namespace sockwitness::query {
namespace {

std::vector<std::string> known_words() {
  std::vector<std::string> words;
  for (const ChangeKind kind : all_change_kinds()) {
    words.emplace_back(change_kind_word(kind));
  }
  for (const Severity severity : kSeverities) {
    words.emplace_back(severity_word(severity));
  }
  return words;
}

// Of the other kinds, what is of no weight is what the default severity was lowered for.
bool is_always_light(ChangeKind kind) {
  return kind == ChangeKind::Restarted || kind == ChangeKind::Renamed ||
         kind == ChangeKind::ExposureNarrowed;
}

}  // namespace

FailOn parse_fail_on(const std::string& list) {
  std::set<ChangeKind> kinds;
  std::optional<Severity> least;
  std::string_view rest = list;
  do {
    const std::string_view word = schema::scan_until(rest, ',');
    if (const auto kind = parse_change_kind(word)) {
      kinds.insert(*kind);
    } else if (const auto severity = parse_severity(word)) {
      least = least ? std::min(*least, *severity) : *severity;
    } else {
      throw schema::unknown_word("--fail-on", word, known_words());
    }
  } while (!rest.empty());
  return [kinds, least](const Change& change) {
    const bool meant = kinds.contains(change.kind) &&
                       (change.severity > Severity::Info || is_always_light(change.kind));
    return meant || (least && change.severity >= *least);
  };
}

}  // namespace sockwitness::query
