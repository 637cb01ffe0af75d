#include "schema/pages/footer.h"

#include <algorithm>

namespace sockwitness::schema {
namespace {

constexpr std::string_view kExitCodes = "exit codes: ";

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

void trim(std::string& text) {
  const auto end = text.find_last_not_of('\n');
  text.resize(end == std::string::npos ? 0 : end + 1);
  text += '\n';
}

}  // namespace

std::vector<FooterPart> split_footer(std::string_view footer) {
  std::vector<FooterPart> parts;
  bool begins = true;
  while (!footer.empty()) {
    std::string_view line = take_line(footer);
    const bool examples = line == "examples:" || line == "example:";
    const bool codes = line.starts_with(kExitCodes);
    if (examples || codes || (begins && !line.empty() && !line.starts_with(' '))) {
      using Kind = FooterPart::Kind;
      parts.push_back(
          {examples ? Kind::Examples : (codes ? Kind::ExitCodes : Kind::Other), std::string()});
    }
    begins = line.empty();
    if (examples || parts.empty()) {
      continue;
    }
    line.remove_prefix(codes ? kExitCodes.size() : 0);
    parts.back().text.append(line).push_back('\n');
  }
  for (FooterPart& part : parts) {
    trim(part.text);
  }
  return parts;
}

}  // namespace sockwitness::schema
