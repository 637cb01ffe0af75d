// A tree of named values, the neutral form of what the machine formats promise.
//
// In:    numbers, words, host bytes exactly as they are, lists and objects.
// Out:   the same, in the order in which it was built.
// Never: knows a format; escaping is the writers' work.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace sockwitness::query {

struct Member;

class Value {
 public:
  using List = std::vector<Value>;
  using Object = std::vector<Member>;
  // Never null. Shared, because Member is incomplete here; a copy costs nothing, too.
  using SharedObject = std::shared_ptr<const Object>;
  using Content = std::
      variant<std::monostate, bool, std::int64_t, std::uint64_t, std::string, List, SharedObject>;

  Value() noexcept;  // null
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();
  // Implicit, so that trees can be written as literals; an empty optional is null.
  template <class T>
  Value(T content)  // NOLINT(google-explicit-constructor): literals of trees
      : content_(hold(std::move(content))) {}
  template <class T>
  Value(std::optional<T> content) : Value() {  // NOLINT(google-explicit-constructor): the same
    if (content) {
      *this = Value(std::move(*content));
    }
  }

  [[nodiscard]] const Content& content() const { return content_; }
  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(content_); }
  // Nothing when this is no object or has no such member.
  [[nodiscard]] const Value* find(std::string_view key) const;

 private:
  template <class T>
  static Content hold(T content) {
    if constexpr (std::is_same_v<T, bool>) {
      return hold_bool(content);
    } else if constexpr (std::is_same_v<T, std::string>) {
      return hold_text(std::move(content));
    } else if constexpr (std::is_same_v<T, List>) {
      return hold_list(std::move(content));
    } else if constexpr (std::is_same_v<T, Object>) {
      return hold_object(std::move(content));
    } else if constexpr (std::is_convertible_v<T, std::string_view>) {
      return hold_text(std::string(std::string_view(content)));
    } else if constexpr (std::is_unsigned_v<T>) {
      return hold_unsigned(std::uint64_t{content});
    } else {
      static_assert(std::is_signed_v<T> && std::is_integral_v<T>);
      return hold_signed(std::int64_t{content});
    }
  }

  // Not inline, nor are the constructors: every unit that writes a tree would compile them again.
  static Content hold_bool(bool content);
  static Content hold_signed(std::int64_t content);
  static Content hold_unsigned(std::uint64_t content);
  static Content hold_text(std::string content);
  static Content hold_list(List content);
  static Content hold_object(Object content);

  Content content_;
};

// Keys are literals of the contract.
struct Member {
  std::string_view key;
  Value value;
};

}  // namespace sockwitness::query

extern template class std::vector<sockwitness::query::Value>;
extern template class std::vector<sockwitness::query::Member>;

namespace sockwitness::query {

// An empty string as null, for keys whose absence means something.
[[nodiscard]] Value text_or_null(std::string_view text);

}  // namespace sockwitness::query
