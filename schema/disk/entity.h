// The tables that hold living things: rows that begin with one snapshot and end with another.
//
// In:    stored numbers, written explicitly, never reused.
// Out:   table names and the SQL that reads a range of their rows.
// Never: dictionaries (text, program, context): their rows never end.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sockwitness::schema {

enum class Entity : std::uint8_t {
  Netns = 1,
  Process = 2,
  Socket = 3,
  Holder = 4,
  Descriptor = 5,
  Mapping = 6,
  Gap = 7,
  UserName = 8,
  GroupName = 9,
  Registration = 10
};

inline constexpr std::array kEntities{Entity::Netns,
                                      Entity::Process,
                                      Entity::Socket,
                                      Entity::Holder,
                                      Entity::Descriptor,
                                      Entity::Mapping,
                                      Entity::Gap,
                                      Entity::UserName,
                                      Entity::GroupName,
                                      Entity::Registration};

[[nodiscard]] std::string_view entity_table(Entity entity);

}  // namespace sockwitness::schema
