#include "query/policy/policy_draft.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "query/analysis/owners.h"
#include "query/analysis/policy.h"
#include "query/analysis/reach.h"
#include "schema/base/escape.h"
#include "schema/base/utf8.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Owner;
using schema::Service;

// One entry for all that the same owners have on one protocol.
using Key = std::tuple<std::string,
                       std::string,
                       schema::Protocol,
                       bool,
                       std::vector<OwnerKey>,
                       std::vector<std::uint32_t>>;

Key key_of_service(const Service& service) {
  std::set<OwnerKey> keys;
  for (const Owner* owner : counted_owners(service)) {
    keys.insert(key_of(*owner));
  }
  if (keys.empty()) {
    OwnerKey key;
    key.program = service.no_holder == schema::NoHolderReason::Kernel ? "kernel" : "";
    keys.insert(std::move(key));
  }
  const bool local =
      reach_of(service).v4 <= Width::Loopback && reach_of(service).v6 <= Width::Loopback;
  return {service.endpoint.netns,
          service.endpoint.device,
          service.endpoint.protocol,
          local,
          {keys.begin(), keys.end()},
          service.rpc};
}

void add_line(std::string& text, std::string_view key, std::string_view value) {
  text += fmt::format("{} = {}\n", key, value);
}

// A name that no TOML can hold, as a pattern: any byte where it has one that is not UTF-8.
std::string pattern_of(std::string_view bytes) {
  std::string pattern;
  while (!bytes.empty()) {
    const auto point = schema::decode_code_point(bytes);
    const std::string_view raw = bytes.substr(0, point ? point->length : 1);
    if (!point) {
      pattern += '?';
    } else {
      pattern += raw.find_first_of("*?[\\") == std::string_view::npos ? "" : "\\";
      pattern += raw;
    }
    bytes.remove_prefix(raw.size());
  }
  return pattern;
}

std::string name_string(std::string_view bytes) {
  return toml_string(schema::is_utf8(bytes) ? std::string(bytes) : pattern_of(bytes));
}

void add_name(std::string& text, std::string_view key, std::string_view bytes) {
  if (!bytes.empty()) {
    add_line(text, key, name_string(bytes));
  }
}

// A member alone, or all of them as a list.
template <class Set>
std::string one_or_list(const Set& members) {
  const std::string joined = fmt::format("{}", fmt::join(members, ", "));
  return members.size() == 1 ? joined : "[" + joined + "]";
}

// What is said of owners must be true of all of them: nothing where one of them has none.
void add_names(std::string& text, std::string_view key, std::vector<std::string> names) {
  std::set<std::string> words;
  for (const std::string& name : names) {
    if (name.empty()) {
      return;
    }
    words.insert(name_string(name));
  }
  if (!words.empty()) {
    add_line(text, key, one_or_list(words));
  }
}

void add_names(std::string& text,
               std::string_view key,
               const std::vector<OwnerKey>& owners,
               std::string OwnerKey::*part) {
  std::vector<std::string> names;
  for (const OwnerKey& owner : owners) {
    names.push_back(owner.*part);
  }
  add_names(text, key, std::move(names));
}

bool has_name(const Service& service) {
  return service.endpoint.family == schema::Family::Unix ||
         service.endpoint.family == schema::Family::Vsock;
}

std::string shown_name(const Service& service) {
  const std::string& name = service.endpoint.name;
  return name.starts_with('\0') ? "@" + name.substr(1) : name;
}

void add_place(std::string& text, const std::vector<const Service*>& services) {
  const Service& first = *services.front();
  if (has_name(first)) {
    std::vector<std::string> names;
    for (const Service* service : services) {
      names.push_back(name_string(shown_name(*service)));
    }
    add_line(text, "path", fmt::format("[{}]", fmt::join(names, ", ")));
    return;
  }
  if (!first.rpc.empty()) {
    add_line(text, "rpc", std::to_string(first.rpc.front()));
    return;
  }
  std::set<std::uint16_t> ports;
  for (const Service* service : services) {
    ports.insert(service->endpoint.port.value());
  }
  add_line(text, "port", one_or_list(ports));
}

