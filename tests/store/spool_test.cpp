// Snapshots that wait in spool files: what comes back, what is refused, and that taking them in is
// the same as having written them at once.
#include "recorder/write/spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <set>

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch.hpp>

#include "recorder/write/snapshot_writer.h"
#include "recorder/write/spool_file.h"
#include "recorder/write/take_in.h"
#include "schema/base/escape.h"
#include "schema/chain/sha256.h"
#include "schema/disk/database.h"
#include "schema/disk/load_snapshot.h"
#include "schema/disk/snapshot_row.h"
#include "tests/store/history_file.h"
#include "tests/store/snapshot_difference.h"
#include "tests/support/random_history.h"
#include "tests/support/scratch_dir.h"

namespace sockwitness::test {
namespace {

namespace fs = std::filesystem;

using recorder::SpooledSnapshot;
using recorder::SpoolRefusal;
using schema::Seq;
using schema::Snapshot;

constexpr const char* kArchive = "0123456789ABCDEF0123456789ABCDEF";

const bool kLong = std::getenv("SOCKWITNESS_LONG") != nullptr;

std::string difference(Snapshot one, Snapshot other) {
  schema::sort_canonically(one);
  schema::sort_canonically(other);
  return differences(one, other);
}

SpooledSnapshot spooled(Snapshot snapshot) {
  return {std::move(snapshot), kArchive, "sqlite3(4711) keeps it locked", schema::Pid(4711)};
}

std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

// A digest that fits: what is behind it must be judged by itself.
void sign(std::string& bytes) {
  constexpr std::size_t kLine = 7 + 64 + 1;
  bytes.resize(bytes.size() - kLine);
  bytes += "sha256 " + schema::hex(schema::sha256(bytes)) + "\n";
}

void add_every_gap(Snapshot& snapshot) {
  constexpr int kSources = 10;
  constexpr int kReasons = 9;
  for (int source = 1; source <= kSources; ++source) {
    for (int reason = 1; reason <= kReasons; ++reason) {
      snapshot.gaps.push_back({static_cast<schema::GapSource>(source),
                               static_cast<schema::GapReason>(reason),
                               std::nullopt,
                               schema::Pid(std::numeric_limits<std::int32_t>::max()),
                               schema::GapObject::of_text("every gap"),
                               -1,
                               std::numeric_limits<std::uint32_t>::max()});
    }
  }
}

// Which numbers of each enumeration were among the values.
struct Seen {
  std::set<int> protocols, states, types, no_holders, sources, reasons, kinds, files, verdicts;

