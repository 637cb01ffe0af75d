// A zone's file may be anybody's: TZ names it.
#include "schema/program/zone_file.h"

#include <cstdint>
#include <cstdlib>
#include <string>

using namespace sockwitness::schema;

namespace {

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  if (const auto rule = ZoneRule::parse(input)) {
    require(!rule->summer || rule->begin_in(2026) < rule->begin_in(2028));
  }
  const auto zone = ZoneFile::parse(input);
  if (!zone) {
    return 0;
  }
  constexpr std::int64_t kDay = 86'400;
  for (const std::int64_t at :
       {std::int64_t{-100'000'000'000}, std::int64_t{0}, std::int64_t{1'800'000'000}}) {
    for (const ZoneChange& change : zone->changes(at - 400 * kDay, at + 400 * kDay)) {
      require(zone->offset_at(change.at) == change.after &&
              zone->offset_at(change.at - 1) == change.before);
    }
  }
  return 0;
}
