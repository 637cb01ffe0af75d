#include "query/alert/thing_words.h"

#include <fmt/format.h>

#include "query/analysis/owners.h"
#include "query/analysis/rpc_names.h"
#include "schema/model/snapshot.h"
#include "schema/model/socket.h"
#include "schema/view/container_identity.h"
#include "schema/view/owner_key.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;

bool is_inet(schema::Family family) {
  return family == schema::Family::Ipv4 || family == schema::Family::Ipv6;
}

std::string name_words(std::string_view name) {
  return name.starts_with('\0') ? "@" + std::string(name.substr(1)) : std::string(name);
}

std::string inside_words(std::string_view netns) {
  return netns == "host" || netns.empty() ? std::string() : fmt::format(" in {}", netns);
}

std::string address_words(const schema::IpAddress& address, schema::Port port) {
  const schema::IpAddress plain = address.mapped_v4().value_or(address);
  if (plain.ip_class() != schema::IpClass::Loopback) {
    return std::to_string(port.value());
  }
  return plain.text().find(':') == std::string::npos
             ? fmt::format("{}:{}", plain.text(), port.value())
             : fmt::format("[{}]:{}", plain.text(), port.value());
}

std::string program_words(std::string_view name, std::string_view path, std::string_view script) {
  const std::string program(path.empty() ? name : path);
  return script.empty() ? program : fmt::format("{} {}", program, script);
}

std::string place_of(const schema::Owner& owner) {
  if (!owner.container.empty()) {
    constexpr std::size_t kShortId = 12;
    const std::string name = schema::container_name(owner.container_facts);
    return "container " + (name.empty() ? owner.container.substr(0, kShortId) : name);
  }
  return owner.unit;
}

}  // namespace

std::string where_words(const Endpoint& endpoint) {
  const std::string place = is_inet(endpoint.family)
                                ? address_words(endpoint.address, endpoint.port)
                                : name_words(endpoint.name);
  return fmt::format("{} {}{}{}{}",
                     schema::protocol_name(endpoint.protocol),
                     place,
                     endpoint.device.empty() ? "" : " on ",
                     endpoint.device,
                     inside_words(endpoint.netns));
}

std::string where_words(const HostView& host, schema::SocketIndex index) {
  const schema::Socket& socket = host.view().socket(index);
  const std::string inside = inside_words(host.view().netns_label(socket.netns));
  const std::string_view protocol = schema::protocol_name(socket.protocol);
  if (schema::is_connected(socket)) {
    const auto port = host.meaningful_port(index);
    const bool own = port && *port == socket.local_port;
    return own ? fmt::format("{} {} from {}{}",
                             protocol,
                             port->value(),
                             socket.remote_address.text(),
                             inside)
               : fmt::format("{} to {} {}{}",
                             protocol,
                             socket.remote_address.text(),
                             socket.remote_port.value(),
                             inside);
  }
  return schema::is_inet(socket)
             ? fmt::format("{} {}{}",
                           protocol,
                           address_words(socket.local_address, socket.local_port),
                           inside)
             : fmt::format("{} {}{}", protocol, name_words(socket.name), inside);
}

std::string who_words(const schema::Owner* owner) {
  return owner == nullptr ? std::string()
                          : program_words(owner->name, owner->path(), owner->script);
}

std::string who_words(const HostView& host, schema::ProcessIndex index) {
  const schema::Process& process = host.view().process(index);
  const schema::Program* program = host.view().program(process);
  return program_words(
      process.name, program == nullptr ? std::string_view() : program->path, process.script);
}

std::string owner_line(const schema::Service& service) {
  const schema::Owner* owner = schema::principal(service);
  if (owner == nullptr) {
    std::string text(service.no_holder == schema::NoHolderReason::Kernel
                         ? "the kernel"
                         : "its owner was not seen");
    for (const std::uint32_t program : service.rpc) {
      text += ", " + rpc_words(program);
    }
    return text;
  }
  std::string text = owner->name;
  text += owner->pid ? fmt::format("({})", owner->pid->value()) : std::string();
  text +=
      service.owners.size() > 1 ? fmt::format(" +{}", service.owners.size() - 1) : std::string();
  const auto add = [&](const std::string& part) {
    text += part.empty() ? std::string() : ", " + part;
  };
  add(owner->user);
  add(place_of(*owner));
  if (!owner->ancestors.empty()) {
    const schema::Ancestor& parent = owner->ancestors.front();
    add(fmt::format("child of {}({})", parent.name, parent.pid.value()));
  }
  return text;
}

std::string question_words(const Endpoint& endpoint) {
  return is_inet(endpoint.family) && endpoint.port.value() != 0
             ? fmt::format(
                   "when {}/{}", schema::protocol_name(endpoint.protocol), endpoint.port.value())
             : std::string();
}

}  // namespace sockwitness::query
