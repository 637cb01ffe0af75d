#include "recorder/containers/names.h"

#include <algorithm>

#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

using schema::scan_literal;
using schema::scan_until;

bool is_hex_or_dash(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-';
}

schema::ContainerFacts pod_facts(std::string_view space, std::string_view pod) {
  schema::ContainerFacts facts;
  facts.engine = schema::ContainerEngine::Kubernetes;
  facts.pod_namespace = space;
  facts.pod = pod;
  return facts;
}

}  // namespace

std::optional<std::uint32_t> find_cgroup_user(std::string_view cgroup) {
  while (!cgroup.empty()) {
    std::string_view part = scan_until(cgroup, '/');
    std::string_view unit = part;
    const bool slice = scan_literal(unit, "user-");
    if (slice || scan_literal(unit, "user@")) {
      const auto uid = schema::scan_number<std::uint32_t>(unit);
      if (uid && unit == (slice ? ".slice" : ".service")) {
        return uid;
      }
    }
  }
  return std::nullopt;
}

std::string find_pod_uid(std::string_view cgroup) {
  constexpr std::size_t kUid = 36;
  while (!cgroup.empty()) {
    const std::string_view part = scan_until(cgroup, '/');
    for (auto at = part.find("pod"); at != std::string_view::npos; at = part.find("pod", at + 1)) {
      std::string uid(part.substr(at + 3, kUid));
      std::replace(uid.begin(), uid.end(), '_', '-');
      if (uid.size() == kUid && std::all_of(uid.begin(), uid.end(), is_hex_or_dash) &&
          uid[8] == '-') {
        return uid;
      }
    }
  }
  return {};
}

Homes parse_homes(std::string_view passwd) {
  Homes homes;
  while (!passwd.empty()) {
    std::string_view line = scan_until(passwd, '\n');
    (void)scan_until(line, ':');
    (void)scan_until(line, ':');
    const auto uid = schema::parse_number<std::uint32_t>(scan_until(line, ':'));
    (void)scan_until(line, ':');
    (void)scan_until(line, ':');
    const std::string_view home = scan_until(line, ':');
    if (uid && home.starts_with('/')) {
      homes.emplace(*uid, home);
    }
  }
  return homes;
}

std::optional<ContainerLog> parse_container_log(std::string_view name) {
  constexpr std::string_view kSuffix = ".log";
  constexpr std::size_t kId = 64;
  if (!name.ends_with(kSuffix) || name.size() < kSuffix.size() + kId + 1) {
    return std::nullopt;
  }
  name.remove_suffix(kSuffix.size());
  const std::string_view id = name.substr(name.size() - kId);
  name.remove_suffix(kId);
  // Neither of the three names has a '_'.
  const std::string_view pod = scan_until(name, '_');
  const std::string_view space = scan_until(name, '_');
  if (!std::all_of(id.begin(), id.end(), is_hex_or_dash) || !name.ends_with('-') ||
      name.size() < 2 || pod.empty() || space.empty() || name.find('_') != std::string_view::npos) {
    return std::nullopt;
  }
  name.remove_suffix(1);
  ContainerLog log{std::string(id), pod_facts(space, pod)};
  log.facts.pod_container = name;
  return log;
}

std::optional<PodLog> parse_pod_log(std::string_view name) {
  const std::string_view space = scan_until(name, '_');
  const std::string_view pod = scan_until(name, '_');
  if (space.empty() || pod.empty() || name.empty() ||
      !std::all_of(name.begin(), name.end(), is_hex_or_dash)) {
    return std::nullopt;
  }
  return PodLog{std::string(name), pod_facts(space, pod)};
}

bool is_component(std::string_view id) {
  constexpr std::size_t kLongest = 255;
  return !id.empty() && id.size() <= kLongest && id != "." && id != ".." &&
         id.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

}  // namespace sockwitness::recorder
