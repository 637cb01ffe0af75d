#include "query/seal/row_writer.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/chain/merkle.h"
#include "schema/disk/chained_rows.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

constexpr std::int64_t kSealedAtOnce = 500;  // records under one lock

schema::StoredRow decode_or_refuse(std::string_view bytes, std::int64_t record) {
  auto row = schema::decode_row(bytes);
  if (!row) {
    throw Error(ExitCode::Unusable,
                fmt::format("sealing record {}: a row of it has no canonical bytes", record),
                "see: sockwitness verify");
  }
  return std::move(*row);
}

void require_signed(const schema::RowsRoot& found, const SealedLink& link) {
  if (found.leaves != link.leaves || found.root != link.root) {
    throw Error(
        ExitCode::Unusable,
        fmt::format("sealing record {}: its rows are not those that were signed", link.record),
        "see: sockwitness verify");
  }
}

}  // namespace

RowWriter::RowWriter(SQLite::Database& sqlite,
                     const ChainOutline& outline,
                     const TableColumns& columns,
                     Sink sink,
                     Progress on_progress)
    : sqlite_(sqlite),
      outline_(outline),
      columns_(columns),
      sink_(std::move(sink)),
      on_progress_(std::move(on_progress)),
      kept_(schema::read_kept_rows(sqlite)),
      thinned_(sqlite) {
}

// Canonical bytes leave out what is NULL at the end.
void RowWriter::write(SealedRow row) {
  row.row.values.resize(columns_.find(row.row.table)->second.size());
  sink_(row);
  ++written_;
}

// Of a thinned snapshot, of a prune's edge: what is left of their records is not what was signed.
void RowWriter::require_whole(std::int64_t record) const {
  if (kept_ && record <= kept_->until_record) {
    throw Error(ExitCode::Usage,
                fmt::format("sealing record {}: snapshots were pruned, and not all of its rows are "
                            "left: none of them can be proven alone",
                            record),
                "seal a range that begins later; verify checks what is left as a whole");
  }
  if (const auto* const span = thinned_.find_record(record)) {
    throw Error(ExitCode::Usage,
                fmt::format("sealing record {}: snapshots {} to {} were thinned, and not all of "
                            "its rows are left: none of them can be proven alone",
                            record,
                            span->snapshots.first.value(),
                            span->snapshots.last.value()),
                "verify checks what is left as a whole: keep the file itself as evidence");
  }
}

void RowWriter::write_records(std::int64_t first, std::int64_t last) {
  for (std::int64_t record = first; record <= last; ++record) {
    require_whole(record);
  }
  schema::ChainedRows rows(sqlite_.getHandle(), outline_.marks().after(first - 1));
  for (std::int64_t part = first; part <= last; part += kSealedAtOnce) {
    SQLite::Transaction transaction(sqlite_);
    for (std::int64_t record = part; record <= last && record < part + kSealedAtOnce; ++record) {
      const auto listener = [&](const schema::ChainedTable&, std::string_view bytes) {
        write({record, std::nullopt, decode_or_refuse(bytes, record)});
      };
      require_signed(rows.read(hasher_, outline_.marks().after(record), listener),
                     outline_.link(record));
      on_progress_(record);
    }
    rows.release();
    transaction.commit();
  }
}

void RowWriter::write_single(const std::set<RowNumber>& numbers) {
  std::map<std::int64_t, std::set<RowNumber>> by_record;
  for (const RowNumber& number : numbers) {
    by_record[outline_.marks().record_of(number)].insert(number);
  }
  for (const auto& [record, wanted] : by_record) {
    if (record > 0) {
      write_single(record, wanted);
    }
  }
}

void RowWriter::write_single(std::int64_t record, const std::set<RowNumber>& numbers) {
  require_whole(record);
  std::vector<schema::Hash> leaves;
  std::vector<SealedRow> found;
  const auto listener = [&](const schema::ChainedTable& table, std::string_view bytes) {
    if (table.parts == 0) {
      schema::StoredRow row = decode_or_refuse(bytes, record);
      const RowNumber number{static_cast<std::uint32_t>(table.numbering),
                             row.integer(0).value_or(0)};
      if (numbers.contains(number)) {
        found.push_back({record, RowProof{leaves.size(), {}}, std::move(row)});
      }
    }
    leaves.push_back(schema::leaf_hash(hasher_, bytes));
  };
  schema::ChainedRows rows(sqlite_.getHandle(), outline_.marks().after(record - 1));
  SQLite::Transaction transaction(sqlite_);
  require_signed(rows.read(hasher_, outline_.marks().after(record), listener),
                 outline_.link(record));
  rows.release();
  transaction.commit();
  const schema::MerkleTree tree(hasher_, std::move(leaves));
  for (SealedRow& row : found) {
    row.proof->path = tree.path(static_cast<std::size_t>(row.proof->place));
    write(std::move(row));
  }
  on_progress_(record);
}

}  // namespace sockwitness::query
