#include "query/read/listening_since.h"

#include <algorithm>
#include <vector>

#include "query/read/version_reader.h"

namespace sockwitness::query {
namespace {

// Of the versions without an interruption of the state, the first.
schema::Seq begin_of_state(const SocketHistory& thing, schema::Seq seq) {
  auto version = std::find_if(thing.versions.rbegin(),
                              thing.versions.rend(),
                              [&](const auto& each) { return each.seen.contains(seq); });
  schema::Seq begin = seq;
  while (version != thing.versions.rend() &&
         version->row.socket.state == schema::SocketState::Listen) {
    begin = version->seen.first;
    ++version;
  }
  return begin;
}

}  // namespace

std::unordered_map<schema::RowId, schema::Seq> find_listening_since(
    schema::Database& database,
    const schema::LoadedSnapshot& loaded,
    schema::Seq seq,
    schema::Seq latest) {
  std::vector<schema::RowId> origins;
  for (std::size_t at = 0; at < loaded.sockets.size(); ++at) {
    const schema::Origin& origin = loaded.sockets[at];
    const bool listens = loaded.snapshot.sockets[at].state == schema::SocketState::Listen;
    if (listens && origin.row != origin.first) {
      origins.push_back(origin.first);
    }
  }
  std::sort(origins.begin(), origins.end());
  std::unordered_map<schema::RowId, schema::Seq> since;
  if (!origins.empty()) {
    VersionReader things(database, {seq, seq}, latest);
    for (const SocketHistory& thing : things.read_sockets(origins)) {
      since.emplace(thing.origin, begin_of_state(thing, seq));
    }
  }
  return since;
}

}  // namespace sockwitness::query
