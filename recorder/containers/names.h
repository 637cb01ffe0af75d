// What names of control groups, of users' homes and of Kubernetes' log directories tell.
//
// In:    a path, a line of passwd, the name of a file.
// Out:   whose container it is, and which one.
// Never: guesses: a name of another form says nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "schema/model/container.h"

namespace sockwitness::recorder {

// "…/user-1000.slice/user@1000.service/…": whose engine runs it.
[[nodiscard]] std::optional<std::uint32_t> find_cgroup_user(std::string_view cgroup);

// "…/kubepods-burstable-pod6b5e5e1c_8e0f_….slice/…", with dashes.
[[nodiscard]] std::string find_pod_uid(std::string_view cgroup);

// Homes by uid. Source: passwd(5).
using Homes = std::map<std::uint32_t, std::string>;
[[nodiscard]] Homes parse_homes(std::string_view passwd);

// "POD_NAMESPACE_CONTAINER-ID.log" in /var/log/containers.
// Source: kubernetes, pkg/kubelet/kuberuntime/legacy.go.
struct ContainerLog {
  std::string id;
  schema::ContainerFacts facts;
};
[[nodiscard]] std::optional<ContainerLog> parse_container_log(std::string_view name);

// "NAMESPACE_POD_UID" in /var/log/pods. Source: kubernetes, pkg/kubelet/kuberuntime/helpers.go.
struct PodLog {
  std::string uid;
  schema::ContainerFacts facts;
};
[[nodiscard]] std::optional<PodLog> parse_pod_log(std::string_view name);

// One component of a path: no other file is named by it.
[[nodiscard]] bool is_component(std::string_view id);

}  // namespace sockwitness::recorder
