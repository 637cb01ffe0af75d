#include "query/analysis/change_words.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "query/analysis/rpc_names.h"

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
  return fmt::format("port {}", endpoint.port.value());
}

std::string owner_words(const Owner* owner) {
  if (owner == nullptr) {
    return "the kernel";
  }
  std::string text = owner->name;
  if (!owner->script.empty()) {
    text += " running " + owner->script;
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
  const bool same_program = before != nullptr && after != nullptr &&
                            before->path() == after->path() && before->script == after->script;
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
  return fmt::format("{} was {}, now {}", place, owner_words(before), owner_words(after));
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
  return fmt::format(
      "{} has other content ({} before, {} now), and it is {}",
      after.path,
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

std::string namespace_words(const Service& before, const Service& after) {
  return fmt::format("{} has {} in network namespace {}; it was in {}",
                     owner_words(principal(after)),
                     place_words(after.endpoint),
                     after.endpoint.netns,
                     before.endpoint.netns);
}

}  // namespace sockwitness::query
