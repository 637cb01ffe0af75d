#include "schema/disk/successors.h"

#include <algorithm>
#include <numeric>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/living.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::schema {

Successors::Successors(Database& database, Entity entity)
    : database_(database), entity_(entity), sockets_(database, Facet::SocketVersions) {
}

std::vector<RowNumber> Successors::read_versions(RowId first, RowId last) {
  std::vector<RowNumber> rows;
  if (entity_ == Entity::Socket) {
    sockets_.read(first, last, rows);
    return rows;
  }
  LentStatement statement = database_.lend(sql::kScanProcessVersions);
  statement->bind(1, first);
  statement->bind(2, last);
  while (statement->executeStep()) {
    RowReader row(*statement);
    const RowId id = row.integer();
    rows.push_back({id, row.integer()});
  }
  return rows;
}

const std::vector<Successors::Version>& Successors::born(Seq seq) {
  if (seq == born_with_) {
    return born_;
  }
  const Seq before(seq.value() - 1);
  const RowId first = (before == born_with_ ? last_ : read_last_id(database_, entity_, before)) + 1;
  last_ = read_last_id(database_, entity_, seq);
  born_with_ = seq;
  born_.clear();
  for (const RowNumber& each : read_versions(first, last_)) {
    born_.push_back({each.row - each.number, each.row});
  }
  std::sort(born_.begin(), born_.end());
  return born_;
}

std::vector<RowId> Successors::find(const std::vector<VersionEnd>& ends) {
  std::vector<std::size_t> order(ends.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return ends[left].seq < ends[right].seq;
  });
  std::vector<RowId> found(ends.size());
  for (const std::size_t at : order) {
    const auto& versions = born(ends[at].seq);
    const auto version =
        std::lower_bound(versions.begin(), versions.end(), Version{ends[at].origin, 0});
    if (version != versions.end() && version->origin == ends[at].origin) {
      found[at] = version->row;
    }
  }
  return found;
}

}  // namespace sockwitness::schema
