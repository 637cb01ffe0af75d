#include "query/read/turn_reader.h"

#include "query/read/history_database.h"
#include "query/read/snapshot_part.h"
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

// What ends has lived, or the file is damaged.
template <class Rows>
const typename Rows::mapped_type& find_living(const Rows& rows, RowId id) {
  const auto found = rows.find(id);
  if (found == rows.end()) {
    throw schema::Error(schema::ExitCode::Unusable,
                        "reading the database: a row ends that does not live",
                        "the file is damaged or was altered");
  }
  return found->second;
}

// Takes away what ended, unless a new version of it has come already.
template <class Row>
void drop(const std::vector<RowId>& ended,
          std::unordered_map<RowId, RowId>& origins,
          std::unordered_map<RowId, Row>& rows) {
  for (const RowId id : ended) {
    const auto origin = origins.find(id);
    if (origin != origins.end()) {
      rows.erase(origin->second);
      origins.erase(origin);
    }
  }
}

template <class Row>
void keep(const std::vector<Row>& begun,
          std::unordered_map<RowId, RowId>& origins,
          std::unordered_map<RowId, Row>& rows) {
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

TurnReader::Touched TurnReader::find_touched(const Delta& delta) const {
  Touched touched;
  for (const RowId id : delta.ended_of(Entity::Socket)) {
    touched.sockets.insert(find_living(living_.socket_origins, id));
  }
  for (const RowId id : delta.ended_of(Entity::Process)) {
    touched.processes.insert(find_living(living_.process_origins, id));
  }
  for (const RowId id : delta.ended_of(Entity::Holder)) {
    touched.sockets.insert(find_living(living_.holder_sockets, id));
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

void TurnReader::apply(const Delta& delta) {
  for (const auto& [id, program] : delta.programs) {
    living_.programs.emplace(id, program);
  }
  drop(delta.ended_of(Entity::Netns), living_.netns_origins, living_.namespaces);
  drop(delta.ended_of(Entity::Process), living_.process_origins, living_.processes);
  drop(delta.ended_of(Entity::Socket), living_.socket_origins, living_.sockets);
  for (const RowId id : delta.ended_of(Entity::Holder)) {
    const auto socket = living_.holder_sockets.find(id);
    if (socket == living_.holder_sockets.end()) {
      continue;
    }
    const auto holders = living_.holders.find(socket->second);
    holders->second.erase(id);
    if (holders->second.empty()) {
      living_.holders.erase(holders);
    }
    living_.holder_sockets.erase(socket);
  }
  keep(delta.namespaces, living_.netns_origins, living_.namespaces);
  keep(delta.processes, living_.process_origins, living_.processes);
  keep(delta.sockets, living_.socket_origins, living_.sockets);
  for (const schema::HolderRow& row : delta.holders) {
    living_.holders[row.socket].emplace(row.id, row);
    living_.holder_sockets[row.id] = row.socket;
  }
  replace(delta.ended_of(Entity::Gap), delta.gaps, living_.gaps);
  replace(delta.ended_of(Entity::UserName), delta.users, living_.users);
  replace(delta.ended_of(Entity::Registration), delta.registrations, living_.registrations);
}

TurnReader::TurnReader(History& history, const Moments& moments)
    : reader_(HistoryDatabase::of(history)), moments_(moments) {
}

Turn TurnReader::make_turn(schema::Seq seq, const Delta& delta) {
  Turn turn;
  const Touched touched = find_touched(delta);
  std::map<RowId, SocketTurn> sockets;
  std::map<RowId, ProcessTurn> processes;
  if (last_) {
    const Moment& moment = moments_[moments_.at_or_after(*last_)];
    SnapshotPart before(living_, moment, moments_.context(moment));
    for (const RowId origin : touched.sockets) {
      if (living_.sockets.contains(origin)) {
        sockets[origin].before = before.add_socket(origin);
      }
    }
    for (const RowId origin : touched.processes) {
      if (living_.processes.contains(origin)) {
        processes[origin].before = before.add_process(origin);
      }
    }
    for (const RowId id : delta.ended_of(Entity::Gap)) {
      turn.gaps_ended.push_back(before.resolve(find_living(living_.gaps, id)));
    }
    turn.before = before.take();
  }
  turn.whole = !last_;
  apply(delta);
  const Moment& moment = moments_[moments_.at_or_after(seq)];
  SnapshotPart now(living_, moment, moments_.context(moment));
  for (const RowId origin : touched.sockets) {
    if (living_.sockets.contains(origin)) {
      sockets[origin].now = now.add_socket(origin);
    }
  }
  for (const RowId origin : touched.processes) {
    if (living_.processes.contains(origin)) {
      processes[origin].now = now.add_process(origin);
    }
  }
  for (const schema::GapRow& row : delta.gaps) {
    turn.gaps_begun.push_back(now.resolve(row));
  }
  auto visibility = std::make_shared<schema::Visibility>();
  for (const auto& [id, row] : living_.gaps) {
    visibility->gaps.push_back(now.resolve(row));
  }
  turn.now = now.take();
  visibility->namespaces = turn.now.namespaces;
  for (const auto& [origin, socket] : sockets) {
    turn.sockets.push_back(socket);
  }
  for (const auto& [origin, process] : processes) {
    turn.processes.push_back(process);
  }
  out_of_sight_.sort(turn, std::move(visibility));
  last_ = seq;
  return turn;
}

Turn TurnReader::read_whole(schema::Seq seq) {
  last_.reset();
  living_ = {};
  out_of_sight_ = {};
  return make_turn(seq, reader_.read_all(seq));
}

Turn TurnReader::read_next(schema::Seq seq) {
  return make_turn(seq, reader_.read_next(seq));
}

}  // namespace sockwitness::query