  void add(const Snapshot& snapshot) {
    for (const schema::Socket& socket : snapshot.sockets) {
      protocols.insert(static_cast<int>(socket.protocol));
      states.insert(static_cast<int>(socket.state));
      types.insert(static_cast<int>(socket.type));
      no_holders.insert(static_cast<int>(socket.no_holder));
    }
    for (const schema::Gap& gap : snapshot.gaps) {
      sources.insert(static_cast<int>(gap.source));
      reasons.insert(static_cast<int>(gap.reason));
    }
    for (const schema::Descriptor& descriptor : snapshot.descriptors) {
      kinds.insert(static_cast<int>(descriptor.kind));
    }
    for (const schema::Program& program : snapshot.programs) {
      files.insert(static_cast<int>(program.state));
      verdicts.insert(static_cast<int>(program.verdict));
    }
  }
};

}  // namespace

TEST_CASE("a snapshot comes back from its spool file as it was observed") {
  Seen seen;
  std::size_t compared = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    RandomHistory host(seed);
    for (int at = 0; at < (kLong ? 200 : 40); ++at) {
      Snapshot observed = host.next().snapshot;
      observed.note = at % 3 == 0 ? "" : "note\n" + std::to_string(at);
      observed.deep_seq = at % 2 == 0 ? std::nullopt : std::optional(Seq(at));
      if (at == 0) {
        add_every_gap(observed);
      }
      seen.add(observed);
      const auto back =
          recorder::decode_spooled("x", recorder::encode_spooled("x", spooled(observed)));
      INFO("seed " << seed << " snapshot " << at);
      REQUIRE(difference(observed, back.snapshot).empty());
      REQUIRE(back.archive == kArchive);
      REQUIRE(back.reason == "sqlite3(4711) keeps it locked");
      REQUIRE(back.holder == schema::Pid(4711));
      ++compared;
    }
  }
  std::cout << compared << " snapshots equal; numbers seen: " << seen.protocols.size()
            << " protocols, " << seen.states.size() << " states, " << seen.types.size()
            << " types, " << seen.no_holders.size() << " reasons without a holder, "
            << seen.sources.size() << " sources and " << seen.reasons.size() << " reasons of gaps, "
            << seen.kinds.size() << " kinds of descriptors, " << seen.files.size()
            << " states of files, " << seen.verdicts.size() << " verdicts\n";
  CHECK(seen.protocols.size() == 13);
  CHECK(seen.states.size() == 13);
  CHECK(seen.no_holders.size() == 8);
  CHECK(seen.sources.size() == 10);
  CHECK(seen.reasons.size() == 9);
  CHECK(seen.kinds.size() == 9);
  CHECK(seen.files.size() == 5);
  CHECK(seen.verdicts.size() == 6);
}

TEST_CASE("labels keep what they are given, and nothing breaks their lines") {
  RandomHistory host(3);
  for (const std::string& reason :
       {std::string(), std::string("two\nlines"), std::string(5000, 'x'), std::string("\0", 1)}) {
    SpooledSnapshot odd = spooled(host.unchanged().snapshot);
    odd.reason = reason;
    odd.archive.clear();
    odd.holder.reset();
    odd.snapshot.deep_seq = Seq(std::numeric_limits<std::int64_t>::max());
    const auto back = recorder::decode_spooled("x", recorder::encode_spooled("x", odd));
    CHECK(back.archive.empty());
    CHECK(!back.holder);
    CHECK(back.snapshot.deep_seq == odd.snapshot.deep_seq);
    CHECK(back.reason.size() == std::min<std::size_t>(reason.size(), 200));
    CHECK(back.reason.find('\n') == std::string::npos);
  }
}

TEST_CASE("a spool file is a database that can be asked") {
  const ScratchDir scratch;
  RandomHistory host(5);
  const Snapshot observed = host.next().snapshot;
  const std::string path = scratch.file("w.db.spool-1");
  write_bytes(path, recorder::encode_spooled(path, spooled(observed)));
  auto database = schema::Database::open_for_reading(path);
  Snapshot read = schema::load_snapshot(database, Seq(1)).snapshot;
  read.seq.reset();
  read.deep_seq = observed.deep_seq;
  CHECK(difference(observed, read).empty());
}

