#include "query/read/moments_reader.h"

#include <map>
#include <string>
#include <unordered_map>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/sql.h"
#include "schema/base/error.h"
#include "schema/disk/codec.h"
#include "schema/disk/database.h"
#include "schema/disk/row.h"
#include "schema/disk/snapshot_row.h"
#include "schema/disk/sql.h"

namespace sockwitness::query {

Moments read_moments(schema::Database& database, schema::SeqRange wanted) {
  SQLite::Statement statement(database.sqlite(), std::string(sql::kReadMoments));
  statement.bind(1, wanted.first.value());
  statement.bind(2, wanted.last.value());
  SQLite::Statement read_context(database.sqlite(), std::string(schema::sql::kReadContext));
  std::vector<Moment> moments;
  std::vector<schema::Context> contexts;
  std::unordered_map<schema::RowId, std::uint32_t> known;
  std::map<schema::Seq, std::string> notes;
  while (statement.executeStep()) {
    schema::RowReader row(statement);
    Moment moment;
    moment.seq =
        schema::checked_seq(database,
                            row.integer(),
                            moments.empty() ? std::nullopt : std::optional(moments.back().seq));
    const schema::RowId context = row.integer();
    moment.begin.wall = schema::WallTime{row.integer()};
    moment.begin.since_boot = schema::BootTime{row.integer()};
    moment.begin.monotonic_ns = row.integer();
    const auto [found, is_new] =
        known.emplace(context, static_cast<std::uint32_t>(contexts.size()));
    if (is_new) {
      read_context.reset();
      read_context.bind(1, context);
      if (!read_context.executeStep()) {
        throw schema::Error(schema::ExitCode::Unusable,
                            "reading the context of a snapshot: it is referred to and not there",
                            "the file is damaged or was altered");
      }
      contexts.push_back(schema::decode_context(read_context));
    }
    moment.context = found->second;
    if (!row.is_null_here()) {
      notes.emplace_hint(notes.end(), moment.seq, row.bytes());
    }
    moments.push_back(moment);
  }
  if (moments.empty()) {
    throw schema::Error(schema::ExitCode::Unusable,
                        "reading the times of snapshots: none is there, although some are counted",
                        "the file is damaged or was altered");
  }
  Moments read(std::move(moments), std::move(contexts));
  read.set_notes(std::move(notes));
  return read;
}

}  // namespace sockwitness::query
