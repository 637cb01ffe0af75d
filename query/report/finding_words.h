// How a finding reads in lines for people.
//
// In:    a finding, the snapshot that it was found in.
// Out:   safe text.
// Never: leaves out who, where and why.
#pragma once

#include <optional>
#include <vector>

#include "query/analysis/host_view.h"
#include "query/analysis/situation.h"
#include "query/report/host_words.h"
#include "query/report/safe_text.h"

namespace sockwitness::query {

// "bash(4120) ← python3(4119) /tmp/.x/a.py ← nginx(903), www-data, nginx.service"
[[nodiscard]] SafeText chain_text(const HostView& host, schema::ProcessIndex process);

// "stdin, stdout, stderr are tcp 10.0.0.5:51234 → 198.51.100.7:443 (outbound, since …)"; for a
// socket of another process than `process`: "nc(77) holds …".
[[nodiscard]] SafeText socket_line(const HostView& host,
                                   const Match& match,
                                   schema::SocketIndex socket,
                                   const ClockFace& clock);

// "the other end is nc(77), root"; empty when it is not on this host.
[[nodiscard]] SafeText peer_line(const HostView& host, schema::SocketIndex socket);

// "and 2 more processes: nc(78), nc(79) at tcp 0.0.0.0:7312" that the leading rule is about, with
// the sockets that are not like the leading one; empty for none.
[[nodiscard]] SafeText others_line(const HostView& host, const Finding& finding);

// The titles of the reasons behind the first one, each once, with the processes that have weight
// and were not named before; accepted ones say so.
[[nodiscard]] SafeText also_line(const HostView& host, const Finding& finding);

// The processes from a process up, without pid 1.
[[nodiscard]] std::vector<schema::ProcessIndex> chain_of(const HostView& host,
                                                         schema::ProcessIndex process);

}  // namespace sockwitness::query
