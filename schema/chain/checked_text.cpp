#include "schema/chain/checked_text.h"

#include "schema/base/escape.h"
#include "schema/chain/sha256.h"

namespace sockwitness::schema {
namespace {

constexpr std::string_view kEnd = "end ";

std::string end_of(std::string_view text) {
  return std::string(kEnd) + hex(sha256(text)) + "\n";
}

}  // namespace

std::string with_check(std::string text) {
  text += end_of(text);
  return text;
}

std::optional<std::string_view> open_checked(std::string_view text, std::string_view head) {
  const auto end = text.rfind(kEnd);
  const bool whole = end != std::string_view::npos && text.starts_with(head) &&
                     head.size() <= end && text.substr(end) == end_of(text.substr(0, end));
  return whole ? std::optional(text.substr(head.size(), end - head.size())) : std::nullopt;
}

}  // namespace sockwitness::schema
