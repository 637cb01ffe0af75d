#include "query/read/late_holders.h"

#include <algorithm>
#include <set>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/database.h"
#include "schema/disk/digest.h"
#include "schema/disk/living.h"
#include "schema/disk/range_cursor.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::query {
namespace {

using schema::Entity;
using schema::RowId;
using schema::Seq;

// Where no digest says which they are, each row is asked for its snapshot.
void add_undigested(schema::Database& database, RowId first, RowId last, std::vector<RowId>& late) {
  SQLite::Statement statement(database.sqlite(), std::string(schema::sql::kReadHolder));
  statement.bind(1, first);
  statement.bind(2, last);
  RowId last_of_snapshot = 0;
  RowId sockets_before = 0;
  while (statement.executeStep()) {
    const schema::HolderRow row = schema::decode_holder(statement);
    if (row.id > last_of_snapshot) {
      const Seq seq = schema::read_first_seen(database, Entity::Holder, {row.id}).front();
      last_of_snapshot = schema::read_last_id(database, Entity::Holder, seq);
      sockets_before = schema::read_last_id(database, Entity::Socket, Seq(seq.value() - 1));
    }
    if (row.socket <= sockets_before) {
      late.push_back(row.id);
    }
  }
}

// Ascending ids of late holders from one row to another.
std::vector<RowId> read_late_ids(schema::Database& database, RowId first, RowId last) {
  std::vector<RowId> late;
  SQLite::Statement digests(database.sqlite(), std::string(schema::sql::kReadDigests));
  digests.bind(1, static_cast<int>(schema::Facet::LateHolders));
  digests.bind(2, schema::digest_block(first));
  digests.bind(3, schema::digest_block(last));
  RowId next = first;
  while (next <= last && digests.executeStep()) {
    schema::RowReader row(digests);
    const RowId block_first = row.integer() * schema::kDigestRows + 1;
    if (block_first > next) {
      add_undigested(database, next, block_first - 1, late);
    }
    for (const RowId id : schema::NumberSet(row.bytes()).numbers()) {
      if (id >= first && id <= last) {
        late.push_back(id);
      }
    }
    next = block_first + schema::kDigestRows;
  }
  if (next <= last) {
    add_undigested(database, next, last, late);
  }
  return late;
}

}  // namespace

LateHolders::LateHolders(schema::Database& database, schema::SeqRange range) {
  // Of those that live at the begin it does not matter whether they are late.
  std::vector<RowId> ids = schema::read_living(database, Entity::Holder, range.first);
  const RowId before = schema::read_last_id(database, Entity::Holder, range.first);
  const RowId last = schema::read_last_id(database, Entity::Holder, range.last);
  if (last > before) {
    const auto late = read_late_ids(database, before + 1, last);
    ids.insert(ids.end(), late.begin(), late.end());
  }
  SQLite::Statement statement(database.sqlite(), std::string(schema::sql::kReadHolder));
  schema::visit_rows(statement, ids, [&](SQLite::Statement& row) {
    const schema::HolderRow holder = schema::decode_holder(row);
    by_socket_.emplace(holder.socket, holder);
  });
}

void LateHolders::find(RowId socket, std::vector<schema::HolderRow>& rows) const {
  const auto [begin, end] = by_socket_.equal_range(socket);
  for (auto at = begin; at != end; ++at) {
    rows.push_back(at->second);
  }
}

}  // namespace sockwitness::query
