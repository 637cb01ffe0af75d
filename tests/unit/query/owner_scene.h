// Services put together by hand, without a snapshot around them.
//
// In:    endpoints as "ADDRESS PORT", owners by program and what else a test is about.
// Out:   a set of services.
// Never: reads this machine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/model/service.h"

namespace sockwitness::test {

// A packaged program of root without a unit.
[[nodiscard]] schema::Owner owner(std::string_view program);
[[nodiscard]] schema::Owner with_script(schema::Owner owner, std::string_view script);
[[nodiscard]] schema::Owner as_user(schema::Owner owner, unsigned uid, std::string_view name);
[[nodiscard]] schema::Owner in_unit(schema::Owner owner, std::string_view unit);
// `content` stands for the hash; of a package if `intact`.
[[nodiscard]] schema::Owner with_content(schema::Owner owner, char content, bool intact);
// Started so many minutes after the epoch of the tests, by this parent, holding this descriptor.
[[nodiscard]] schema::Owner started(
    schema::Owner owner, int minute, int pid = 100, int parent = 1, int fd = 3);

[[nodiscard]] schema::Service tcp(std::string_view end, std::vector<schema::Owner> owners);
[[nodiscard]] schema::Service udp(std::string_view end, std::vector<schema::Owner> owners);
[[nodiscard]] schema::Service unix_name(std::string name, std::vector<schema::Owner> owners);

// Complete, of minute 0, with the namespaces of its services.
[[nodiscard]] schema::ServiceSet set_of(std::vector<schema::Service> services);

}  // namespace sockwitness::test
