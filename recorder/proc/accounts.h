// Names of users and groups, from files in the format of passwd(5) and group(5).
//
// In:    "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin".
// Out:   all names of a user's id, the first of a group's, in the order of the file: the first one is
//        what the C library resolves an id to.
// Never: asks a name service; a malformed line costs only itself.
#pragma once

#include <string_view>
#include <vector>

#include "schema/model/snapshot.h"

namespace sockwitness::recorder {

[[nodiscard]] std::vector<schema::UserName> parse_passwd(std::string_view text);
[[nodiscard]] std::vector<schema::GroupName> parse_group(std::string_view text);

}  // namespace sockwitness::recorder
