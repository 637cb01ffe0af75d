#include "recorder/write/ledger.h"

#include <algorithm>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/living.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::recorder {
namespace {

// One key frame in so many snapshots: rarer makes reading slower, denser makes the file larger.
constexpr std::int64_t kFrameEvery = 256;

}  // namespace

Ledger::Ledger(schema::Database& database, schema::Seq seq) : database_(database), seq_(seq) {
  for (const schema::Entity entity : schema::kEntities) {
    book(entity).first = schema::read_last_id(database, entity, seq) + 1;
    book(entity).next = book(entity).first;
  }
}

schema::RowId Ledger::begin(schema::Entity entity) {
  const schema::RowId row = book(entity).next++;
  book(entity).living.push_back(row);
  return row;
}

void Ledger::store() {
  store_changes();
  if (seq_.value() % kFrameEvery == 0) {
    store_frames();
  }
}

void Ledger::store_changes() {
  schema::LentStatement insert = database_.lend(schema::sql::kInsertChange);
  for (const schema::Entity entity : schema::kEntities) {
    Book& changed = book(entity);
    if (changed.ended.empty() && changed.next == changed.first) {
      continue;
    }
    std::sort(changed.ended.begin(), changed.ended.end());
    const std::string ids = schema::encode_ids(changed.ended);
    schema::RowBinder(*insert)
        .integer(seq_.value())
        .enumeration(entity)
        .integer(changed.next - 1)
        .bytes(ids)
        .run();
  }
}

void Ledger::store_frames() {
  schema::LentStatement insert = database_.lend(schema::sql::kInsertFrame);
  for (const schema::Entity entity : schema::kEntities) {
    std::vector<schema::RowId>& rows = book(entity).living;
    std::sort(rows.begin(), rows.end());
    const std::string ids = schema::encode_ids(rows);
    schema::RowBinder(*insert)
        .integer(seq_.value())
        .enumeration(entity)
        .integer(book(entity).next - 1)
        .bytes(ids)
        .run();
  }
}

}  // namespace sockwitness::recorder
