#include "recorder/proc/fdinfo.h"

#include "recorder/proc/link_text.h"
#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

std::optional<std::string_view> find_value(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    std::string_view line = schema::scan_until(text, '\n');
    if (schema::scan_literal(line, key)) {
      schema::skip_blanks(line);
      return line;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint32_t> parse_tty_index(std::string_view fdinfo) {
  const auto value = find_value(fdinfo, "tty-index:");
  return value ? schema::parse_number<std::uint32_t>(*value) : std::nullopt;
}

std::optional<std::string> parse_tun_interface(std::string_view fdinfo) {
  const auto value = find_value(fdinfo, "iff:");
  if (!value || value->empty()) {
    return std::nullopt;
  }
  return std::string(*value);
}

std::vector<schema::Inode> parse_registered_sockets(std::string_view fdinfo) {
  std::vector<schema::Inode> sockets;
  while (!fdinfo.empty()) {
    std::string_view line = schema::scan_until(fdinfo, '\n');
    schema::skip_blanks(line);
    if (!schema::scan_number<std::uint32_t>(line) || !schema::scan_literal(line, ": ")) {
      continue;
    }
    if (const auto inode = parse_object_link(line, "socket")) {
      sockets.emplace_back(*inode);
    }
  }
  return sockets;
}

}  // namespace sockwitness::recorder
