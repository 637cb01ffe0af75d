// What was observed is what is read: random histories, written as the recorder writes them, against
// the list of observations.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>

#include <catch2/catch.hpp>

#include "query/read/history.h"
#include "recorder/write/snapshot_writer.h"
#include "schema/disk/database.h"
#include "schema/disk/load_snapshot.h"
#include "tests/store/history_file.h"
#include "tests/store/snapshot_difference.h"
#include "tests/support/scratch_dir.h"

namespace sockwitness::test {
namespace {

using schema::Seq;
using schema::Snapshot;

struct Lives {
  std::map<std::uint64_t, std::size_t> first, last;  // by life, positions in the history
};

Lives find_lives(const std::vector<Observation>& history) {
  Lives lives;
  for (std::size_t at = 0; at < history.size(); ++at) {
    for (const std::uint64_t life : history[at].lives) {
      lives.first.try_emplace(life, at);
      lives.last[life] = at;
    }
  }
  return lives;
}

// Sockets of a snapshot with their first and last begin, order put aside.
using Lifetimes = std::vector<std::tuple<std::uint64_t, std::uint64_t, std::int64_t, std::int64_t>>;

Lifetimes expected_lifetimes(const std::vector<Observation>& history,
                             const Lives& lives,
                             std::size_t at) {
  const auto began = [&](std::size_t position) {
    return history[position].snapshot.begin.wall.microseconds;
  };
  Lifetimes expected;
  for (std::size_t socket = 0; socket < history[at].lives.size(); ++socket) {
    const schema::Socket& value = history[at].snapshot.sockets[socket];
    const std::uint64_t life = history[at].lives[socket];
    expected.emplace_back(value.cookie.value(),
                          value.inode.value(),
                          began(lives.first.at(life)),
                          began(lives.last.at(life)));
  }
  std::sort(expected.begin(), expected.end());
  return expected;
}

Lifetimes read_lifetimes(query::History& history, Seq seq) {
  const Snapshot loaded = history.load(seq);
  const auto seen = history.socket_lifetimes();
  REQUIRE(seen.size() == loaded.sockets.size());
  Lifetimes lifetimes;
  for (std::size_t at = 0; at < seen.size(); ++at) {
    lifetimes.emplace_back(loaded.sockets[at].cookie.value(),
                           loaded.sockets[at].inode.value(),
                           seen[at].first.microseconds,
                           seen[at].last.microseconds);
  }
  std::sort(lifetimes.begin(), lifetimes.end());
  return lifetimes;
}

void check_history(std::uint64_t seed, std::size_t length) {
  const ScratchDir scratch;
  const std::string path = scratch.file("witness.db");
  auto history = write_history(path, seed, length);
  REQUIRE(history.size() == length);

  std::size_t compared = 0;
  std::size_t sockets = 0;
  {
    auto database = schema::Database::open_for_reading(path);
    for (std::size_t at = 0; at < length; ++at) {
      Snapshot expected = history[at].snapshot;
      expected.seq = Seq(static_cast<std::int64_t>(at) + 1);
      expected.deep_seq = expected.deep_seq.value_or(*expected.seq);
      sockets += expected.sockets.size();
      schema::LoadedSnapshot loaded = schema::load_snapshot(database, *expected.seq);
      schema::sort_canonically(expected);
      schema::sort_canonically(loaded.snapshot);
      INFO("seed " << seed << " snapshot " << at + 1);
      REQUIRE(differences(expected, loaded.snapshot).empty());
      ++compared;
    }
  }
  const Lives lives = find_lives(history);
  auto answers = query::History::open(path);
  std::size_t asked = 0;
  for (std::size_t at = 0; at < length; at += 23) {
    INFO("seed " << seed << " snapshot " << at + 1);
    REQUIRE(read_lifetimes(answers, Seq(static_cast<std::int64_t>(at) + 1)) ==
            expected_lifetimes(history, lives, at));
    ++asked;
  }
  std::cout << "seed " << seed << ": " << compared << " snapshots equal, " << sockets
            << " sockets, lifetimes of " << asked << " snapshots, "
            << std::filesystem::file_size(path) << " bytes\n";
}

}  // namespace

TEST_CASE("a random history is read as it was observed, seed 1") {
  check_history(1, 1100);
}
TEST_CASE("a random history is read as it was observed, seed 2") {
  check_history(2, 1100);
}
TEST_CASE("a random history is read as it was observed, seed 3") {
  check_history(3, 1100);
}
TEST_CASE("short random histories are read as they were observed") {
  for (std::uint64_t seed = 100; seed < 110; ++seed) {
    check_history(seed, 20);
  }
}

TEST_CASE("a snapshot in which nothing changed is a small row") {
  const ScratchDir scratch;
  const std::string path = scratch.file("witness.db");
  RandomHistory host(7);
  constexpr std::size_t kSnapshots = 500;
  append_snapshot(path, host.next().snapshot);
  append_snapshot(path, host.unchanged().snapshot);
  const auto before = std::filesystem::file_size(path);
  for (std::size_t count = 0; count < kSnapshots; ++count) {
    append_snapshot(path, host.unchanged().snapshot);
  }
  const auto each = (std::filesystem::file_size(path) - before) / kSnapshots;
  std::cout << each << " bytes for each of " << kSnapshots << " unchanged snapshots\n";
  CHECK(each <= 400);
}

TEST_CASE("equal sockets without a cookie are all kept") {
  const ScratchDir scratch;
  const std::string path = scratch.file("witness.db");
  RandomHistory host(9);
  for (int count = 0; count < 4; ++count) {
    Snapshot observed = host.unchanged().snapshot;
    schema::Socket twin = observed.sockets.front();
    twin.cookie = {};
    twin.inode = {};
    twin.uid = schema::Uid(static_cast<std::uint32_t>(count));
    observed.sockets.push_back(twin);
    observed.sockets.push_back(twin);
    append_snapshot(path, observed);
    auto database = schema::Database::open_for_reading(path);
    auto loaded = schema::load_snapshot(database, Seq(count + 1));
    observed.seq = observed.deep_seq = Seq(count + 1);
    schema::sort_canonically(observed);
    schema::sort_canonically(loaded.snapshot);
    CHECK(differences(observed, loaded.snapshot).empty());
  }
}

}  // namespace sockwitness::test
