// Things that were lost sight of and seen again: two lives of rows, and one of a process or socket.
//
// In:    an open history; which gaps hide such a thing.
// Out:   for a life the one before it, and whether one comes after it, of the same thing.
// Never: reads anything where every snapshot of the stretch looked at the same places.
#pragma once

#include <functional>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "query/read/reading.h"
#include "schema/disk/entity.h"
#include "schema/disk/id_list.h"
#include "schema/model/gap.h"

namespace sockwitness::query {

class SameThings {
 public:
  // Of Entity::Process or Entity::Socket.
  SameThings(const Reading& reading,
             schema::Entity entity,
             const std::function<bool(const schema::Gap&)>& hides);

  // By origins.
  [[nodiscard]] std::optional<schema::RowId> before(schema::RowId origin) const;
  [[nodiscard]] bool goes_on(schema::RowId origin) const { return goes_on_.contains(origin); }

 private:
  void join(const Reading& reading, schema::Entity entity, const std::vector<schema::RowId>& rows);

  std::unordered_map<schema::RowId, schema::RowId> before_;
  std::unordered_set<schema::RowId> goes_on_;
};

}  // namespace sockwitness::query
