#include "schema/disk/removed_rows.h"

#include <algorithm>

#include "schema/disk/database.h"
#include "schema/disk/living.h"
#include "schema/disk/retention_rows.h"

namespace sockwitness::schema {

RemovedRows::RemovedRows(Database& database) : database_(database) {
  if (const auto kept = read_kept_rows(database.sqlite())) {
    first_kept_ = Seq(kept->pruned_until.value() + 1);
  }
}

bool RemovedRows::has(Entity entity, RowId id) {
  if (!first_kept_) {
    return false;
  }
  const auto [left, is_new] = left_.try_emplace(entity);
  if (is_new) {
    left->second.last = read_last_id(database_, entity, *first_kept_);
    left->second.living = read_living(database_, entity, *first_kept_);
  }
  const auto& living = left->second.living;
  return id <= left->second.last && !std::binary_search(living.begin(), living.end(), id);
}

}  // namespace sockwitness::schema
