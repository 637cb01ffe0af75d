#include "query/report/words/port_names.h"

#include <optional>
#include <vector>

#include "schema/base/scan.h"

namespace sockwitness::query {
namespace {

using schema::Port;
using schema::Protocol;

struct PortEntry {
  std::string_view name;
  Protocol protocol = Protocol::Tcp;
  Port port;
  std::vector<std::string_view> aliases;
};

std::string_view next_word(std::string_view& line) {
  const auto begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) {
    line = {};
    return {};
  }
  line.remove_prefix(begin);
  const auto word = line.substr(0, line.find_first_of(" \t\r"));
  line.remove_prefix(word.size());
  return word;
}

// Sample: "domain  53/udp  nameserver  # name-domain server"
std::optional<PortEntry> parse_entry(std::string_view line) {
  line = line.substr(0, line.find('#'));
  PortEntry entry;
  entry.name = next_word(line);
  const std::string_view place = next_word(line);
  const auto slash = place.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto number = schema::parse_number<std::uint16_t>(place.substr(0, slash));
  const auto protocol = schema::parse_protocol(place.substr(slash + 1));
  if (!number || !protocol) {
    return std::nullopt;
  }
  entry.port = Port(*number);
  entry.protocol = *protocol;
  for (auto alias = next_word(line); !alias.empty(); alias = next_word(line)) {
    entry.aliases.push_back(alias);
  }
  return entry;
}

}  // namespace

PortNames PortNames::parse(std::string_view services) {
  PortNames names;
  while (!services.empty()) {
    const auto entry = parse_entry(schema::scan_until(services, '\n'));
    if (!entry) {
      continue;
    }
    names.names_.try_emplace({entry->protocol, entry->port}, entry->name);
    names.ports_[std::string(entry->name)].insert(entry->port);
    for (const std::string_view alias : entry->aliases) {
      names.ports_[std::string(alias)].insert(entry->port);
    }
  }
  return names;
}

std::string_view PortNames::find(Protocol protocol, Port port) const {
  if (protocol == Protocol::UdpLite) {
    protocol = Protocol::Udp;
  } else if (protocol == Protocol::Mptcp) {
    protocol = Protocol::Tcp;
  }
  const auto found = names_.find({protocol, port});
  return found == names_.end() ? std::string_view() : std::string_view(found->second);
}

std::set<Port> PortNames::ports_of(std::string_view name) const {
  const auto found = ports_.find(name);
  return found == ports_.end() ? std::set<Port>() : found->second;
}

}  // namespace sockwitness::query
