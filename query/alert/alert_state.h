// What was reported already: the state file of `alert`, apart from the evidence.
//
// In:    the text of a state file, or nothing.
// Out:   the same as a value; the text that is to be kept.
// Never: a part of a file: one that is damaged, of another version or not ours gives nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "query/analysis/findings/severity.h"
#include "schema/base/time.h"
#include "schema/model/ids.h"

namespace sockwitness::query {

// By it a snapshot is known again in a copy that was restored, or in a database that was replaced.
struct AlertMark {
  schema::Seq seq;
  schema::WallTime began;

  friend bool operator==(const AlertMark&, const AlertMark&) = default;
};

enum class SituationKind : std::uint8_t { Finding, Account, View, Problem };

// A condition that lasts, and was reported when it began.
struct OpenSituation {
  SituationKind kind = SituationKind::Finding;
  // As situation_hash gives them, not empty. Several where not all was seen: the same situation had
  // another name then.
  std::vector<std::string> keys;
  Severity severity = Severity::Medium;  // the gravest that was reported
  schema::WallTime since;
  std::string words;  // what to call it when it is gone; bytes of the host are in it

  [[nodiscard]] bool has(const std::string& key) const;
  friend bool operator==(const OpenSituation&, const OpenSituation&) = default;
};

struct AlertState {
  std::string archive;           // uuid of the database, hexadecimal
  std::vector<AlertMark> marks;  // of snapshots that were the latest, ascending; not empty
  // Where the next comparison begins: a snapshot before the latest one that saw everything.
  schema::Seq from;
  std::uint32_t missed = 0;           // failed runs after the latest snapshot that were reported
  std::optional<schema::Seq> silent;  // reported: nothing was recorded after this one
  std::set<std::string> reported;     // changes after `from`, as change_hash gives them
  std::vector<OpenSituation> open;

  [[nodiscard]] schema::Seq last() const { return marks.back().seq; }
  friend bool operator==(const AlertState&, const AlertState&) = default;
};

[[nodiscard]] std::string write_alert_state(const AlertState& state);
// Nothing for what write_alert_state did not write.
[[nodiscard]] std::optional<AlertState> parse_alert_state(std::string_view text);

// Of bytes that tell two situations apart: 32 digits. Parts may hold any byte.
[[nodiscard]] std::string situation_hash(std::string_view kind,
                                         const std::vector<std::string>& parts);

}  // namespace sockwitness::query
