#include "query/read/ends_search.h"

#include <algorithm>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/listening_rows.h"
#include "query/read/remote_search.h"
#include "schema/disk/database.h"
#include "schema/disk/row.h"

namespace sockwitness::query {
namespace {

using schema::Facet;
using schema::IpPrefix;
using schema::NumberSet;
using schema::PortRange;
using schema::RowId;

// Ranges of which a match has one at one of its ends; nothing: it need not have any.
std::optional<std::vector<PortRange>> needed_ports(const Filter& filter) {
  if (!filter.ports.empty()) {
    return filter.ports;
  }
  std::vector<PortRange> ranges;
  for (const schema::EndpointPattern& pattern : filter.endpoints) {
    const auto* inet = std::get_if<schema::InetPattern>(&pattern);
    if (inet == nullptr || inet->ports.empty()) {
      return std::nullopt;
    }
    ranges.insert(ranges.end(), inet->ports.begin(), inet->ports.end());
  }
  if (!ranges.empty()) {
    return ranges;
  }
  for (const auto* patterns : {&filter.local, &filter.remote, &filter.either}) {
    const bool all = !patterns->empty() &&
                     std::all_of(patterns->begin(), patterns->end(), [](const auto& pattern) {
                       return pattern.ports.has_value();
                     });
    if (all) {
      for (const schema::AddressPattern& pattern : *patterns) {
        ranges.push_back(*pattern.ports);
      }
      return ranges;
    }
  }
  return std::nullopt;
}

PortRange hull_of(const std::vector<PortRange>& ranges) {
  PortRange hull = ranges.front();
  for (const PortRange& range : ranges) {
    hull = {std::min(hull.first, range.first), std::max(hull.last, range.last)};
  }
  return hull;
}

// The prefixes, when there is one in each pattern and the digests can tell each of them.
std::optional<std::vector<IpPrefix>> telling_prefixes(
    const std::vector<schema::AddressPattern>& patterns) {
  std::vector<IpPrefix> prefixes;
  for (const schema::AddressPattern& pattern : patterns) {
    if (!pattern.prefix || !digests_can_tell(*pattern.prefix)) {
      return std::nullopt;
    }
    prefixes.push_back(*pattern.prefix);
  }
  return prefixes.empty() ? std::nullopt : std::optional(std::move(prefixes));
}

// In socket_listening: TCP and the like that listen, UDP without a peer.
bool is_indexed(schema::Protocol protocol, schema::SocketState state) {
  return state == schema::SocketState::Listen ||
         (state == schema::SocketState::Unconnected &&
          (protocol == schema::Protocol::Udp || protocol == schema::Protocol::UdpLite));
}

std::vector<RowId> read_indexed(schema::Database& database, PortRange ports, RowRange rows) {
  std::vector<RowId> ids;
  for (const ListeningRow& row : ListeningRows(database, rows).find({ports}, rows)) {
    ids.push_back(row.id);
  }
  return ids;
}

// A scan reads no names: whoever could have one is taken.
Filter without_names(Filter filter) {
  const bool named =
      std::any_of(filter.endpoints.begin(), filter.endpoints.end(), [](const auto& pattern) {
        return std::holds_alternative<schema::NamePattern>(pattern);
      });
  if (named) {
    filter.endpoints.clear();
  }
  return filter;
}

template <class Meant>
bool any_number(const NumberSet& set, Meant meant) {
  const auto numbers = set.numbers();
  return std::any_of(numbers.begin(), numbers.end(), meant);
}

}  // namespace

EndsSearch::EndsSearch(schema::Database& database,
                       const SnapshotContexts& contexts,
                       const Filter& filter,
                       Users users,
                       const OnProgress& on_progress)
    : database_(database),
      users_(users),
      filter_(without_names(filter)),
      words_(database, contexts, filter_),
      ports_(needed_ports(filter_)),
      scan_(database),
      on_progress_(on_progress) {
  visit_ = [this](const ScannedSocket& row) {
    const bool user = users_ == Users::Any || (row.socket.uid && words_.user(*row.socket.uid));
    if (user && socket_fits(filter_, row.socket) && words_.netns(row.netns)) {
      found_.push_back(row.origin);
    }
  };
}

void EndsSearch::search_range(RowRange rows) {
  if (rows.size() <= 0) {
    return;
  }
  const bool listening = filter_.breadth == Breadth::Listening && !filter_.states;
  if (listening) {
    search_rows(
        read_indexed(database_,
                     ports_ ? hull_of(*ports_) : PortRange{schema::Port(0), schema::Port(65535)},
                     rows));
  }
  const BlockSieve sieve = sift(rows, listening);
  if (const auto prefixes = telling_prefixes(filter_.remote)) {
    search_remote(sieve, rows, *prefixes);
  } else if (const auto ends = telling_prefixes(filter_.either)) {
    search_remote(sieve, rows, *ends);
    BlockSieve own_end = sieve;
    own_end.keep(Facet::SocketLocalAddresses, [&](const NumberSet& texts) {
      return any_number(texts, [&](RowId text) { return words_.either_address(text); });
    });
    search_ranges(own_end.ranges());
  } else {
    search_ranges(sieve.ranges());
  }
}

BlockSieve EndsSearch::sift(RowRange rows, bool without_indexed) {
  BlockSieve sieve(database_, rows);
  sieve.keep(Facet::SocketKinds, [&](const NumberSet& kinds) {
    return any_number(kinds, [&](std::int64_t kind) {
      const auto protocol = static_cast<schema::Protocol>(kind / 16);
      const auto state = static_cast<schema::SocketState>(kind % 16);
      return !(without_indexed && is_indexed(protocol, state)) &&
             kind_fits(filter_, protocol, state);
    });
  });
  if (ports_) {
    sieve.keep(Facet::SocketPorts, [&](const NumberSet& ports) {
      return std::any_of(ports_->begin(), ports_->end(), [&](const PortRange& range) {
        return ports.contains_any(range.first.value(), range.last.value());
      });
    });
  }
  if (!filter_.local.empty() || !filter_.endpoints.empty()) {
    sieve.keep(Facet::SocketLocalAddresses, [&](const NumberSet& texts) {
      return any_number(texts, [&](RowId text) { return words_.local_address(text); });
    });
  }
  if (!filter_.namespaces.empty()) {
    sieve.keep(Facet::SocketNamespaces, [&](const NumberSet& origins) {
      return any_number(origins, [&](RowId origin) { return words_.netns(origin); });
    });
  }
  if (users_ == Users::OfFilter) {
    sieve.keep(Facet::SocketUsers, [&](const NumberSet& users) {
      return any_number(users, [&](std::int64_t uid) {
        return words_.user(schema::Uid(static_cast<std::uint32_t>(uid)));
      });
    });
  }
  return sieve;
}

void EndsSearch::search_remote(const BlockSieve& sieve,
                               RowRange rows,
                               const std::vector<IpPrefix>& prefixes) {
  const RemoteHits hits = find_remote(database_, rows, prefixes);
  std::vector<RowId> left;
  auto next = hits.rows.begin();
  for (const RowRange& range : sieve.ranges()) {
    next = std::lower_bound(next, hits.rows.end(), range.first);
    while (next != hits.rows.end() && *next <= range.last) {
      left.push_back(*next++);
    }
  }
  search_rows(left);
  search_ranges(hits.unknown);
}

void EndsSearch::search_ranges(const std::vector<RowRange>& ranges) {
  if (ports_) {
    scan_.limit_ports(hull_of(*ports_));
  }
  if (filter_.remote.size() == 1 && filter_.remote.front().prefix &&
      !filter_.remote.front().prefix->address.is_v6()) {
    scan_.limit_remote(*filter_.remote.front().prefix);
  }
  std::int64_t all = 0;
  for (const RowRange& range : ranges) {
    all += range.size();
  }
  std::int64_t done = 0;
  for (const RowRange& range : ranges) {
    // In pieces, for the progress.
    for (RowId first = range.first; first <= range.last; first += schema::kDigestRows) {
      const RowRange piece{first, std::min(range.last, first + schema::kDigestRows - 1)};
      scan_.visit(piece, visit_);
      done += piece.size();
      on_progress_(done, all);
    }
  }
}

std::vector<RowId> EndsSearch::take() {
  std::sort(found_.begin(), found_.end());
  found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
  return std::move(found_);
}

}  // namespace sockwitness::query
