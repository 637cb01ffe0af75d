#include "schema/view/command_line.h"

#include <algorithm>

#include "schema/base/escape.h"
#include "schema/base/scan.h"

namespace sockwitness::schema {
namespace {

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

void add_arguments(std::string_view bytes, std::vector<std::string_view>& arguments) {
  while (!bytes.empty()) {
    arguments.push_back(scan_until(bytes, '\0'));
  }
}

}  // namespace

std::string command_line_text(std::string_view bytes, const std::optional<LongText>& measure) {
  const TextEnds ends = ends_of(bytes, measure);
  std::string text(ends.head);
  if (measure && measure->shortened()) {
    text += "…[" + grouped(measure->length) + " bytes, sha256 " + hex(measure->sha256) + "]…";
    text += ends.tail;
  }
  if (text.ends_with('\0')) {
    text.pop_back();
  }
  std::replace(text.begin(), text.end(), '\0', ' ');
  return text;
}

std::vector<std::string_view> split_arguments(std::string_view bytes,
                                              const std::optional<LongText>& measure) {
  const TextEnds ends = ends_of(bytes, measure);
  std::vector<std::string_view> arguments;
  add_arguments(ends.head, arguments);
  add_arguments(ends.tail, arguments);
  return arguments;
}

std::string title_of(std::string_view line) {
  constexpr std::size_t kLongest = 1024;
  const auto last = line.find_last_not_of(std::string_view("\0 ", 2));
  return std::string(line.substr(0, std::min(kLongest, last + 1)));
}

}  // namespace sockwitness::schema
