#include "query/read/other_records.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/history.h"
#include "query/read/history_database.h"
#include "query/read/sql.h"
#include "schema/base/escape.h"
#include "schema/disk/texts.h"

namespace sockwitness::query {
namespace {

schema::MissedKind kind_of(std::int64_t number) {
  if (number < static_cast<int>(schema::MissedKind::Skipped) ||
      number > static_cast<int>(schema::MissedKind::Late)) {
    throw schema::Error(schema::ExitCode::Unusable,
                        "reading a run that was missed: it is of no kind that there is",
                        "the file is damaged or was altered: sockwitness verify");
  }
  return static_cast<schema::MissedKind>(number);
}

}  // namespace

std::vector<OtherRecord> read_other_records(History& history, std::int64_t after) {
  std::vector<OtherRecord> records;
  history.read([&] {
    schema::Database& database = HistoryDatabase::of(history);
    schema::Texts texts(database);
    SQLite::Statement row(database.sqlite(), std::string(sql::kReadOtherRecords));
    row.bind(1, after);
    while (row.executeStep()) {
      OtherRecord record{row.getColumn(0).getInt64(), {}, {}, {}};
      record.head = schema::hex(row.getColumn(1).getString());
      if (!row.getColumn(2).isNull()) {
        schema::MissedRun run{schema::WallTime{row.getColumn(2).getInt64()},
                              kind_of(row.getColumn(3).getInt64()),
                              row.getColumn(4).getUInt(),
                              texts.get(row.getColumn(5).getInt64()),
                              {}};
        if (!row.getColumn(6).isNull()) {
          run.after = schema::Seq(row.getColumn(6).getInt64());
        }
        record.missed = std::move(run);
      } else if (!row.getColumn(7).isNull()) {
        record.pruned = schema::SeqRange{schema::Seq(row.getColumn(7).getInt64()),
                                         schema::Seq(row.getColumn(8).getInt64())};
      }
      if (record.missed || record.pruned) {
        records.push_back(std::move(record));
      }
    }
  });
  return records;
}

}  // namespace sockwitness::query
