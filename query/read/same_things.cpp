#include "query/read/same_things.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
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

// Of what hides longer, only the begin and the end count: what may come and go behind it
// would be nearly everything.
constexpr std::int64_t kLongest = 64;

// Snapshots at which a gap begins or ends.
std::vector<SeqRange> find_changes(const Reading& reading,
                                   const std::function<bool(const schema::Gap&)>& hides) {
  const SeqRange& range = reading.range;
  std::vector<SeqRange> ranges;
  const auto add = [&](Seq first, Seq last) {
    first = std::max(first, Seq(range.first.value() + 1));
    last = std::min(last, range.last);
    if (first <= last) {
      ranges.push_back({first, last});
    }
  };
  for (const auto& [seen, row] : reading.contexts.gaps()) {
    if (!hides(row.gap) || (seen.first <= range.first && seen.last >= range.last)) {
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
  return ranges;
}

}  // namespace

void SameThings::add_change(const Reading& reading,
                            Entity entity,
                            SeqRange change,
                            std::vector<Row>& rows) {
  SQLite::Statement changes(reading.database.sqlite(), std::string(schema::sql::kReadChanges));
  changes.bind(1, static_cast<int>(entity));
  changes.bind(2, change.first.value() - 1);
  changes.bind(3, change.last.value());
  while (changes.executeStep()) {
    schema::RowReader row(changes);
    const Seq end(row.integer());
    const auto ended = schema::decode_ids(row.bytes());
    if (!ended) {
      throw schema::Error(schema::ExitCode::Unusable,
                          "reading the database: a list of rows is no list",
                          "the file is damaged or was altered");
    }
    for (const RowId id : *ended) {
      rows.push_back({id, end});
    }
  }
  const RowId first = schema::read_last_id(reading.database, entity, Seq(change.first.value() - 1));
  const RowId last = schema::read_last_id(reading.database, entity, change.last);
  if (!reading.database.has_room_for_rows(last - first)) {
    schema::throw_impossible_rows();
  }
  for (RowId id = first + 1; id <= last; ++id) {
    rows.push_back({id, std::nullopt});
  }
}

SameThings::SameThings(const Reading& reading,
                       Entity entity,
                       const std::function<bool(const schema::Gap&)>& hides) {
  std::vector<Row> rows;
  for (const SeqRange& change : find_changes(reading, hides)) {
    add_change(reading, entity, change, rows);
  }
  // Of each row the entry with its end, where there is one.
  std::sort(rows.begin(), rows.end(), [](const Row& left, const Row& right) {
    return std::tie(left.id, right.end) < std::tie(right.id, left.end);
  });
  rows.erase(std::unique(rows.begin(),
                         rows.end(),
                         [](const Row& left, const Row& right) { return left.id == right.id; }),
             rows.end());
  if (!rows.empty()) {
    join(reading, entity, rows);
  }
}

void SameThings::join(const Reading& reading, Entity entity, const std::vector<Row>& rows) {
  SQLite::Statement statement(
      reading.database.sqlite(),
      std::string(entity == Entity::Process ? sql::kNameProcess : sql::kNameSocket));
  struct Entry {
    Row row;
    RowId origin;
    std::string facts;
  };
  std::map<std::string, std::vector<Entry>> things;
  for (const Row& each : rows) {
    statement.reset();
    statement.bind(1, each.id);
    if (statement.executeStep()) {
      schema::RowReader row(statement);
      const RowId origin = row.maybe_integer().value_or(each.id);
      std::string name(row.bytes());
      things[std::move(name)].push_back({each, origin, std::string(row.bytes())});
    }
  }
  const auto first_seen = [&](RowId id) {
    return schema::read_first_seen(reading.database, entity, {id}).front();
  };
  for (const auto& [name, found] : things) {
    for (std::size_t at = 1; at < found.size(); ++at) {
      const Entry& earlier = found[at - 1];
      const Entry& later = found[at];
      if (earlier.origin == later.origin || !earlier.row.end || earlier.facts != later.facts) {
        continue;
      }
      const Seq last(earlier.row.end->value() - 1);
      const Seq first = first_seen(later.row.id);
      if (boot_of(reading.moments, last) == boot_of(reading.moments, first)) {
        before_.emplace(later.origin, links_.size());
        after_.emplace(earlier.origin, links_.size());
        links_.push_back({earlier.origin, later.origin, last, first});
      }
    }
  }
}

const SameThings::Link* SameThings::before(RowId later) const {
  const auto found = before_.find(later);
  return found == before_.end() ? nullptr : &links_[found->second];
}

const SameThings::Link* SameThings::after(RowId earlier) const {
  const auto found = after_.find(earlier);
  return found == after_.end() ? nullptr : &links_[found->second];
}

}  // namespace sockwitness::query
