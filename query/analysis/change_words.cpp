#include "query/analysis/change_words.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "query/analysis/rpc_names.h"
#include "schema/view/app.h"
#include "schema/view/container_identity.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::Owner;
using schema::PackageVerdict;
using schema::Program;
using schema::Service;

std::string package_words(const Program& program) {
  switch (program.verdict) {
    case PackageVerdict::Matches:
      return program.package_version.empty()
                 ? fmt::format("package {}", program.package)
                 : fmt::format("package {} {}", program.package, program.package_version);
    case PackageVerdict::Differs:
      return fmt::format("altered, unlike package {}", program.package);
    case PackageVerdict::NotOwned:
      return "of no package";
    case PackageVerdict::NoChecksum:
    case PackageVerdict::NotChecked:
      return fmt::format("package {}", program.package);
    case PackageVerdict::Unknown:
      return "whose package could not be told";
    case PackageVerdict::NoDatabase:
      break;
  }
  return {};
}

std::string where_words(const Owner& owner) {
  if (owner.unread.contains(schema::Part::ControlGroup)) {
    return "a unit that could not be read";
  }
  if (!owner.container.empty()) {
    constexpr std::size_t kShortId = 12;
    if (const std::string name = schema::container_name(owner.container_facts); !name.empty()) {
      const std::string& image = owner.container_facts->image;
      return "container " + name + (image.empty() ? std::string() : " of " + image);
    }
    return "container " + owner.container.substr(0, kShortId);
  }
  return owner.unit.empty() ? std::string("no unit") : owner.unit;
}

std::string hash_words(const Program& program) {
  constexpr std::size_t kShown = 6;  // bytes
  std::string text;
  for (const char byte : std::string_view(program.sha256).substr(0, kShown)) {
    text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return text + "…";
}

}  // namespace

std::string place_words(const Endpoint& endpoint) {
  if (endpoint.family == schema::Family::Unix) {
    return endpoint.name.starts_with('\0') ? "@" + endpoint.name.substr(1) : endpoint.name;
  }
  if (endpoint.family == schema::Family::Vsock) {
    return "vsock " + endpoint.name;
  }
  const std::string at = endpoint.device.empty() ? std::string() : " on " + endpoint.device;
  if (endpoint.protocol == schema::Protocol::Packet) {
    return fmt::format("the packet socket for {}{}", endpoint.name, at);
  }
  if (schema::is_forward(endpoint)) {
    return fmt::format(
        "port {}{} ({})",
        endpoint.port == schema::Port(0) ? std::string("*") : std::to_string(endpoint.port.value()),
        at,
        endpoint.name);
  }
  return fmt::format("{} {}{}",
                     endpoint.protocol == schema::Protocol::Raw ? "IP protocol" : "port",
                     endpoint.port.value(),
                     at);
}

std::string app_words(const Owner& owner) {
  const schema::AppIdentity app = schema::app_of(owner);
  if (!app.object.empty()) {
    return app.object;
  }
  constexpr std::size_t kShown = 60;  // bytes of code on the command line
  const std::string what = app.what.value_or(std::string());
  return what.size() <= kShown || what.starts_with('/') ? what : what.substr(0, kShown) + "…";
}

std::string owner_words(const Owner* owner) {
  if (owner == nullptr) {
    return "the kernel";
  }
  std::string text = owner->name;
  if (const std::string app = app_words(*owner); !app.empty()) {
    text += " running " + app;
  } else if (owner->program) {
    const std::string package = package_words(*owner->program);
    text += package.empty() ? std::string() : fmt::format(" ({})", package);
  }
  return fmt::format("{} as {}", text, owner->user);
}

