// What people call a container, as its engine wrote it down.
//
// In:    the engine's own state files, read by the recorder.
// Out:   plain values; an empty text is not known, or the engine has no such thing.
// Never: an identity by itself: see schema/view/container_identity.h.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace sockwitness::schema {

// Whose state files said so. Stored numbers, never reused.
enum class ContainerEngine : std::uint8_t {
  Docker = 1,
  Podman = 2,
  Containerd = 3,
  CriO = 4,
  Kubernetes = 5  // the names of its log directories alone
};

struct ContainerFacts {
  ContainerEngine engine = ContainerEngine::Docker;
  std::string name;
  std::string image;    // as it was asked for: "nginx:1.25"
  std::string project;  // of Compose
  std::string service;  // likewise
  std::string pod;
  std::string pod_namespace;
  std::string pod_container;  // its name in the pod; empty for what holds the pod together

  friend auto operator<=>(const ContainerFacts&, const ContainerFacts&) = default;
};

// "docker", "podman", …
[[nodiscard]] std::string_view container_engine_word(ContainerEngine engine);

}  // namespace sockwitness::schema
