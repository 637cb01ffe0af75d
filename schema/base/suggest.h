// "Did you mean": the known word that is nearest to an unknown one.
//
// In:    what was typed, the words that are known.
// Out:   the nearest word, or nothing when none is near; usage errors that name it.
// Never: guesses on the user's behalf.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "schema/base/error.h"

namespace sockwitness::schema {

// The one word that begins with what was typed, else the nearest. Empty when none is near: more
// than a third of the letters would have to change.
[[nodiscard]] std::string nearest_word(std::string_view typed, std::span<const std::string> known);

// "reading --state 'x': unknown word", with the nearest one or all of them as hint.
[[nodiscard]] Error unknown_word(std::string_view what,
                                 std::string_view typed,
                                 std::span<const std::string> known);

}  // namespace sockwitness::schema
