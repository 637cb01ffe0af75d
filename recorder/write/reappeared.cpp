#include "recorder/write/reappeared.h"

#include <algorithm>
#include <string>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>

#include "recorder/write/sql.h"
#include "schema/disk/database.h"
#include "schema/disk/living.h"
#include "schema/disk/range_cursor.h"
#include "schema/disk/row.h"

namespace sockwitness::recorder {
namespace {

using schema::RowId;
using schema::Seq;

// How many snapshots later something that was hidden is still looked for.
constexpr std::int64_t kLongestReappearance = 64;

using Name = std::pair<std::int64_t, std::int64_t>;

bool gaps_changed(schema::Database& database, schema::SeqRange thinned) {
  SQLite::Statement read(database.sqlite(), std::string(sql::kFindGapChanges));
  read.bind(1, thinned.first.value());
  read.bind(2, thinned.last.value() + 1);
  read.executeStep();
  return read.getColumn(0).getInt() != 0;
}

}  // namespace

void leave_reappeared(schema::Database& database,
                      schema::Entity entity,
                      schema::SeqRange thinned,
                      RowFates& fates) {
  if (!gaps_changed(database, thinned)) {
    return;
  }
  SQLite::Statement statement(
      database.sqlite(),
      std::string(entity == schema::Entity::Process ? sql::kNameThinProcess
                                                    : sql::kNameThinSocket));
  std::vector<Name> stay;
  std::vector<std::pair<Name, RowId>> go;
  const auto sort_out = [&](SQLite::Statement& found) {
    schema::RowReader row(found);
    const RowId id = row.integer();
    const std::int64_t one = row.integer();
    const Name name{one, row.integer()};
    if (fates.goes(id)) {
      go.emplace_back(name, id);
    } else if (name != Name{0, 0}) {
      stay.push_back(name);
    }
  };
  const Seq before(thinned.first.value() - 1);
  schema::visit_rows(statement, schema::read_living(database, entity, before), sort_out);
  statement.reset();
  statement.bind(1, schema::read_last_id(database, entity, before) + 1);
  statement.bind(
      2, schema::read_last_id(database, entity, Seq(thinned.last.value() + kLongestReappearance)));
  while (statement.executeStep()) {
    sort_out(statement);
  }
  std::sort(stay.begin(), stay.end());
  for (const auto& [name, id] : go) {
    if (std::binary_search(stay.begin(), stay.end(), name)) {
      fates.leave(id);
    }
  }
}

}  // namespace sockwitness::recorder
