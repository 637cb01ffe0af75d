// Whether a database is worth something as evidence, and from where we know.
//
// In:    its path; keys and anchors that were kept elsewhere.
// Out:   the verdict.
// Never: changes a byte of it or beside it; says more than what it computed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "query/verify/stamps.h"
#include "query/verify/verdict.h"

namespace sockwitness::query {

struct VerifyRequest {
  std::string database;
  std::vector<std::string> key_files;
  std::vector<std::string> anchor_files;
  StampFiles stamps = {};
  std::function<void(std::int64_t done, std::int64_t all)> on_progress = {};
};

// Throws schema::Error (Usage) for a file of keys or anchors that cannot be used, and Unusable for
// a database that is not there.
[[nodiscard]] Verdict verify(const VerifyRequest& request);

}  // namespace sockwitness::query
