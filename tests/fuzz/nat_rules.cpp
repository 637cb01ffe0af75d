// Whatever nf_tables, or someone in its place, says of its rules: no read past the end, no walk
// without an end, and every port that is found is one.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "recorder/netlink/nat_decode.h"
#include "recorder/netlink/nat_walk.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwitness;
  recorder::NatRuleset ruleset;
  recorder::NatAnswer answer;
  recorder::decode_nat_datagram(std::as_bytes(std::span(data, size)), 1, ruleset, answer);
  std::set<recorder::NatName> loaded;
  for (const auto& [name, set] : ruleset.sets) {
    loaded.insert(name);
  }
  static_cast<void>(recorder::find_used_sets(ruleset, loaded));
  for (const schema::Socket& port : recorder::follow_nat_rules(ruleset).ports) {
    const bool range = port.local_last != schema::Port(0);
    if (!schema::is_forward(port) || !schema::is_inet(port) || port.name.empty() ||
        port.rule.empty() || (range && port.local_last <= port.local_port)) {
      std::abort();
    }
  }
  return 0;
}
