#include "query/read/range_rows.h"

#include <numeric>

namespace sockwitness::query {

std::vector<schema::RowId> read_range_rows(schema::Database& database,
                                           schema::Entity entity,
                                           schema::SeqRange range) {
  std::vector<schema::RowId> ids = schema::read_living(database, entity, range.first);
  const schema::RowId before = schema::read_last_id(database, entity, range.first);
  const schema::RowId last = schema::read_last_id(database, entity, range.last);
  if (last < before) {
    schema::throw_impossible_rows();
  }
  const std::size_t living = ids.size();
  ids.resize(living + static_cast<std::size_t>(last - before));
  std::iota(ids.begin() + static_cast<std::ptrdiff_t>(living), ids.end(), before + 1);
  return ids;
}

}  // namespace sockwitness::query
