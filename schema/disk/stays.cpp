#include "schema/disk/stays.h"

#include <algorithm>

#include <SQLiteCpp/Statement.h>

#include "schema/disk/database.h"
#include "schema/disk/living.h"
#include "schema/disk/row.h"
#include "schema/disk/snapshot_row.h"
#include "schema/disk/sql.h"
#include "schema/model/same_boot.h"

namespace sockwitness::schema {
namespace {

// A socket of which something else changed has a new row; one that was connected since is a
// client's.
class OpenVersions {
 public:
  OpenVersions(Database& database, Seq seq)
      : last_id_(read_last_id(database, Entity::Socket, seq)),
        count_(database.sqlite(), std::string(sql::kReadOpenVersion)) {}

  bool any_after(const Origin& socket) {
    count_.reset();
    RowBinder(count_).integer(socket.first).integer(socket.row).integer(last_id_);
    return count_.executeStep() && RowReader(count_).integer() > 0;
  }

 private:
  RowId last_id_;
  SQLite::Statement count_;
};

}  // namespace

std::vector<Stay> read_stays(Database& database, const LoadedSnapshot& loaded, bool hindsight) {
  const Seq seq = loaded.snapshot.seq.value_or(Seq(0));
  const Seq before(seq.value() - 1);
  const auto previous = read_snapshot_info(database, before);
  const bool same_boot = previous && is_same_boot(*previous, loaded.snapshot);
  const RowId known = previous ? read_last_id(database, Entity::Socket, before) : 0;
  std::vector<RowId> rows;
  std::vector<Stay> stays;
  for (const Origin& socket : loaded.sockets) {
    rows.push_back(socket.row);
    stays.push_back(socket.first <= known ? Stay::Stays
                    : same_boot           ? Stay::Passing
                                          : Stay::Unknown);
  }
  if (!hindsight) {
    return stays;
  }
  const Seq latest = read_last_seq(database).value_or(seq);
  const Seq next(std::min(seq.value() + 1, latest.value()));
  const auto last_seen = read_last_seen(database, Entity::Socket, rows, seq, next);
  OpenVersions versions(database, next);
  for (std::size_t at = 0; at < stays.size(); ++at) {
    const bool open = loaded.snapshot.sockets[at].state == SocketState::Unconnected;
    if (last_seen[at] > seq ||
        (open && stays[at] != Stay::Stays && versions.any_after(loaded.sockets[at]))) {
      stays[at] = Stay::Stays;
    }
  }
  return stays;
}

}  // namespace sockwitness::schema
