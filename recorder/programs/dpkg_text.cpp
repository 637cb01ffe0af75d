#include "recorder/programs/dpkg_text.h"

#include <charconv>

namespace sockwitness::recorder {
namespace {

// The value of a "Field: value" line; continuation lines begin with a blank and match no field.
std::optional<std::string_view> scan_field(std::string_view line, std::string_view field) {
  if (!schema::scan_literal(line, field)) {
    return std::nullopt;
  }
  schema::skip_blanks(line);
  while (line.ends_with(' ') || line.ends_with('\t')) {
    line.remove_suffix(1);
  }
  return line;
}

}  // namespace

std::optional<Md5> parse_md5(std::string_view text) {
  Md5 digest{};
  if (text.size() != 2 * digest.size()) {
    return std::nullopt;
  }
  for (std::size_t at = 0; at < digest.size(); ++at) {
    const auto byte = schema::parse_number<std::uint8_t>(text.substr(2 * at, 2), 16);
    if (!byte) {
      return std::nullopt;
    }
    digest[at] = *byte;
  }
  return digest;
}

std::optional<PackageStanza> scan_stanza(std::string_view& text) {
  PackageStanza stanza;
  while (!text.empty()) {
    const auto line = schema::scan_until(text, '\n');
    if (line.empty()) {
      if (!stanza.name.empty() && !stanza.version.empty()) {
        return stanza;
      }
      stanza = {};
    } else if (const auto name = scan_field(line, "Package:")) {
      stanza.name = *name;
    } else if (const auto architecture = scan_field(line, "Architecture:")) {
      stanza.architecture = *architecture;
    } else if (const auto version = scan_field(line, "Version:")) {
      stanza.version = *version;
    } else if (const auto status = scan_field(line, "Status:")) {
      stanza.removed = status->ends_with(" config-files");
    }
  }
  if (!stanza.name.empty() && !stanza.version.empty()) {
    return stanza;
  }
  return std::nullopt;
}

std::optional<Diversion> scan_diversion(std::string_view& text) {
  Diversion diversion;
  diversion.from = schema::scan_until(text, '\n');
  diversion.to = schema::scan_until(text, '\n');
  diversion.package = schema::scan_until(text, '\n');
  if (!diversion.from.starts_with('/') || !diversion.to.starts_with('/') ||
      diversion.package.empty()) {
    text = {};
    return std::nullopt;
  }
  return diversion;
}

}  // namespace sockwitness::recorder
