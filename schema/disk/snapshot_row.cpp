#include "schema/disk/snapshot_row.h"

#include <unordered_map>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/disk/codec.h"
#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"
#include "schema/disk/texts.h"

namespace sockwitness::schema {
namespace {

class Contexts {
 public:
  explicit Contexts(Database& database)
      : read_(database.sqlite(), std::string(sql::kReadContext)) {}

  const Context& get(RowId id) {
    const auto known = known_.find(id);
    if (known != known_.end()) {
      return known->second;
    }
    read_.reset();
    read_.bind(1, id);
    if (!read_.executeStep()) {
      throw Error(ExitCode::Unusable,
                  "reading the context of a snapshot: it is referred to and not there",
                  "the file is damaged or was altered");
    }
    return known_.emplace(id, decode_context(read_)).first->second;
  }

 private:
  SQLite::Statement read_;
  std::unordered_map<RowId, Context> known_;
};

SnapshotInfo decode_info(SQLite::Statement& statement, Seq seq, Contexts& contexts, Texts& texts) {
  RowReader row(statement);
  static_cast<void>(row.integer());  // its number
  SnapshotInfo info;
  info.seq = seq;
  info.context = contexts.get(row.integer());
  info.begin.wall = WallTime{row.integer()};
  info.begin.since_boot = BootTime{row.integer()};
  info.begin.monotonic_ns = row.integer();
  info.end.wall = WallTime{info.begin.wall.microseconds + row.integer()};
  info.end.since_boot = BootTime{info.begin.since_boot.nanoseconds + row.integer()};
  info.end.monotonic_ns = info.begin.monotonic_ns + row.integer();
  const auto synchronized = row.maybe_integer();
  const auto max_error = row.maybe_integer();
  const auto estimated_error = row.maybe_integer();
  if (synchronized) {
    info.clock_sync =
        ClockSync{*synchronized != 0, max_error.value_or(0), estimated_error.value_or(0)};
  }
  info.totals.listening = row.number<std::uint32_t>();
  info.totals.connected = row.number<std::uint32_t>();
  info.totals.processes = row.number<std::uint32_t>();
  info.totals.gaps = row.number<std::uint32_t>();
  info.cost.wall_us = row.integer();
  info.cost.cpu_us = row.integer();
  info.cost.peak_kib = row.integer();
  info.deep_seq = Seq(row.integer());
  info.note = texts.get_or_empty(row.maybe_integer());
  if (const auto reason = row.maybe_integer()) {
    info.deferred = texts.get(*reason);
  }
  return info;
}

std::optional<Seq> read_one_seq(Database& database, const char* query) {
  try {
    SQLite::Statement statement(database.sqlite(), query);
    statement.executeStep();
    const auto seq = RowReader(statement).maybe_integer();
    return seq ? std::optional(Seq(*seq)) : std::nullopt;
  } catch (const SQLite::Exception& failure) {
    throw database_error("reading database", database.path(), failure);
  }
}

}  // namespace

Seq checked_seq(Database& database, std::int64_t number, std::optional<Seq> before) {
  const bool follows = !before || number - 1 == before->value();
  if (number < 1 || !database.has_room_for(number) || !follows) {
    throw Error(
        ExitCode::Unusable,
        fmt::format("reading the snapshots of the database: number {} cannot be there", number),
        "the file is damaged or was altered");
  }
  return Seq(number);
}

std::vector<SnapshotInfo> read_snapshot_infos(Database& database, Seq first, Seq last) {
  try {
    SQLite::Statement statement(database.sqlite(), std::string(sql::kReadSnapshot));
    statement.bind(1, first.value());
    statement.bind(2, last.value());
    Contexts contexts(database);
    Texts texts(database);
    std::vector<SnapshotInfo> infos;
    while (statement.executeStep()) {
      const Seq seq = checked_seq(database,
                                  statement.getColumn(0).getInt64(),
                                  infos.empty() ? std::nullopt : std::optional(infos.back().seq));
      infos.push_back(decode_info(statement, seq, contexts, texts));
    }
    return infos;
  } catch (const SQLite::Exception& failure) {
    throw database_error("reading database", database.path(), failure);
  }
}

Error missing_row(std::string_view doing, Seq seq) {
  return {ExitCode::Unusable,
          fmt::format("{} '#{}': its row is not there", doing, seq.value()),
          "the file is damaged or was altered; see: sockwitness verify"};
}

std::optional<SnapshotInfo> read_snapshot_info(Database& database, Seq seq) {
  auto infos = read_snapshot_infos(database, seq, seq);
  return infos.empty() ? std::nullopt : std::optional(std::move(infos.front()));
}

std::optional<Seq> read_last_seq(Database& database) {
  return read_one_seq(database, "SELECT max(seq) FROM snapshot");
}
std::optional<Seq> read_first_seq(Database& database) {
  return read_one_seq(database, "SELECT min(seq) FROM snapshot");
}

std::optional<TimeReading> read_time(Database& database, WallTime time) {
  try {
    const auto ask = [&](std::string_view query, std::initializer_list<std::int64_t> numbers) {
      LentStatement statement = database.lend(query);
      RowBinder binder(*statement);
      for (const std::int64_t number : numbers) {
        binder.integer(number);
      }
      statement->executeStep();
      return RowReader(*statement).maybe_integer();
    };
    // From the end on, up to the first that fits; then from the begin on, nearly always up to
    // there.
    const auto last = ask(sql::kFindLastUntil, {INT64_MAX, time.microseconds});
    if (!last) {
      return std::nullopt;
    }
    const auto later = ask(sql::kFindFirstLater, {*last});
    if (!later || *later > *last) {
      return TimeReading{Seq(*last), Seq(*last), true};
    }
    const auto highest = ask(sql::kReadHighestTime, {*last, INT64_MAX});
    const auto latest = ask(sql::kReadHighestTime, {*last, time.microseconds});
    const auto found = ask(sql::kFindLastOfTime, {*last, latest.value_or(0)});
    return TimeReading{
        Seq(found.value_or(*last)), Seq(*last), highest && *highest <= time.microseconds};
  } catch (const SQLite::Exception& failure) {
    throw database_error("reading database", database.path(), failure);
  }
}

std::vector<MissedRun> read_missed_runs(Database& database) {
  try {
    Texts texts(database);
    SQLite::Statement statement(database.sqlite(), std::string(sql::kReadMissed));
    std::vector<MissedRun> runs;
    while (statement.executeStep()) {
      RowReader row(statement);
      MissedRun run;
      run.at = WallTime{row.integer()};
      run.kind = row.enumeration(MissedKind::Late);
      run.count = row.number<std::uint32_t>();
      run.reason = texts.get(row.integer());
      if (const auto after = row.maybe_integer()) {
        run.after = Seq(*after);
      }
      runs.push_back(std::move(run));
    }
    return runs;
  } catch (const SQLite::Exception& failure) {
    throw database_error("reading database", database.path(), failure);
  }
}

void insert_snapshot_row(Database& database,
                         const SnapshotInfo& info,
                         RowId record,
                         RowId context) {
  Texts texts(database);
  SQLite::Statement insert(database.sqlite(), std::string(sql::kInsertSnapshot));
  RowBinder binder(insert);
  binder.integer(info.seq.value())
      .integer(record)
      .integer(context)
      .integer(info.begin.wall.microseconds)
      .integer(info.begin.since_boot.nanoseconds)
      .integer(info.begin.monotonic_ns)
      .integer(info.end.wall.microseconds - info.begin.wall.microseconds)
      .integer(info.end.since_boot.nanoseconds - info.begin.since_boot.nanoseconds)
      .integer(info.end.monotonic_ns - info.begin.monotonic_ns);
  if (info.clock_sync) {
    binder.integer(info.clock_sync->synchronized ? 1 : 0)
        .integer(info.clock_sync->max_error_us)
        .integer(info.clock_sync->estimated_error_us);
  } else {
    binder.null().null().null();
  }
  binder.integer(info.totals.listening)
      .integer(info.totals.connected)
      .integer(info.totals.processes)
      .integer(info.totals.gaps)
      .integer(info.cost.wall_us)
      .integer(info.cost.cpu_us)
      .integer(info.cost.peak_kib)
      .integer(info.deep_seq.value_or(info.seq).value())
      .maybe_integer(texts.intern_unless_empty(info.note))
      .run();
  if (info.deferred) {
    SQLite::Statement defer(database.sqlite(), std::string(sql::kInsertDeferred));
    RowBinder(defer).integer(info.seq.value()).integer(texts.intern(*info.deferred)).run();
  }
}

}  // namespace sockwitness::schema
