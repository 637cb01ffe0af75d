// Listeners of the past: evidence for the direction of a connection.
//
// In:    an open database, ports.
// Out:   every listener that had one of them up to a snapshot.
// Never: scans: what listens has an index of its own.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "query/read/listening_rows.h"
#include "schema/disk/texts.h"
#include "schema/view/listener_past.h"

namespace sockwitness::query {

class ListenerPastReader {
 public:
  // `until`: the last snapshot that counts.
  ListenerPastReader(schema::Database& database, schema::Seq until);

  // Each port is read once.
  void add(const std::vector<schema::Port>& ports, schema::ListenerPast& past);

 private:
  [[nodiscard]] std::string label_of(schema::RowId netns);

  schema::Database& database_;
  schema::Seq until_;
  schema::Texts texts_;
  std::set<schema::Port> known_;
  std::optional<ListeningRows> listening_;  // read when first needed
};

}  // namespace sockwitness::query