void add_address(std::string& text, const std::vector<const Service*>& services) {
  std::set<std::string> words;
  for (const Service* service : services) {
    const auto address = schema::plain_address(service->endpoint.address);
    switch (address.ip_class()) {
      case schema::IpClass::Any:
        words.insert("\"any\"");
        break;
      case schema::IpClass::Loopback:
        words.insert("\"loopback\"");
        break;
      default:
        words.insert(fmt::format("\"{}\"", address.text()));
        break;
    }
  }
  if (!has_name(*services.front())) {
    add_line(text, "address", one_or_list(words));
  }
}

void add_user(std::string& text, const Owner& owner) {
  if (schema::is_partly_unread(owner)) {
    text +=
        "# not all of its owner could be read: whoever has what is said here would be approved\n";
  }
  if (owner.unread.contains(schema::Part::Ids)) {
    return;
  }
  if (schema::is_utf8(owner.user)) {
    add_name(text, "user", owner.user);
  } else {
    text +=
        fmt::format("# its user's name is not UTF-8: {}\n", schema::escape_terminal(owner.user));
  }
}

std::string draft_entry(const Key& key, const std::vector<const Service*>& services) {
  const auto& [netns, device, protocol, local, owners, rpc] = key;
  std::string text = "\n[[service]]\n";
  if (protocol != schema::Protocol::Unix) {
    add_line(text, "protocol", fmt::format("\"{}\"", schema::protocol_name(protocol)));
  }
  add_place(text, services);
  add_address(text, services);
  add_names(text, "program", owners, &OwnerKey::program);
  if (const Owner* shown = principal(*services.front())) {
    std::vector<std::string> scripts;
    for (const Owner* owner : counted_owners(*services.front())) {
      scripts.push_back(schema::stable_path(owner->script));
    }
    add_names(text, "script", std::move(scripts));
    add_user(text, *shown);
  }
  add_names(text, "unit", owners, &OwnerKey::unit);
  add_names(text, "container", owners, &OwnerKey::container);
  const bool unseen = std::any_of(
      owners.begin(), owners.end(), [](const OwnerKey& owner) { return owner.program.empty(); });
  if (unseen && protocol != schema::Protocol::Unix) {
    text += "# its owner could not be seen: whoever serves this port would be approved\n";
  }
  if (netns != "host") {
    add_name(text, "netns", netns);
  }
  add_name(text, "device", device);
  text +=
      "reason = \"\"       # why it is there: to be filled in, or nothing is approved\n"
      "owner = \"\"        # who answers for it\n"
      "approved_by = \"\"\n"
      "ticket = \"\"\n"
      "# review = 2027-06-30   # to be looked at again from this day on\n"
      "# expires = 2027-12-31  # the last day on which it is approved\n";
  return text;
}

}  // namespace

std::string toml_string(std::string_view bytes) {
  std::string text = "\"";
  while (!bytes.empty()) {
    const auto point = schema::decode_code_point(bytes);
    if (!point) {
      text += "\\uFFFD";
      bytes.remove_prefix(1);
      continue;
    }
    const std::string_view raw = bytes.substr(0, point->length);
    if (raw == "\"" || raw == "\\") {
      text += '\\';
      text += raw;
    } else if (point->value < 0x20 || point->value == 0x7F || schema::is_invisible(point->value)) {
      text += fmt::format("\\U{:08X}", static_cast<std::uint32_t>(point->value));
    } else {
      text += raw;
    }
    bytes.remove_prefix(point->length);
  }
  return text + "\"";
}

std::string draft_policy(const std::vector<const Service*>& services,
                         const std::string& host,
                         const std::string& taken_at) {
  std::map<Key, std::vector<const Service*>> groups;
  for (const Service* service : services) {
    groups[key_of_service(*service)].push_back(service);
  }
  std::string text = fmt::format(
      "# What listens on {} and nobody has accounted for, as of {}.\n"
      "# Keep this file in version control. An entry approves a service when all that it says is "
      "true\n"
      "# of it; take lines out to approve more, and fill in the reasons.\n",
      schema::escape_terminal(host),
      taken_at);
  for (const auto& [key, members] : groups) {
    text += draft_entry(key, members);
  }
  return text;
}

}  // namespace sockwitness::query
