#include "query/read/history.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_map>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/history_database.h"
#include "query/read/listener_past_reader.h"
#include "query/read/listening_since.h"
#include "query/read/moments_reader.h"
#include "schema/base/error.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/living.h"
#include "schema/disk/load_baseline.h"
#include "schema/disk/load_services.h"
#include "schema/disk/load_snapshot.h"
#include "schema/disk/resolve.h"
#include "schema/disk/retention_rows.h"
#include "schema/disk/row.h"
#include "schema/disk/snapshot_row.h"
#include "schema/disk/sql.h"
#include "schema/disk/successors.h"
#include "schema/disk/thinned_spans.h"
#include "schema/program/suggest.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::RowId;
using schema::Seq;

// Wall time of snapshots, each looked up once.
class SnapshotTimes {
 public:
  explicit SnapshotTimes(schema::Database& database)
      : statement_(database.sqlite(), "SELECT began_us FROM snapshot WHERE seq = ?1") {}

  schema::WallTime at(Seq seq) {
    const auto [found, is_new] = known_.try_emplace(seq.value());
    if (is_new) {
      statement_.reset();
      statement_.bind(1, seq.value());
      if (statement_.executeStep()) {
        found->second = schema::WallTime{schema::RowReader(statement_).integer()};
      }
    }
    return found->second;
  }

 private:
  SQLite::Statement statement_;
  std::unordered_map<std::int64_t, schema::WallTime> known_;
};

// A change of state makes a new row of the same socket; its history is that of all its rows.
// `last_seen` is that of the rows: it is moved on to that of the sockets.
void follow_versions(schema::Database& database,
                     const std::vector<schema::Origin>& sockets,
                     Seq latest,
                     std::vector<Seq>& last_seen) {
  constexpr auto kSocket = schema::Entity::Socket;
  schema::Successors successors(database, kSocket);
  std::vector<std::size_t> left(sockets.size());
  std::iota(left.begin(), left.end(), std::size_t{0});
  while (!left.empty()) {
    std::erase_if(left, [&](std::size_t at) { return last_seen[at] >= latest; });
    std::vector<schema::VersionEnd> ends;
    for (const std::size_t at : left) {
      ends.push_back({sockets[at].first, Seq(last_seen[at].value() + 1)});
    }
    const std::vector<RowId> rows = successors.find(ends);
    std::vector<std::size_t> gone_on;
    for (std::size_t at = 0; at < rows.size(); ++at) {
      if (rows[at] != 0) {
        Seq& last = last_seen[left[at]];
        last = schema::read_last_seen(database, kSocket, {rows[at]}, ends[at].seq, latest).front();
        gone_on.push_back(left[at]);
      }
    }
    left = std::move(gone_on);
  }
}

}  // namespace

struct History::State {
  explicit State(schema::Database opened) : database(std::move(opened)) {}

  schema::Database database;
  std::optional<Seq> loaded_seq;
  std::vector<schema::Origin> loaded_sockets;
  std::unordered_map<RowId, Seq> listening_since;  // of those, by origin
  std::optional<std::pair<schema::WallTime, std::optional<schema::TimeReading>>> reading;
};

History::History(std::unique_ptr<State> state) : state_(std::move(state)) {
}
History::History(History&&) noexcept = default;
History& History::operator=(History&&) noexcept = default;
History::~History() = default;

History History::open(const std::string& path) {
  return History(std::make_unique<State>(schema::Database::open_for_reading(path)));
}

bool History::is_copy() const {
  return state_->database.is_copy();
}
std::optional<Seq> History::first() {
  return schema::read_first_seq(state_->database);
}
std::optional<Seq> History::last() {
  return schema::read_last_seq(state_->database);
}
Seq History::resolve(const schema::TimeSpec& spec, schema::Side side, std::string_view doing) {
  const schema::Resolved resolved = schema::resolve(state_->database, spec, side, doing);
  if (resolved.reading) {
    state_->reading.emplace(std::get<schema::WallTime>(spec), resolved.reading);
  }
  return resolved.seq;
}
schema::SnapshotInfo History::info(Seq seq) {
  auto info = schema::read_snapshot_info(state_->database, seq);
  if (!info) {
    throw schema::missing_row("reading snapshot", seq);
  }
  return std::move(*info);
}

