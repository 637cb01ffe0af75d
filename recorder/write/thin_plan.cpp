#include "recorder/write/thin_plan.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>

#include "recorder/write/reappeared.h"
#include "recorder/write/sql.h"
#include "schema/base/error.h"
#include "schema/disk/database.h"
#include "schema/disk/living.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::recorder {
namespace {

using schema::Database;
using schema::Entity;
using schema::RowId;
using schema::Seq;
using schema::SeqRange;

// Rows of one table that began in the spans, and by which span.
class Births {
 public:
  Births(Database& database, Entity entity, const std::vector<SeqRange>& spans) {
    for (const SeqRange& span : spans) {
      before_.push_back(schema::read_last_id(database, entity, Seq(span.first.value() - 1)));
      last_.push_back(schema::read_last_id(database, entity, span.last));
    }
  }

  [[nodiscard]] RowId first() const { return before_.front() + 1; }
  [[nodiscard]] RowId last() const { return last_.back(); }
  [[nodiscard]] bool began_in(std::size_t span, RowId id) const { return id > before_[span]; }
  // Precondition: it began in one of them.
  [[nodiscard]] std::size_t span_of(RowId id) const {
    return static_cast<std::size_t>(std::lower_bound(last_.begin(), last_.end(), id) -
                                    last_.begin());
  }

 private:
  std::vector<RowId> before_;
  std::vector<RowId> last_;
};

// Those that had ended, too, when the whole snapshot after their span was taken.
void take_ended(Database& database,
                Entity entity,
                const std::vector<SeqRange>& spans,
                const Births& births,
                RowFates& fates) {
  SQLite::Statement changes(database.sqlite(), std::string(schema::sql::kReadChanges));
  changes.bind(1, static_cast<int>(entity));
  changes.bind(2, spans.front().first.value());
  changes.bind(3, spans.back().last.value() + 1);
  std::size_t span = 0;
  while (changes.executeStep()) {
    schema::RowReader row(changes);
    const Seq last_seen(row.integer() - 1);
    while (span < spans.size() && spans[span].last < last_seen) {
      ++span;
    }
    if (span == spans.size() || !spans[span].contains(last_seen)) {
      continue;
    }
    const auto ended = schema::decode_ids(row.bytes());
    if (!ended) {
      schema::throw_impossible_rows();
    }
    for (const RowId id : *ended) {
      if (births.began_in(span, id)) {
        fates.take(id);
      }
    }
  }
}

// What may be a service stays, and what began before the spans, of which these are later versions.
void leave_others(Database& database, std::string_view scan, RowFates& fates) {
  SQLite::Statement rows(database.sqlite(), std::string(scan));
  rows.bind(1, fates.first());
  rows.bind(2, fates.last());
  while (rows.executeStep()) {
    schema::RowReader row(rows);
    const RowId id = row.integer();
    const RowId origin = row.maybe_integer().value_or(id);
    if (origin < fates.first() || row.integer() == 0) {
      fates.leave(id);
    }
  }
}

// First versions and later ones.
using Versions = std::vector<std::pair<RowId, RowId>>;

Versions read_versions(Database& database, std::string_view query, const RowFates& fates) {
  Versions versions;
  SQLite::Statement read(database.sqlite(), std::string(query));
  read.bind(1, fates.first());
  read.bind(2, fates.last());
  while (read.executeStep()) {
    schema::RowReader row(read);
    const RowId origin = row.integer();
    versions.emplace_back(origin, row.integer());
  }
  return versions;
}

// A thing with a version that stays stays as a whole.
void leave_parts(const Versions& versions, RowFates& fates) {
  for (const auto& [origin, version] : versions) {
    if (!fates.goes(version)) {
      fates.leave(origin);
    }
  }
  for (const auto& [origin, version] : versions) {
    if (!fates.goes(origin)) {
      fates.leave(version);
    }
  }
}

// Who held a socket that stays is a part of what is known of that.
void leave_holders(Database& database,
                   const std::vector<SeqRange>& spans,
                   const RowFates& sockets,
                   RowFates& processes) {
  const Births births(database, Entity::Holder, spans);
  SQLite::Statement rows(database.sqlite(), std::string(sql::kScanThinHolders));
  rows.bind(1, births.first());
  rows.bind(2, births.last());
  while (rows.executeStep()) {
    schema::RowReader row(rows);
    static_cast<void>(row.integer());
    const RowId socket = row.integer();
    const RowId process = row.integer();
    if (!sockets.goes(socket)) {
      processes.leave(process);
    }
  }
}

// Which spans have rows that are there and go.
void note_spans(Database& database,
                std::string_view scan,
                const Births& births,
                const RowFates& fates,
                std::vector<bool>& touched) {
  SQLite::Statement rows(database.sqlite(), std::string(scan));
  rows.bind(1, fates.first());
  rows.bind(2, fates.last());
  while (rows.executeStep()) {
    const RowId id = rows.getColumn(0).getInt64();
    if (fates.goes(id)) {
      touched[births.span_of(id)] = true;
    }
  }
}

void begin(Database& database, const Births& births, RowFates& fates) {
  const std::int64_t rows = births.last() - births.first() + 1;
  if (rows > 0 && !database.has_room_for_rows(rows)) {
    schema::throw_impossible_rows();
  }
  fates.begin(births.first(), births.last());
}

}  // namespace

void RowFates::begin(RowId first, RowId last) {
  first_ = first;
  goes_.assign(static_cast<std::size_t>(std::max<RowId>(last - first + 1, 0)), false);
}

ThinPlan plan_thinning(Database& database, const std::vector<SeqRange>& spans) {
  ThinPlan plan;
  if (spans.empty()) {
    return plan;
  }
  const Births sockets(database, Entity::Socket, spans);
  const Births processes(database, Entity::Process, spans);
  begin(database, sockets, plan.sockets);
  begin(database, processes, plan.processes);
  take_ended(database, Entity::Socket, spans, sockets, plan.sockets);
  take_ended(database, Entity::Process, spans, processes, plan.processes);
  leave_others(database, sql::kScanThinSockets, plan.sockets);
  leave_others(database, sql::kScanThinProcesses, plan.processes);
  const Versions of_sockets = read_versions(database, sql::kFindThinSockets, plan.sockets);
  const Versions of_processes = read_versions(database, sql::kFindThinProcesses, plan.processes);
  const SeqRange all{spans.front().first, spans.back().last};
  leave_reappeared(database, Entity::Socket, all, plan.sockets);
  leave_parts(of_sockets, plan.sockets);
  leave_holders(database, spans, plan.sockets, plan.processes);
  leave_reappeared(database, Entity::Process, all, plan.processes);
  leave_parts(of_processes, plan.processes);
  std::vector<bool> touched(spans.size());
  note_spans(database, sql::kScanThinSockets, sockets, plan.sockets, touched);
  note_spans(database, sql::kScanThinProcesses, processes, plan.processes, touched);
  for (std::size_t at = 0; at < spans.size(); ++at) {
    if (touched[at]) {
      plan.spans.push_back(spans[at]);
    }
  }
  return plan;
}

}  // namespace sockwitness::recorder
