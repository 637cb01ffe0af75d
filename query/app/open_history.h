// The recorded history, opened for one answer.
//
// In:    the path of a database.
// Out:   the history with what it holds, as of one reading; a line on standard error when it is not
//        the file itself that answers.
// Never: changes anything.
#pragma once

#include <optional>
#include <string>

#include "query/read/history.h"
#include "schema/base/error.h"

namespace sockwitness::query {

struct OpenedHistory {
  History history;
  std::optional<schema::SeqRange> snapshots;  // that are there; nothing: none yet
  std::optional<Pruned> pruned;
  std::optional<Thinned> thinned;

  // Precondition: there are snapshots, as always after open_recorded().
  [[nodiscard]] schema::Seq first() const { return snapshots->first; }
  [[nodiscard]] schema::Seq last() const { return snapshots->last; }
};

[[nodiscard]] OpenedHistory open_history(const std::string& path);
// One with a snapshot at least: throws no_snapshots() where there is none.
[[nodiscard]] OpenedHistory open_recorded(const std::string& path);
// A history that was opened without a message.
[[nodiscard]] OpenedHistory read_contents(History history);

// The hint names the command that records the first one.
[[nodiscard]] schema::Error no_snapshots(const std::string& database);

}  // namespace sockwitness::query
