// Words that stand for several names: as a shell matches them.
//
// In:    a word as typed or as a policy has it; a name of the host.
// Out:   whether the word means the name.
// Never: treats a word without '*', '?' or '[' as a pattern.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schema/model/container.h"

namespace sockwitness::query {

[[nodiscard]] bool is_glob(std::string_view word);
// The name itself, or a pattern for all of it.
[[nodiscard]] bool matches_name(const std::string& word, std::string_view name);
// A path, the base name of it, or a pattern for either.
[[nodiscard]] bool matches_path(const std::string& word, std::string_view path);
// A unit with or without ".service", or a pattern.
[[nodiscard]] bool matches_unit(const std::string& word, std::string_view unit);
// The beginning of a container's id, one of its names, or a pattern.
[[nodiscard]] bool matches_container(const std::string& word,
                                     std::string_view container,
                                     const std::optional<schema::ContainerFacts>& facts);

}  // namespace sockwitness::query
