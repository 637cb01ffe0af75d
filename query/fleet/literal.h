// A value as the SQL of the engine has it.
//
// In:    words as typed, and the kind that they must be of.
// Out:   a literal that is that value and nothing else, whatever bytes the words hold.
// Never: a word that is not of its kind. Throws schema::Error (Usage).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sockwitness::query {

enum class ParameterKind { Port, Number, Percent, Text, Digest, Address, Time };

[[nodiscard]] std::optional<ParameterKind> parse_parameter_kind(std::string_view word);
// "a port: 1 to 65535"
[[nodiscard]] std::string_view kind_words(ParameterKind kind);

[[nodiscard]] std::string text_literal(std::string_view bytes);
[[nodiscard]] std::string literal_of(ParameterKind kind,
                                     std::string_view name,
                                     std::string_view word);

}  // namespace sockwitness::query
