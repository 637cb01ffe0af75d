#include "schema/disk/living.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <optional>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/disk/database.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::schema {
namespace {

struct Frame {
  Seq seq;
  RowId last_id = 0;
  std::vector<RowId> ids;
};

std::vector<RowId> decode_or_throw(std::string_view bytes) {
  auto ids = decode_ids(bytes);
  if (!ids) {
    throw Error(ExitCode::Unusable,
                "reading a list of rows of the database: its bytes make no list",
                "the file is damaged or was altered");
  }
  return std::move(*ids);
}

std::optional<Frame> read_frame_by(Database& database,
                                   std::string_view query,
                                   Entity entity,
                                   Seq seq) {
  SQLite::Statement statement(database.sqlite(), std::string(query));
  statement.bind(1, static_cast<int>(entity));
  statement.bind(2, seq.value());
  if (!statement.executeStep()) {
    return std::nullopt;
  }
  RowReader row(statement);
  Frame frame;
  frame.seq = Seq(row.integer());
  frame.last_id = row.integer();
  frame.ids = decode_or_throw(row.bytes());
  return frame;
}

}  // namespace

RowId read_last_id(Database& database, Entity entity, Seq seq) {
  SQLite::Statement statement(database.sqlite(), std::string(sql::kReadLastId));
  statement.bind(1, static_cast<int>(entity));
  statement.bind(2, seq.value());
  return statement.executeStep() ? RowReader(statement).integer() : 0;
}

std::vector<RowId> read_living(Database& database, Entity entity, Seq seq) {
  Frame frame = read_frame_by(database, sql::kReadFrame, entity, seq).value_or(Frame{});
  std::vector<RowId> living = std::move(frame.ids);
  const RowId last = read_last_id(database, entity, seq);
  living.reserve(living.size() +
                 static_cast<std::size_t>(std::max<RowId>(0, last - frame.last_id)));
  for (RowId id = frame.last_id + 1; id <= last; ++id) {
    living.push_back(id);
  }

  std::vector<RowId> ended;
  SQLite::Statement statement(database.sqlite(), std::string(sql::kReadChanges));
  statement.bind(1, static_cast<int>(entity));
  statement.bind(2, frame.seq.value());
  statement.bind(3, seq.value());
  while (statement.executeStep()) {
    RowReader row(statement);
    static_cast<void>(row.integer());  // the snapshot: the order does not matter here
    const auto ids = decode_or_throw(row.bytes());
    ended.insert(ended.end(), ids.begin(), ids.end());
  }
  std::sort(ended.begin(), ended.end());
  std::vector<RowId> left;
  left.reserve(living.size());
  std::set_difference(
      living.begin(), living.end(), ended.begin(), ended.end(), std::back_inserter(left));
  return left;
}

std::vector<Seq> read_first_seen(Database& database, Entity entity, const std::vector<RowId>& ids) {
  std::vector<std::size_t> order(ids.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return ids[left] < ids[right];
  });
  std::vector<Seq> first_seen(ids.size());
  SQLite::Statement statement(database.sqlite(), std::string(sql::kReadBegin));
  Seq seq;
  RowId last = 0;  // of those that began with `seq`
  for (const std::size_t at : order) {
    if (ids[at] > last) {
      statement.reset();
      statement.bind(1, static_cast<int>(entity));
      statement.bind(2, ids[at]);
      if (!statement.executeStep()) {
        throw Error(
            ExitCode::Unusable,
            fmt::format("reading a {} of the database: no snapshot began it", entity_table(entity)),
            "the file is damaged or was altered");
      }
      RowReader row(statement);
      seq = Seq(row.integer());
      last = row.integer();
    }
    first_seen[at] = seq;
  }
  return first_seen;
}

std::vector<Seq> read_last_seen(
    Database& database, Entity entity, const std::vector<RowId>& ids, Seq seq, Seq latest) {
  std::vector<Seq> last_seen(ids.size(), latest);
  // Positions in `ids` of rows whose end has not been found yet, ascending.
  std::vector<std::size_t> open(ids.size());
  for (std::size_t at = 0; at < open.size(); ++at) {
    open[at] = at;
  }
  Seq from = seq;
  while (!open.empty() && from < latest) {
    const auto frame = read_frame_by(database, sql::kReadNextFrame, entity, from);
    const Seq until = frame ? frame->seq : latest;
    std::vector<std::size_t> ends_here;
    std::vector<std::size_t> lives_on;
    for (const std::size_t at : open) {
      const bool lives = frame && std::binary_search(frame->ids.begin(), frame->ids.end(), ids[at]);
      (lives ? lives_on : ends_here).push_back(at);
    }
    if (!ends_here.empty()) {
      SQLite::Statement statement(database.sqlite(), std::string(sql::kReadChanges));
      statement.bind(1, static_cast<int>(entity));
      statement.bind(2, from.value());
      statement.bind(3, until.value());
      while (statement.executeStep()) {
        RowReader row(statement);
        const Seq ended_at(row.integer());
        for (const RowId id : decode_or_throw(row.bytes())) {
          const auto found = std::lower_bound(ids.begin(), ids.end(), id);
          if (found != ids.end() && *found == id) {
            last_seen[static_cast<std::size_t>(found - ids.begin())] = Seq(ended_at.value() - 1);
          }
        }
      }
    }
    open = std::move(lives_on);
    from = until;
  }
  return last_seen;
}

}  // namespace sockwitness::schema
