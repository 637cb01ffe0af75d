// Bytes of the host on their way out: nothing that drives a terminal, breaks a row or starts a
// formula.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "schema/base/escape.h"
#include "schema/base/utf8.h"
#include "schema/program/shell_word.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwitness::schema;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string shown = escape_terminal(bytes);
  require(is_utf8(shown) && unescape_terminal(shown) == bytes);
  for (std::string_view rest = shown; !rest.empty();) {
    const auto code_point = decode_code_point(rest);
    require(code_point && !is_invisible(code_point->value));
    rest.remove_prefix(code_point->length);
  }
  (void)terminal_width(shown);
  (void)unescape_terminal(bytes);

  require(is_utf8(json_text(bytes)));
  require(!is_utf8(bytes) || json_text(bytes) == bytes);

  const std::string cell = csv_cell(bytes);
  const bool quoted = cell.starts_with('"') && cell.size() > 1;
  require(quoted || cell.find_first_of(",\"\r\n") == std::string::npos);
  const std::string_view inside = quoted ? std::string_view(cell).substr(1) : cell;
  require(inside.find_first_of("=+-@\t\r") != 0);
  if (quoted) {
    require(cell.ends_with('"') && std::count(cell.begin(), cell.end(), '"') % 2 == 0);
  }

  require(escape_html(bytes).find_first_of("<>\"'") == std::string::npos);
  require(hex(bytes).size() == 2 * size);
  require(base64(bytes).size() == (size + 2) / 3 * 4);
  require(shell_word(bytes).find('\n') == std::string::npos ||
          bytes.find('\n') != std::string_view::npos);
  return 0;
}
