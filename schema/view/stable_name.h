// The part of a name that stays when what it names is made anew.
//
// In:    names of units, paths of programs, ids of containers, as they were observed.
// Out:   the same text for two that differ in what was generated, counted or is a version.
// Never: for display: what was observed is shown.
#pragma once

#include <string>
#include <string_view>

namespace sockwitness::schema {

// "session-12.scope" is "session.scope", "ssh@3-10.0.0.1:22-10.0.0.9:4711.service" is
// "ssh@.service", "libpod-conmon-ID.scope" is "libpod-conmon.scope"; below a user's manager part by
// part. Source: systemd.unit(5), systemd.socket(5) on Accept=, the desktops' convention for
// app-….scope.
[[nodiscard]] std::string stable_unit(std::string_view unit);

// "/nix/store/HASH-nginx-1.24/bin/nginx" is "/nix/store/*-nginx-*/bin/nginx",
// "/srv/releases/20261130/app" is "/srv/releases/*/app". A path without a number is itself.
[[nodiscard]] std::string stable_path(std::string_view path);

// 8-4-4-4-12 hexadecimal digits.
[[nodiscard]] bool is_uuid(std::string_view text);

// An id that the engine draws anew for every container is "*"; a name is itself.
[[nodiscard]] std::string stable_container(std::string_view container);

// "container 4f66ad9a0b2e", "container web 4f66ad9a0b2e": a network namespace that is named by such
// an id.
[[nodiscard]] bool has_drawn_id(std::string_view netns_label);

}  // namespace sockwitness::schema
