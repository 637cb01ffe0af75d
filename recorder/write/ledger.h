// The book of row ids while one snapshot is written: what begins, what lives on, what ends.
//
// In:    an open database in a transaction, the number of the snapshot.
// Out:   new ids, rising and dense in each table; the lists of ended rows; key frames.
// Never: hands out an id twice, or ends a row that it was not told to end.
#pragma once

#include <array>
#include <vector>

#include "recorder/write/reconcile.h"
#include "schema/disk/entity.h"
#include "schema/disk/id_list.h"
#include "schema/disk/load_snapshot.h"

namespace sockwitness::schema {
class Database;
}

namespace sockwitness::recorder {

class Ledger {
 public:
  Ledger(schema::Database& database, schema::Seq seq);

  [[nodiscard]] schema::Seq seq() const { return seq_; }

  // A new row of the table, which lives at this snapshot.
  [[nodiscard]] schema::RowId begin(schema::Entity entity);
  // A row that goes on living.
  void keep(schema::Entity entity, schema::RowId row) { book(entity).living.push_back(row); }
  // A row that this snapshot no longer saw.
  void end(schema::Entity entity, schema::RowId row) { book(entity).ended.push_back(row); }

  // Stores what began and ended in each table and, when this snapshot's turn has come, the key
  // frames.
  void store();

 private:
  struct Book {
    schema::RowId first = 1;  // that this snapshot may hand out
    schema::RowId next = 1;
    std::vector<schema::RowId> living;
    std::vector<schema::RowId> ended;
  };
  [[nodiscard]] Book& book(schema::Entity entity) {
    return books_[static_cast<std::size_t>(entity)];
  }
  void store_changes();
  void store_frames();

  schema::Database& database_;
  schema::Seq seq_;
  std::array<Book, schema::kEntities.size() + 1> books_;  // by the stored number, from 1
};

// Things with an identity: one that did not change keeps its row; one that changed ends its row and
// begins a version of the same origin. `is_same(now, before)` compares by position; `insert(now,
// row)` stores a row. The result is parallel to `now`.
template <class Key, class IsSame, class Insert>
std::vector<schema::Origin> write_versions(Ledger& ledger,
                                           schema::Entity entity,
                                           const Matching& matching,
                                           const std::vector<Key>& now,
                                           const std::vector<schema::Origin>& before,
                                           IsSame is_same,
                                           Insert insert) {
  std::vector<schema::Origin> written;
  written.reserve(now.size());
  for (std::size_t at = 0; at < now.size(); ++at) {
    const auto known = matching.previous_of[at];
    if (known && is_same(at, *known)) {
      ledger.keep(entity, before[*known].row);
      written.push_back(before[*known]);
      continue;
    }
    schema::Origin row{ledger.begin(entity), 0};
    row.first = row.row;
    if (known) {
      ledger.end(entity, before[*known].row);
      row.first = before[*known].first;
    }
    insert(at, row);
    written.push_back(row);
  }
  for (const std::size_t at : matching.ended) {
    ledger.end(entity, before[at].row);
  }
  return written;
}

// Things without an identity beyond their content: what is not there any more ended, the rest is
// new. The result is parallel to `now`.
template <class Key, class Insert>
std::vector<schema::RowId> write_set(Ledger& ledger,
                                     schema::Entity entity,
                                     const std::vector<Key>& now,
                                     const std::vector<Key>& before,
                                     const std::vector<schema::RowId>& rows_before,
                                     Insert insert) {
  const Matching matching = reconcile(before, now);
  std::vector<schema::RowId> written;
  written.reserve(now.size());
  for (std::size_t at = 0; at < now.size(); ++at) {
    if (const auto known = matching.previous_of[at]) {
      written.push_back(rows_before[*known]);
      ledger.keep(entity, written.back());
    } else {
      written.push_back(ledger.begin(entity));
      insert(at, written.back());
    }
  }
  for (const std::size_t at : matching.ended) {
    ledger.end(entity, rows_before[at]);
  }
  return written;
}

}  // namespace sockwitness::recorder
