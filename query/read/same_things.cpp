#include "query/read/same_things.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/identities.h"
#include "query/read/sql.h"
#include "schema/base/error.h"
#include "schema/disk/database.h"
#include "schema/disk/living.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::query {
namespace {

using schema::Entity;
using schema::RowId;
using schema::Seq;
using schema::SeqRange;

// Of what hides longer, only the begin and the end are looked at: what may come and go behind it
// would be nearly everything.
constexpr std::int64_t kLongest = 64;

// Snapshots at whose turn something may be lost sight of, or found again.
std::vector<SeqRange> find_turns(const Reading& reading,
                                 const std::function<bool(const schema::Gap&)>& hides) {
  const SeqRange& stretch = reading.stretch;
  std::vector<SeqRange> turns;
  const auto add = [&](Seq first, Seq last) {
    first = std::max(first, Seq(stretch.first.value() + 1));
    last = std::min(last, stretch.last);
    if (first <= last) {
      turns.push_back({first, last});
    }
  };
  for (const auto& [seen, row] : reading.around.gaps()) {
    if (!hides(row.gap) || (seen.first <= stretch.first && seen.last >= stretch.last)) {
      continue;
    }
    const Seq after(seen.last.value() + 1);
    if (after.value() - seen.first.value() <= kLongest) {
      add(seen.first, after);
    } else {
      add(seen.first, seen.first);
      add(after, after);
    }
  }
  return turns;
}

void add_turn(const Reading& reading, Entity entity, SeqRange turn, std::vector<RowId>& rows) {
  SQLite::Statement changes(reading.database.sqlite(), std::string(schema::sql::kReadChanges));
  changes.bind(1, static_cast<int>(entity));
  changes.bind(2, turn.first.value() - 1);
  changes.bind(3, turn.last.value());
  while (changes.executeStep()) {
    schema::RowReader row(changes);
    static_cast<void>(row.integer());  // the snapshot
    const auto ended = schema::decode_ids(row.bytes());
    if (!ended) {
      throw schema::Error(schema::ExitCode::Unusable,
                          "reading the database: a list of rows is no list",
                          "the file is damaged or was altered");
    }
    rows.insert(rows.end(), ended->begin(), ended->end());
  }
  const RowId first = schema::read_last_id(reading.database, entity, Seq(turn.first.value() - 1));
  const RowId last = schema::read_last_id(reading.database, entity, turn.last);
  for (RowId id = first + 1; id <= last; ++id) {
    rows.push_back(id);
  }
}

}  // namespace

SameThings::SameThings(const Reading& reading,
                       Entity entity,
                       const std::function<bool(const schema::Gap&)>& hides) {
  std::vector<RowId> rows;
  for (const SeqRange& turn : find_turns(reading, hides)) {
    add_turn(reading, entity, turn, rows);
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  if (!rows.empty()) {
    join(reading, entity, rows);
  }
}

void SameThings::join(const Reading& reading, Entity entity, const std::vector<RowId>& rows) {
  SQLite::Statement statement(
      reading.database.sqlite(),
      std::string(entity == Entity::Process ? sql::kNameProcess : sql::kNameSocket));
  using Name = std::pair<std::int64_t, std::int64_t>;
  struct Life {
    RowId row;
    RowId origin;
  };
  std::map<Name, std::vector<Life>> lives;
  for (const RowId id : rows) {
    statement.reset();
    statement.bind(1, id);
    if (statement.executeStep()) {
      schema::RowReader row(statement);
      const RowId origin = row.maybe_integer().value_or(id);
      const std::int64_t first = row.integer();
      const std::int64_t second = row.integer();
      if (first != 0 || second != 0) {
        lives[{first, second}].push_back({id, origin});
      }
    }
  }
  const auto boot = [&](RowId id) {
    return boot_of(reading.moments,
                   schema::read_first_seen(reading.database, entity, {id}).front());
  };
  for (const auto& [name, found] : lives) {
    for (std::size_t at = 1; at < found.size(); ++at) {
      const Life& earlier = found[at - 1];
      const Life& later = found[at];
      if (earlier.origin != later.origin && boot(earlier.row) == boot(later.row)) {
        before_.emplace(later.origin, earlier.origin);
        goes_on_.insert(earlier.origin);
      }
    }
  }
}

std::optional<RowId> SameThings::before(RowId origin) const {
  const auto found = before_.find(origin);
  return found == before_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace sockwitness::query
