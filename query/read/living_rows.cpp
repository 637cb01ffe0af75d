#include "query/read/living_rows.h"

#include <algorithm>
#include <string>

#include "schema/base/error.h"

namespace sockwitness::query {
namespace {

using schema::Delta;
using schema::Entity;
using schema::RowId;

template <class Row>
RowId origin_of(const Row& row) {
  return row.origin.value_or(row.id);
}

[[noreturn]] void throw_missing() {
  throw schema::Error(schema::ExitCode::Unusable,
                      "reading the database: a row ends, or is referred to, that does not live",
                      "the file is damaged or was altered");
}

template <class Rows>
const typename Rows::mapped_type& find_living(const Rows& rows, RowId id) {
  const auto found = rows.find(id);
  if (found == rows.end()) {
    throw_missing();
  }
  return found->second;
}

// Takes away what ended, unless a new version of it has come already.
template <class Rows>
void drop(const std::vector<RowId>& ended, std::unordered_map<RowId, RowId>& origins, Rows& rows) {
  for (const RowId id : ended) {
    const auto origin = origins.find(id);
    if (origin != origins.end()) {
      rows.erase(origin->second);
      origins.erase(origin);
    }
  }
}

template <class Row, class Rows>
void keep(const std::vector<Row>& begun, std::unordered_map<RowId, RowId>& origins, Rows& rows) {
  for (const Row& row : begun) {
    origins[row.id] = origin_of(row);
    rows[origin_of(row)] = row;
  }
}

template <class Row>
void replace(const std::vector<RowId>& ended,
             const std::vector<Row>& begun,
             std::map<RowId, Row>& rows) {
  for (const RowId id : ended) {
    rows.erase(id);
  }
  for (const Row& row : begun) {
    rows.emplace(row.id, row);
  }
}

}  // namespace

LivingRows::Touched LivingRows::find_touched(const Delta& delta) const {
  Touched touched;
  for (const RowId id : delta.ended_of(Entity::Socket)) {
    touched.sockets.insert(find_living(socket_origins_, id));
  }
  for (const RowId id : delta.ended_of(Entity::Process)) {
    touched.processes.insert(find_living(process_origins_, id));
  }
  for (const RowId id : delta.ended_of(Entity::Holder)) {
    touched.sockets.insert(find_living(holder_sockets_, id));
  }
  for (const schema::SocketRow& row : delta.sockets) {
    touched.sockets.insert(origin_of(row));
  }
  for (const schema::ProcessRow& row : delta.processes) {
    touched.processes.insert(origin_of(row));
  }
  for (const schema::HolderRow& row : delta.holders) {
    touched.sockets.insert(row.socket);
  }
  return touched;
}

void LivingRows::apply(const Delta& delta) {
  for (const auto& [id, program] : delta.programs) {
    programs_.emplace(id, program);
  }
  drop(delta.ended_of(Entity::Netns), netns_origins_, namespaces_);
  drop(delta.ended_of(Entity::Process), process_origins_, processes_);
  drop(delta.ended_of(Entity::Socket), socket_origins_, sockets_);
  for (const RowId id : delta.ended_of(Entity::Holder)) {
    const auto socket = holder_sockets_.find(id);
    if (socket == holder_sockets_.end()) {
      continue;
    }
    const auto holders = holders_.find(socket->second);
    holders->second.erase(id);
    if (holders->second.empty()) {
      holders_.erase(holders);
    }
    holder_sockets_.erase(socket);
  }
  keep(delta.namespaces, netns_origins_, namespaces_);
  keep(delta.processes, process_origins_, processes_);
  keep(delta.sockets, socket_origins_, sockets_);
  for (const schema::HolderRow& row : delta.holders) {
    holders_[row.socket].emplace(row.id, row);
    holder_sockets_[row.id] = row.socket;
  }
  replace(delta.ended_of(Entity::Gap), delta.gaps, gaps_);
  replace(delta.ended_of(Entity::UserName), delta.users, users_);
  replace(delta.ended_of(Entity::Registration), delta.registrations, registrations_);
}

NetnsPlaces LivingRows::fill(schema::Snapshot& snapshot) const {
  NetnsPlaces places;
  for (const auto& [origin, row] : namespaces_) {
    places.emplace(origin,
                   schema::NetnsIndex(static_cast<std::uint32_t>(snapshot.namespaces.size())));
    snapshot.namespaces.push_back(row.netns);
  }
  for (const auto& [id, row] : gaps_) {
    snapshot.gaps.push_back(row.gap);
    if (row.netns) {
      snapshot.gaps.back().netns = find_living(places, *row.netns);
    }
  }
  for (const auto& [id, row] : users_) {
    snapshot.users.push_back(row.user);
  }
  for (const auto& [id, row] : registrations_) {
    snapshot.registrations.push_back(row.registration);
  }
  return places;
}

PartialSnapshot LivingRows::begin_part(const Moments& moments, schema::Seq seq) const {
  return {moments,
          seq,
          [this](schema::Snapshot& snapshot) { return fill(snapshot); },
          [this](RowId id) -> const schema::Program& { return find_living(programs_, id); }};
}

schema::ProcessIndex LivingRows::add_process(PartialSnapshot& part, RowId origin) const {
  return part.add(origin, find_living(processes_, origin));
}

schema::SocketIndex LivingRows::add_socket(PartialSnapshot& part, RowId origin) const {
  const schema::SocketIndex index = part.add(find_living(sockets_, origin));
  const auto holders = holders_.find(origin);
  if (holders != holders_.end()) {
    for (const auto& [id, holder] : holders->second) {
      part.add_holder(index, add_process(part, holder.process), holder.fd);
    }
  }
  return index;
}

std::vector<std::size_t> LivingRows::gap_positions(const std::vector<RowId>& ids) const {
  std::vector<std::size_t> positions;
  std::size_t at = 0;
  for (const auto& [id, row] : gaps_) {
    if (std::binary_search(ids.begin(), ids.end(), id)) {
      positions.push_back(at);
    }
    ++at;
  }
  if (positions.size() != ids.size()) {
    throw_missing();
  }
  return positions;
}

}  // namespace sockwitness::query
