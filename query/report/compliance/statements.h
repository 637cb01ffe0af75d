// What a report has to state about itself before it can be relied on: one sentence each.
//
// In:    the report's value.
// Out:   statements in a fixed order, each with a stable name; raw bytes of the host among the
//        text.
// Never: leaves one out because there is nothing to say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/report/compliance/compliance.h"

namespace sockwitness::query {

struct Statement {
  std::string_view id;     // "sampling"
  std::string_view title;  // "Sampling"
  std::string text;
};

[[nodiscard]] std::vector<Statement> build_statements(const ComplianceInput& input);

// What words of the report mean: term and meaning.
[[nodiscard]] std::vector<std::pair<std::string_view, std::string_view>> definitions();

}  // namespace sockwitness::query
