#include "query/read/peers_reader.h"

#include <algorithm>
#include <map>

#include "query/read/history_database.h"
#include "query/read/socket_scan.h"
#include "query/read/version_reader.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::RowId;
using schema::Seq;
using schema::SeqRange;

bool is_inet(const Endpoint& endpoint) {
  return endpoint.family == schema::Family::Ipv4 || endpoint.family == schema::Family::Ipv6;
}

// Connections that could have been accepted at one of the endpoints.
Filter connections_of(const std::vector<WhenInterval>& spans) {
  Filter filter;
  filter.states = parse_state_set("connected");
  std::map<std::pair<schema::Protocol, schema::Port>, bool> known;
  for (const WhenInterval& span : spans) {
    for (const EndpointInterval& seen : span.endpoints) {
      const Endpoint& endpoint = seen.endpoint;
      if (is_inet(endpoint) &&
          known.emplace(std::pair(endpoint.protocol, endpoint.port), true).second) {
        filter.endpoints.emplace_back(
            schema::InetPattern{endpoint.protocol, std::nullopt, {{endpoint.port, endpoint.port}}});
      }
    }
  }
  return filter;
}

// A wildcard takes all addresses of its family, an IPv6 one usually IPv4 as well.
bool takes(const EndpointInterval& seen, const schema::Socket& connection) {
  const Endpoint& endpoint = seen.endpoint;
  if (endpoint.protocol != connection.protocol || endpoint.port != connection.local_port) {
    return false;
  }
  const schema::IpAddress here = schema::plain_address(connection.local_address);
  const schema::IpAddress there = schema::plain_address(endpoint.address);
  if (there.ip_class() != schema::IpClass::Any) {
    return there == here;
  }
  return there.is_v6() == here.is_v6() || (there.is_v6() && !seen.v6only.value_or(false));
}

// The first one that lived when the connection was first seen, or began or ended beside it. One
// that was there before the interval is another socket's.
WhenInterval* find_span(std::vector<WhenInterval>& spans,
                        const schema::Socket& connection,
                        const SeqRange& seen) {
  for (WhenInterval& span : spans) {
    const auto& before = span.span.not_before;
    const Seq until = span.span.not_after.value_or(Seq(INT64_MAX));
    const bool beside =
        (before ? seen.first > *before : seen.last >= span.span.seen.first) && seen.first <= until;
    const bool taken = std::any_of(
        span.endpoints.begin(), span.endpoints.end(), [&](const EndpointInterval& endpoint) {
          return takes(endpoint, connection);
        });
    if (beside && taken) {
      return &span;
    }
  }
  return nullptr;
}

}  // namespace

void read_peers(History& history,
                SeqRange range,
                Seq latest,
                const OnProgress& on_progress,
                std::vector<WhenInterval>& spans) {
  const Filter filter = connections_of(spans);
  if (filter.endpoints.empty()) {
    return;
  }
  const SnapshotContexts contexts(history, range, latest, SnapshotContexts::Gaps::OfSockets);
  schema::Database& database = HistoryDatabase::of(history);
  Search search(database, contexts, range, on_progress);
  const std::vector<RowId> origins = search.find_sockets(filter);
  VersionReader reader(database, range, latest);
  SocketScan scan(database);
  constexpr std::size_t kPiece = 16'384;
  for (std::size_t first = 0; first < origins.size(); first += kPiece) {
    const std::size_t last = std::min(origins.size(), first + kPiece);
    const std::vector<RowId> piece(origins.begin() + static_cast<std::ptrdiff_t>(first),
                                   origins.begin() + static_cast<std::ptrdiff_t>(last));
    const std::vector<SeqRange> seen_in = reader.read_socket_ranges(piece);
    std::size_t at = 0;
    scan.visit(piece, [&](const ScannedSocket& row) {
      while (piece[at] != row.id) {
        ++at;
      }
      if (WhenInterval* span = find_span(spans, row.socket, seen_in[at])) {
        span->peers.add(row.socket.remote_address, seen_in[at]);
      }
    });
    on_progress(static_cast<std::int64_t>(last), static_cast<std::int64_t>(origins.size()));
  }
}

}  // namespace sockwitness::query
