#include "schema/pages/value_kind.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace sockwitness::schema {
namespace {

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char letter) {
    return std::islower(letter) != 0 || letter == '_';
  });
}

// "wide, netstat or ss", wherever in the sentence it stands.
std::vector<std::string> read_choices(std::string_view help) {
  std::vector<std::string> words;
  bool last = false;
  for (std::size_t at = 0; at < help.size();) {
    const std::size_t end = std::min(help.find(' ', at), help.size());
    std::string_view word = help.substr(at, end - at);
    at = end + 1;
    if (word == "or" && !words.empty()) {
      last = true;
      continue;
    }
    const bool more = word.ends_with(',');
    while (!word.empty() && (word.back() == ',' || word.back() == ';')) {
      word.remove_suffix(1);
    }
    if (last && is_word(word)) {
      words.emplace_back(word);
      return words;
    }
    const bool next_is_or = help.substr(std::min(at, help.size())).starts_with("or ");
    if (is_word(word) && (more || next_is_or)) {
      words.emplace_back(word);
    } else {
      words.clear();
    }
    last = false;
  }
  return {};
}

}  // namespace

OfferedValue offered_value(const OptionText& option) {
  const auto named = [&](const char* name) {
    return std::find(option.names.begin(), option.names.end(), name) != option.names.end();
  };
  if (named("--baseline") || option.word == "NAME") {
    return {ValueKind::Baseline, {}};
  }
  if (option.value == "ID" && option.names.empty()) {
    return {ValueKind::Rule, {}};
  }
  if (option.value == "T") {
    return {ValueKind::Time, {}};
  }
  if (option.value == "PATH" || option.value == "FILE") {
    return {ValueKind::File, {}};
  }
  if (option.value == "DIR") {
    return {ValueKind::Folder, {}};
  }
  if (option.value == "WORD") {
    auto words = read_choices(option.help);
    if (!words.empty()) {
      return {ValueKind::Words, std::move(words)};
    }
  }
  return {};
}

const std::vector<std::string>& offered_times() {
  static const std::vector<std::string> kTimes{"now", "today", "yesterday", "-1h", "-24h", "-7d"};
  return kTimes;
}

}  // namespace sockwitness::schema
