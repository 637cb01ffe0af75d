// What people type: times, durations, intervals, endpoints, addresses. Refused with a hint, or
// read.
#include <cstdint>
#include <string_view>

#include "schema/base/error.h"
#include "schema/base/time.h"
#include "schema/program/time_spec.h"
#include "schema/view/address_pattern.h"
#include "schema/view/endpoint_pattern.h"
#include "tests/fuzz/require.h"

namespace {

using namespace sockwitness::schema;

void read_time(std::string_view text) {
  const WallTime now = *parse_rfc3339("2026-11-23T03:30:00Z");
  static const Zone zones[] = {
      Zone::utc(), Zone::named("Europe/Berlin"), Zone::named("America/St_Johns")};
  for (const Zone& zone : zones) {
    for (const Edge edge : {Edge::Begin, Edge::End}) {
      try {
        (void)parse_time_spec(text, now, zone, edge);
      } catch (const Error& error) {
        require(error.code() == ExitCode::Usage && !error.hint().empty());
      }
    }
  }
  if (const auto time = parse_rfc3339(text)) {
    require(parse_rfc3339(format_utc_micros(*time)) == time);
  }
  if (const auto length = parse_duration(text)) {
    require(*length >= 0);
  }
}

void read_place(std::string_view text) {
  try {
    const auto pattern =
        parse_endpoint_pattern(text, [](std::string_view) { return std::vector<Port>(); });
    LocalEnd end;
    (void)matches(pattern, end);
  } catch (const Error& error) {
    require(error.code() == ExitCode::Usage);
  }
  if (const auto pattern = parse_address_pattern(text)) {
    (void)pattern->matches(*IpAddress::parse("192.0.2.1"), Port(22));
    (void)pattern->matches(*IpAddress::parse("::1"), Port(22));
  }
  if (const auto range = parse_port_range(text)) {
    require(range->first <= range->last);
  }
  if (const auto address = IpAddress::parse(text)) {
    require(IpAddress::parse(address->text()) == address);
    require(IpAddress::from_bytes(address->bytes()) == address);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_time(text);
  read_place(text);
  return 0;
}
