#include "query/app/thing.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/base/scan.h"
#include "schema/program/suggest.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;
using schema::Protocol;

using Add = void (*)(Filter&, const std::string&);

void add_pid(Filter& filter, const std::string& text) {
  const auto pid = schema::parse_number<std::int32_t>(text);
  if (!pid || *pid <= 0) {
    throw Error(ExitCode::Usage, fmt::format("reading 'pid:{}': not a process id", text));
  }
  filter.pids.insert(schema::Pid(*pid));
}

void add_digest(Filter& filter, const std::string& text) {
  const std::string pattern = "sha256:" + text;
  if (!is_digest_pattern(pattern)) {
    throw Error(ExitCode::Usage,
                fmt::format("reading '{}': not the beginning of a digest", pattern),
                "say at least eight of its hexadecimal digits, in lower case");
  }
  filter.programs.push_back(pattern);
}

// As sha256sum prints it.
bool is_whole_digest(const std::string& word) {
  constexpr std::size_t kDigits = 64;
  return word.size() == kDigits && is_digest_pattern("sha256:" + word);
}

void add_remote(Filter& filter, const std::string& text) {
  const auto pattern = schema::parse_address_pattern(text);
  if (!pattern) {
    throw Error(ExitCode::Usage,
                fmt::format("reading 'remote:{}': not an address", text),
                "say remote:10.0.0.5, remote:10.0.0.0/8 or 'remote:[2001:db8::1]:443'");
  }
  filter.remote.push_back(*pattern);
}

constexpr std::array<std::pair<const char*, Add>, 9> kPrefixes{
    {{"pid", add_pid},
     {"sha256", add_digest},
     {"program", [](Filter& filter, const std::string& text) { filter.programs.push_back(text); }},
     {"user", [](Filter& filter, const std::string& text) { filter.users.push_back(text); }},
     {"unit", [](Filter& filter, const std::string& text) { filter.units.push_back(text); }},
     {"container",
      [](Filter& filter, const std::string& text) { filter.containers.push_back(text); }},
     {"netns", [](Filter& filter, const std::string& text) { filter.namespaces.push_back(text); }},
     {"device", [](Filter& filter, const std::string& text) { filter.devices.push_back(text); }},
     {"remote", add_remote}}};

// What stands before the first colon, when it could be one of our words.
std::optional<std::string> find_prefix(const std::string& word) {
  const auto colon = word.find(':');
  if (colon == std::string::npos || colon < 2) {
    return std::nullopt;
  }
  const bool letters = word.starts_with("sha256:") ||
                       std::all_of(word.begin(),
                                   word.begin() + static_cast<std::ptrdiff_t>(colon),
                                   [](char letter) { return letter >= 'a' && letter <= 'z'; });
  const bool address = schema::parse_address_pattern(word).has_value();
  return letters && !address ? std::optional(word.substr(0, colon)) : std::nullopt;
}

[[noreturn]] void throw_unknown(const std::string& prefix) {
  std::vector<std::string> known{"unix", "vsock"};
  for (const auto& [name, add] : kPrefixes) {
    known.emplace_back(name);
  }
  throw schema::unknown_word("the word before the colon", prefix, known);
}

// What is bound to a name, not what was accepted there and carries it, too.
void add_name(Filter& filter, const schema::NamePattern& name) {
  filter.endpoints.emplace_back(name);
  if (filter.protocols.empty()) {
    filter.protocols = {name.protocol};
  }
  if (!filter.states) {
    filter.states = StateSet{schema::SocketState::Listen, schema::SocketState::Unconnected};
  }
}

// "nginx", "python3.11": what cannot be an endpoint.
bool is_program_name(const std::string& word, const PortNames& names) {
  const auto is_letter = [](char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z');
  };
  const auto is_part = [&](char each) {
    return is_letter(each) || schema::is_digit(each) ||
           std::string_view("._+-@").find(each) != std::string_view::npos;
  };
  return !word.empty() && is_letter(word.front()) &&
         std::all_of(word.begin(), word.end(), is_part) && names.ports_of(word).empty() &&
         !schema::parse_protocol(word);
}

