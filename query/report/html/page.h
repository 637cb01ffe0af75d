// The report as one page that needs nothing but itself.
//
// In:    the report's value.
// Out:   HTML with its style sheet and an optional script; a policy in it lets a browser run and
//        load nothing else.
// Never: a reference to anywhere, or a byte of the host where a browser would interpret it.
#pragma once

#include <string>

#include "query/report/compliance/compliance.h"

namespace sockwitness::query::html {

[[nodiscard]] std::string write_page(const ComplianceInput& input);

}  // namespace sockwitness::query::html
