// The ladder of format versions, and what a file of the newest version looks like.
//
// In:    a connection; for migrate() one that may write, and what messages call it.
// Out:   a database of version kFormatVersion, or the schema's text.
// Never: touches a file that is newer, foreign or damaged, or goes down.
#pragma once

#include <string>

namespace SQLite {
class Database;
}

namespace sockwitness::schema {

// In the file's header. Source: "SQLite Database File Format", 1.3.
inline constexpr int kApplicationId = 0x536B5774;  // "SkWt"
inline constexpr int kFormatVersion = 11;

// Climbs from the file's user_version to kFormatVersion, each step in one transaction. An empty
// file becomes ours. Throws Error, with nothing of the step in the file, when it does not say of
// itself what it was made to say.
void migrate(const std::string& name, SQLite::Database& sqlite);

// Every statement that made the schema, sorted by type and name, each followed by ";\n". Equal for
// equal schemas.
[[nodiscard]] std::string describe_schema(SQLite::Database& sqlite);
// The same for a version on the way; empty for one that is none.
[[nodiscard]] std::string describe_version(int version);

}  // namespace sockwitness::schema
