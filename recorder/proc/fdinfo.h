// The lines of /proc/<pid>/fdinfo/<fd> that join processes to each other, to interfaces and to
// sockets.
//
// In:    "pos:\t0\nflags:\t02\n…tty-index:\t3\n", "…iff:\ttun0\n", "…    0: socket:[4711]\n".
// Out:   the index of the pseudo-terminal whose master this is; the tun or tap interface; the
//        sockets that are registered with an io_uring, which need no descriptor any more.
// Never: guesses from other lines.
// Source: drivers/tty/pty.c, drivers/net/tun.c, io_uring/fdinfo.c.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/model/ids.h"

namespace sockwitness::recorder {

[[nodiscard]] std::optional<std::uint32_t> parse_tty_index(std::string_view fdinfo);
[[nodiscard]] std::optional<std::string> parse_tun_interface(std::string_view fdinfo);
[[nodiscard]] std::vector<schema::Inode> parse_registered_sockets(std::string_view fdinfo);

}  // namespace sockwitness::recorder