std::vector<schema::SnapshotInfo> History::snapshots() {
  const auto last_seq = last();
  return last_seq ? snapshots(*first(), *last_seq) : std::vector<schema::SnapshotInfo>{};
}

std::vector<schema::SnapshotInfo> History::snapshots(Seq first_seq, Seq last_seq) {
  return schema::read_snapshot_infos(state_->database, first_seq, last_seq);
}

std::vector<schema::MissedRun> History::missed_runs() {
  return schema::read_missed_runs(state_->database);
}

std::uint64_t History::spare_bytes() {
  std::uint64_t spare = 0;
  read([&] {
    SQLite::Database& sqlite = state_->database.sqlite();
    spare = static_cast<std::uint64_t>(sqlite.execAndGet("PRAGMA freelist_count").getInt64()) *
            static_cast<std::uint64_t>(sqlite.execAndGet("PRAGMA page_size").getInt64());
  });
  return spare;
}

std::optional<Pruned> History::pruned() {
  return unite(schema::read_prunes(state_->database));
}

std::optional<Thinned> History::thinned() {
  try {
    const schema::ThinnedSpans spans(state_->database.sqlite());
    const auto thins = schema::read_thins(state_->database);
    if (spans.empty() || thins.empty()) {
      return std::nullopt;
    }
    Thinned thinned;
    for (const schema::ThinnedSpan& span : spans.all()) {
      thinned.spans.push_back(span.snapshots);
    }
    SnapshotTimes times(state_->database);
    thinned.from = times.at(thinned.snapshots().first);
    thinned.to = times.at(thinned.snapshots().last);
    thinned.at = thins.back().at;
    thinned.policy = thins.back().policy;
    thinned.by = thins.back().author.login_user.value_or(thins.back().author.user);
    return thinned;
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("reading database", state_->database.path(), failure);
  }
}

Moments History::moments() {
  try {
    const auto last_seq = last();
    if (!last_seq) {
      return {};
    }
    Moments moments = read_moments(state_->database, {*first(), *last_seq});
    moments.set_pruned(pruned());
    moments.set_thinned(thinned());
    return moments;
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("reading database", state_->database.path(), failure);
  }
}

std::optional<Seq> History::latest_before(Seq seq, schema::WallTime time) {
  try {
    schema::LentStatement statement = state_->database.lend(schema::sql::kFindLastUntil);
    statement->bind(1, seq.value());
    statement->bind(2, time.microseconds);
    statement->executeStep();
    const auto found = schema::RowReader(*statement).maybe_integer();
    return found ? std::optional(Seq(*found)) : std::nullopt;
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("reading database", state_->database.path(), failure);
  }
}

std::vector<Seq> History::readings_of(schema::WallTime time) {
  const auto reading = read_time(time);
  if (!reading) {
    return {};
  }
  if (reading->only_forward) {
    return {reading->last};
  }
  const Moments all = moments();
  std::vector<Seq> readings;
  for (std::size_t at = 0; at < all.size(); ++at) {
    const bool next_is_after = at + 1 == all.size() || all[at + 1].begin.wall > time;
    if (all[at].begin.wall <= time && next_is_after) {
      readings.push_back(all[at].seq);
    }
  }
  return readings;
}

const std::optional<schema::TimeReading>& History::read_time(schema::WallTime time) {
  if (!state_->reading || state_->reading->first != time) {
    state_->reading.emplace(time, schema::read_time(state_->database, time));
  }
  return state_->reading->second;
}

schema::ListenerPast History::listener_past(const schema::Snapshot& snapshot) {
  std::set<std::pair<schema::Protocol, schema::Port>> now;
  std::set<schema::Port> unexplained;
  for (const schema::Socket& socket : snapshot.sockets) {
    if (schema::is_inet(socket) && schema::waits_for_peers(socket)) {
      now.emplace(socket.protocol, socket.local_port);
    }
  }
  for (const schema::Socket& socket : snapshot.sockets) {
    if (schema::is_connected(socket) && !now.contains({socket.protocol, socket.local_port})) {
      unexplained.insert(socket.local_port);
    }
  }
  schema::ListenerPast past;
  read([&] {
    ListenerPastReader reader(state_->database, snapshot.seq.value_or(Seq(0)));
    reader.add({unexplained.begin(), unexplained.end()}, past);
  });
  return past;
}

