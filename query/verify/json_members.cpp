#include "query/verify/json_members.h"

#include <algorithm>

#include "schema/base/scan.h"

namespace sockwitness::query {
namespace {

using schema::scan_literal;

constexpr std::string_view kBlanks = " \t\r\n";

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool take(std::string_view word) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size()));
    return scan_literal(rest_, word);
  }
  [[nodiscard]] bool at_end() {
    static_cast<void>(take(""));
    return rest_.empty();
  }

  // Without the quotes; `plain`: it has no escapes.
  std::optional<std::string_view> string(bool& plain) {
    if (!take("\"")) {
      return std::nullopt;
    }
    plain = true;
    for (std::size_t at = 0; at < rest_.size(); ++at) {
      if (rest_[at] == '\\') {
        plain = false;
        ++at;
      } else if (rest_[at] == '"') {
        const std::string_view text = rest_.substr(0, at);
        rest_.remove_prefix(at + 1);
        return text;
      }
    }
    return std::nullopt;
  }

  // A number or a word, as it is written.
  std::optional<std::string_view> word() {
    const auto size = std::min(rest_.find_first_of(",]}: \t\r\n\"[{"), rest_.size());
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return size == 0 ? std::nullopt : std::optional(text);
  }

  // A list or an object, to its end.
  bool skip_group() {
    std::string closing;
    do {
      bool plain = false;
      if (take("{") || take("[")) {
        closing += rest_.data()[-1] == '{' ? '}' : ']';
      } else if (!closing.empty() && take({&closing.back(), 1})) {
        closing.pop_back();
      } else if (take(",") || take(":")) {
        continue;
      } else if (!string(plain) && !word()) {
        return false;
      }
    } while (!closing.empty());
    return true;
  }
  [[nodiscard]] bool at_group() {
    static_cast<void>(take(""));
    return rest_.starts_with('{') || rest_.starts_with('[');
  }
  [[nodiscard]] bool at_string() { return rest_.starts_with('"'); }

 private:
  std::string_view rest_;
};

}  // namespace

std::optional<std::map<std::string, std::string, std::less<>>> read_json_members(
    std::string_view line) {
  std::map<std::string, std::string, std::less<>> members;
  Reader reader(line);
  if (!reader.take("{")) {
    return std::nullopt;
  }
  for (bool more = !reader.take("}"); more;) {
    bool plain_name = false;
    const auto name = reader.string(plain_name);
    if (!name || !reader.take(":")) {
      return std::nullopt;
    }
    bool plain = true;
    std::optional<std::string_view> value;
    if (reader.at_group()) {
      if (!reader.skip_group()) {
        return std::nullopt;
      }
    } else {
      value = reader.at_string() ? reader.string(plain) : reader.word();
      if (!value) {
        return std::nullopt;
      }
    }
    if (value && plain && plain_name) {
      members[std::string(*name)] = std::string(*value);
    }
    more = reader.take(",");
    if (!more && !reader.take("}")) {
      return std::nullopt;
    }
  }
  return reader.at_end() ? std::optional(std::move(members)) : std::nullopt;
}

}  // namespace sockwitness::query
