// A policy to begin with: the services of now, with the reasons left open.
//
// In:    services without an approval.
// Out:   the text of a policy file; read back it approves nothing until its reasons are filled in.
// Never: fills in a reason.
#pragma once

#include <string>
#include <vector>

#include "schema/model/service.h"

namespace sockwitness::query {

// `host` and `taken_at` go into the heading.
[[nodiscard]] std::string draft_policy(const std::vector<const schema::Service*>& services,
                                       const std::string& host,
                                       const std::string& taken_at);

// Any bytes as a TOML basic string with its quotes; bytes that are no UTF-8 as U+FFFD.
[[nodiscard]] std::string toml_string(std::string_view bytes);

}  // namespace sockwitness::query