TEST_CASE("bytes that were changed or cut off are refused") {
  RandomHistory host(11);
  const std::string good = recorder::encode_spooled("x", spooled(host.next().snapshot));
  std::size_t refused = 0;
  const std::size_t step = std::max<std::size_t>(1, good.size() / (kLong ? 5000 : 300));
  for (std::size_t at = 0; at < good.size(); at += step) {
    std::string flipped = good;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    CHECK_THROWS_AS(recorder::decode_spooled("x", flipped), SpoolRefusal);
    CHECK_THROWS_AS(recorder::decode_spooled("x", good.substr(0, at)), SpoolRefusal);
    CHECK_THROWS_AS(recorder::decode_spooled("x", good.substr(at + 1)), SpoolRefusal);
    refused += 3;
  }
  for (const std::string& odd : {good + "x", good + good, std::string(100'000, '\0')}) {
    CHECK_THROWS_AS(recorder::decode_spooled("x", odd), SpoolRefusal);
  }
  Dice dice(13);
  for (int turn = 0; turn < 100; ++turn) {
    CHECK_THROWS_AS(recorder::decode_spooled("x", dice.bytes(5000)), SpoolRefusal);
  }
  std::cout << refused << " damaged files refused\n";
}

TEST_CASE("a damaged image with a digest that fits is refused or read, and nothing else") {
  RandomHistory host(17);
  const std::string good = recorder::encode_spooled("x", spooled(host.next().snapshot));
  Dice dice(19);
  std::size_t refused = 0;
  const std::size_t tries = kLong ? 20'000 : 400;
  for (std::size_t turn = 0; turn < tries; ++turn) {
    std::string bytes = good;
    for (std::uint64_t change = 0; change <= dice.below(4); ++change) {
      const std::size_t at = dice.below(dice.one_in(2) ? 200 : bytes.size() - 80);
      bytes[at] = static_cast<char>(dice.bits64());
    }
    if (dice.one_in(8)) {
      bytes.erase(dice.below(bytes.size() - 600), dice.below(500));
    }
    sign(bytes);
    try {
      static_cast<void>(recorder::decode_spooled("x", bytes));
    } catch (const SpoolRefusal&) {
      ++refused;
    }
  }
  std::cout << tries << " damaged images, " << refused << " refused\n";
  CHECK(refused > tries / 4);
}

TEST_CASE("snapshots that waited are recorded as they would have been") {
  constexpr int kLength = 60;
  for (std::uint64_t seed = 21; seed < 24; ++seed) {
    const ScratchDir scratch;
    const std::string path = scratch.file("w.db");
    std::vector<Snapshot> history;
    RandomHistory host(seed);
    Dice dice(seed);
    std::set<std::int64_t> waited;
    for (int at = 0; at < kLength; ++at) {
      history.push_back(host.next().snapshot);
      auto database = schema::Database::open_for_append(path);
      recorder::Spool spool(path);
      auto previous = recorder::load_previous(database);
      const auto head = database.last_commit();
      if (dice.below(3) < 2) {
        const std::uint32_t number = spool.next();
        SpooledSnapshot waiting = spooled(history.back());
        waiting.archive = head ? head->archive : "";
        spool.put(number, recorder::encode_spooled(path, waiting));
        waited.insert(at + 1);
        continue;
      }
      recorder::TakenIn taken;
      previous = recorder::take_in(database,
                                   spool,
                                   previous,
                                   {{}, history.back().context.machine_id, history.back().end.wall},
                                   taken);
      REQUIRE(taken.refused.empty());
      REQUIRE(spool.waiting().empty());
      recorder::write_snapshot(database, history.back(), previous, {});
    }
    auto database = schema::Database::open_for_append(path);
    const auto last = schema::read_last_seq(database);
    REQUIRE(last);
    REQUIRE(last->value() > kLength / 3);
    std::size_t deferred = 0;
    for (const auto& info : schema::read_snapshot_infos(database, Seq(1), *last)) {
      Snapshot expected = history[static_cast<std::size_t>(info.seq.value()) - 1];
      expected.seq = info.seq;
      expected.deep_seq = expected.deep_seq.value_or(info.seq);
      INFO("seed " << seed << " snapshot " << info.seq.value());
      REQUIRE(difference(expected, schema::load_snapshot(database, info.seq).snapshot).empty());
      REQUIRE(info.deferred.has_value() == waited.contains(info.seq.value()));
      deferred += info.deferred ? 1U : 0U;
    }
    std::cout << last->value() << " snapshots, " << deferred << " of them had waited\n";
    CHECK(deferred > 10);
  }
}

TEST_CASE("what is not to be taken in is refused, and the rest is") {
  const ScratchDir scratch;
  const std::string path = scratch.file("w.db");
  RandomHistory host(31);
  const Snapshot first = host.unchanged().snapshot;
  const Snapshot early = host.unchanged().snapshot;
  const Snapshot second = host.unchanged().snapshot;
  append_snapshot(path, first);
  append_snapshot(path, second);
  auto database = schema::Database::open_for_append(path);
  auto previous = recorder::load_previous(database);
  recorder::Spool spool(path);
  const auto put = [&](SpooledSnapshot waiting) {
    const std::uint32_t number = spool.next();
    spool.put(number, recorder::encode_spooled(path, waiting));
    return number;
  };
  const std::string archive = database.last_commit()->archive;
  const auto own = [&](Snapshot snapshot) {
    SpooledSnapshot waiting = spooled(std::move(snapshot));
    waiting.archive = archive;
    return waiting;
  };
  std::set<std::uint32_t> refused;
  refused.insert(put(own(early)));                          // older than the last
  refused.insert(put(spooled(host.unchanged().snapshot)));  // another archive
  SpooledSnapshot elsewhere = own(host.unchanged().snapshot);
  elsewhere.snapshot.context.machine_id = std::string(32, 'f');
  refused.insert(put(elsewhere));
  SpooledSnapshot ahead = own(host.unchanged().snapshot);
  ahead.snapshot.deep_seq = Seq(99);
  refused.insert(put(ahead));
  put(own(second));  // recorded already: goes without a word
  put(own(host.unchanged().snapshot));
  SpooledSnapshot nameless = own(host.unchanged().snapshot);
  nameless.archive.clear();
  put(nameless);
  recorder::TakenIn taken;
  previous =
      recorder::take_in(database, spool, previous, {{}, second.context.machine_id, {}}, taken);
  CHECK(taken.snapshots == 2);
  CHECK(schema::read_last_seq(database) == Seq(4));
  std::set<std::uint32_t> told;
  for (const auto& one : taken.refused) {
    told.insert(one.number);
    CHECK(!one.reason.empty());
  }
  CHECK(told == refused);
  CHECK(spool.waiting() == std::vector<std::uint32_t>(refused.begin(), refused.end()));
  for (const std::uint32_t number : refused) {
    const std::string content = read_bytes(spool.path_of(number));
    CHECK(read_bytes(spool.set_aside(number)) == content);
  }
  CHECK(recorder::Spool(path).waiting().empty());
}

TEST_CASE("a long queue is taken in by several runs") {
  const ScratchDir scratch;
  const std::string path = scratch.file("w.db");
  RandomHistory host(41);
  append_snapshot(path, host.unchanged().snapshot);
  auto database = schema::Database::open_for_append(path);
  auto previous = recorder::load_previous(database);
  recorder::Spool spool(path);
  for (int count = 0; count < 5; ++count) {
    SpooledSnapshot waiting = spooled(host.next().snapshot);
    waiting.archive = database.last_commit()->archive;
    spool.put(spool.next(), recorder::encode_spooled(path, waiting));
  }
  int asked = 0;
  for (const std::size_t left : {3U, 1U, 0U}) {
    recorder::TakenIn taken;
    previous = recorder::take_in(
        database, spool, previous, {{}, {}, {}, [&asked] { return ++asked % 2 == 0; }}, taken);
    CHECK(spool.waiting().size() == left);
    CHECK(taken.more == (left > 0));
  }
  CHECK(schema::read_last_seq(database) == Seq(6));
}

TEST_CASE("runs that gave nothing are told in their place among those that waited, and once") {
  const ScratchDir scratch;
  const std::string path = scratch.file("w.db");
  RandomHistory host(37);
  append_snapshot(path, host.unchanged().snapshot);
  auto database = schema::Database::open_for_append(path);
  auto previous = recorder::load_previous(database);
  recorder::Spool spool(path);
  std::vector<schema::MissedRun> notes;
  for (int at = 0; at < 3; ++at) {
    SpooledSnapshot waiting = spooled(host.unchanged().snapshot);
    waiting.archive = database.last_commit()->archive;
    notes.push_back({schema::WallTime{waiting.snapshot.begin.wall.microseconds - 5},
                     schema::MissedKind::Failed,
                     static_cast<std::uint32_t>(at + 1),
                     "no space left",
                     {}});
    spool.put(spool.next(), recorder::encode_spooled(path, waiting));
  }
  const Snapshot now = host.unchanged().snapshot;
  notes.push_back({now.begin.wall, schema::MissedKind::Skipped, 2, "another run", {}});
  notes.push_back(notes.back());  // two lines of one instant
  recorder::TakenIn taken;
  previous =
      recorder::take_in(database, spool, previous, {notes, now.context.machine_id, {}}, taken);
  CHECK(taken.notes == 3);
  const auto write = [&](const std::vector<schema::MissedRun>& missed) {
    previous = recorder::load_previous(database);
    recorder::write_snapshot(database, host.unchanged().snapshot, previous, missed);
  };
  write({notes.begin() + 3, notes.end()});
  const auto check = [&](std::uint32_t last_count) {
    const auto missed = schema::read_missed_runs(database);
    std::vector<std::int64_t> after;
    std::uint32_t runs = 0;
    for (const auto& run : missed) {
      after.push_back(run.after->value());
      runs += run.count;
    }
    CHECK(std::vector<std::int64_t>(after.begin(), after.begin() + 5) ==
          std::vector<std::int64_t>{1, 2, 3, 4, 4});
    CHECK(runs == 6 + 4 + last_count);
  };
  check(0);
  write(notes);  // a run was killed before it could take them out of the lock file
  check(0);
  notes.back().count += 3;  // and others were added to the last line since
  write(notes);
  check(3);
}

TEST_CASE("a spool has bounds and trusts its own files only") {
  const ScratchDir scratch;
  const std::string path = scratch.file("w.db");
  recorder::Spool spool(path, {3, 1000, 2500});
  CHECK(spool.next() == 1);
  CHECK_THROWS_AS(spool.put(1, std::string(1001, 'x')), schema::Error);
  spool.put(1, std::string(1000, 'x'));
  spool.put(2, std::string(1000, 'y'));
  CHECK_THROWS_WITH(spool.put(3, std::string(501, 'z')), Catch::Contains("2501 bytes of 2500"));
  spool.put(3, std::string(500, 'z'));
  CHECK_THROWS_WITH(spool.put(4, "one more"), Catch::Contains("3 snapshots wait"));
  CHECK(spool.read(2) == std::string(1000, 'y'));
  struct stat status {};
  REQUIRE(::stat(spool.path_of(1).c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  spool.remove(2);
  CHECK(recorder::Spool(path).waiting() == std::vector<std::uint32_t>{1, 3});
  CHECK(recorder::Spool(path).next() == 4);
  for (const char* other : {"0", "01", "x", "-1", "1x", "", "4294967296", "new", "3.refused"}) {
    write_bytes(path + ".spool-" + other, "no spool file");
  }
  CHECK(recorder::Spool(path).waiting() == std::vector<std::uint32_t>{1, 3});

  const std::string file = spool.path_of(3);
  const auto refuses = [&] {
    CHECK_THROWS_AS(spool.read(3), SpoolRefusal);
    CHECK(!spool.read_label(3));
  };
  fs::create_hard_link(file, file + ".two");
  refuses();
  fs::remove(file + ".two");
  ::chmod(file.c_str(), 0620);
  refuses();
  ::chmod(file.c_str(), 0600);
  CHECK(spool.read(3).size() == 500);
  fs::resize_file(file, 1001);
  refuses();
  fs::rename(file, file + ".real");
  refuses();
  fs::create_symlink(file + ".real", file);
  refuses();
  fs::remove(file);
  fs::create_directory(file);
  refuses();
  fs::remove(file);
  ::mkfifo(file.c_str(), 0600);
  refuses();
  CHECK(spool.set_aside(3) == file + ".refused-2");
}

}  // namespace sockwitness::test
