#include "query/policy/policy_reader.h"

#include <fmt/format.h>

#include "query/policy/acceptances.h"
#include "query/policy/toml_table.h"
#include "schema/base/scan.h"

namespace sockwitness::query {
namespace {

using schema::Error;

std::vector<schema::Protocol> read_protocols(const TomlTable& table) {
  std::vector<schema::Protocol> protocols;
  for (const std::string& word : table.texts("protocol")) {
    const auto protocol = schema::parse_protocol(word);
    if (!protocol) {
      throw table.refuse("protocol",
                         fmt::format("'{}' is no protocol", word),
                         "known are: tcp, udp, udplite, sctp, dccp, mptcp, unix, vsock");
    }
    protocols.push_back(*protocol);
  }
  return protocols;
}

// 22, "22", "8000-8099", or a list of these.
std::vector<schema::PortRange> read_ports(const TomlTable& table) {
  std::vector<schema::PortRange> ports;
  for (const auto& value : table.integers_or_texts("port")) {
    const auto* number = std::get_if<std::int64_t>(&value);
    const std::string text =
        number != nullptr ? std::to_string(*number) : std::get<std::string>(value);
    const auto range = schema::parse_port_range(text);
    if (!range) {
      throw table.refuse("port",
                         fmt::format("'{}' is neither a port nor a range of ports", text),
                         "say port = 22, port = \"8000-8099\" or a list of them");
    }
    ports.push_back(*range);
  }
  return ports;
}

// "::ffff:10.0.0.5" is "10.0.0.5".
schema::IpPrefix plain_prefix(const schema::IpPrefix& prefix) {
  constexpr unsigned kMapped = 96;
  const auto plain = prefix.address.mapped_v4();
  return plain && prefix.length >= kMapped ? schema::IpPrefix{*plain, prefix.length - kMapped}
                                           : prefix;
}

std::vector<AddressScope> read_addresses(const TomlTable& table) {
  std::vector<AddressScope> scopes;
  for (const std::string& word : table.texts("address")) {
    if (word == "any") {
      scopes.push_back({AddressScope::Kind::Any, {}});
    } else if (word == "loopback") {
      scopes.push_back({AddressScope::Kind::Loopback, {}});
    } else if (const auto prefix = schema::IpPrefix::parse(word)) {
      scopes.push_back({AddressScope::Kind::Prefix, plain_prefix(*prefix)});
    } else {
      throw table.refuse("address",
                         fmt::format("'{}' is no address", word),
                         "say \"any\", \"loopback\", \"10.0.0.5\" or \"10.0.0.0/8\"");
    }
  }
  return scopes;
}

std::vector<std::uint32_t> read_rpc_programs(const TomlTable& table) {
  std::vector<std::uint32_t> programs;
  if (const auto number = table.integer("rpc", 0, 0xFFFFFFFFLL)) {
    programs.push_back(static_cast<std::uint32_t>(*number));
  }
  return programs;
}

PolicyEntry read_entry(const TomlTable& table) {
  table.expect_keys({"name",        "protocol", "port",   "address", "rpc",       "path",
                     "program",     "script",   "user",   "unit",    "container", "netns",
                     "device",      "target",   "reason", "owner",   "ticket",    "approved_by",
                     "approved_on", "review",   "expires"});
  PolicyEntry entry;
  entry.line = table.place().line;
  entry.name = table.text("name").value_or("");
  entry.protocols = read_protocols(table);
  entry.ports = read_ports(table);
  entry.addresses = read_addresses(table);
  entry.rpc_programs = read_rpc_programs(table);
  entry.paths = table.texts("path");
  entry.programs = table.texts("program");
  entry.scripts = table.texts("script");
  entry.users = table.texts("user");
  entry.units = table.texts("unit");
  entry.containers = table.texts("container");
  entry.namespaces = table.texts("netns");
  entry.devices = table.texts("device");
  entry.targets = table.texts("target");
  const auto reason = table.text("reason");
  if (!reason) {
    throw table.refuse("reason",
                       "an approved service needs the key 'reason'",
                       "say why it is there: reason = \"web shop\"");
  }
  // A draft has an empty one, to be filled in.
  const bool blank = reason->find_first_not_of(" \t\n") == std::string::npos;
  entry.reason = blank ? std::string() : *reason;
  entry.owner = table.text("owner").value_or("");
  entry.approved_by = table.text("approved_by").value_or("");
  entry.ticket = table.text("ticket").value_or("");
  entry.review = table.date("review");
  entry.expires = table.date("expires");
  entry.approved_on = table.date("approved_on");
  if (entry.approved_on) {
    entry.holds_from = begin_of_day(*entry.approved_on);
  }
  if (entry.approved_on && entry.expires && *entry.expires < *entry.approved_on) {
    throw table.refuse("expires", "it ends before the day of 'approved_on'", "mend one of the two");
  }
  const bool says_where = !entry.ports.empty() || !entry.rpc_programs.empty() ||
                          !entry.paths.empty() || !entry.programs.empty() || !entry.units.empty() ||
                          !entry.containers.empty() || !entry.scripts.empty();
  if (!says_where) {
    throw table.refuse("reason",
                       "an entry that fits everything approves nothing",
                       "name a port, rpc, path, program, script, unit or container");
  }
  return entry;
}

}  // namespace

Policy parse_policy(const std::string& source, std::string_view text) {
  const TomlFile file(source, text);
  const TomlTable table = file.root();
  table.expect_keys({"service", "accept"});
  Policy policy;
  policy.source = source;
  for (const TomlTable& entry : table.tables("service")) {
    policy.entries.push_back(read_entry(entry));
  }
  policy.acceptances = read_acceptances(table);
  return policy;
}

}  // namespace sockwitness::query
