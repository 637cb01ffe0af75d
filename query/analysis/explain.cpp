#include "query/analysis/explain.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "query/analysis/owners.h"
#include "query/analysis/reach.h"
#include "query/analysis/rpc_names.h"
#include "query/analysis/unknown_runtime.h"
#include "schema/view/app.h"
#include "schema/view/container_identity.h"

namespace sockwitness::query {
namespace {

using schema::Owner;
using schema::PackageVerdict;
using schema::Service;

// Services that the kernel gives by itself, by their usual ports. A port is a hint, no proof.
// Source: include/uapi/linux and the documentation of each module.
struct KernelService {
  schema::Protocol protocol;
  std::uint16_t port;
  std::string_view name;
};
constexpr auto kKernelServices =
    std::to_array<KernelService>({{schema::Protocol::Tcp, 445, "ksmbd"},
                                  {schema::Protocol::Tcp, 2049, "NFS"},
                                  {schema::Protocol::Tcp, 3260, "an iSCSI target"},
                                  {schema::Protocol::Tcp, 4420, "an NVMe target"},
                                  {schema::Protocol::Udp, 1701, "L2TP"},
                                  {schema::Protocol::Udp, 2049, "NFS"},
                                  {schema::Protocol::Udp, 2152, "GTP"},
                                  {schema::Protocol::Udp, 4500, "IPsec"},
                                  {schema::Protocol::Udp, 4789, "VXLAN"},
                                  {schema::Protocol::Udp, 6081, "Geneve"},
                                  {schema::Protocol::Udp, 7001, "AFS"},
                                  {schema::Protocol::Udp, 8472, "VXLAN"},
                                  {schema::Protocol::Udp, 51820, "WireGuard"}});

std::string kernel_words(const Service& service) {
  if (!service.rpc.empty()) {
    return "the kernel";
  }
  const auto found =
      std::find_if(kKernelServices.begin(), kKernelServices.end(), [&](const KernelService& known) {
        return known.protocol == service.endpoint.protocol &&
               known.port == service.endpoint.port.value();
      });
  if (found != kKernelServices.end()) {
    return fmt::format("the kernel, by the port {}", found->name);
  }
  return service.endpoint.protocol == schema::Protocol::Udp
             ? "the kernel: a tunnel such as WireGuard or VXLAN"
             : "the kernel";
}

std::string nobody_words(const Service& service) {
  switch (service.no_holder) {
    case schema::NoHolderReason::Kernel:
      return kernel_words(service);
    case schema::NoHolderReason::OtherPidNamespace:
      return "a process outside the recorder's pid namespace";
    case schema::NoHolderReason::Permission:
      return "a process that the recorder was not allowed to look into";
    case schema::NoHolderReason::Unread:
      return "a process that could not be read";
    default:
      break;
  }
  return "a process that ended while the snapshot was taken";
}

std::string program_package_words(const schema::Program& program) {
  const std::string package = program.package_version.empty()
                                  ? program.package
                                  : fmt::format("{} {}", program.package, program.package_version);
  switch (program.verdict) {
    case PackageVerdict::Matches:
      return fmt::format("of package {}, unmodified", package);
    case PackageVerdict::Differs:
      return fmt::format("MODIFIED, unlike package {}", package);
    case PackageVerdict::NoChecksum:
      return fmt::format("of package {}, which has no checksum for it", package);
    case PackageVerdict::NotChecked:
      return fmt::format("of package {}, not checked", package);
    case PackageVerdict::NotOwned:
      return "of no package";
    case PackageVerdict::Unknown:
      return "whose package could not be told";
    case PackageVerdict::NoDatabase:
      break;
  }
  return "on a host without a package database";
}

std::string file_words(const schema::Program& program) {
  switch (program.state) {
    case schema::FileState::Deleted:
      return ", its file is deleted";
    case schema::FileState::Replaced:
      return program.verdict == PackageVerdict::Matches ? ", upgraded since: a restart is pending"
                                                        : ", another file is in its place now";
    case schema::FileState::Memfd:
      return ", it never had a file";
    default:
      break;
  }
  return {};
}

bool hides_app(const Owner& owner) {
  const schema::AppIdentity app = schema::app_of(owner);
  return owner.program && !owner.unread.contains(schema::Part::Script) && !app.what &&
         app.object.empty();
}

void add_owner(std::vector<std::string>& parts, const Owner& owner, std::size_t processes) {
  std::string who = owner.name;
  if (owner.pid) {
    who += fmt::format("({})", owner.pid->value());
  }
  if (processes > 1) {
    who += fmt::format(" and {} more", processes - 1);
  }
  if (owner.program) {
    who += fmt::format(", {} {}{}",
                       owner.path(),
                       program_package_words(*owner.program),
                       file_words(*owner.program));
  }
  parts.push_back(std::move(who));
  if (!owner.script.empty()) {
    parts.push_back("running " + owner.script);
  }
  if (hides_app(owner)) {
    parts.emplace_back("its title hides what it runs");
  }
  if (const std::string_view app = unknown_app(owner); !app.empty()) {
    parts.push_back(fmt::format("runs what its arguments name, {}: its app is not known", app));
  }
  if (!owner.forwards_to.empty()) {
    parts.push_back("forwards to " + owner.forwards_to);
  }
  parts.push_back("as " + owner.user);
  if (!owner.unit.empty()) {
    parts.push_back((owner.manager ? "socket activation by " : "unit ") + owner.unit);
  }
  if (!owner.container.empty()) {
    const std::string name = schema::container_name(owner.container_facts);
    parts.push_back("container " + (name.empty() ? owner.container : name + " " + owner.container));
    if (owner.container_facts && !owner.container_facts->image.empty()) {
      parts.push_back("image " + owner.container_facts->image);
    }
  }
  if (const auto chain = ancestry_words(owner); !chain.empty()) {
    parts.push_back("started by " + chain);
  }
  if (owner.login_user) {
    parts.push_back("in a login session of " + *owner.login_user);
  }
}

}  // namespace

std::string ancestry_words(const Owner& owner) {
  std::vector<std::string> names;
  for (const schema::Ancestor& ancestor : owner.ancestors) {
    names.push_back(
        ancestor.script.empty()
            ? fmt::format("{}({})", ancestor.name, ancestor.pid.value())
            : fmt::format("{}({}) {}", ancestor.name, ancestor.pid.value(), ancestor.script));
  }
  return fmt::format("{}", fmt::join(names, " ← "));
}

std::string explain(const Service& service, std::string_view port_name) {
  std::vector<std::string> parts;
  if (!port_name.empty()) {
    parts.emplace_back(port_name);
  }
  for (const std::uint32_t program : service.rpc) {
    parts.push_back(rpc_words(program));
  }
  const Owner* owner = principal(service);
  if (schema::is_forward(service.endpoint)) {
    parts.push_back("a NAT rule leads it to " + service.leads_to);
  } else if (owner == nullptr) {
    parts.push_back(nobody_words(service));
  } else {
    add_owner(parts, *owner, service.owners.size());
  }
  const bool inet = service.endpoint.family == schema::Family::Ipv4 ||
                    service.endpoint.family == schema::Family::Ipv6;
  if (inet) {
    parts.push_back("reachable at " + reach_words(reach_of(service)));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

}  // namespace sockwitness::query
