#include "schema/disk/persistence.h"

#include <algorithm>
#include <unordered_set>

#include <SQLiteCpp/Statement.h>

#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/living.h"
#include "schema/disk/row.h"
#include "schema/disk/snapshot_row.h"
#include "schema/disk/sql.h"
#include "schema/model/same_boot.h"

namespace sockwitness::schema {
namespace {

// A socket of which something else changed has a new row, which began with the snapshot after
// `seq`; one that was connected since is a client's. First rows.
std::unordered_set<RowId> read_open_versions(Database& database, Seq seq, Seq next) {
  LentStatement statement = database.lend(sql::kReadOpenVersions);
  statement->bind(1, read_last_id(database, Entity::Socket, seq) + 1);
  statement->bind(2, read_last_id(database, Entity::Socket, next));
  std::unordered_set<RowId> open;
  while (statement->executeStep()) {
    open.insert(RowReader(*statement).integer());
  }
  return open;
}

}  // namespace

std::vector<Persistence> read_persistence(Database& database,
                                          const LoadedSnapshot& loaded,
                                          bool hindsight) {
  const Seq seq = loaded.snapshot.seq.value_or(Seq(0));
  const Seq before(seq.value() - 1);
  const auto previous = read_snapshot_info(database, before);
  const bool same_boot = previous && is_same_boot(*previous, loaded.snapshot);
  const RowId known = previous ? read_last_id(database, Entity::Socket, before) : 0;
  std::vector<RowId> rows;
  std::vector<Persistence> stays;
  for (const Origin& socket : loaded.sockets) {
    rows.push_back(socket.row);
    stays.push_back(socket.first <= known ? Persistence::Lasting
                    : same_boot           ? Persistence::Passing
                                          : Persistence::Unknown);
  }
  if (!hindsight) {
    return stays;
  }
  const Seq latest = read_last_seq(database).value_or(seq);
  const Seq next(std::min(seq.value() + 1, latest.value()));
  const auto last_seen = read_last_seen(database, Entity::Socket, rows, seq, next);
  const auto open_later = read_open_versions(database, seq, next);
  for (std::size_t at = 0; at < stays.size(); ++at) {
    const bool open = loaded.snapshot.sockets[at].state == SocketState::Unconnected;
    if (last_seen[at] > seq || (open && stays[at] != Persistence::Lasting &&
                                open_later.contains(loaded.sockets[at].first))) {
      stays[at] = Persistence::Lasting;
    }
  }
  return stays;
}

}  // namespace sockwitness::schema
