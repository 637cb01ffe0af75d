#include "recorder/write/snapshot_writer.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "recorder/write/entity_writer.h"
#include "recorder/write/record.h"
#include "schema/base/error.h"
#include "schema/disk/codec.h"
#include "schema/disk/database.h"
#include "schema/disk/row.h"
#include "schema/disk/snapshot_row.h"
#include "schema/disk/sql.h"
#include "schema/disk/texts.h"
#include "schema/model/same_boot.h"
#include "schema/view/blind_spot.h"
#include "schema/view/services.h"

namespace sockwitness::recorder {
namespace {

using schema::RowId;
using schema::Seq;

// How many runs of each note were recorded already: by a run that was killed between its commit and
// the lock file.
class RecordedRuns {
 public:
  explicit RecordedRuns(schema::Database& database)
      : query_(database.sqlite(),
               "SELECT total(runs) FROM missed WHERE at_us = ?1 AND kind = ?2 AND reason = ?3"),
        snapshot_(database.sqlite(), "SELECT count(*) FROM snapshot WHERE began_us = ?1") {}

  // Called for every note before the first is recorded. A run that failed at the last step of its
  // commit may have given its snapshot all the same: they begin at the same instant.
  void count(const schema::MissedRun& run, RowId reason) {
    snapshot_.reset();
    snapshot_.bind(1, run.at.microseconds);
    snapshot_.executeStep();
    if (run.kind == schema::MissedKind::Failed && snapshot_.getColumn(0).getInt64() > 0) {
      left_[key(run, reason)] = run.count;
      return;
    }
    query_.reset();
    query_.bind(1, run.at.microseconds);
    query_.bind(2, static_cast<int>(run.kind));
    query_.bind(3, reason);
    query_.executeStep();
    left_[key(run, reason)] = static_cast<std::uint32_t>(query_.getColumn(0).getInt64());
  }

  // The runs of the note that are not.
  std::uint32_t take_new(const schema::MissedRun& run, RowId reason) {
    std::uint32_t& left = left_[key(run, reason)];
    const std::uint32_t known = std::min(left, run.count);
    left -= known;
    return run.count - known;
  }

 private:
  using Key = std::tuple<schema::WallTime, schema::MissedKind, RowId>;
  static Key key(const schema::MissedRun& run, RowId reason) { return {run.at, run.kind, reason}; }

