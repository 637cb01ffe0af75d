#include "query/app/selection.h"

#include <fmt/format.h>

#include "schema/base/scan.h"
#include "schema/program/suggest.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;
using schema::Protocol;

void add_ports(Filter& filter, const std::string& word, const PortNames& names) {
  if (const auto range = schema::parse_port_range(word)) {
    filter.ports.push_back(*range);
    return;
  }
  const auto ports = names.ports_of(word);
  if (ports.empty()) {
    throw Error(ExitCode::Usage,
                fmt::format("reading --port '{}': neither a port nor the name of one", word),
                "say --port 443, --port 8000-8099 or --port https");
  }
  for (const schema::Port port : ports) {
    filter.ports.push_back({port, port});
  }
}

schema::AddressPattern address_pattern(std::string_view option, const std::string& word) {
  const auto pattern = schema::parse_address_pattern(word);
  if (!pattern) {
    throw Error(ExitCode::Usage,
                fmt::format("reading {} '{}': not an address", option, word),
                "say 10.0.0.5, 10.0.0.0/8, 10.0.0.5:443, '[2001:db8::1]:443' or ':443'; names are "
                "not resolved");
  }
  return *pattern;
}

void add_tables(Filter& filter, const SelectionOptions& options) {
  const auto add_if = [&](bool wanted, Protocol protocol) {
    if (wanted) {
      filter.protocols.insert(protocol);
    }
  };
  add_if(options.tcp, Protocol::Tcp);
  add_if(options.udp, Protocol::Udp);
  add_if(options.raw, Protocol::Raw);
  add_if(options.unix_domain, Protocol::Unix);
  for (const std::string& list : options.tables) {
    std::string_view rest = list;
    do {
      const auto word = schema::scan_until(rest, ',');
      const auto protocols = parse_socket_table(word);
      if (!protocols) {
        throw schema::unknown_word("-A", word, known_socket_tables());
      }
      filter.protocols.insert(protocols->begin(), protocols->end());
    } while (!rest.empty());
  }
}

void add_states(Filter& filter, const std::vector<std::string>& words) {
  for (const std::string& list : words) {
    std::string_view rest = list;
    while (!rest.empty()) {
      const auto word = schema::scan_until(rest, ',');
      const auto states = parse_state_set(word);
      if (!states) {
        throw schema::unknown_word("--state", word, known_states());
      }
      if (!filter.states) {
        filter.states.emplace();
      }
      filter.states->insert(states->begin(), states->end());
    }
  }
}

}  // namespace

Filter build_filter(const SelectionOptions& options, const PortNames& names) {
  Filter filter;
  if (options.all || options.listening) {
    filter.breadth = options.listening ? Breadth::Listening : Breadth::All;
  }
  if (options.only_v4 != options.only_v6) {
    filter.family = options.only_v4 ? schema::Family::Ipv4 : schema::Family::Ipv6;
  }
  add_tables(filter, options);
  add_states(filter, options.states);
  for (const std::string& word : options.ports) {
    add_ports(filter, word, names);
  }
  for (const std::string& word : options.pids) {
    const auto pid = schema::parse_number<std::int32_t>(word);
    if (!pid || *pid <= 0) {
      throw Error(ExitCode::Usage, fmt::format("reading --pid '{}': not a process id", word));
    }
    filter.pids.insert(schema::Pid(*pid));
  }
  for (const std::string& word : options.local) {
    filter.local.push_back(address_pattern("--local-address", word));
  }
  for (const std::string& word : options.remote) {
    filter.remote.push_back(address_pattern("--remote", word));
  }
  filter.programs = options.programs;
  filter.users = options.users;
  filter.units = options.units;
  filter.containers = options.containers;
  filter.namespaces = options.namespaces;
  filter.devices = options.devices;
  return filter;
}

std::string selection_words(const SelectionOptions& options) {
  std::string words;
  const auto add = [&](std::string_view word) {
    words += words.empty() ? "" : " ";
    words += word;
  };
  const auto add_if = [&](bool given, std::string_view word) {
    if (given) {
      add(word);
    }
  };
  const auto add_list = [&](std::string_view option, const std::vector<std::string>& values) {
    for (const std::string& value : values) {
      add(option);
      add(value);
    }
  };
  for (const std::string& thing : options.things) {
    add(thing);
  }
  add_if(options.all, "-a");
  add_if(options.listening, "-l");
  add_if(options.tcp, "-t");
  add_if(options.udp, "-u");
  add_if(options.raw, "-w");
  add_if(options.unix_domain, "-x");
  add_if(options.only_v4, "-4");
  add_if(options.only_v6, "-6");
  add_list("-A", options.tables);
  add_list("--state", options.states);
  add_list("--port", options.ports);
  add_list("--pid", options.pids);
  add_list("--program", options.programs);
  add_list("--user", options.users);
  add_list("--unit", options.units);
  add_list("--container", options.containers);
  add_list("--netns", options.namespaces);
  add_list("--device", options.devices);
  add_list("--remote", options.remote);
  add_list("--local-address", options.local);
  return words;
}

}  // namespace sockwitness::query
