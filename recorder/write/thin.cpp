#include "recorder/write/thin.h"

#include <sqlite3.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "recorder/write/record.h"
#include "recorder/write/signed_rows.h"
#include "recorder/write/sql.h"
#include "recorder/write/thin_plan.h"
#include "recorder/write/unused_rows.h"
#include "schema/base/error.h"
#include "schema/disk/baseline_codec.h"
#include "schema/disk/chained_rows.h"
#include "schema/disk/living.h"
#include "schema/disk/retention_rows.h"
#include "schema/disk/row.h"
#include "schema/disk/snapshot_row.h"
#include "schema/disk/sql.h"
#include "schema/disk/texts.h"

namespace sockwitness::recorder {
namespace {

using schema::Database;
using schema::Entity;
using schema::RowId;
using schema::Seq;
using schema::SeqRange;
using schema::ThinnedSpan;

RowId record_of(Database& database, Seq seq) {
  SQLite::Statement read(database.sqlite(), "SELECT record FROM snapshot WHERE seq = ?1");
  read.bind(1, seq.value());
  if (!read.executeStep()) {
    schema::throw_impossible_rows();
  }
  return read.getColumn(0).getInt64();
}

std::vector<ThinnedSpan> place_spans(Database& database, const std::vector<SeqRange>& spans) {
  std::vector<ThinnedSpan> placed;
  for (const SeqRange& range : spans) {
    ThinnedSpan span;
    span.snapshots = range;
    span.first_record = record_of(database, range.first);
    span.last_record = record_of(database, range.last);
    placed.push_back(span);
  }
  return placed;
}

// Deletes rows from `first` to `last` but for those that stay, as few ranges as there are.
class Remover {
 public:
  Remover(Database& database, std::initializer_list<std::string_view> statements) {
    for (const std::string_view statement : statements) {
      statements_.emplace_back(database.sqlite(), std::string(statement));
    }
  }

  // `goes(row)` of each that `scan` finds, whose first column is its id.
  template <class Goes>
  void remove(Database& database, std::string_view scan, RowId first, RowId last, Goes goes) {
    SQLite::Statement rows(database.sqlite(), std::string(scan));
    rows.bind(1, first);
    rows.bind(2, last);
    std::vector<std::pair<RowId, RowId>> ranges;
    bool open = false;
    while (rows.executeStep()) {
      const RowId id = rows.getColumn(0).getInt64();
      if (!goes(rows)) {
        open = false;
      } else if (open) {
        ranges.back().second = id;
      } else {
        ranges.emplace_back(id, id);
        open = true;
      }
    }
    rows.reset();
    for (const auto& [begin, end] : ranges) {
      for (SQLite::Statement& statement : statements_) {
        statement.reset();
        statement.bind(1, begin);
        statement.bind(2, end);
        statement.exec();
      }
    }
  }

