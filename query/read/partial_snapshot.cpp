#include "query/read/partial_snapshot.h"

#include "schema/base/error.h"

namespace sockwitness::query {
namespace {

template <class T>
std::uint32_t next_position(const std::vector<T>& values) {
  return static_cast<std::uint32_t>(values.size());
}

}  // namespace

PartialSnapshot::PartialSnapshot(const Moments& moments,
                                 const Surroundings& surroundings,
                                 LifeReader& reader,
                                 schema::Seq seq)
    : reader_(reader), seq_(seq) {
  const Moment& moment = moments[moments.at_or_after(seq)];
  snapshot_.seq = seq;
  snapshot_.begin = moment.begin;
  snapshot_.end = moment.begin;
  snapshot_.context = moments.context(moment);
  places_ = surroundings.fill(snapshot_, seq);
}

std::optional<schema::NetnsIndex> PartialSnapshot::place(
    const std::optional<schema::RowId>& netns) {
  if (!netns) {
    return std::nullopt;
  }
  const auto found = places_.find(*netns);
  if (found == places_.end()) {
    throw schema::Error(schema::ExitCode::Unusable,
                        "reading the database: a network namespace is referred to that does not "
                        "live",
                        "the file is damaged or was altered");
  }
  return found->second;
}

std::optional<schema::ProgramIndex> PartialSnapshot::add_program(
    const std::optional<schema::RowId>& row) {
  if (!row) {
    return std::nullopt;
  }
  const auto [found, is_new] =
      programs_.emplace(*row, schema::ProgramIndex(next_position(snapshot_.programs)));
  if (is_new) {
    snapshot_.programs.push_back(reader_.program(*row));
  }
  return found->second;
}

std::optional<schema::ProcessIndex> PartialSnapshot::add(const ProcessLife& life) {
  const auto known = processes_.find(life.origin);
  if (known != processes_.end()) {
    return known->second;
  }
  const ProcessVersion* version = life.at(seq_);
  if (version == nullptr) {
    return std::nullopt;
  }
  const schema::ProcessIndex index(next_position(snapshot_.processes));
  schema::Process process = version->row.process;
  process.program = add_program(version->row.program);
  process.script_file = add_program(version->row.script_file);
  process.netns = place(version->row.netns);
  snapshot_.processes.push_back(std::move(process));
  processes_.emplace(life.origin, index);
  return index;
}

std::optional<schema::SocketIndex> PartialSnapshot::add(const SocketLife& life) {
  const SocketVersion* version = life.at(seq_);
  if (version == nullptr) {
    return std::nullopt;
  }
  const schema::SocketIndex index(next_position(snapshot_.sockets));
  schema::Socket socket = version->row.socket;
  socket.netns = place(version->row.netns).value();
  snapshot_.sockets.push_back(std::move(socket));
  for (const Holding& holding : life.holdings) {
    if (!holding.seen.contains(seq_)) {
      continue;
    }
    if (const auto process = add(reader_.process(holding.process))) {
      snapshot_.holders.push_back({index, *process, holding.fd});
    }
  }
  return index;
}

}  // namespace sockwitness::query