  SQLite::Statement query_;
  SQLite::Statement snapshot_;
  std::map<Key, std::uint32_t> left_;
};

void append_missed(schema::Database& database,
                   const std::vector<schema::MissedRun>& missed,
                   std::optional<Seq> after,
                   schema::WallTime written) {
  if (missed.empty()) {
    return;
  }
  schema::Texts texts(database);
  RecordedRuns recorded(database);
  std::vector<RowId> reasons;
  for (const schema::MissedRun& run : missed) {
    reasons.push_back(texts.intern(run.reason));
    recorded.count(run, reasons.back());
  }
  SQLite::Statement insert(database.sqlite(), std::string(schema::sql::kInsertMissed));
  for (std::size_t at = 0; at < missed.size(); ++at) {
    const schema::MissedRun& run = missed[at];
    const std::uint32_t runs = recorded.take_new(run, reasons[at]);
    if (runs == 0) {
      continue;
    }
    const RowId record = append_record(database, RecordKind::MissedRun, written);
    schema::RowBinder(insert)
        .integer(record)
        .integer(run.at.microseconds)
        .enumeration(run.kind)
        .integer(runs)
        .integer(reasons[at])
        .maybe_integer(after ? std::optional<std::int64_t>(after->value()) : std::nullopt)
        .run();
  }
}

// The latest context when nothing changed, a new row otherwise.
RowId find_or_insert_context(schema::Database& database, const schema::Context& context) {
  SQLite::Statement last(database.sqlite(), "SELECT max(id) FROM context");
  last.executeStep();
  if (const auto id = schema::RowReader(last).maybe_integer()) {
    SQLite::Statement read(database.sqlite(), std::string(schema::sql::kReadContext));
    read.bind(1, *id);
    if (read.executeStep() && schema::decode_context(read) == context) {
      return *id;
    }
  }
  SQLite::Statement insert(database.sqlite(), std::string(schema::sql::kInsertContext));
  schema::insert_context(insert, context);
  return database.sqlite().getLastInsertRowid();
}

// The first record of a file says which file it is.
void insert_archive_if_new(schema::Database& database, schema::WallTime now) {
  if (database.sqlite().execAndGet("SELECT count(*) FROM archive").getInt() == 0) {
    SQLite::Statement insert(database.sqlite(), std::string(schema::sql::kInsertArchive));
    const std::string uuid = database.sqlite().execAndGet("SELECT randomblob(16)").getString();
    schema::RowBinder(insert).bytes(uuid).integer(now.microseconds).run();
  }
}

// Whether a snapshot without the socket shows that it is gone: its place was looked at, or the host
// was started anew.
bool was_looked_for(const schema::Snapshot& observed,
                    const schema::Snapshot& previous,
                    const schema::Socket& socket) {
  if (!schema::is_same_boot(previous, observed)) {
    return true;
  }
  const schema::Endpoint endpoint = schema::endpoint_of(previous, socket);
  return std::none_of(observed.gaps.begin(), observed.gaps.end(), [&](const schema::Gap& gap) {
    return schema::hides(observed.namespaces, gap, endpoint);
  });
}

void count_listening(const schema::Snapshot& observed,
                     const schema::Snapshot& previous,
                     const Matching& sockets,
                     WrittenSnapshot& written) {
  std::vector<bool> still(previous.sockets.size(), false);
  for (std::size_t at = 0; at < observed.sockets.size(); ++at) {
    const auto known = sockets.previous_of[at];
    const bool listens = schema::is_listening(observed.sockets[at]);
    const bool listened = known && schema::is_listening(previous.sockets[*known]);
    written.new_listening += listens && !listened ? 1U : 0U;
    if (listens && known) {
      still[*known] = true;
    }
  }
  for (std::size_t at = 0; at < previous.sockets.size(); ++at) {
    const schema::Socket& socket = previous.sockets[at];
    if (schema::is_listening(socket) && !still[at] && was_looked_for(observed, previous, socket)) {
      ++written.gone_listening;
    }
  }
}

}  // namespace

schema::LoadedSnapshot as_previous(schema::Snapshot observed, WrittenSnapshot written) {
  schema::LoadedSnapshot previous = std::move(written.rows);
  previous.snapshot = std::move(observed);
  previous.snapshot.seq = written.info.seq;
  previous.snapshot.deep_seq = written.info.deep_seq;
  return previous;
}

schema::LoadedSnapshot load_previous(schema::Database& database) {
  try {
    // One lock for all of its reads: taking it for each was as costly as the reading itself.
    SQLite::Transaction transaction(database.sqlite());
    const auto last = schema::read_last_seq(database);
    auto previous = last ? schema::load_snapshot(database, *last) : schema::LoadedSnapshot{};
    transaction.commit();
    return previous;
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("reading database", database.path(), failure);
  }
}

bool is_recorded(schema::Database& database, schema::WallTime began, schema::BootTime since_boot) {
  try {
    SQLite::Statement query(database.sqlite(),
                            "SELECT count(*) FROM snapshot WHERE began_us = ?1 AND began_boot_ns = "
                            "?2");
    query.bind(1, began.microseconds);
    query.bind(2, since_boot.nanoseconds);
    query.executeStep();
    return query.getColumn(0).getInt64() > 0;
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("reading database", database.path(), failure);
  }
}

WrittenSnapshot write_snapshot(schema::Database& database,
                               const schema::Snapshot& observed,
                               const schema::LoadedSnapshot& previous,
                               const std::vector<schema::MissedRun>& missed,
                               const std::optional<Deferral>& deferral) {
  try {
    SQLite::Transaction transaction(database.sqlite(), SQLite::TransactionBehavior::IMMEDIATE);
    const auto last = schema::read_last_seq(database);
    if (last != previous.snapshot.seq) {
      throw schema::Error(
          schema::ExitCode::Unusable,
          fmt::format("writing database '{}': another program added a snapshot meanwhile",
                      database.path()),
          "run again");
    }
    const schema::WallTime now = deferral ? deferral->written : observed.end.wall;
    insert_archive_if_new(database, now);
    append_missed(database, missed, last, now);

    WrittenSnapshot written;
    schema::SnapshotInfo& info = written.info;
    info.seq = Seq(last ? last->value() + 1 : 1);
    info.begin = observed.begin;
    info.end = observed.end;
    info.clock_sync = observed.clock_sync;
    info.context = observed.context;
    info.totals = schema::count_totals(observed);
    info.cost = observed.cost;
    info.note = observed.note;
    info.deep_seq = observed.deep_seq.value_or(info.seq);
    info.deferred = deferral ? std::optional(deferral->reason) : std::nullopt;
    const RowId context = find_or_insert_context(database, observed.context);
    const RowId record = append_record(database, RecordKind::Snapshot, now);
    schema::insert_snapshot_row(database, info, record, context);

    EntityWriter entities(database, observed, previous, info.seq);
    entities.write_all();
    count_listening(observed, previous.snapshot, entities.socket_matching(), written);
    written.rows = entities.take_rows();
    database.commit(transaction);
    return written;
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("writing database", database.path(), failure);
  }
}

}  // namespace sockwitness::recorder
