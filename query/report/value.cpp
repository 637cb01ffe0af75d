#include "query/report/value.h"

namespace sockwitness::query {

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