void add_endpoint(Filter& filter, const schema::EndpointPattern& pattern) {
  if (const auto* name = std::get_if<schema::NamePattern>(&pattern)) {
    return add_name(filter, *name);
  }
  filter.endpoints.push_back(pattern);
  if (filter.breadth == Breadth::Usual) {
    filter.breadth = Breadth::Listening;
  }
}

}  // namespace

Thing parse_thing(const std::string& word, const Filter& filter, const PortNames& names) {
  Thing thing{filter, std::nullopt};
  if (schema::is_database_name(word) && !word.starts_with('/')) {
    throw schema::database_as_word(word, "");
  }
  if (is_whole_digest(word)) {
    add_digest(thing.filter, word);
    return thing;
  }
  if (const auto prefix = find_prefix(word); prefix && *prefix != "unix" && *prefix != "vsock") {
    for (const auto& [name, add] : kPrefixes) {
      if (*prefix == name) {
        const std::string text = word.substr(prefix->size() + 1);
        if (text.empty()) {
          throw Error(ExitCode::Usage,
                      fmt::format("reading '{}': nothing stands after the colon", word),
                      std::string(thing_grammar()));
        }
        add(thing.filter, text);
        return thing;
      }
    }
    throw_unknown(*prefix);
  }
  const auto address = schema::parse_address_pattern(word);
  if (address && address->prefix && !address->ports) {
    thing.filter.either.push_back(*address);
    return thing;
  }
  if (!address && is_program_name(word, names)) {
    thing.filter.programs.push_back(word);
    return thing;
  }
  if (word.starts_with('/')) {
    thing.as_program = filter;
    thing.as_program->programs.push_back(word);
  }
  const auto lookup = [&](std::string_view name) {
    const auto ports = names.ports_of(name);
    return std::vector<schema::Port>(ports.begin(), ports.end());
  };
  add_endpoint(thing.filter, schema::parse_endpoint_pattern(word, lookup));
  return thing;
}

Thing parse_things(const std::vector<std::string>& words,
                   const Filter& filter,
                   const PortNames& names) {
  Thing all{filter, std::nullopt};
  for (const std::string& word : words) {
    Thing one = parse_thing(word, all.filter, names);
    if (all.as_program || one.as_program) {
      const Filter& before = all.as_program ? *all.as_program : all.filter;
      Thing same = parse_thing(word, before, names);
      one.as_program = same.as_program ? std::move(same.as_program) : std::move(same.filter);
    }
    all = std::move(one);
  }
  return all;
}

bool is_about_processes(const Filter& filter) {
  return asks_for_holders(filter) && !asks_for_ends(filter) && filter.protocols.empty() &&
         !filter.states && !filter.family && filter.breadth == Breadth::Usual;
}

std::string_view thing_grammar() {
  return "THING is one of these; several of one kind: any of them, of several kinds: all of it:\n"
         "  tcp/4444, 4444/tcp, 53, tcp/127.0.0.1:6379, tcp/ssh   what listens there\n"
         "  /run/x.sock, unix:@name, rpc/100024         likewise; a path may be a program's, too\n"
         "  10.0.0.5, 2001:db8::/32                     sockets with this address at either end\n"
         "  remote:198.51.100.7                         connections with this other end\n"
         "  nginx, program:nginx, user:www-data,        processes, with or without sockets; a "
         "bare\n"
         "  pid:812                                     word that is no port's name is a "
         "program's\n"
         "  unit:ssh.service, container:4f1c\n"
         "  sha256:3fa9c1d2                             processes of programs with this content\n"
         "  device:br0                                  sockets bound to a network interface\n"
         "  netns:blue                                  sockets in a network namespace";
}

}  // namespace sockwitness::query
