// Snapshots that wait beside a database until it can be written again.
//
// In:    the path of the database; files "<path>.spool-1", "<path>.spool-2", … beside it.
// Out:   their names and how many there are.
// Never: opens one of them, or moves the access time of the directory where the system lets us.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sockwitness::schema {

// "<database>.spool-7".
[[nodiscard]] std::string spool_path(const std::string& database, std::uint32_t number);

// Their numbers, ascending: the order in which they are taken in. Throws Error when the directory
// cannot be listed.
[[nodiscard]] std::vector<std::uint32_t> list_waiting(const std::string& database);

}  // namespace sockwitness::schema
