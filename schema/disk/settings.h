// The settings on which durability and safety rest: made, read back as SQLite says that they are,
// and refused when one did not take.
//
// In:    a connection.
// Out:   every effective setting by its name, to be recorded with what is written under it.
// Never: takes a setting for made because nothing complained: an unknown pragma is no error.
#pragma once

#include <string>
#include <vector>

#include "schema/base/error.h"

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
// Throws Error.
void make_safe(const std::string& path, SQLite::Database& sqlite);
// Of one that writes. What a file is made with is set while it is empty. Throws Error; nothing was
// written then.
void make_durable(const std::string& path, SQLite::Database& sqlite);
// Of one that only reads. Throws Error.
void make_reading(const std::string& path, SQLite::Database& sqlite);

// All that are set, and what else the content depends on, in a fixed order.
[[nodiscard]] std::vector<Setting> read_settings(SQLite::Database& sqlite);

[[nodiscard]] Error setting_not_taken(const std::string& path,
                                      const Setting& setting,
                                      const std::string& wanted);

}  // namespace sockwitness::schema
