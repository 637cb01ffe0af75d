#include "query/read/version_reader.h"

#include <algorithm>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/sql.h"
#include "schema/base/error.h"
#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/living.h"
#include "schema/disk/range_cursor.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"
#include "schema/disk/successors.h"

namespace sockwitness::query {
namespace {

using schema::Entity;
using schema::RowId;
using schema::Seq;

// Position of an origin among ascending ones.
std::optional<std::size_t> find_origin(const std::vector<RowId>& origins, RowId origin) {
  const auto found = std::lower_bound(origins.begin(), origins.end(), origin);
  if (found == origins.end() || *found != origin) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - origins.begin());
}

[[noreturn]] void throw_missing(std::string_view what) {
  throw schema::Error(
      schema::ExitCode::Unusable,
      "reading a " + std::string(what) + " of the database: it is referred to and not there",
      "the file is damaged or was altered");
}

template <class Version>
std::vector<RowId> rows_of(const std::vector<Version>& versions) {
  std::vector<RowId> rows;
  rows.reserve(versions.size());
  for (const Version& version : versions) {
    rows.push_back(version.row);
  }
  return rows;
}

template <class Entry>
void throw_unless_complete(const std::vector<Entry>& things, std::string_view what) {
  const bool complete = std::none_of(
      things.begin(), things.end(), [](const Entry& thing) { return thing.versions.empty(); });
  if (!complete) {
    throw_missing(what);
  }
}

}  // namespace

VersionReader::VersionReader(schema::Database& database, schema::SeqRange range, Seq latest)
    : database_(database),
      range_(range),
      latest_(latest),
      removed_(database),
      texts_(database, {schema::kAlwaysWhole}) {
}

std::vector<VersionReader::Version> VersionReader::find_versions(
    Entity entity, const std::vector<RowId>& origins) {
  std::vector<Version> versions;
  for (const RowId origin : origins) {
    if (!removed_.has(entity, origin)) {
      versions.push_back({origin, origin, {}});
    }
  }
  // What is recorded meanwhile began after the latest snapshot.
  const RowId last = schema::read_last_id(database_, entity, latest_);
  schema::LentStatement statement = database_.lend(
      entity == Entity::Socket ? sql::kFindSocketVersions : sql::kFindProcessVersions);
  // Runs of origins with one query each, as far as they lie close together.
  constexpr RowId kBridge = 256;
  for (std::size_t begin = 0; begin < origins.size();) {
    std::size_t end = begin + 1;
    while (end < origins.size() && origins[end] - origins[end - 1] <= kBridge) {
      ++end;
    }
    statement->reset();
    statement->bind(1, origins[begin]);
    statement->bind(2, origins[end - 1]);
    while (statement->executeStep()) {
      schema::RowReader row(*statement);
      const RowId origin = row.integer();
      const RowId id = row.integer();
      if (id <= last && find_origin(origins, origin) && !removed_.has(entity, id)) {
        versions.push_back({id, origin, {}});
      }
    }
    begin = end;
  }
  std::sort(versions.begin(), versions.end(), [](const Version& left, const Version& right) {
    return left.row < right.row;
  });
  return versions;
}

std::vector<VersionReader::Version> VersionReader::read_versions(
    Entity entity, const std::vector<RowId>& origins) {
  std::vector<Version> versions = find_versions(entity, origins);
  const auto seen = schema::read_seen_ranges(database_, entity, rows_of(versions), latest_);
  for (std::size_t at = 0; at < versions.size(); ++at) {
    versions[at].seen = seen[at];
  }
  check(entity, versions);
  return versions;
}

// Each version is followed by the one that began where it ended, and by no other.
void VersionReader::check(Entity entity, const std::vector<Version>& versions) {
  std::vector<const Version*> by_origin;
  for (const Version& version : versions) {
    by_origin.push_back(&version);
  }
  std::stable_sort(by_origin.begin(), by_origin.end(), [](const auto* left, const auto* right) {
    return left->origin < right->origin;
  });
  std::vector<schema::VersionEnd> ends;
  std::vector<RowId> next_rows;
  for (std::size_t at = 0; at < by_origin.size(); ++at) {
    const Version& version = *by_origin[at];
    const bool goes_on = at + 1 < by_origin.size() && by_origin[at + 1]->origin == version.origin;
    if (version.seen.last < latest_) {
      ends.push_back({version.origin, Seq(version.seen.last.value() + 1)});
      next_rows.push_back(goes_on ? by_origin[at + 1]->row : 0);
    } else if (goes_on) {
      schema::throw_index_differs(entity);
    }
  }
  if (schema::Successors(database_, entity).find(ends) != next_rows) {
    schema::throw_index_differs(entity);
  }
}

std::vector<schema::SeqRange> VersionReader::read_socket_ranges(const std::vector<RowId>& origins) {
  const auto versions = read_versions(Entity::Socket, origins);
  std::vector<schema::SeqRange> ranges(origins.size(), {Seq(INT64_MAX), Seq(0)});
  for (std::size_t at = 0; at < versions.size(); ++at) {
    schema::SeqRange& range = ranges[find_origin(origins, versions[at].origin).value()];
    range = {std::min(range.first, versions[at].seen.first),
             std::max(range.last, versions[at].seen.last)};
  }
  return ranges;
}

