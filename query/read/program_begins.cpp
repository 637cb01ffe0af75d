#include "query/read/program_begins.h"

#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/history.h"
#include "query/read/history_database.h"
#include "query/read/sql.h"
#include "schema/disk/codec.h"
#include "schema/disk/texts.h"

namespace sockwitness::query {
namespace {

struct Risen {
  schema::Seq seq;
  std::int64_t last_id = 0;
};

// The first of them is of before the range, or nothing had been recorded then.
std::vector<Risen> read_ends(SQLite::Database& database, schema::SeqRange range) {
  SQLite::Statement row(database, std::string(sql::kReadProcessEnds));
  row.bind(1, range.first.value());
  row.bind(2, range.last.value());
  std::vector<Risen> ends;
  while (row.executeStep()) {
    ends.push_back({schema::Seq(row.getColumn(0).getInt64()), row.getColumn(1).getInt64()});
  }
  if (ends.empty() || ends.front().seq >= range.first) {
    ends.insert(ends.begin(), Risen{});
  }
  return ends;
}

}  // namespace

std::vector<ProgramBegin> read_program_begins(History& history,
                                              schema::SeqRange range,
                                              std::set<std::int64_t>& known) {
  std::vector<ProgramBegin> begins;
  history.read([&] {
    schema::Database& database = HistoryDatabase::of(history);
    schema::Texts texts(database);
    SQLite::Statement rows(database.sqlite(), std::string(sql::kReadProgramBegins));
    SQLite::Statement file(database.sqlite(), std::string(sql::kReadOneProgram));
    const std::vector<Risen> ends = read_ends(database.sqlite(), range);
    for (std::size_t at = 1; at < ends.size(); ++at) {
      rows.bind(1, ends[at - 1].last_id);
      rows.bind(2, ends[at].last_id);
      while (rows.executeStep()) {
        for (const int column : {1, 2}) {
          if (rows.getColumn(column).isNull() ||
              !known.insert(rows.getColumn(column).getInt64()).second) {
            continue;
          }
          const std::int64_t id = rows.getColumn(column).getInt64();
          file.bind(1, id);
          if (!file.executeStep()) {
            throw schema::Error(schema::ExitCode::Unusable,
                                "reading a program: a process refers to one that is not there",
                                "the file is damaged or was altered: sockwitness verify");
          }
          begins.push_back({id, ends[at].seq, column == 2, schema::decode_program(file, texts)});
          file.reset();
        }
      }
      rows.reset();
    }
  });
  return begins;
}

}  // namespace sockwitness::query
