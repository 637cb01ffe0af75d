// A rule file of any bytes: refused with a place, or read; a book of rules takes either.
#include "query/rules/rule_file.h"

#include <cstdint>
#include <string>
#include <vector>

#include "query/rules/rule_book.h"
#include "schema/base/error.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwitness;
  const query::RuleText text{"r.toml", std::string(reinterpret_cast<const char*>(data), size)};
  bool refused = false;
  try {
    const query::RuleFile file = query::parse_rule_file(text);
    require(file.source == "r.toml" && (file.id || !file.disable.empty()));
    require(!file.id || !file.id->empty());
  } catch (const schema::Error& error) {
    refused = true;
    require(error.code() == schema::ExitCode::Usage);
    require(error.message().starts_with("reading 'r.toml"));
  }
  const std::vector<query::RuleText> site{text};
  const query::RuleBook book({}, site);
  require(!refused || !book.problems().empty());
  require(refused || book.rules().size() <= 1);
  return 0;
}