void History::read(const std::function<void()>& reading) {
  try {
    reading();
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("reading database", state_->database.path(), failure);
  }
}

schema::Database& HistoryDatabase::of(History& history) {
  return history.state_->database;
}

schema::Snapshot History::load(Seq seq) {
  schema::LoadedSnapshot loaded = schema::load_snapshot(state_->database, seq, schema::kShownWhole);
  state_->loaded_seq = seq;
  state_->listening_since =
      find_listening_since(state_->database, loaded, seq, last().value_or(seq));
  state_->loaded_sockets = std::move(loaded.sockets);
  return std::move(loaded.snapshot);
}

schema::ServiceSet History::services(Seq seq, bool hindsight) {
  const schema::LoadedSnapshot loaded =
      schema::load_snapshot(state_->database, seq, schema::kShownWhole);
  auto set = schema::load_services(state_->database, loaded, hindsight);
  SnapshotTimes times(state_->database);
  const auto listening = find_listening_since(state_->database, loaded, seq, last().value_or(seq));
  for (schema::Service& service : set.services) {
    std::vector<RowId> origins;
    std::vector<Seq> begins;
    for (const schema::SocketIndex index : service.sockets) {
      const RowId origin = loaded.sockets.at(index.value()).first;
      const auto later = listening.find(origin);
      if (later == listening.end()) {
        origins.push_back(origin);
      } else {
        begins.push_back(later->second);
      }
    }
    if (!origins.empty()) {
      const RowId oldest = *std::min_element(origins.begin(), origins.end());
      begins.push_back(
          schema::read_first_seen(state_->database, schema::Entity::Socket, {oldest}).front());
    }
    service.since = times.at(*std::min_element(begins.begin(), begins.end()));
  }
  return set;
}

std::vector<schema::BaselineInfo> History::baselines() {
  return schema::read_baselines(state_->database);
}

schema::Baseline History::baseline(const std::string& name) {
  auto found = schema::load_baseline(state_->database, name);
  if (found) {
    return std::move(*found);
  }
  std::vector<std::string> known;
  for (const schema::BaselineInfo& info : baselines()) {
    known.push_back(info.name);
  }
  if (known.empty()) {
    throw schema::Error(schema::ExitCode::Usage,
                        "finding baseline '" + name + "': there is none yet",
                        "make one with: sockwitness-recorder baseline add " + name);
  }
  throw schema::unknown_word("--baseline", name, known);
}

std::vector<schema::Program> History::latest_programs(int most) {
  return schema::load_latest_programs(state_->database, most);
}

std::vector<schema::Seen> History::socket_lifetimes() {
  if (!state_->loaded_seq) {
    return {};
  }
  try {
    const Seq seq = *state_->loaded_seq;
    const Seq latest = last().value_or(seq);
    SnapshotTimes times(state_->database);
    std::vector<RowId> rows;
    std::vector<RowId> origins;
    for (const schema::Origin& socket : state_->loaded_sockets) {
      rows.push_back(socket.row);
      origins.push_back(socket.first);
    }
    constexpr auto kSocket = schema::Entity::Socket;
    const auto first_seen = schema::read_first_seen(state_->database, kSocket, origins);
    auto last_seen = schema::read_last_seen(state_->database, kSocket, rows, seq, latest);
    follow_versions(state_->database, state_->loaded_sockets, latest, last_seen);
    std::vector<schema::Seen> seen;
    for (std::size_t at = 0; at < rows.size(); ++at) {
      const Seq end = last_seen[at];
      const auto listening = state_->listening_since.find(origins[at]);
      seen.push_back({times.at(first_seen[at]),
                      times.at(end),
                      {first_seen[at], end},
                      listening == state_->listening_since.end()
                          ? std::nullopt
                          : std::optional(times.at(listening->second))});
    }
    return seen;
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("reading database", state_->database.path(), failure);
  }
}

}  // namespace sockwitness::query
