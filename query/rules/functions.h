// The SQL functions of ours that rules may use besides SQLite's harmless ones.
//
// In:    a connection.
// Out:   base_name(path), place(path), hidden_component(path), address_class(address),
//        edit_distance(a, b), program_kind(path), severity(word, steps): NULL gives NULL.
// Never: a function that reads a clock, a file or chance, or whose cost an argument could explode.
#pragma once

#include <string_view>
#include <vector>

namespace SQLite {
class Database;
}

namespace sockwitness::query {

void add_functions(SQLite::Database& database);

// Everything that a rule may call, ours and SQLite's: lower case, ascending.
[[nodiscard]] const std::vector<std::string_view>& allowed_functions();
// Ours alone: TABLES.md describes them.
[[nodiscard]] std::vector<std::string_view> own_functions();

}  // namespace sockwitness::query
