#include "query/read/snapshot_contexts.h"

#include <algorithm>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/history_database.h"
#include "query/read/range_rows.h"
#include "schema/disk/database.h"
#include "schema/disk/range_cursor.h"
#include "schema/disk/sql.h"
#include "schema/view/blind_spot.h"

namespace sockwitness::query {
namespace {

using schema::Entity;
using schema::Gap;
using schema::RowId;
using schema::Seq;

// Rows of the range that `wanted` accepts, with their things.
template <class Row, class Decode, class Wanted>
LivingIndex<Row> read_living_rows(schema::Database& database,
                                  Entity entity,
                                  std::string_view query,
                                  schema::SeqRange range,
                                  Seq latest,
                                  Decode decode,
                                  Wanted wanted) {
  std::vector<RowId> ids;
  std::vector<Row> rows;
  SQLite::Statement statement(database.sqlite(), std::string(query));
  schema::visit_rows(
      statement, read_range_rows(database, entity, range), [&](SQLite::Statement& row) {
        Row value = decode(row);
        if (wanted(value)) {
          ids.push_back(value.id);
          rows.push_back(std::move(value));
        }
      });
  const auto seen_in = schema::read_seen_ranges(database, entity, ids, latest);
  LivingIndex<Row> index;
  for (std::size_t at = 0; at < rows.size(); ++at) {
    index.add({std::max(seen_in[at].first, range.first), std::min(seen_in[at].last, range.last)},
              std::move(rows[at]));
  }
  return index;
}

}  // namespace

SnapshotContexts::SnapshotContexts(History& history, schema::SeqRange range, Seq latest, Gaps gaps)
    : range_(range) {
  schema::Database& database = HistoryDatabase::of(history);
  schema::Texts texts(database);
  const auto any = [](const auto&) { return true; };
  namespaces_ = read_living_rows<schema::NetnsRow>(
      database,
      Entity::Netns,
      schema::sql::kReadNetns,
      range,
      latest,
      [&](SQLite::Statement& row) { return schema::decode_netns(row, texts); },
      any);
  gaps_ = read_living_rows<schema::GapRow>(
      database,
      Entity::Gap,
      schema::sql::kReadGap,
      range,
      latest,
      [&](SQLite::Statement& row) { return schema::decode_gap(row, texts); },
      [&](const schema::GapRow& row) {
        return gaps == Gaps::All || schema::hides_sockets(row.gap) ||
               schema::hides_holders(row.gap);
      });
  users_ = read_living_rows<schema::UserNameRow>(
      database,
      Entity::UserName,
      schema::sql::kReadUserName,
      range,
      latest,
      [&](SQLite::Statement& row) { return schema::decode_user_name(row, texts); },
      any);
  registrations_ = read_living_rows<schema::RegistrationRow>(
      database,
      Entity::Registration,
      schema::sql::kReadRegistration,
      range,
      latest,
      [&](SQLite::Statement& row) { return schema::decode_registration(row, texts); },
      any);
}

NetnsPlaces SnapshotContexts::add_visibility(std::vector<schema::Netns>& namespaces,
                                             std::vector<Gap>& gaps,
                                             Seq seq) const {
  NetnsPlaces places;
  namespaces_.visit(seq, [&](const schema::NetnsRow& row) {
    places.emplace(row.origin.value_or(row.id),
                   schema::NetnsIndex(static_cast<std::uint32_t>(namespaces.size())));
    namespaces.push_back(row.netns);
  });
  gaps_.visit(seq, [&](const schema::GapRow& row) {
    gaps.push_back(row.gap);
    const auto place = row.netns ? places.find(*row.netns) : places.end();
    if (place != places.end()) {
      gaps.back().netns = place->second;
    }
  });
  return places;
}

NetnsPlaces SnapshotContexts::fill(schema::Snapshot& snapshot, Seq seq) const {
  users_.visit(seq, [&](const schema::UserNameRow& row) { snapshot.users.push_back(row.user); });
  registrations_.visit(seq, [&](const schema::RegistrationRow& row) {
    snapshot.registrations.push_back(row.registration);
  });
  return add_visibility(snapshot.namespaces, snapshot.gaps, seq);
}

schema::Visibility SnapshotContexts::visibility(Seq seq) const {
  schema::Visibility visibility;
  add_visibility(visibility.namespaces, visibility.gaps, seq);
  return visibility;
}

bool SnapshotContexts::has_gaps(Seq seq) const {
  bool any = false;
  gaps_.visit(seq, [&](const schema::GapRow&) { any = true; });
  return any;
}

std::vector<Seq> SnapshotContexts::changes() const {
  std::vector<Seq> seqs;
  const auto add = [&](const schema::SeqRange& seen) {
    if (seen.first > range_.first) {
      seqs.push_back(seen.first);
    }
    if (seen.last < range_.last) {
      seqs.emplace_back(seen.last.value() + 1);
    }
  };
  for (const auto& [seen, row] : gaps_.all()) {
    if (schema::hides_sockets(row.gap)) {
      add(seen);
    }
  }
  for (const auto& [seen, row] : namespaces_.all()) {
    add(seen);
  }
  std::sort(seqs.begin(), seqs.end());
  seqs.erase(std::unique(seqs.begin(), seqs.end()), seqs.end());
  return seqs;
}

}  // namespace sockwitness::query
