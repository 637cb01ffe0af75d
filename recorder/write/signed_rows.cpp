#include "recorder/write/signed_rows.h"

#include <optional>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/chain/hex_bytes.h"
#include "schema/disk/chained_rows.h"
#include "schema/disk/database.h"
#include "schema/disk/retention_rows.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"
#include "schema/disk/thinned_spans.h"

namespace sockwitness::recorder {
namespace {

using schema::Error;
using schema::ExitCode;
using schema::RowId;

Error altered(const std::string& what) {
  return Error(ExitCode::Unusable,
               fmt::format("pruning: {}", what),
               "nothing was removed, for that would remove the proof; see: sockwitness verify");
}

}  // namespace

void visit_links(schema::Database& database,
                 RowId until,
                 const std::function<bool(const LinkRoot&)>& visit) {
  SQLite::Statement links(database.sqlite(), std::string(schema::sql::kReadMarksUntil));
  links.bind(1, until);
  LinkRoot link;
  while (links.executeStep()) {
    schema::RowReader row(links);
    link.record = row.integer();
    link.leaves = row.integer();
    auto marks = schema::decode_advance(link.marks, row.bytes());
    const auto root = schema::from_bytes<32>(row.bytes());
    if (!marks || !root) {
      throw Error(ExitCode::Unusable,
                  fmt::format("pruning: the link of record {} is not of the form that links have",
                              link.record),
                  "nothing was removed; see: sockwitness verify");
    }
    link.marks = std::move(*marks);
    link.root = *root;
    if (!visit(link)) {
      return;
    }
  }
}

void require_signed_rows(schema::Database& database, RowId first, RowId last) {
  const auto kept = schema::read_kept_rows(database.sqlite());
  const schema::ThinnedSpans thinned(database.sqlite());
  schema::Hasher hasher;
  std::optional<schema::ChainedRows> rows;
  if (kept && first <= kept->until_record) {
    rows.emplace(database.sqlite().getHandle(), schema::Marks());
    const schema::RowsRoot found = rows->read(hasher, kept->marks);
    if (found.leaves != kept->leaves || found.root != kept->root) {
      throw altered("what an earlier prune left is not as it was signed");
    }
    first = kept->until_record + 1;
  }
  if (const auto* const span = thinned.find_record(first)) {
    first = span->first_record;
  }
  schema::Marks before;
  visit_links(database, last, [&](const LinkRoot& link) {
    if (link.record >= first) {
      if (!rows) {
        rows.emplace(database.sqlite().getHandle(), before);
      }
      const auto* const span = thinned.find_record(link.record);
      if (span == nullptr || link.record == span->last_record) {
        const schema::RowsRoot found = rows->read(hasher, link.marks);
        if (found.leaves != (span == nullptr ? link.leaves : span->leaves) ||
            found.root != (span == nullptr ? link.root : span->root)) {
          throw altered(fmt::format("record {} is not as it was signed", link.record));
        }
      }
    }
    before = link.marks;
    return true;
  });
}

}  // namespace sockwitness::recorder
