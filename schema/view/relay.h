// Where a program that passes connections on leads to, told from its command line.
//
// In:    the path of the executable, the command line as in /proc/<pid>/cmdline, the port that it
//        listens on.
// Out:   the target in the words of the command line; empty for all other programs.
// Never: reads a configuration file: of a proxy that was told one its name is all that is known.
#pragma once

#include <string>
#include <string_view>

#include "schema/model/service.h"

namespace sockwitness::schema {

// socat: the address that does not listen, without its options. ssh: the end of the -L for this
// port and the host that is logged in to, "SOCKS by HOST" of -D. systemd-socket-proxyd and redir:
// the target. nc and ncat: what they start. haproxy and nginx: "what FILE says" of -f and -c, the
// target where -g says it. Source: socat(1), ssh(1), autossh(1), systemd-socket-proxyd(8),
// redir(1), ncat(1), haproxy(1), nginx(8).
[[nodiscard]] std::string find_relay_target(std::string_view program,
                                            std::string_view command_line,
                                            Port port);

// Of an owner at this port, whether a snapshot or a baseline has it. docker-proxy: "ADDRESS:PORT",
// and " in NETNS" where a snapshot shows the container.
[[nodiscard]] std::string leads_to(const Owner& owner, Port port);

enum class LeadChange {
  Same,
  Recreated,  // to the same container, made anew
  Perhaps,    // to another address of an engine's network: whose it is was not seen
  Elsewhere
};
// Both are targets as leads_to() gives them.
[[nodiscard]] LeadChange compare_leads(std::string_view before, std::string_view after);

}  // namespace sockwitness::schema
