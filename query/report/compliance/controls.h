// Which controls of which frameworks the report serves, and in which role.
//
// In:    nothing; a fixed table, with the versions of the frameworks.
// Out:   rows.
// Never: a control that it does not serve: file integrity, flow logs, network devices.
#pragma once

#include <span>
#include <string_view>

namespace sockwitness::query {

struct Control {
  std::string_view framework;  // with its version
  std::string_view id;
  std::string_view subject;
  std::string_view role;  // "evidence": can be handed in for it; "support": helps
  std::string_view served_by;
};

[[nodiscard]] std::span<const Control> served_controls();

}  // namespace sockwitness::query
