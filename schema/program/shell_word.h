// A path as one word of a command that a person copies.
//
// In:    any bytes.
// Out:   the word in quotes: 'a b', or $'a\nb' where it holds bytes that no terminal shows.
// Never: a word that a shell takes apart.
#pragma once

#include <string>
#include <string_view>

namespace sockwitness::schema {

[[nodiscard]] std::string shell_word(std::string_view bytes);

}  // namespace sockwitness::schema
