#include "query/read/listening_since.h"

#include <algorithm>
#include <vector>

#include "query/read/version_reader.h"

namespace sockwitness::query {
namespace {

// Of the versions without an interruption of the state, the first.
schema::Seq begin_of_state(const SocketHistory& life, schema::Seq seq) {
  auto version = std::find_if(life.versions.rbegin(), life.versions.rend(), [&](const auto& each) {
    return each.seen.contains(seq);
  });
  schema::Seq begin = seq;
  while (version != life.versions.rend() &&
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
    VersionReader lives(database, {seq, seq}, latest);
    for (const SocketHistory& life : lives.read_sockets(origins)) {
      since.emplace(life.origin, begin_of_state(life, seq));
    }
  }
  return since;
}

}  // namespace sockwitness::query
