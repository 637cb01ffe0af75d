// Whether a sealed export is as it was signed: nothing but its folder is needed.
//
// In:    the folder; keys and anchors that were kept elsewhere.
// Out:   the verdict.
// Never: says anything of rows that are not there, or believes the manifest.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "query/verify/stamps.h"
#include "query/verify/verdict.h"

namespace sockwitness::query {

struct SealedRequest {
  std::string folder;
  std::vector<std::string> key_files;
  std::vector<std::string> anchor_files;
  StampFiles stamps = {};
  std::function<void(std::int64_t done, std::int64_t all)> on_progress = {};
};

// Throws schema::Error (Usage) for a file of keys or anchors that cannot be used, and Unusable for
// a folder that is not there.
[[nodiscard]] Verdict verify_sealed(const SealedRequest& request);

}  // namespace sockwitness::query
