#include "query/report/neutral/value.h"

template class std::vector<sockwitness::query::Value>;
template class std::vector<sockwitness::query::Member>;

namespace sockwitness::query {

Value::Value() noexcept = default;
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

Value::Content Value::hold_bool(bool content) {
  return content;
}

Value::Content Value::hold_signed(std::int64_t content) {
  return content;
}

Value::Content Value::hold_unsigned(std::uint64_t content) {
  return content;
}

Value::Content Value::hold_text(std::string content) {
  return content;
}

Value::Content Value::hold_list(List content) {
  return content;
}

Value::Content Value::hold_object(Object content) {
  return std::make_shared<const Object>(std::move(content));
}

const Value* Value::find(std::string_view key) const {
  const auto* object = std::get_if<SharedObject>(&content_);
  if (object == nullptr) {
    return nullptr;
  }
  for (const Member& member : **object) {
    if (member.key == key) {
      return &member.value;
    }
  }
  return nullptr;
}

Value text_or_null(std::string_view text) {
  return text.empty() ? Value() : Value(text);
}

}  // namespace sockwitness::query
