#include "tests/unit/query/owner_scene.h"

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "schema/base/scan.h"
#include "tests/unit/query/scene.h"

namespace sockwitness::test {
namespace {

using namespace schema;

Service service(Protocol protocol, std::string_view end, std::vector<Owner> owners) {
  const auto blank = end.find(' ');
  const auto address = IpAddress::parse(end.substr(0, blank));
  const auto port = parse_number<std::uint16_t>(end.substr(blank + 1));
  if (!address || !port) {
    throw std::invalid_argument("an end is ADDRESS PORT");
  }
  Service made;
  made.endpoint.netns = "host";
  made.endpoint.protocol = protocol;
  made.endpoint.family = address->is_v6() ? Family::Ipv6 : Family::Ipv4;
  made.endpoint.address = *address;
  made.endpoint.port = Port(*port);
  made.owners = std::move(owners);
  made.no_holder = made.owners.empty() ? NoHolderReason::Kernel : NoHolderReason::None;
  return made;
}

}  // namespace

// Other files, other contents.
std::string content_at(std::string_view path) {
  constexpr std::size_t kBytes = 32;
  std::string digest(path.substr(path.size() - std::min(path.size(), kBytes)));
  digest.resize(kBytes, 'a');
  return digest;
}

Owner owner(std::string_view program) {
  Owner made;
  made.program.emplace();
  made.program->path = program;
  made.program->verdict = PackageVerdict::Matches;
  made.program->package = "example";
  made.program->sha256 = content_at(program);
  made.name = program.substr(program.rfind('/') + 1);
  made.user = "root";
  made.command_line = std::string(program) + '\0';
  return started(made, -60);
}

Owner with_script(Owner owner, std::string_view script) {
  owner.script = script;
  owner.script_file.emplace();
  owner.script_file->path = script;
  owner.script_file->sha256 = content_at(script);
  return owner;
}

Owner as_user(Owner owner, unsigned uid, std::string_view name) {
  owner.uid = Uid(uid);
  owner.user = name;
  return owner;
}

Owner in_unit(Owner owner, std::string_view unit) {
  owner.unit = unit;
  return owner;
}

Owner with_content(Owner owner, char content, bool intact) {
  owner.program->sha256 = std::string(32, content);
  owner.program->verdict = intact ? PackageVerdict::Matches : PackageVerdict::NotOwned;
  owner.program->package = intact ? "example" : "";
  owner.program->package_version = std::string(1, content);
  return owner;
}

Owner started(Owner owner, int minute, int pid, int parent, int fd) {
  owner.started_at = WallTime{kSceneTime.microseconds + minute * kMinuteUs};
  owner.start = BootTime{(1000 + minute) * kMinuteUs * 1000};
  owner.pid = Pid(pid);
  owner.parent = Pid(parent);
  owner.fds = {Fd(fd)};
  return owner;
}

Service tcp(std::string_view end, std::vector<Owner> owners) {
  return service(Protocol::Tcp, end, std::move(owners));
}

Service udp(std::string_view end, std::vector<Owner> owners) {
  return service(Protocol::Udp, end, std::move(owners));
}

Service unix_name(std::string name, std::vector<Owner> owners) {
  Service made;
  made.endpoint = {"host", Protocol::Unix, Family::Unix, {}, {}, std::move(name)};
  made.owners = std::move(owners);
  return made;
}

ServiceSet set_of(std::vector<Service> services) {
  ServiceSet set;
  std::sort(services.begin(), services.end(), [](const Service& left, const Service& right) {
    return left.endpoint < right.endpoint;
  });
  set.as_of = kSceneTime;
  set.namespaces = {{Inode(1), "host"}};
  for (const Service& each : services) {
    // Other labels, other namespaces.
    const Netns netns{Inode(2 + std::hash<std::string>{}(each.endpoint.netns) / 2),
                      each.endpoint.netns};
    if (std::none_of(set.namespaces.begin(), set.namespaces.end(), [&](const Netns& known) {
          return known.label == netns.label;
        })) {
      set.namespaces.push_back(netns);
    }
  }
  set.services = std::move(services);
  return set;
}

}  // namespace sockwitness::test
