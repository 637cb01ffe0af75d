// Two sets of services compared, and the one change that a test expects.
//
// In:    services of tests/unit/query/owner_scene.h.
// Out:   a difference, failed checks with the reason of the change.
// Never: accepts a second change.
#pragma once

#include <catch2/catch.hpp>

#include "query/analysis/diff.h"
#include "tests/unit/query/owner_scene.h"

namespace sockwitness::test {

inline const schema::Owner kNginx = owner("/usr/sbin/nginx");
inline const schema::Owner kApp = with_script(owner("/usr/bin/python3.11"), "/opt/app.py");

inline query::Diff compare(std::vector<schema::Service> before,
                           std::vector<schema::Service> after) {
  return query::compare_services(set_of(std::move(before)), set_of(std::move(after)));
}

// The one change that there is.
inline query::Change only(const query::Diff& diff) {
  REQUIRE(diff.changes.size() == 1);
  return diff.changes.front();
}

inline void check(const query::Change& change, query::ChangeKind kind, query::Severity severity) {
  INFO(change.why);
  CHECK(query::change_kind_word(change.kind) == query::change_kind_word(kind));
  CHECK(query::severity_word(change.severity) == query::severity_word(severity));
}

inline schema::Service in(std::string_view netns, schema::Service service) {
  service.endpoint.netns = netns;
  return service;
}

}  // namespace sockwitness::test
