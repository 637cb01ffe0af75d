#include <algorithm>

#include <fmt/format.h>

#include "query/report/alert/alert_forms.h"
#include "schema/base/error.h"
#include "schema/base/escape.h"

namespace sockwitness::query {
namespace {

constexpr std::size_t kLongestLine = 900;  // bytes; RFC 5322 allows 998

bool is_plain(std::string_view text) {
  return text.find("=?") == std::string_view::npos &&
         std::all_of(
             text.begin(), text.end(), [](char letter) { return letter >= ' ' && letter <= '~'; });
}

// The longest begin of so many bytes without half a character.
std::size_t whole_characters(std::string_view text, std::size_t most) {
  std::size_t size = std::min(text.size(), most);
  while (size < text.size() && size > 0 &&
         (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  return size == 0 ? std::min(text.size(), most) : size;
}

// RFC 2047, folded: an encoded word is at most 75 characters long.
std::string header_value(std::string_view text) {
  if (is_plain(text)) {
    return std::string(text);
  }
  constexpr std::size_t kBytes = 45;
  std::string value;
  while (!text.empty()) {
    const std::size_t size = whole_characters(text, kBytes);
    value += fmt::format(
        "{}=?UTF-8?B?{}?=", value.empty() ? "" : "\n ", schema::base64(text.substr(0, size)));
    text.remove_prefix(size);
  }
  return value;
}

std::string body_of(std::string_view text) {
  std::string body;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (line.size() > kLongestLine) {
      const std::size_t size = whole_characters(line, kLongestLine);
      body += fmt::format("{}\n    ", line.substr(0, size));
      line.remove_prefix(size);
    }
    body += fmt::format("{}\n", line);
  }
  return body;
}

}  // namespace

void require_mail_address(std::string_view to) {
  const bool good = !to.empty() && to.front() != '-' && is_plain(to) &&
                    std::any_of(to.begin(), to.end(), [](char letter) { return letter != ' '; });
  if (!good) {
    throw schema::Error(schema::ExitCode::Usage,
                        "reading --to '" + std::string(to) + "': no address of a mail",
                        "for example: --to root, or --to 'ops@example.org, night@example.org'");
  }
}

std::string write_alert_mail(const AlertInput& input, std::string_view to, std::string_view text) {
  return fmt::format(
      "To: {}\nSubject: {}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
      "Content-Transfer-Encoding: 8bit\nAuto-Submitted: auto-generated\n\n{}",
      to,
      header_value(alert_subject(input).text()),
      body_of(text));
}

}  // namespace sockwitness::query
