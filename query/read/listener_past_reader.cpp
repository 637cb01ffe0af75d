#include "query/read/listener_past_reader.h"

#include <algorithm>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/codec.h"
#include "schema/disk/database.h"
#include "schema/disk/living.h"
#include "schema/disk/range_cursor.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::query {

using schema::Entity;
using schema::RowId;

ListenerPastReader::ListenerPastReader(schema::Database& database, schema::Seq until)
    : database_(database), until_(until), texts_(database) {
}

// The newest one: a namespace that is found by another way later is still the same.
std::string ListenerPastReader::label_of(RowId netns) {
  SQLite::Statement statement(
      database_.sqlite(),
      "SELECT label FROM netns WHERE id = ?1 OR origin = ?1 ORDER BY id DESC LIMIT 1");
  statement.bind(1, netns);
  return statement.executeStep() ? texts_.get(schema::RowReader(statement).integer())
                                 : std::string();
}

void ListenerPastReader::add(const std::vector<schema::Port>& ports, schema::ListenerPast& past) {
  std::vector<schema::PortRange> ranges;
  for (const schema::Port port : ports) {
    if (known_.insert(port).second) {
      ranges.push_back({port, port});
    }
  }
  if (ranges.empty()) {
    return;
  }
  const RowRange all{1, schema::read_last_id(database_, Entity::Socket, until_)};
  if (!listening_) {
    listening_.emplace(database_, all);
  }
  std::vector<RowId> rows;
  for (const ListeningRow& row : listening_->find(ranges, all)) {
    rows.push_back(row.id);
  }
  const auto seen_in = schema::read_seen_ranges(database_, Entity::Socket, rows, until_);
  SQLite::Statement read(database_.sqlite(), std::string(schema::sql::kReadSocket));
  std::size_t at = 0;
  schema::visit_rows(read, rows, [&](SQLite::Statement& statement) {
    const schema::SocketRow row = schema::decode_socket(statement, texts_);
    while (rows[at] != row.id) {
      ++at;
    }
    if (schema::is_inet(row.socket)) {
      past.add({label_of(row.netns), row.socket.protocol, row.socket.local_port},
               schema::listening_end(row.socket),
               seen_in[at]);
    }
  });
}

}  // namespace sockwitness::query
