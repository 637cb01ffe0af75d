#include "query/read/snapshot_part.h"

#include <algorithm>

#include "schema/base/error.h"

namespace sockwitness::query {
namespace {

using schema::RowId;

template <class T>
std::uint32_t next_position(const std::vector<T>& values) {
  return static_cast<std::uint32_t>(values.size());
}

template <class Rows>
const auto& find_row(const Rows& rows, RowId id, const char* what) {
  const auto found = rows.find(id);
  if (found == rows.end()) {
    throw schema::Error(
        schema::ExitCode::Unusable,
        std::string("reading the database: a ") + what + " is referred to that does not live",
        "the file is damaged or was altered");
  }
  return found->second;
}

}  // namespace

SnapshotPart::SnapshotPart(const LivingRows& living,
                           const Moment& moment,
                           const schema::Context& context)
    : living_(living) {
  snapshot_.seq = moment.seq;
  snapshot_.begin = moment.begin;
  snapshot_.end = moment.begin;
  snapshot_.context = context;
  std::map<RowId, const schema::NetnsRow*> ordered;
  for (const auto& [origin, row] : living.namespaces) {
    ordered.emplace(origin, &row);
  }
  for (const auto& [origin, row] : ordered) {
    places_.emplace(origin, schema::NetnsIndex(next_position(snapshot_.namespaces)));
    snapshot_.namespaces.push_back(row->netns);
  }
  for (const auto& [id, row] : living.users) {
    snapshot_.users.push_back(row.user);
  }
  for (const auto& [id, row] : living.registrations) {
    snapshot_.registrations.push_back(row.registration);
  }
}

schema::NetnsIndex SnapshotPart::place(RowId origin) const {
  return find_row(places_, origin, "network namespace");
}

std::optional<schema::ProgramIndex> SnapshotPart::add_program(const std::optional<RowId>& id) {
  if (!id) {
    return std::nullopt;
  }
  const auto [entry, is_new] =
      programs_.try_emplace(*id, schema::ProgramIndex(next_position(snapshot_.programs)));
  if (is_new) {
    snapshot_.programs.push_back(find_row(living_.programs, *id, "program"));
  }
  return entry->second;
}

schema::ProcessIndex SnapshotPart::add_process(RowId origin) {
  const auto [entry, is_new] =
      processes_.try_emplace(origin, schema::ProcessIndex(next_position(snapshot_.processes)));
  if (is_new) {
    const schema::ProcessRow& row = find_row(living_.processes, origin, "process");
    schema::Process process = row.process;
    process.program = add_program(row.program);
    process.script_file = add_program(row.script_file);
    process.netns = row.netns ? std::optional(place(*row.netns)) : std::nullopt;
    snapshot_.processes.push_back(std::move(process));
  }
  return entry->second;
}

schema::SocketIndex SnapshotPart::add_socket(RowId origin) {
  const schema::SocketRow& row = find_row(living_.sockets, origin, "socket");
  const schema::SocketIndex index(next_position(snapshot_.sockets));
  schema::Socket socket = row.socket;
  socket.netns = place(row.netns);
  snapshot_.sockets.push_back(std::move(socket));
  const auto holders = living_.holders.find(origin);
  if (holders != living_.holders.end()) {
    for (const auto& [id, holder] : holders->second) {
      snapshot_.holders.push_back({index, add_process(holder.process), holder.fd});
    }
  }
  return index;
}

schema::Gap SnapshotPart::resolve(const schema::GapRow& row) const {
  schema::Gap gap = row.gap;
  gap.netns = row.netns ? std::optional(place(*row.netns)) : std::nullopt;
  return gap;
}

}  // namespace sockwitness::query
