// What a sealed export holds.
//
// In:    what was written, and where.
// Out:   a document for machines, a page for people.
// Never: a proof: that is in the folder.
#pragma once

#include <string>

#include "query/report/neutral/document.h"
#include "query/report/neutral/page.h"
#include "query/seal/seal.h"

namespace sockwitness::query {

[[nodiscard]] Document build_seal(const Sealed& sealed, const std::string& folder);
[[nodiscard]] Page lay_out_seal(const Sealed& sealed, const std::string& folder);

}  // namespace sockwitness::query
