// What an engine answered, what spool kept of its last run, and words on their way into SQL.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "query/fleet/engine_rows.h"
#include "query/fleet/literal.h"
#include "query/report/answers/fleet_report.h"
#include "query/report/writers/text_writer.h"
#include "query/spool/spool_cursor.h"
#include "schema/base/error.h"
#include "schema/chain/checked_text.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwitness;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string literal = query::text_literal(bytes);
  require(std::count(literal.begin(), literal.end(), '\'') == 2);
  require(std::all_of(literal.begin(), literal.end(), [](char c) { return c >= ' ' && c <= '~'; }));
  if (const auto cursor = query::parse_spool_cursor(bytes)) {
    const std::string text = query::write_spool_cursor(*cursor);
    require(query::parse_spool_cursor(text) == cursor);
  }
  (void)schema::open_checked(bytes, "head\n");
  require(schema::open_checked(schema::with_check("head\n" + std::string(bytes)), "head\n") ==
          bytes);
  try {
    const auto rows = query::parse_engine_rows(bytes);
    const std::string page = query::write_text(query::lay_out_fleet(rows), {});
    require(page.find('\x1b') == std::string::npos && page.find('\a') == std::string::npos);
  } catch (const schema::Error&) {
    return 0;
  }
  return 0;
}
