#include "schema/program/suggest.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "schema/program/shell_word.h"

namespace sockwitness::schema {
namespace {

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}  // namespace

// Optimal string alignment: insert, delete, replace, swap neighbours. Case does not count.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> older(right.size() + 1);
  std::vector<std::size_t> previous(right.size() + 1);
  std::iota(previous.begin(), previous.end(), std::size_t{0});
  for (std::size_t row = 1; row <= left.size(); ++row) {
    std::vector<std::size_t> current(right.size() + 1, row);
    for (std::size_t at = 1; at <= right.size(); ++at) {
      const char here = lower(left[row - 1]);
      const char there = lower(right[at - 1]);
      current[at] = std::min(
          {previous[at] + 1, current[at - 1] + 1, previous[at - 1] + (here == there ? 0U : 1U)});
      const bool swapped =
          row > 1 && at > 1 && here == lower(right[at - 2]) && there == lower(left[row - 2]);
      if (swapped) {
        current[at] = std::min(current[at], older[at - 2] + 1);
      }
    }
    older = std::exchange(previous, std::move(current));
  }
  return previous.back();
}

namespace {

// The beginning of a word: long enough to mean one word only.
const std::string* find_begun(std::string_view typed, std::span<const std::string> known) {
  constexpr std::size_t kLeast = 3;
  const std::string* begun = nullptr;
  for (const std::string& word : known) {
    if (typed.size() >= kLeast && word.starts_with(typed)) {
      if (begun != nullptr) {
        return nullptr;
      }
      begun = &word;
    }
  }
  return begun;
}

}  // namespace

std::string nearest_word(std::string_view typed, std::span<const std::string> known) {
  if (const std::string* begun = find_begun(typed, known)) {
    return *begun;
  }
  std::string nearest;
  std::size_t best = std::string::npos;
  for (const std::string& word : known) {
    const std::size_t distance = edit_distance(typed, word);
    if (distance < best) {
      best = distance;
      nearest = word;
    }
  }
  const std::size_t allowed = std::max<std::size_t>(1, std::max(typed.size(), nearest.size()) / 3);
  return best <= allowed ? nearest : std::string();
}

Error unknown_word(std::string_view what,
                   std::string_view typed,
                   std::span<const std::string> known) {
  const std::string nearest = nearest_word(typed, known);
  return {ExitCode::Usage,
          fmt::format("reading {} '{}': unknown word", what, typed),
          nearest.empty() ? fmt::format("known are: {}", fmt::join(known, ", "))
                          : fmt::format("did you mean '{}'?", nearest)};
}

bool is_database_name(std::string_view word) {
  return word.ends_with(".db");
}

Error database_as_word(std::string_view word, std::string_view command) {
  return {ExitCode::Usage,
          fmt::format("reading '{}': a database is named by --db", word),
          fmt::format("try: {}{}--db {}", command, command.empty() ? "" : " ", shell_word(word))};
}

}  // namespace sockwitness::schema
