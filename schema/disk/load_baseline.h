// Baselines as the database has them.
//
// In:    an open database.
// Out:   which there are; one with all its services, also those that were accepted into it.
// Never: those that were dropped.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "schema/model/baseline.h"

namespace sockwitness::schema {

class Database;

// In the order in which they were made.
[[nodiscard]] std::vector<BaselineInfo> read_baselines(Database& database);

// Nothing when there is none of that name. Several services may have one endpoint: what was seen
// and what was accepted.
[[nodiscard]] std::optional<Baseline> load_baseline(Database& database, std::string_view name);

}  // namespace sockwitness::schema
