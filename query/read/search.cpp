#include "query/read/search.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <tuple>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/process_search.h"
#include "query/read/reading.h"
#include "query/read/sql.h"
#include "schema/disk/address_codec.h"
#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/living.h"
#include "schema/disk/range_cursor.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::query {
namespace {

using schema::Entity;
using schema::RowId;

void make_set(std::vector<RowId>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

std::vector<RowId> intersect(const std::vector<RowId>& left, const std::vector<RowId>& right) {
  std::vector<RowId> both;
  std::set_intersection(
      left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(both));
  return both;
}

std::vector<RowId> unite(const std::vector<RowId>& left, const std::vector<RowId>& right) {
  std::vector<RowId> either;
  std::set_union(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(either));
  return either;
}

bool only_waiting(const StateSet& states) {
  return std::all_of(states.begin(), states.end(), [](schema::SocketState state) {
    return state == schema::SocketState::Listen || state == schema::SocketState::Unconnected ||
           state == schema::SocketState::Forward;
  });
}

// What a holder must be, of which one part is enough for a candidate. Users are not
// among it: a socket has one of its own.
std::optional<Filter> part_of_holders(const Filter& filter) {
  Filter part;
  if (!filter.pids.empty()) {
    part.pids = filter.pids;
  } else if (!filter.programs.empty()) {
    part.programs = filter.programs;
  } else if (!filter.units.empty()) {
    part.units = filter.units;
  } else if (!filter.containers.empty()) {
    part.containers = filter.containers;
  } else {
    return std::nullopt;
  }
  return part;
}

}  // namespace

Search::Search(schema::Database& database,
               const SnapshotContexts& contexts,
               schema::SeqRange range,
               const OnProgress& on_progress)
    : database_(database), contexts_(contexts), range_(range), on_progress_(on_progress) {
}

Search::Search(const Reading& reading)
    : Search(reading.database, reading.contexts, reading.range, reading.on_progress) {
}

RowRange Search::later_rows(Entity entity) const {
  return {schema::read_last_id(database_, entity, range_.first) + 1,
          schema::read_last_id(database_, entity, range_.last)};
}

std::vector<RowId> Search::find_processes(const Filter& filter) {
  ProcessSearch search(database_, contexts_, filter);
  search.search_rows(schema::read_living(database_, Entity::Process, range_.first));
  search.search_range(later_rows(Entity::Process));
  return search.take();
}

std::vector<RowId> Search::find_held(const std::vector<RowId>& processes) {
  std::vector<RowId> sockets;
  if (processes.empty()) {
    return sockets;
  }
  SQLite::Statement statement(database_.sqlite(), std::string(schema::sql::kReadHolder));
  const auto visit = [&](SQLite::Statement& row) {
    const schema::HolderRow holder = schema::decode_holder(row);
    if (std::binary_search(processes.begin(), processes.end(), holder.process)) {
      sockets.push_back(holder.socket);
    }
  };
  schema::visit_rows(
      statement, schema::read_living(database_, Entity::Holder, range_.first), visit);
  const RowRange later = later_rows(Entity::Holder);
  BlockSieve sieve(database_, later);
  sieve.keep(schema::Facet::HolderProcesses, [&](const schema::NumberSet& holders) {
    const auto numbers = holders.numbers();
    return std::any_of(numbers.begin(), numbers.end(), [&](RowId process) {
      return std::binary_search(processes.begin(), processes.end(), process);
    });
  });
  for (const RowRange& range : sieve.ranges()) {
    for (RowId first = range.first; first <= range.last; first += schema::kDigestRows) {
      statement.reset();
      statement.bind(1, first);
      statement.bind(2, std::min(range.last, first + schema::kDigestRows - 1));
      while (statement.executeStep()) {
        visit(statement);
      }
      on_progress_(first - later.first, later.size());
    }
  }
  make_set(sockets);
  return sockets;
}

const std::vector<RowId>& Search::find_held_by(const Filter& part) {
  const auto key = [](const Filter& filter) {
    return std::tie(filter.pids, filter.programs, filter.users, filter.units, filter.containers);
  };
  if (!last_part_ || key(*last_part_) != key(part)) {
    last_held_ = find_held(find_processes(part));
    last_part_ = part;
  }
  return last_held_;
}

std::vector<RowId> Search::find_by_ends(const Filter& filter, EndsSearch::Users users) {
  EndsSearch search(database_, contexts_, filter, users, on_progress_);
  const auto living = schema::read_living(database_, Entity::Socket, range_.first);
  search.search_rows(living);
  search.search_range(later_rows(Entity::Socket));
  std::vector<RowId> found = search.take();
  return asks_for_ends(filter) ? unite(found, find_forward_ranges(filter, living)) : found;
}

// A few rows at most. The interface is in another table: whoever could have the one is taken.
std::vector<RowId> Search::find_forward_ranges(Filter filter, const std::vector<RowId>& living) {
  filter.devices.clear();
  const RowRange later = later_rows(Entity::Socket);
  std::vector<RowId> found;
  schema::LentStatement statement = database_.lend(sql::kFindForwardRanges);
  statement->bind(1, later.last);
  while (statement->executeStep()) {
    schema::RowReader row(*statement);
    const RowId id = row.integer();
    const RowId origin = row.maybe_integer().value_or(id);
    schema::Socket socket;
    socket.state = schema::SocketState::Forward;
    socket.protocol = row.enumeration(schema::Protocol::Other);
    socket.local_address = schema::decode_address(row.bytes());
    socket.family = socket.local_address.is_v6() ? schema::Family::Ipv6 : schema::Family::Ipv4;
    socket.local_port = schema::Port(row.number<std::uint16_t>());
    socket.local_last = schema::Port(row.number<std::uint16_t>());
    if (const auto remote = schema::IpAddress::from_bytes(row.bytes())) {
      socket.remote_address = *remote;
    }
    const bool is_shown = id >= later.first || std::binary_search(living.begin(), living.end(), id);
    if (is_shown && socket_fits(filter, socket)) {
      found.push_back(origin);
    }
  }
  make_set(found);
  return found;
}

std::vector<RowId> Search::find_sockets(const Filter& filter) {
  using Users = EndsSearch::Users;
  Filter of_users;
  of_users.users = filter.users;
  const auto part = part_of_holders(filter);
  if (!part && filter.users.empty()) {
    return find_by_ends(filter, Users::Any);
  }
  // What listens is in an index and is little; holders are in none.
  if (part && filter.breadth == Breadth::Listening && !filter.states) {
    constexpr std::size_t kLittle = 16384;
    std::vector<RowId> listening = find_by_ends(filter, Users::Any);
    if (listening.size() <= kLittle) {
      return listening;
    }
  }
  std::vector<RowId> held = find_held_by(part.value_or(of_users));
  // A few rows are read faster than the rest of the filter is applied; "connected" excludes little.
  const bool selective = asks_for_ends(filter) || !filter.namespaces.empty() ||
                         filter.breadth == Breadth::Listening ||
                         (filter.states && only_waiting(*filter.states));
  constexpr std::size_t kFew = 4096;
  if (selective && held.size() > kFew) {
    held = intersect(held, find_by_ends(filter, Users::Any));
  }
  return part ? held : unite(held, find_by_ends(filter, Users::OfFilter));
}

}  // namespace sockwitness::query
