// Which parts of a process could not be read: they have no value, and are compared with nothing.
//
// In:    a reading of /proc that failed, part by part.
// Out:   a set of parts; what is not in it was read, or was not there to be read.
// Never: says why: a gap does.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sockwitness::schema {

// Bits of process.flags and of baseline_owner.manager. Stored numbers, never reused.
enum class Part : std::uint8_t {
  Ids = 8,  // user and group ids, capabilities, tracer
  Program = 9,
  CommandLine = 10,
  Script = 11,      // what an interpreter runs
  ScriptFile = 12,  // the file there
  WorkingDirectory = 13,
  ControlGroup = 14,  // with unit and container
  LoginUser = 15,
  Namespaces = 16,   // some of them
  Descriptors = 17,  // some of them: it may hold sockets that seem to have no holder
  Environment = 18,
  Mappings = 19  // some of them
};

class Parts {
 public:
  constexpr Parts() = default;
  // Bits of other numbers are left out.
  [[nodiscard]] static constexpr Parts of_bits(std::int64_t bits) {
    Parts parts;
    parts.bits_ = static_cast<std::uint32_t>(bits & kAll);
    return parts;
  }
  [[nodiscard]] constexpr std::int64_t bits() const { return bits_; }

  constexpr void insert(Part part) { bits_ |= bit(part); }
  [[nodiscard]] constexpr bool contains(Part part) const { return (bits_ & bit(part)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }

  friend constexpr auto operator<=>(const Parts&, const Parts&) = default;

 private:
  static constexpr std::uint32_t kAll = 0xFFF00;  // every part
  static constexpr std::uint32_t bit(Part part) { return 1U << static_cast<unsigned>(part); }
  std::uint32_t bits_ = 0;
};

// "ids", "program", "command_line", …
[[nodiscard]] std::string_view part_word(Part part);
// In the order of their numbers.
[[nodiscard]] std::vector<std::string_view> part_words(const Parts& parts);

}  // namespace sockwitness::schema
