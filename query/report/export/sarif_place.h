// The physical location of a SARIF result: importers of code scanning take none without a file.
//
// In:    the holders of a socket, the socket.
// Out:   the file of the script or program that answers, else the kernel's table that lists such
//        sockets; relative to the root of the host that was recorded, which is "HOST" in the log.
// Never: a path of the machine that exports; a character that a URI may not have.
#pragma once

#include <string>
#include <string_view>

#include "query/report/neutral/value.h"
#include "schema/model/service.h"
#include "schema/model/socket_kind.h"

namespace sockwitness::query {

// {"HOST": {"uri": "file:///"}}
[[nodiscard]] Value sarif_base();
// Line 1: files of programs have no better one.
[[nodiscard]] Value sarif_place(std::string_view file);

// Empty where the owner is null, a thread of the kernel, or could not be read.
[[nodiscard]] std::string sarif_file(const schema::Owner* owner);
// "/proc/net/tcp6"
[[nodiscard]] std::string sarif_table(schema::Protocol protocol, schema::Family family);

}  // namespace sockwitness::query