 private:
  std::vector<SQLite::Statement> statements_;
};

// What hangs on rows that go goes first.
void remove_rows(Database& database, const ThinPlan& plan) {
  const auto of_process = [&](SQLite::Statement& row) {
    return plan.processes.goes(row.getColumn(1).getInt64());
  };
  const auto of_either = [&](SQLite::Statement& row) {
    return plan.sockets.goes(row.getColumn(1).getInt64()) ||
           plan.processes.goes(row.getColumn(2).getInt64());
  };
  SQLite::Statement samples(database.sqlite(), std::string(sql::kPruneThinnedSamples));
  for (const SeqRange& span : plan.spans) {
    samples.reset();
    samples.bind(1, span.first.value());
    samples.bind(2, span.last.value());
    samples.exec();
  }
  const Seq before(plan.spans.front().first.value() - 1);
  const Seq last = plan.spans.back().last;
  const auto range_of = [&](Entity entity) {
    return std::pair(schema::read_last_id(database, entity, before) + 1,
                     schema::read_last_id(database, entity, last));
  };
  const auto remove = [&](Entity entity,
                          std::initializer_list<std::string_view> statements,
                          std::string_view scan,
                          const auto& goes) {
    const auto [first, end] = range_of(entity);
    Remover(database, statements).remove(database, scan, first, end, goes);
  };
  remove(Entity::Holder, {sql::kPruneHolder}, sql::kScanThinHolders, of_either);
  remove(Entity::Descriptor, {sql::kPruneDescriptor}, sql::kScanThinDescriptors, of_process);
  remove(Entity::Mapping, {sql::kPruneMapping}, sql::kScanThinMappings, of_process);
  const auto itself = [](const RowFates& fates) {
    return [&fates](SQLite::Statement& row) { return fates.goes(row.getColumn(0).getInt64()); };
  };
  remove(Entity::Socket,
         {sql::kPruneSocketDetail, sql::kPruneForward, sql::kPruneSocket},
         sql::kScanThinSockets,
         itself(plan.sockets));
  remove(Entity::Process, {sql::kPruneProcess}, sql::kScanThinProcesses, itself(plan.processes));
}

// Marks before each span and after it.
std::vector<MarkRange> find_marks(Database& database, const std::vector<ThinnedSpan>& spans) {
  std::vector<MarkRange> ranges;
  schema::Marks before;
  auto next = spans.begin();
  visit_links(database, spans.back().last_record, [&](const LinkRoot& link) {
    if (link.record == next->first_record) {
      ranges.push_back({before, {}});
    }
    if (link.record == next->last_record) {
      ranges.back().last = link.marks;
      ++next;
    }
    before = link.marks;
    return next != spans.end();
  });
  if (ranges.size() != spans.size()) {
    throw schema::Error(schema::ExitCode::Unusable,
                        "thinning: a snapshot has no link",
                        "nothing was removed; see: sockwitness verify");
  }
  return ranges;
}

void measure(Database& database,
             const std::vector<MarkRange>& marks,
             std::vector<ThinnedSpan>& spans) {
  schema::Hasher hasher;
  schema::ChainedRows rows(database.sqlite().getHandle(), marks.front().first);
  for (std::size_t at = 0; at < spans.size(); ++at) {
    if (at > 0 && marks[at].first != marks[at - 1].last) {
      static_cast<void>(rows.read(hasher, marks[at].first));
    }
    const schema::RowsRoot found = rows.read(hasher, marks[at].last);
    spans[at].leaves = found.leaves;
    spans[at].root = found.root;
  }
}

schema::Thin describe(Database& database, const ThinRequest& request, const ThinPlan& plan) {
  schema::Thin done;
  done.snapshots = {plan.spans.front().first, plan.spans.back().last};
  const auto first = schema::read_snapshot_info(database, done.snapshots.first);
  const auto last = schema::read_snapshot_info(database, done.snapshots.last);
  done.began = first ? first->begin.wall : schema::WallTime();
  done.ended = last ? last->begin.wall : schema::WallTime();
  done.step_us = request.step_us;
  for (const SeqRange& span : plan.spans) {
    done.thinned += span.last.value() - span.first.value() + 1;
  }
  done.policy = request.policy;
  done.author = request.author;
  done.at = request.now;
  return done;
}

}  // namespace

std::optional<schema::Thin> thin(Database& database, const ThinRequest& request) {
  try {
    SQLite::Transaction transaction(database.sqlite(), SQLite::TransactionBehavior::IMMEDIATE);
    const ThinPlan plan = plan_thinning(database, request.spans);
    if (plan.spans.empty()) {
      return std::nullopt;
    }
    std::vector<ThinnedSpan> spans = place_spans(database, plan.spans);
    require_signed_rows(database, spans.front().first_record, spans.back().last_record);
    const std::vector<MarkRange> marks = find_marks(database, spans);
    schema::Thin done = describe(database, request, plan);
    sqlite3* const sqlite = database.sqlite().getHandle();
    const std::int64_t before = sqlite3_total_changes64(sqlite);
    remove_rows(database, plan);
    if (request.sweep) {
      remove_unused_rows_of(database, marks);
    }
    done.removed = sqlite3_total_changes64(sqlite) - before;
    measure(database, marks, spans);
    const RowId record = append_record(database, RecordKind::Thin, request.now);
    schema::Texts texts(database);
    SQLite::Statement author(database.sqlite(), std::string(schema::sql::kInsertAuthor));
    schema::insert_author(author, record, request.author, texts);
    schema::insert_thin(database, record, done, spans);
    database.commit(transaction);
    return done;
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("thinning database", database.path(), failure);
  }
}

}  // namespace sockwitness::recorder
