#include "schema/chain/anchor.h"

#include <fmt/format.h>

#include "schema/base/scan.h"
#include "schema/chain/hex_bytes.h"

namespace sockwitness::schema {
namespace {

constexpr std::string_view kAnchorTitle = "sockwitness-anchor 1 ";

std::string_view scan_word(std::string_view& text) {
  const auto end = text.find_first_of(" \t\r\n\"'\\");
  const auto word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  if (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  return word;
}

}  // namespace

std::optional<Anchor> find_anchor(std::string_view line) {
  const auto at = line.find(kAnchorTitle);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  line.remove_prefix(at + kAnchorTitle.size());
  const auto archive = from_hex<16>(scan_word(line));
  const auto record = parse_number<std::int64_t>(scan_word(line));
  const auto head = from_hex<32>(scan_word(line));
  const auto signature = from_hex<64>(scan_word(line));
  if (!archive || !record || *record <= 0 || !head || !signature) {
    return std::nullopt;
  }
  return Anchor{*archive, *record, *head, *signature};
}

std::string format_anchor(const Anchor& anchor) {
  return fmt::format("{}{} {} {} {}",
                     kAnchorTitle,
                     to_hex(anchor.archive),
                     anchor.record,
                     to_hex(anchor.head),
                     to_hex(anchor.signature));
}

std::string anchor_file_of(const std::string& database_path) {
  return database_path + ".anchors";
}

std::string older_anchor_file_of(const std::string& database_path) {
  return anchor_file_of(database_path) + ".1";
}

}  // namespace sockwitness::schema
