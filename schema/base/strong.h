// Opaque identifiers: a number with a name of its own, so that a pid cannot stand where a port
// belongs.
//
// In:    a representation, given explicitly.
// Out:   the same representation, by value(); order, equality and hash.
// Never: arithmetic, implicit conversion, validation (that is the parsers' work).
#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace sockwitness::schema {

template <class Tag, class Rep>
class Strong {
 public:
  using Representation = Rep;

  constexpr Strong() = default;
  constexpr explicit Strong(Rep value) : value_(value) {}

  [[nodiscard]] constexpr Rep value() const { return value_; }

  friend constexpr auto operator<=>(const Strong&, const Strong&) = default;

 private:
  Rep value_{};
};

}  // namespace sockwitness::schema

template <class Tag, class Rep>
struct std::hash<sockwitness::schema::Strong<Tag, Rep>> {
  std::size_t operator()(const sockwitness::schema::Strong<Tag, Rep>& id) const noexcept {
    return std::hash<Rep>{}(id.value());
  }
};
