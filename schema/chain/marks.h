// How far the tables of a file had got at a record: rows up to a mark lay there then.
//
// In:    a mark for each numbering of rows.
// Out:   which rows a record added: those above the marks of the record before it.
// Never: falls: rows are only added.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sockwitness::schema {

// What numbers rows. Stored, never reused.
enum class Numbering : std::uint8_t {
  Record = 1,
  Snapshot = 2,
  Text = 3,
  Program = 4,
  Container = 5,
  Context = 6,
  Netns = 7,
  Process = 8,
  Socket = 9,
  Holder = 10,
  Descriptor = 11,
  Mapping = 12,
  Gap = 13,
  UserName = 14,
  GroupName = 15,
  Registration = 16,
  BaselineService = 17,
  BaselineOwner = 18,
  BaselineGap = 19
};
inline constexpr auto kRecordNumbering = static_cast<std::uint32_t>(Numbering::Record);
inline constexpr auto kSnapshotNumbering = static_cast<std::uint32_t>(Numbering::Snapshot);
// Blocks of a facet of `digest`: this and the facet's number; the mark is the last block plus one.
inline constexpr std::uint32_t kDigestNumbering = 64;

// By the number of the numbering; one that is not there is 0.
using Marks = std::map<std::uint32_t, std::int64_t>;

[[nodiscard]] std::int64_t mark_of(const Marks& marks, std::uint32_t numbering);

// How `after` differs from `before`, in ascending order: of each that rose its number minus that
// of the one before it, and by how much, both as LEB128. Precondition: none falls.
[[nodiscard]] std::string encode_advance(const Marks& before, const Marks& after);
// Nothing for bytes that are not exactly what encode_advance() gives.
[[nodiscard]] std::optional<Marks> decode_advance(const Marks& before, std::string_view bytes);

}  // namespace sockwitness::schema
