// Asks the local rpcbind which RPC programs are registered at which addresses.
//
// In:    the path of rpcbind's unix socket.
// Out:   its registrations; none when rpcbind does not run.
// Never: uses the network, waits longer than about a second for an answer, or keeps half of one.
#pragma once

#include <vector>

#include "recorder/os/result.h"
#include "schema/model/snapshot.h"

namespace sockwitness::recorder {

// Source: rpcbind's _PATH_RPCBINDSOCK as distributions set it.
inline constexpr const char* kRpcbindSocket = "/run/rpcbind.sock";

// An absent socket and one that nobody listens on are an empty list; ETIMEDOUT: it did not answer
// in time; EBADMSG: its answer makes no sense; EFBIG: its answer is too long.
Result<std::vector<schema::RpcRegistration>> read_registrations(const char* socket_path);

}  // namespace sockwitness::recorder
