#include "query/read/listening_rows.h"

#include <algorithm>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/sql.h"
#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/living.h"
#include "schema/disk/noted_rows.h"
#include "schema/disk/row.h"

namespace sockwitness::query {

using schema::RowId;
using schema::RowNumber;

ListeningRows::ListeningRows(schema::Database& database, RowRange rows) : database_(database) {
  schema::NotedRows(database, schema::Facet::SocketListeners).read(rows.first, rows.last, by_port_);
  std::stable_sort(by_port_.begin(), by_port_.end(), [](const auto& left, const auto& right) {
    return left.number < right.number;
  });
}

std::vector<RowId> ListeningRows::noted(schema::PortRange ports, RowRange part) const {
  std::vector<RowId> rows;
  const auto begin =
      std::lower_bound(by_port_.begin(),
                       by_port_.end(),
                       ports.first.value(),
                       [](const RowNumber& row, std::uint16_t port) { return row.number < port; });
  for (auto at = begin; at != by_port_.end() && at->number <= ports.last.value(); ++at) {
    if (at->row >= part.first && at->row <= part.last) {
      rows.push_back(at->row);
    }
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::vector<ListeningRow> ListeningRows::find(const std::vector<schema::PortRange>& ports,
                                              RowRange part) {
  schema::LentStatement statement = database_.lend(sql::kFindListening);
  std::vector<ListeningRow> all;
  for (const schema::PortRange& range : ports) {
    statement->reset();
    schema::RowBinder(*statement)
        .integer(range.first.value())
        .integer(range.last.value())
        .integer(part.first)
        .integer(part.last);
    std::vector<ListeningRow> found;
    while (statement->executeStep()) {
      schema::RowReader row(*statement);
      const RowId id = row.integer();
      found.push_back({id, row.maybe_integer().value_or(id)});
    }
    std::sort(found.begin(), found.end());
    const std::vector<RowId> rows = noted(range, part);
    const bool same = std::equal(
        found.begin(), found.end(), rows.begin(), rows.end(), [](const auto& left, RowId right) {
          return left.id == right;
        });
    if (!same) {
      schema::throw_index_differs(schema::Entity::Socket);
    }
    all.insert(all.end(), found.begin(), found.end());
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace sockwitness::query
