// How a finding reads in lines for people.
//
// In:    a finding.
// Out:   safe text.
// Never: leaves out the process, the place or the reason.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "query/analysis/findings/finding.h"
#include "query/report/neutral/safe_text.h"
#include "query/report/words/host_words.h"

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
[[nodiscard]] SafeText others_line(const Finding& finding);

// The titles of the matches behind the first one, each once, with the processes that have weight
// and were not named before; accepted ones say so.
[[nodiscard]] SafeText also_line(const Finding& finding);

// "shell on the network  T1059.004"
[[nodiscard]] SafeText title_text(const Finding& finding);
// Who, with which socket, why, what else, how to accept it.
[[nodiscard]] std::vector<SafeText> finding_lines(const Finding& finding, const ClockFace& clock);

// Each ground with its weight, for and against: how the finding came to its severity.
[[nodiscard]] std::vector<SafeText> ground_lines(const Finding& finding);
// "accepted until 2026-12-31: …"; empty when it is not accepted.
[[nodiscard]] SafeText acceptance_line(const Finding& finding);
// "2026-12-31"
[[nodiscard]] std::string date_text(std::chrono::year_month_day date);

// The processes from a process up, without pid 1.
[[nodiscard]] std::vector<schema::ProcessIndex> chain_of(const HostView& host,
                                                         schema::ProcessIndex process);

}  // namespace sockwitness::query
