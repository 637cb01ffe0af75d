// Options whose value is one word out of a few.
//
// In:    what was typed; the words that are known, each with its meaning.
// Out:   the meaning.
// Never: takes an unknown word: the error names the nearest known one.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schema/program/suggest.h"

namespace sockwitness::query {

template <class Meaning, std::size_t N>
Meaning choose_word(std::string_view option,
                    const std::string& typed,
                    const std::array<std::pair<const char*, Meaning>, N>& words) {
  std::vector<std::string> known;
  for (const auto& [word, meaning] : words) {
    if (typed == word) {
      return meaning;
    }
    known.emplace_back(word);
  }
  throw schema::unknown_word(option, typed, known);
}

}  // namespace sockwitness::query
