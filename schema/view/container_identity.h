// What of a container stays when it is made anew, and what it is called.
//
// In:    its id and what its engine calls it, as they were observed.
// Out:   whether two may be one; the same text for both; the names that a filter or policy may use.
// Never: an id that was drawn, or a name that was, as an identity.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/model/container.h"

namespace sockwitness::schema {

// "web-7d9f6b5c4-x2x9k" of a Deployment and "web-x2x9k" of a DaemonSet are "web"; "db-0" of a
// StatefulSet is itself. Source: kubernetes, apiserver/pkg/storage/names and
// apimachinery/pkg/util/rand: generated ends are made of "bcdfghjklmnpqrstvwxz2456789".
[[nodiscard]] std::string_view stable_pod(std::string_view pod);

// The repository: "docker.io/library/nginx:1.25@sha256:…" is "nginx". Empty for a bare digest.
// Source: distribution/reference.
[[nodiscard]] std::string_view stable_image(std::string_view image);

// "quirky_turing", "4f66ad9a0b2e-infra": Docker and Podman draw such a name where none is given.
// Source: moby, internal/namesgenerator.
[[nodiscard]] bool is_drawn_name(std::string_view name);

// By the name, the Compose service or the pod; else by the image; else as stable_container() says.
[[nodiscard]] std::string container_identity(std::string_view id,
                                             const std::optional<ContainerFacts>& facts);

// The first of these that both sides know decides; one name with images of two repositories are
// two.
[[nodiscard]] bool may_be_same_container(std::string_view left_id,
                                         const std::optional<ContainerFacts>& left,
                                         std::string_view right_id,
                                         const std::optional<ContainerFacts>& right);

// "web", "shop/web-7d9f6b5c4-x2x9k/nginx"; empty where nothing is known.
[[nodiscard]] std::string container_name(const std::optional<ContainerFacts>& facts);
// What network namespaces are called by, which stays: "web", of a Compose service and of a pod
// "shop/web". Empty likewise, and for a name that was drawn.
[[nodiscard]] std::string container_label(const std::optional<ContainerFacts>& facts);

// Every name that it has but its id, the one that is shown first.
[[nodiscard]] std::vector<std::string> names_of(const std::optional<ContainerFacts>& facts);

}  // namespace sockwitness::schema