std::vector<SocketHistory> VersionReader::read_sockets(const std::vector<RowId>& origins) {
  const auto versions = read_versions(Entity::Socket, origins);
  const auto rows = rows_of(versions);
  std::vector<SocketHistory> sockets(origins.size());
  SQLite::Statement statement(database_.sqlite(), std::string(schema::sql::kReadSocket));
  std::size_t at = 0;
  schema::visit_rows(statement, rows, [&](SQLite::Statement& row) {
    schema::SocketRow socket = schema::decode_socket(row, texts_);
    while (rows[at] != socket.id) {
      ++at;
    }
    const RowId origin = socket.origin.value_or(socket.id);
    SocketHistory& thing = sockets[find_origin(origins, origin).value()];
    thing.origin = origin;
    thing.versions.push_back({versions[at].seen, std::move(socket)});
  });
  throw_unless_complete(sockets, "socket");
  read_holdings(sockets);
  return sockets;
}

// Most holders begin with their socket: their rows lie among those of that snapshot.
std::vector<schema::HolderRow> VersionReader::read_first_holders(
    const std::vector<SocketHistory>& things) {
  std::vector<RowId> origins;
  std::vector<schema::SeqRange> births;  // snapshots in a row in which some of the things began
  for (const SocketHistory& thing : things) {
    origins.push_back(thing.origin);
    const Seq first = thing.seen().first;
    if (!births.empty() && first.value() <= births.back().last.value() + 1) {
      births.back().last = first;
    } else {
      births.push_back({first, first});
    }
  }
  std::vector<schema::HolderRow> found;
  SQLite::Statement statement(database_.sqlite(), std::string(schema::sql::kReadHolder));
  for (const schema::SeqRange& birth : births) {
    statement.reset();
    statement.bind(
        1, schema::read_last_id(database_, Entity::Holder, Seq(birth.first.value() - 1)) + 1);
    statement.bind(2, schema::read_last_id(database_, Entity::Holder, birth.last));
    while (statement.executeStep()) {
      const schema::HolderRow row = schema::decode_holder(statement);
      if (find_origin(origins, row.socket)) {
        found.push_back(row);
      }
    }
  }
  return found;
}

void VersionReader::read_holdings(std::vector<SocketHistory>& things) {
  if (!late_) {
    late_.emplace(database_, range_);
  }
  std::vector<schema::HolderRow> rows = read_first_holders(things);
  std::vector<RowId> origins;
  for (const SocketHistory& thing : things) {
    origins.push_back(thing.origin);
    late_->find(thing.origin, rows);
  }
  std::sort(rows.begin(), rows.end(), [](const auto& left, const auto& right) {
    return left.id < right.id;
  });
  const auto same = [](const auto& left, const auto& right) { return left.id == right.id; };
  rows.erase(std::unique(rows.begin(), rows.end(), same), rows.end());
  std::vector<RowId> ids;
  for (const schema::HolderRow& row : rows) {
    ids.push_back(row.id);
  }
  const auto seen = schema::read_seen_ranges(database_, Entity::Holder, ids, latest_);
  for (std::size_t at = 0; at < rows.size(); ++at) {
    const schema::HolderRow& row = rows[at];
    things[find_origin(origins, row.socket).value()].holdings.push_back(
        {seen[at], row.process, row.fd});
  }
}

std::vector<ProcessHistory> VersionReader::read_processes(const std::vector<RowId>& origins) {
  const auto versions = read_versions(Entity::Process, origins);
  const auto rows = rows_of(versions);
  std::vector<ProcessHistory> things(origins.size());
  SQLite::Statement statement(database_.sqlite(), std::string(schema::sql::kReadProcess));
  std::size_t at = 0;
  schema::visit_rows(statement, rows, [&](SQLite::Statement& row) {
    schema::ProcessRow process = schema::decode_process(row, texts_);
    while (rows[at] != process.id) {
      ++at;
    }
    const RowId origin = process.origin.value_or(process.id);
    ProcessHistory& thing = things[find_origin(origins, origin).value()];
    thing.origin = origin;
    thing.versions.push_back({versions[at].seen, std::move(process)});
  });
  throw_unless_complete(things, "process");
  return things;
}

void VersionReader::load_processes(std::vector<RowId> origins) {
  std::sort(origins.begin(), origins.end());
  origins.erase(std::unique(origins.begin(), origins.end()), origins.end());
  std::erase_if(origins, [this](RowId origin) { return processes_.contains(origin); });
  for (ProcessHistory& thing : read_processes(origins)) {
    const RowId origin = thing.origin;
    processes_.emplace(origin, std::move(thing));
  }
}

const ProcessHistory& VersionReader::process(RowId origin) {
  if (!processes_.contains(origin)) {
    load_processes({origin});
  }
  return processes_.at(origin);
}

void VersionReader::forget_processes(Seq seq) {
  std::erase_if(processes_, [seq](const auto& entry) { return entry.second.seen().last < seq; });
}

const schema::Program& VersionReader::program(RowId id) {
  const auto known = programs_.find(id);
  if (known != programs_.end()) {
    return known->second;
  }
  SQLite::Statement statement(database_.sqlite(), std::string(schema::sql::kReadProgram));
  statement.bind(1, id);
  if (!statement.executeStep()) {
    throw_missing("program");
  }
  return programs_.emplace(id, schema::decode_program(statement, texts_)).first->second;
}

}  // namespace sockwitness::query