std::string owner_change_words(const Endpoint& endpoint, const OwnerComparison& comparison) {
  const std::string place = place_words(endpoint);
  if (comparison.maker_before && comparison.maker_after) {
    return fmt::format(
        "the socket of {} was made by {}, the one that is there now by {}; who answers could not "
        "be seen",
        place,
        comparison.maker_before->name,
        comparison.maker_after->name);
  }
  const Owner* before = comparison.before;
  const Owner* after = comparison.after;
  if (comparison.joined) {
    return fmt::format("{} is still held by {}, and now by {} as well",
                       place,
                       owner_words(before),
                       owner_words(after));
  }
  const bool same_program =
      before != nullptr && after != nullptr && schema::may_be_same_app(*before, *after);
  if (same_program && !schema::may_be_same_user(*before, *after)) {
    return fmt::format(
        "{} of {} was served as {}, now as {}", place, after->name, before->user, after->user);
  }
  if (same_program) {
    return fmt::format("{} of {} was served by {}, now by {}",
                       place,
                       after->name,
                       where_words(*before),
                       where_words(*after));
  }
  const std::string old = owner_words(before);
  const std::string now = owner_words(after);
  if (old == now && before != nullptr && after != nullptr) {
    if (before->path() == after->path()) {
      return fmt::format("{} was {}, and its command line runs something else now", place, old);
    }
    return fmt::format(
        "{} was {} ({}), now {} ({})", place, old, before->path(), now, after->path());
  }
  return fmt::format("{} was {}, now {}", place, old, now);
}

std::string relocation_words(const Endpoint& endpoint, const Owner& before, const Owner& after) {
  const bool script = before.path() == after.path();
  return fmt::format("{} of {}: the same content runs from another path, {} before, {} now",
                     place_words(endpoint),
                     after.name,
                     script ? std::string_view(before.script) : before.path(),
                     script ? std::string_view(after.script) : after.path());
}

std::string program_change_words(const Program& before, const Program& after) {
  if (after.verdict == PackageVerdict::Matches) {
    return before.package_version == after.package_version
               ? fmt::format("{} has other content, as package {} {} has it",
                             after.path,
                             after.package,
                             after.package_version)
               : fmt::format("{} was upgraded with package {}: {} to {}",
                             after.path,
                             after.package,
                             before.package_version.empty() ? "unknown" : before.package_version,
                             after.package_version);
  }
  const std::string path =
      before.path == after.path ? after.path : before.path + ", now " + after.path + ",";
  return fmt::format(
      "{} has other content ({} before, {} now), and it is {}",
      path,
      hash_words(before),
      hash_words(after),
      package_words(after).empty() ? "not known to any package" : package_words(after));
}

std::string reach_change_words(const Reach& before, const Reach& after) {
  return fmt::format("it was reachable at {}, now at {}", reach_words(before), reach_words(after));
}

std::string move_words(const Service& before, const Service& after) {
  if (!after.rpc.empty()) {
    return fmt::format("{}, which has no fixed port: {} before, {} now",
                       rpc_words(after.rpc.front()),
                       before.endpoint.port.value(),
                       after.endpoint.port.value());
  }
  if (before.endpoint.port == after.endpoint.port && before.endpoint.name.empty()) {
    return fmt::format("{} answered at {}, now at {}",
                       owner_words(principal(after)),
                       before.endpoint.address.text(),
                       after.endpoint.address.text());
  }
  return fmt::format("{} had {}, now {}",
                     owner_words(principal(after)),
                     place_words(before.endpoint),
                     place_words(after.endpoint));
}

std::string target_words(const Endpoint& endpoint,
                         const Owner& owner,
                         std::string_view before,
                         std::string_view after) {
  return fmt::format(
      "{} of {} led to {}, and leads to {} now", place_words(endpoint), owner.name, before, after);
}

std::string rule_target_words(const Endpoint& endpoint,
                              std::string_view before,
                              std::string_view after) {
  return fmt::format("the NAT rules for {} led to {}, and lead to {} now",
                     place_words(endpoint),
                     before.empty() ? "nowhere" : before,
                     after.empty() ? "nowhere" : after);
}

std::string user_rename_words(const Owner& before, const Owner& after) {
  return fmt::format(
      "user {} was called {}, and is called {} now", after.uid.value(), before.user, after.user);
}

std::string namespace_rename_words(const std::string& before, const std::string& after) {
  return fmt::format("network namespace {} is called {} now, and is the same", before, after);
}

std::string namespace_words(const Service& before, const Service& after) {
  return fmt::format("{} has {} in network namespace {}; it was in {}",
                     owner_words(principal(after)),
                     place_words(after.endpoint),
                     after.endpoint.netns,
                     before.endpoint.netns);
}

}  // namespace sockwitness::query
