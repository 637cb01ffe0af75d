#include "schema/disk/living.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <optional>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
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

// What a loop goes up to is never believed as it stands.
RowId checked(Database& database, RowId last) {
  if (last < 0 || !database.has_room_for(last)) {
    throw_impossible_rows();
  }
  return last;
}

std::optional<Frame> read_frame_by(Database& database,
                                   std::string_view query,
                                   Entity entity,
                                   Seq seq) {
  LentStatement statement = database.lend(query);
  statement->bind(1, static_cast<int>(entity));
  statement->bind(2, seq.value());
  if (!statement->executeStep()) {
    return std::nullopt;
  }
  RowReader row(*statement);
  Frame frame;
  frame.seq = Seq(row.integer());
  frame.last_id = checked(database, row.integer());
  frame.ids = decode_or_throw(row.bytes());
  if (!frame.ids.empty() && frame.ids.back() > frame.last_id) {
    throw_impossible_rows();
  }
  return frame;
}

// With which snapshots rows began. An index finds the place in `change`, the rows around it say
// whether it is the right one; rows that began soon after each other need no index.
class Births {
 public:
  Births(Database& database, Entity entity)
      : database_(database), entity_(entity), after_(database.lend(sql::kReadChangesAfter)) {}

  // Ids come in ascending order.
  Seq find(RowId id) {
    if (id > last_id_ && !(near_ && step_to(id))) {
      jump_to(id);
    }
    return seq_;
  }

 private:
  static constexpr int kSteps = 6;  // about what the index costs

  bool step_to(RowId id) {
    if (!stepping_) {
      after_->reset();
      after_->bind(1, static_cast<int>(entity_));
      after_->bind(2, seq_.value());
      stepping_ = true;
    }
    for (int step = 0; step < kSteps && after_->executeStep(); ++step) {
      RowReader row(*after_);
      seq_ = Seq(row.integer());
      last_id_ = row.integer();
      if (last_id_ >= id) {
        return true;
      }
    }
    near_ = false;
    return false;
  }

  void jump_to(RowId id) {
    const Seq from = seq_;
    LentStatement indexed = database_.lend(sql::kReadBegin);
    indexed->bind(1, static_cast<int>(entity_));
    indexed->bind(2, id);
    if (!indexed->executeStep()) {
      throw Error(
          ExitCode::Unusable,
          fmt::format("reading a {} of the database: no snapshot began it", entity_table(entity_)),
          "the file is damaged or was altered");
    }
    RowReader found(*indexed);
    seq_ = Seq(found.integer());
    last_id_ = found.integer();
    LentStatement change = database_.lend(sql::kReadChange);
    change->bind(1, static_cast<int>(entity_));
    change->bind(2, seq_.value());
    if (!change->executeStep()) {
      throw_index_differs(entity_);
    }
    RowReader row(*change);
    const bool same = row.integer() == last_id_;
    if (!same || row.integer() >= id) {
      throw_index_differs(entity_);
    }
    near_ = seq_.value() - from.value() <= kSteps;
    stepping_ = false;
  }

  Database& database_;
  Entity entity_;
  LentStatement after_;
  Seq seq_{0};
  RowId last_id_ = 0;  // of those that began with it
  bool near_ = false;  // the one before was close by
  bool stepping_ = false;
};

// Calls `found(position in ids, seq)` for those of `ids` that a snapshot after `from`, up to
// `until`, no longer saw. Both lists are ascending: the shorter one is looked up in the longer.
template <class Found>
void find_ends(Database& database,
               Entity entity,
               const std::vector<RowId>& ids,
               Seq from,
               Seq until,
               Found found) {
  LentStatement statement = database.lend(sql::kReadChanges);
  statement->bind(1, static_cast<int>(entity));
  statement->bind(2, from.value());
  statement->bind(3, until.value());
  std::size_t left = ids.size();
  while (left > 0 && statement->executeStep()) {
    RowReader row(*statement);
    const Seq seq(row.integer());
    const auto ended = decode_or_throw(row.bytes());
    const bool few = ids.size() < ended.size();
    const auto& shorter = few ? ids : ended;
    const auto& longer = few ? ended : ids;
    for (const RowId& id : shorter) {
      const auto at = std::lower_bound(longer.begin(), longer.end(), id);
      if (at != longer.end() && *at == id) {
        const auto position = few ? &id - ids.data() : at - longer.begin();
        found(static_cast<std::size_t>(position), seq);
        --left;
      }
    }
  }
}

