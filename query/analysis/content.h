// Programs and scripts of a service whose file has other content than before.
//
// In:    the same service at two times.
// Out:   each file that changed, once, and whether its package accounts for it.
// Never: takes an old version for a change while a process still runs it, or guesses at a content
//        that was not read.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "schema/model/service.h"

namespace sockwitness::query {

struct ContentChange {
  const schema::Program* before = nullptr;  // of the services that were compared
  const schema::Program* after = nullptr;
  bool upgrade = false;  // it is what the package has that owns it
};

[[nodiscard]] std::vector<ContentChange> find_content_changes(const schema::Service& before,
                                                              const schema::Service& after);

// Owners before and after that run the same content from different paths, while none runs it from
// the path that it had.
[[nodiscard]] std::optional<std::pair<const schema::Owner*, const schema::Owner*>> find_relocation(
    const schema::Service& before, const schema::Service& after);

}  // namespace sockwitness::query
