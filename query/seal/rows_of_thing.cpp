#include "query/seal/rows_of_thing.h"

#include <algorithm>
#include <set>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "query/read/socket_scan.h"
#include "schema/disk/database.h"
#include "schema/disk/living.h"

namespace sockwitness::query {
namespace {

using schema::Entity;
using schema::RowId;

// Of rows that live: those whose column is one of these.
std::set<RowId> pick(schema::Database& database,
                     Entity entity,
                     std::string_view column,
                     schema::Seq seq,
                     const std::set<RowId>& wanted,
                     std::string_view told,
                     std::set<RowId>& answers) {
  SQLite::Statement read(
      database.sqlite(),
      fmt::format(
          "SELECT {}, {} FROM {} WHERE id = ?1", column, told, schema::entity_table(entity)));
  std::set<RowId> picked;
  for (const RowId id : schema::read_living(database, entity, seq)) {
    read.reset();
    read.bind(1, id);
    if (read.executeStep() && wanted.contains(read.getColumn(0).getInt64())) {
      picked.insert(id);
      answers.insert(read.getColumn(1).getInt64());
    }
  }
  return picked;
}

}  // namespace

std::vector<RowName> find_rows_of(const std::string& path, schema::Seq seq, const Filter& filter) {
  schema::Database database = schema::Database::open_for_reading(path);
  std::vector<RowName> rows;
  const auto add = [&](const char* table, const std::set<RowId>& ids) {
    for (const RowId id : ids) {
      rows.push_back({table, id});
    }
  };
  try {
    const SQLite::Transaction reading(database.sqlite());
    std::set<RowId> sockets;
    std::set<RowId> origins;
    SocketScan scan(database);
    scan.visit(schema::read_living(database, Entity::Socket, seq), [&](const ScannedSocket& found) {
      if (socket_fits(filter, found.socket)) {
        sockets.insert(found.id);
        origins.insert(found.origin);
      }
    });
    std::set<RowId> processes;
    const auto holders =
        pick(database, Entity::Holder, "socket", seq, origins, "process", processes);
    std::set<RowId> ignored;
    add("process",
        pick(database, Entity::Process, "coalesce(origin, id)", seq, processes, "id", ignored));
    add("socket", sockets);
    add("holder", holders);
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("reading database", path, failure);
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace sockwitness::query
