#include "query/spool/row_name.h"

#include <fmt/format.h>

#include "schema/base/escape.h"
#include "schema/chain/sha256.h"

namespace sockwitness::query {

std::string row_name(std::string_view kind, const std::vector<std::string>& parts) {
  constexpr std::size_t kDigits = 16;
  std::string bytes(kind);
  for (const std::string& part : parts) {
    bytes += fmt::format("\n{}\n", part.size()) + part;
  }
  return schema::hex(schema::sha256(bytes)).substr(0, kDigits);
}

}  // namespace sockwitness::query
