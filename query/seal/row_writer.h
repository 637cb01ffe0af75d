// The rows of a sealed export: whole records, and single rows with the way to their root.
//
// In:    a connection to a database of ours, the outline of its chain.
// Out:   lines; what the rows lead to.
// Never: writes a row of a record that is not as it was signed.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>

#include "query/seal/chain_outline.h"
#include "query/seal/sealed_row.h"
#include "schema/disk/retention_rows.h"
#include "schema/disk/thinned_spans.h"

namespace SQLite {
class Database;
}

namespace sockwitness::query {

class RowWriter {
 public:
  using Sink = std::function<void(const SealedRow&)>;
  using Progress = std::function<void(std::int64_t record)>;

  RowWriter(SQLite::Database& sqlite,
            const ChainOutline& outline,
            const TableColumns& columns,
            Sink sink,
            Progress on_progress);

  // Every row of these records, in the order in which they were hashed.
  void write_records(std::int64_t first, std::int64_t last);
  // These rows, by record.
  void write_single(const std::set<RowNumber>& numbers);
  [[nodiscard]] std::int64_t written() const { return written_; }

 private:
  void write(SealedRow row);
  void require_whole(std::int64_t record) const;
  void write_single(std::int64_t record, const std::set<RowNumber>& numbers);

  SQLite::Database& sqlite_;
  const ChainOutline& outline_;
  const TableColumns& columns_;
  Sink sink_;
  Progress on_progress_;
  std::optional<schema::KeptRows> kept_;
  schema::ThinnedSpans thinned_;
  schema::Hasher hasher_;
  std::int64_t written_ = 0;
};

}  // namespace sockwitness::query
