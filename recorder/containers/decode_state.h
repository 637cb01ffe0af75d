// What the state files of container engines say of names and images.
//
// In:    the bytes of one file, whoever wrote them.
// Out:   facts, empty where the file says nothing of that kind; nothing for what is no such file.
// Never: a text longer than a name can be, or part of a file that is malformed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "schema/model/container.h"

namespace sockwitness::recorder {

// "containers/ID/config.v2.json". Source: moby, daemon/container/container.go.
[[nodiscard]] std::optional<schema::ContainerFacts> decode_docker(std::string_view json);

// "config.json" of a bundle, by its annotations: containerd's CRI and nerdctl, CRI-O, Podman.
// Source: OCI runtime-spec, config.md; containerd, pkg/cri/annotations; cri-o, pkg/annotations.
[[nodiscard]] std::optional<schema::ContainerFacts> decode_bundle(std::string_view json,
                                                                  schema::ContainerEngine engine);

// "overlay-containers/containers.json": by id. Source: containers/storage, containers.go.
using ContainerNames = std::map<std::string, schema::ContainerFacts, std::less<>>;
[[nodiscard]] std::optional<ContainerNames> decode_storage(std::string_view json);

// "data-root" of Docker's daemon.json; empty where it names none.
[[nodiscard]] std::optional<std::string> decode_data_root(std::string_view json);

}  // namespace sockwitness::recorder
