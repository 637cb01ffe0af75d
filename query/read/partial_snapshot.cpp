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
                                 schema::Seq seq,
                                 const Fill& fill,
                                 FindProgram programs)
    : find_program_(std::move(programs)) {
  const Moment& moment = moments[moments.at_or_after(seq)];
  snapshot_.seq = seq;
  snapshot_.begin = moment.begin;
  snapshot_.end = moment.begin;
  snapshot_.context = moments.context(moment);
  places_ = fill(snapshot_);
}

schema::NetnsIndex PartialSnapshot::place(schema::RowId netns) const {
  const auto found = places_.find(netns);
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
    snapshot_.programs.push_back(find_program_(*row));
  }
  return found->second;
}

schema::ProcessIndex PartialSnapshot::add(schema::RowId origin, const schema::ProcessRow& row) {
  const auto [entry, is_new] =
      processes_.try_emplace(origin, schema::ProcessIndex(next_position(snapshot_.processes)));
  if (is_new) {
    schema::Process process = row.process;
    process.program = add_program(row.program);
    process.script_file = add_program(row.script_file);
    process.netns = row.netns ? std::optional(place(*row.netns)) : std::nullopt;
    snapshot_.processes.push_back(std::move(process));
  }
  return entry->second;
}

schema::SocketIndex PartialSnapshot::add(const schema::SocketRow& row) {
  const schema::SocketIndex index(next_position(snapshot_.sockets));
  schema::Socket socket = row.socket;
  socket.netns = place(row.netns);
  snapshot_.sockets.push_back(std::move(socket));
  return index;
}

}  // namespace sockwitness::query
