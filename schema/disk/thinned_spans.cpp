#include "schema/disk/thinned_spans.h"

#include <algorithm>
#include <map>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/base/error.h"
#include "schema/chain/hex_bytes.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::schema {
namespace {

[[noreturn]] void throw_damaged_span() {
  throw Error(ExitCode::Unusable,
              "reading what was thinned from the database: a row is not of the form that it has",
              "the file is damaged or was altered; see: sockwitness verify");
}

ThinnedSpan read_span(SQLite::Statement& statement) {
  RowReader row(statement);
  ThinnedSpan span;
  span.snapshots.first = Seq(row.integer());
  span.snapshots.last = Seq(row.integer());
  span.first_record = row.integer();
  span.last_record = row.integer();
  span.leaves = row.integer();
  const auto root = from_bytes<32>(row.bytes());
  if (!root || span.snapshots.first > span.snapshots.last || span.first_record > span.last_record) {
    throw_damaged_span();
  }
  span.root = *root;
  return span;
}

}  // namespace

ThinnedSpans::ThinnedSpans(SQLite::Database& sqlite) {
  SQLite::Statement statement(sqlite, std::string(sql::kReadThinSpans));
  std::map<Seq, ThinnedSpan> spans;
  while (statement.executeStep()) {
    ThinnedSpan span = read_span(statement);
    const auto after = spans.upper_bound(span.snapshots.last);
    const bool covered =
        after != spans.begin() && std::prev(after)->second.snapshots.overlaps(span.snapshots);
    if (!covered) {
      spans.emplace(span.snapshots.first, std::move(span));
    }
  }
  for (auto& [first, span] : spans) {
    spans_.push_back(std::move(span));
  }
}

const ThinnedSpan* ThinnedSpans::find(Seq seq) const {
  const auto after =
      std::upper_bound(spans_.begin(), spans_.end(), seq, [](Seq wanted, const ThinnedSpan& span) {
        return wanted < span.snapshots.first;
      });
  return after != spans_.begin() && std::prev(after)->snapshots.contains(seq) ? &*std::prev(after)
                                                                              : nullptr;
}

const ThinnedSpan* ThinnedSpans::find_record(RowId record) const {
  const auto after = std::upper_bound(
      spans_.begin(), spans_.end(), record, [](RowId wanted, const ThinnedSpan& span) {
        return wanted < span.first_record;
      });
  return after != spans_.begin() && record <= std::prev(after)->last_record ? &*std::prev(after)
                                                                            : nullptr;
}

}  // namespace sockwitness::schema
