// The table of byte strings: each stored once, referred to by id.
//
// In:    bytes to store, or an id to look up.
// Out:   ids and bytes; both directions are remembered for the life of the object.
// Never: compares by hash alone, or assumes UTF-8.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "schema/disk/id_list.h"

namespace sockwitness::schema {

class Database;

class Texts {
 public:
  explicit Texts(Database& database);
  Texts(Texts&&) noexcept;
  Texts& operator=(Texts&&) noexcept;
  Texts(const Texts&) = delete;
  Texts& operator=(const Texts&) = delete;
  ~Texts();

  // Valid as long as this object. Throws Error when the id does not exist: damage.
  [[nodiscard]] const std::string& get(RowId id);
  // Empty for no id.
  [[nodiscard]] std::string get_or_empty(std::optional<RowId> id);

  // The id of these bytes, stored now if they are new. Only for a database that was opened for
  // appending.
  [[nodiscard]] RowId intern(std::string_view bytes);
  // Nothing for empty bytes.
  [[nodiscard]] std::optional<RowId> intern_unless_empty(std::string_view bytes);

 private:
  [[nodiscard]] std::optional<RowId> find(std::int64_t hash, std::string_view bytes);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sockwitness::schema
