// "Did you mean": the known word that is nearest to an unknown one.
//
// In:    what was typed, the words that are known.
// Out:   the nearest word, or nothing when none is near; usage errors that name it; how far two
//        words are apart.
// Never: guesses on the user's behalf.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "schema/base/error.h"

namespace sockwitness::schema {

// How many letters have to be inserted, deleted, replaced or swapped with their neighbour; case
// does not count. Its cost is the product of the lengths.
[[nodiscard]] std::size_t edit_distance(std::string_view left, std::string_view right);

// The one word that begins with what was typed, else the nearest. Empty when none is near: more
// than a third of the letters would have to change.
[[nodiscard]] std::string nearest_word(std::string_view typed, std::span<const std::string> known);

// "reading --state 'x': unknown word", with the nearest one or all of them as hint.
[[nodiscard]] Error unknown_word(std::string_view what,
                                 std::string_view typed,
                                 std::span<const std::string> known);

// "web07.db" where no file is expected: people name the database first.
[[nodiscard]] bool is_database_name(std::string_view word);
// `command` is what was typed before it: "sockwitness show"; empty when that is not known.
[[nodiscard]] Error database_as_word(std::string_view word, std::string_view command);

}  // namespace sockwitness::schema
