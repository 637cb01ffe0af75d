#include <functional>
#include <map>

#include <fmt/format.h>

#include "query/report/alert/alert_report.h"

namespace sockwitness::query {
namespace {

// Of escaped text, without half a character at its end.
std::string cut(std::string text) {
  constexpr std::size_t kLongest = 300;  // bytes
  if (text.size() <= kLongest) {
    return text;
  }
  std::size_t size = kLongest;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  return text.substr(0, size) + "...";
}

}  // namespace

std::vector<SafeText> count_words(std::span<const NewsItem> items) {
  std::map<Severity, std::size_t, std::greater<>> counts;
  std::size_t gone = 0;
  for (const NewsItem& item : items) {
    if (item.phase == NewsPhase::Gone) {
      ++gone;
    } else {
      ++counts[item.severity];
    }
  }
  std::vector<SafeText> parts;
  for (const auto& [severity, count] : counts) {
    parts.push_back(SafeText::own(fmt::format("{} {}", count, severity_word(severity))));
  }
  if (gone > 0) {
    parts.push_back(SafeText::own(fmt::format("{} gone", gone)));
  }
  return parts;
}

SafeText alert_subject(const AlertInput& input) {
  std::vector<SafeText> parts;
  if (input.anew) {
    parts.push_back(
        SafeText::own(fmt::format("first alert, {} listening", input.latest.totals.listening)));
  }
  for (SafeText& part : count_words(input.items)) {
    parts.push_back(std::move(part));
  }
  SafeText subject = SafeText::host(input.latest.context.host_name) + ": " + join(parts, ", ");
  if (!input.items.empty()) {
    subject += ": " + SafeText::own(cut(SafeText::host(phrase_of(input.items.front())).text()));
  }
  return subject;
}

}  // namespace sockwitness::query
