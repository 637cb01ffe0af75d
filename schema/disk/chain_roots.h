// Whether the latest rows are those that their links were made of, without keys and signatures:
// what a transaction that was led back must give.
//
// In:    a connection to a database of the newest version.
// Out:   what is amiss; nothing: they are, or there are no links yet.
// Never: a proof against who can write links of their own: that is `sockwitness verify`.
#pragma once

#include <optional>
#include <string>

namespace SQLite {
class Database;
}

namespace sockwitness::schema {

// Throws SQLite::Exception.
[[nodiscard]] std::optional<std::string> find_flaw_of_rows(SQLite::Database& sqlite);

}  // namespace sockwitness::schema
