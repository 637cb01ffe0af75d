// What changed between two snapshots, told in services.
//
// In:    two snapshots with the lifetimes of their sockets, or without.
// Out:   changes in a total order, and the gaps that kept services from being compared.
// Never: reports as gone, or as new, what the other snapshot could not have seen.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/analysis/service.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::query {

enum class ChangeKind { NewListener, VanishedService };
enum class Severity { Info, Low, Medium, High, Critical };

struct Change {
  ChangeKind kind = ChangeKind::NewListener;
  Severity severity = Severity::High;
  Endpoint endpoint;
  std::optional<Service> before;  // its indices are of the earlier snapshot
  std::optional<Service> after;   // its indices are of the later snapshot
  std::string why;
};

enum class Side { Before, After };

// A gap that hid places where the other snapshot has services.
struct NotCompared {
  Side side = Side::Before;  // the snapshot that has the gap
  std::size_t gap = 0;       // position in that snapshot's gaps
  std::vector<Endpoint> endpoints;
};

struct Diff {
  std::vector<Change> changes;  // by severity, gravest first, then kind and endpoint
  std::vector<NotCompared> not_compared;

  // Something that decides the exit code: more than info.
  [[nodiscard]] bool has_findings() const;
};

struct DiffSide {
  const schema::SnapshotView& view;
  std::span<const schema::Seen> lifetimes;  // parallel to the sockets, or empty
};

[[nodiscard]] Diff compare_services(const DiffSide& before, const DiffSide& after);

// "new_listener", "vanished_service"
[[nodiscard]] std::string_view change_kind_word(ChangeKind kind);
// "info", "low", "medium", "high", "critical"
[[nodiscard]] std::string_view severity_word(Severity severity);

}  // namespace sockwitness::query
