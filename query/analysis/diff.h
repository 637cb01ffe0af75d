// Changes of services between two observations.
//
// In:    two sets of services: of snapshots, of baselines, of this moment.
// Out:   changes in a total order, and what kept services or owners from being compared.
// Never: reports as gone, as new or as replaced what a gap of the other side covers.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "query/analysis/change_kind.h"
#include "query/analysis/compared_side.h"
#include "query/analysis/findings/severity.h"
#include "schema/model/service.h"

namespace sockwitness::query {

struct Change {
  ChangeKind kind = ChangeKind::NewListener;
  Severity severity = Severity::High;
  schema::Endpoint endpoint;
  std::optional<schema::Service> before;
  std::optional<schema::Service> after;
  std::string why;  // plain words with names of the host in them: escape before printing
  // Of a reach: everything that the owner has, or had, at the port.
  std::vector<schema::Endpoint> places = {};
};

enum class Side { Before, After };

// Services of one side that the other one says nothing about.
struct NotCompared {
  Side side = Side::Before;        // the one that could not see
  std::optional<std::size_t> gap;  // position in that side's gaps; nothing: the holders were gone
  bool owners_only = false;        // the endpoints were compared, their owners were not
  std::vector<schema::Endpoint> endpoints;
};

struct Diff {
  std::vector<Change> changes;  // by severity, gravest first, then kind and endpoint
  std::vector<NotCompared> not_compared;
};

// The order of Diff::changes.
void sort_changes(std::vector<Change>& changes);

[[nodiscard]] Diff compare_services(const schema::ServiceSet& before,
                                    const schema::ServiceSet& after);

// The same of sides whose labels, interfaces and v6only agree already.
[[nodiscard]] Diff compare_sides(const ComparedSide& before, const ComparedSide& after);

// What tells that a namespace has another label than before; `service` lies in it.
[[nodiscard]] Change renamed_namespace(const schema::Service& service, const std::string& before);

}  // namespace sockwitness::query
