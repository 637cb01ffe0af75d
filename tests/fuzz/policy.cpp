// A policy of any bytes: refused with a place, or read into entries that say something.
#include <cstdint>
#include <string_view>

#include "query/policy/policy_reader.h"
#include "schema/base/error.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwitness;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const query::Policy policy = query::parse_policy("p.toml", text);
    for (const query::PolicyEntry& entry : policy.entries) {
      require(entry.line > 0);
      require(!entry.ports.empty() || !entry.rpc_programs.empty() || !entry.paths.empty() ||
              !entry.programs.empty() || !entry.scripts.empty() || !entry.units.empty() ||
              !entry.containers.empty());
      for (const auto& range : entry.ports) {
        require(range.first <= range.last);
      }
      require(!entry.expires || entry.expires->ok());
      // The usual service meets it or not; neither may crash.
      schema::Service service;
      service.endpoint.netns = "host";
      service.endpoint.name = "/run/x.sock";
      for (const schema::Family family : {schema::Family::Ipv4, schema::Family::Unix}) {
        service.endpoint.family = family;
        (void)query::fits(entry, service);
      }
    }
  } catch (const schema::Error& error) {
    require(error.code() == schema::ExitCode::Usage);
    require(error.message().starts_with("reading 'p.toml"));
  }
  return 0;
}
