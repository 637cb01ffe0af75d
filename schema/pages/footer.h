// The end of a help text, cut into its parts.
//
// In:    paragraphs: a line that says what they are, and lines below it.
// Out:   examples, exit codes, the forms of times and endpoints, and the rest, each by itself.
// Never: loses a line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sockwitness::schema {

struct FooterPart {
  enum class Kind { Examples, ExitCodes, Other };

  Kind kind = Kind::Other;
  std::string text;  // lines; of examples and exit codes without the words that say so
};

[[nodiscard]] std::vector<FooterPart> split_footer(std::string_view footer);

}  // namespace sockwitness::schema
