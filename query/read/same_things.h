// Sockets and processes that a gap hid and a later snapshot shows again: two histories of rows, one
// thing.
//
// In:    an open history; which gaps hide such a thing.
// Out:   for a history the ones before and after it of the same thing, as far as no recorded fact
//        of it changed meanwhile.
// Never: decides whether all snapshots between them had such a gap; reads anything where every
//        snapshot of the range has the same visibility.
#pragma once

#include <functional>
#include <optional>
#include <unordered_map>
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

  struct Link {
    schema::RowId earlier;  // origins
    schema::RowId later;
    schema::Seq last;   // that saw the earlier one
    schema::Seq first;  // that saw the later one
  };
  // By origins; null where there is none.
  [[nodiscard]] const Link* before(schema::RowId later) const;
  [[nodiscard]] const Link* after(schema::RowId earlier) const;

 private:
  struct Row {
    schema::RowId id;
    std::optional<schema::Seq>
        end;  // the first snapshot that no longer saw it, if that is a change
  };
  static void add_change(const Reading& reading,
                         schema::Entity entity,
                         schema::SeqRange change,
                         std::vector<Row>& rows);
  void join(const Reading& reading, schema::Entity entity, const std::vector<Row>& rows);

  std::vector<Link> links_;
  std::unordered_map<schema::RowId, std::size_t> before_;
  std::unordered_map<schema::RowId, std::size_t> after_;
};

}  // namespace sockwitness::query
