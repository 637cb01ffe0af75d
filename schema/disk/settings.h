// The settings on which durability and safety rest: made, read back as SQLite says that they are,
// and refused when one did not take.
//
// In:    a connection.
// Out:   every effective setting by its name, to be recorded with what is written under it.
// Never: takes a setting for made because nothing complained: an unknown pragma is no error.
#pragma once

#include <string>
#include <vector>

namespace SQLite {
class Database;
}

namespace sockwitness::schema {

struct Setting {
  std::string name;
  std::string value;

  friend bool operator==(const Setting&, const Setting&) = default;
};

// Of every connection: nothing in the file runs, and no number in it makes SQLite ask for much.
void make_safe(SQLite::Database& sqlite);
// Of one that writes. What a file is made with is set while it is empty.
void make_durable(SQLite::Database& sqlite);

// All that are set, and what else the content depends on, in a fixed order.
[[nodiscard]] std::vector<Setting> read_settings(SQLite::Database& sqlite);

// Throws Error for the first one of a connection that writes which is not as it was set.
void require_settings(const std::string& path, const std::vector<Setting>& settings);

}  // namespace sockwitness::schema
