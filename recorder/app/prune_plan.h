// What a prune is asked for.
//
// In:    the words of a command line.
// Out:   times and sizes.
// Never: a default: what is removed is gone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "recorder/app/retention_options.h"
#include "recorder/write/thin_choice.h"

namespace sockwitness::recorder {

struct PrunePolicy {
  std::optional<std::int64_t> keep_us;  // what is older goes
  std::optional<std::int64_t> max_bytes;
  std::optional<ThinPolicy> thin;
  std::string words;       // "--keep 400d", without what is thinned
  std::string thin_words;  // "--thin 1h after 30d"
};

// Throws schema::Error (Usage).
[[nodiscard]] PrunePolicy read_policy(const PruneOptions& options);

// "1.5 GB"
[[nodiscard]] std::string size_words(std::int64_t bytes);

}  // namespace sockwitness::recorder
