// The two lines of /proc/<pid>/fdinfo/<fd> that join processes to each other and to interfaces.
//
// In:    "pos:\t0\nflags:\t02\n…tty-index:\t3\n" or "…iff:\ttun0\n".
// Out:   the index of the pseudo-terminal whose master this is; the tun or tap interface.
// Never: guesses from other lines.
// Source: drivers/tty/pty.c, drivers/net/tun.c.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sockwitness::recorder {

[[nodiscard]] std::optional<std::uint32_t> parse_tty_index(std::string_view fdinfo);
[[nodiscard]] std::optional<std::string> parse_tun_interface(std::string_view fdinfo);

}  // namespace sockwitness::recorder