// Sets the last snapshot of ranges whose first one is set, ascending like their `ids`.
void follow_to_the_end(Database& database,
                       Entity entity,
                       const std::vector<RowId>& ids,
                       std::vector<SeqRange>& seen,
                       Seq latest) {
  std::vector<std::size_t> open;  // positions of rows that have begun and not ended, ascending
  std::size_t next = 0;           // the first position that has not begun
  Seq from;
  while (!open.empty() || next < ids.size()) {
    if (open.empty()) {
      from = std::max(from, seen[next].first);
    }
    auto frame = read_frame_by(database, sql::kReadNextFrame, entity, from);
    if (frame && frame->seq > latest) {
      frame.reset();
    }
    const Seq until = frame ? frame->seq : latest;
    while (next < ids.size() && seen[next].first <= until) {
      open.push_back(next++);
    }
    std::vector<std::size_t> lives_on;
    std::vector<std::size_t> ends_here;
    std::vector<RowId> ending;
    for (const std::size_t at : open) {
      if (frame && std::binary_search(frame->ids.begin(), frame->ids.end(), ids[at])) {
        lives_on.push_back(at);
      } else {
        ends_here.push_back(at);
        ending.push_back(ids[at]);
      }
    }
    find_ends(database, entity, ending, from, until, [&](std::size_t position, Seq seq) {
      seen[ends_here[position]].last = Seq(seq.value() - 1);
    });
    open = std::move(lives_on);
    from = until;
    if (!frame) {
      break;
    }
  }
}

}  // namespace

void throw_index_differs(Entity entity) {
  throw Error(
      ExitCode::Unusable,
      fmt::format("reading table '{}' of the database by an index: it does not say what the "
                  "rows say",
                  entity_table(entity)),
      "the file is damaged or was altered; its rows may be whole: keep it as evidence, and "
      "ask a copy of it after: sqlite3 COPY REINDEX");
}

void throw_impossible_rows() {
  throw Error(ExitCode::Unusable,
              "reading a list of rows of the database: it has rows that cannot be there",
              "the file is damaged or was altered");
}

RowId read_last_id(Database& database, Entity entity, Seq seq) {
  LentStatement statement = database.lend(sql::kReadLastId);
  statement->bind(1, static_cast<int>(entity));
  statement->bind(2, seq.value());
  return statement->executeStep() ? checked(database, RowReader(*statement).integer()) : 0;
}

std::vector<RowId> read_living(Database& database, Entity entity, Seq seq) {
  Frame frame = read_frame_by(database, sql::kReadFrame, entity, seq).value_or(Frame{});
  std::vector<RowId> living = std::move(frame.ids);
  const RowId last = read_last_id(database, entity, seq);
  if (last < frame.last_id || !database.has_room_for_rows(last - frame.last_id)) {
    throw_impossible_rows();  // ids only rise
  }
  living.reserve(living.size() + static_cast<std::size_t>(last - frame.last_id));
  for (RowId id = frame.last_id + 1; id <= last; ++id) {
    living.push_back(id);
  }

  std::vector<RowId> ended;
  LentStatement statement = database.lend(sql::kReadChanges);
  statement->bind(1, static_cast<int>(entity));
  statement->bind(2, frame.seq.value());
  statement->bind(3, seq.value());
  while (statement->executeStep()) {
    RowReader row(*statement);
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
  Births births(database, entity);
  for (const std::size_t at : order) {
    first_seen[at] = births.find(ids[at]);
  }
  return first_seen;
}

std::vector<Seq> read_last_seen(
    Database& database, Entity entity, const std::vector<RowId>& ids, Seq seq, Seq latest) {
  std::vector<SeqRange> seen(ids.size(), {seq, latest});
  follow_to_the_end(database, entity, ids, seen, latest);
  std::vector<Seq> last_seen;
  last_seen.reserve(seen.size());
  for (const SeqRange& range : seen) {
    last_seen.push_back(range.last);
  }
  return last_seen;
}

std::vector<SeqRange> read_seen_ranges(Database& database,
                                       Entity entity,
                                       const std::vector<RowId>& ids,
                                       Seq latest) {
  std::vector<SeqRange> seen;
  seen.reserve(ids.size());
  for (const Seq first : read_first_seen(database, entity, ids)) {
    seen.push_back({first, latest});
  }
  follow_to_the_end(database, entity, ids, seen, latest);
  return seen;
}

}  // namespace sockwitness::schema
