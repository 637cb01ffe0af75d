// The table of byte strings: each stored once, referred to by id; long ones in pieces.
//
// In:    bytes to store, or an id to look up.
// Out:   ids and bytes; both directions are remembered for the life of the object, but for the
//        longest.
// Never: compares by hash alone, or assumes UTF-8.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "schema/disk/id_list.h"
#include "schema/model/long_text.h"

namespace sockwitness::schema {

class Database;

// How much of command lines is read.
struct LineLimits {
  // Of one that is longer, its ends; at least kAlwaysWhole.
  std::size_t whole = std::numeric_limits<std::size_t>::max();
  // Bytes of all that are longer than kAlwaysWhole. More in one snapshot is damage: no recorder
  // keeps so much.
  std::uint64_t together = std::numeric_limits<std::uint64_t>::max();
};

// For answers about one moment: nothing that xargs or a find ends in is longer, and one of a
// process with many sockets is stored many times.
inline constexpr std::size_t kShownWhole = 128U << 10U;
inline constexpr std::uint64_t kMostOfSnapshot = 256U << 20U;

class Texts {
 public:
  explicit Texts(Database& database, LineLimits limits = {});
  Texts(Texts&&) noexcept;
  Texts& operator=(Texts&&) noexcept;
  Texts(const Texts&) = delete;
  Texts& operator=(const Texts&) = delete;
  ~Texts();

  // Valid as long as this object. Throws Error when the id does not exist: damage.
  [[nodiscard]] const std::string& get(RowId id);
  // Empty for no id.
  [[nodiscard]] std::string get_or_empty(std::optional<RowId> id);

  struct Line {
    std::string bytes;
    std::optional<LongText> measure;
  };
  // A command line, within the limits. One that is long is not remembered.
  [[nodiscard]] Line get_line(RowId id);
  // What follows is of another snapshot: LineLimits::together begins anew.
  void begin_snapshot();

  // The id of these bytes, stored now if they are new. Only for a database that was opened for
  // appending.
  [[nodiscard]] RowId intern(std::string_view bytes);
  // Nothing for empty bytes.
  [[nodiscard]] std::optional<RowId> intern_unless_empty(std::string_view bytes);
  [[nodiscard]] RowId intern_line(std::string_view bytes, const std::optional<LongText>& measure);

 private:
  [[nodiscard]] std::string read(RowId id);
  [[nodiscard]] std::optional<RowId> find(std::int64_t hash,
                                          std::string_view bytes,
                                          const std::optional<LongText>& measure);
  [[nodiscard]] RowId store_short(std::string_view bytes);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sockwitness::schema
