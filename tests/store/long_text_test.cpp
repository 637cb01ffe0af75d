// Long command lines in the file: what was written is what is read, equal ones are there once,
// nearly equal ones take little, and pieces that are not what was stored are damage.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <random>

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "recorder/write/snapshot_writer.h"
#include "schema/base/error.h"
#include "schema/chain/measure.h"
#include "schema/disk/database.h"
#include "schema/disk/load_snapshot.h"
#include "schema/disk/long_texts.h"
#include "schema/disk/texts.h"
#include "tests/store/history_file.h"
#include "tests/store/snapshot_difference.h"
#include "tests/support/scratch_dir.h"

namespace sockwitness::test {
namespace {

using schema::kAlwaysWhole;
using schema::kKeptEnd;
using schema::kOneRow;
using schema::kShownWhole;
using schema::LongText;
using schema::Process;
using schema::Seq;
using schema::Snapshot;
using schema::Texts;

std::string random_text(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string text(size, '\0');
  std::generate(text.begin(), text.end(), [&] { return static_cast<char>(random()); });
  return text;
}

Process process_of(int pid, std::string line) {
  Process process;
  process.pid = schema::Pid(pid);
  process.start.nanoseconds = pid * std::int64_t{10'000'000};
  process.name = "a";
  process.long_line = schema::measure_if_long(line);
  process.command_line = std::move(line);
  return process;
}

Process shortened(Process process) {
  schema::keep_ends(*process.command_line, *process.long_line);
  return process;
}

Snapshot host_of(std::vector<Process> processes) {
  Snapshot snapshot;
  snapshot.context.boot_id = "a boot";
  snapshot.processes = std::move(processes);
  return snapshot;
}

Snapshot load(const std::string& path, int seq, std::size_t whole = SIZE_MAX) {
  auto database = schema::Database::open_for_reading(path);
  return schema::load_snapshot(database, Seq(seq), whole).snapshot;
}

void require_same(const Snapshot& loaded, const Snapshot& observed) {
  Snapshot expected = observed;
  expected.seq = loaded.seq;
  expected.deep_seq = loaded.deep_seq;
  REQUIRE(differences(expected, loaded).empty());
}

std::int64_t count(const std::string& path, const std::string& table) {
  auto database = schema::Database::open_for_reading(path);
  return database.sqlite().execAndGet("SELECT count(*) FROM " + table).getInt64();
}

// Bytes that one more snapshot adds.
std::uintmax_t growth(const std::string& path, const Snapshot& observed) {
  const auto before = std::filesystem::file_size(path);
  append_snapshot(path, observed);
  return std::filesystem::file_size(path) - before;
}

}  // namespace

TEST_CASE("long text: lines of every length about a limit are read as they were written") {
  const ScratchDir scratch;
  const std::string path = scratch.file("witness.db");
  std::vector<Process> processes;
  int pid = 0;
  for (const std::size_t limit :
       {std::size_t{1}, kOneRow, kKeptEnd, kAlwaysWhole, kShownWhole, std::size_t{300'000}}) {
    for (const int offset : {-1, 0, 1}) {
      const auto length = static_cast<std::size_t>(static_cast<int>(limit) + offset);
      processes.push_back(process_of(++pid, random_text(length, length)));
      processes.push_back(process_of(++pid, std::string(length, '\0')));
      if (length > kAlwaysWhole) {
        processes.push_back(shortened(process_of(++pid, random_text(length, length))));
        processes.push_back(shortened(process_of(++pid, std::string(length, 'x'))));
      }
    }
  }
  Process none = process_of(++pid, "");
  none.command_line.reset();
  processes.push_back(none);
  const Snapshot observed = host_of(processes);
  append_snapshot(path, observed);
  require_same(load(path, 1), observed);
  append_snapshot(path, observed);
  require_same(load(path, 2), observed);
  CHECK(count(path, "process") == static_cast<std::int64_t>(processes.size()));
  std::cout << processes.size() << " lines\n";
}

TEST_CASE("long text: an answer has the ends of what is too long for it, and says so") {
  const ScratchDir scratch;
  const std::string path = scratch.file("witness.db");
  const std::vector<Process> processes{process_of(1, random_text(kAlwaysWhole, 1)),
                                       process_of(2, random_text(kAlwaysWhole + 1, 2)),
                                       process_of(3, random_text(kShownWhole, 3)),
                                       process_of(4, random_text(kShownWhole + 1, 4)),
                                       shortened(process_of(5, random_text(500'000, 5)))};
  append_snapshot(path, host_of(processes));
  for (const std::size_t whole :
       {kAlwaysWhole, kAlwaysWhole + 1, kShownWhole, std::size_t{200'000}}) {
    std::vector<Process> expected = processes;
    for (Process& process : expected) {
      if (process.long_line && !process.long_line->shortened() &&
          process.long_line->length > whole) {
        process = shortened(process);
      }
    }
    INFO("whole up to " << whole);
    require_same(load(path, 1, whole), host_of(expected));
  }
}

TEST_CASE("long text: equal ones are there once, whoever has them") {
  const ScratchDir scratch;
  const std::string path = scratch.file("witness.db");
  const std::string line = random_text(50'000, 1);
  const std::string middle = random_text(5'000, 2);
  append_snapshot(
      path, host_of({process_of(1, line), process_of(2, middle), shortened(process_of(3, line))}));
  const auto texts = count(path, "text");
  CHECK(count(path, "long_text") == 3);
  append_snapshot(
      path,
      host_of({process_of(11, line), process_of(12, middle), shortened(process_of(13, line))}));
  CHECK(count(path, "long_text") == 3);
  CHECK(count(path, "text") == texts);
  // The one is whole and the other is not, and each stays what it is.
  append_snapshot(path, host_of({process_of(11, line), shortened(process_of(14, middle + line))}));
  CHECK(count(path, "long_text") == 4);
}

TEST_CASE("long text: an unchanged line costs nothing, whole or shortened") {
  const ScratchDir scratch;
  const std::string path = scratch.file("witness.db");
  std::vector<Process> processes;
  for (int pid = 1; pid <= 20; ++pid) {
    const auto line = random_text(500'000, static_cast<std::uint64_t>(pid));
    processes.push_back(pid == 1 ? process_of(pid, line) : shortened(process_of(pid, line)));
  }
  append_snapshot(path, host_of(processes));
  append_snapshot(path, host_of(processes));
  std::uintmax_t grown = 0;
  for (int turn = 0; turn < 100; ++turn) {
    grown += growth(path, host_of(processes));
  }
  CHECK(count(path, "process") == 20);
  CHECK(grown / 100 <= 200);
}

TEST_CASE("long text: whole after shortened, and the other way round, is no change") {
  const ScratchDir scratch;
  const std::string path = scratch.file("witness.db");
  const std::string line = random_text(50'000, 1);
  append_snapshot(path, host_of({process_of(1, line), shortened(process_of(2, line))}));
  append_snapshot(path, host_of({shortened(process_of(1, line)), process_of(2, line)}));
  CHECK(count(path, "process") == 2);
  // Another middle between the same ends is another line.
  std::string other = line;
  other[25'000] = static_cast<char>(other[25'000] + 1);
  append_snapshot(path, host_of({shortened(process_of(1, other)), process_of(2, other)}));
  CHECK(count(path, "process") == 4);
}

TEST_CASE("long text: rows of older versions stay as they are, and are found") {
  const ScratchDir scratch;
  const std::string path = scratch.file("witness.db");
  const std::string line = random_text(50'000, 1);
  const std::string middle = random_text(5'000, 2);
  append_snapshot(path, host_of({process_of(1, "short"), process_of(2, "shorter")}));
  {
    auto database = schema::Database::open_for_append(path);
    SQLite::Statement insert(database.sqlite(), "INSERT INTO text (hash, bytes) VALUES (?1, ?2)");
    // The hash of each was taken over its bytes then as it is now.
    std::int64_t pid = 1;
    for (const std::string& text : {line, middle}) {
      std::uint64_t hash = 0xCBF29CE484222325U;
      for (const char byte : text) {
        hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001B3U;
      }
      insert.reset();
      insert.bind(1, static_cast<std::int64_t>(hash));
      insert.bind(2, text.data(), static_cast<int>(text.size()));
      insert.exec();
      database.sqlite().exec(
          fmt::format("UPDATE process SET command_line = last_insert_rowid() "
                      "WHERE pid = {}",
                      pid++));
    }
  }
  Process old = process_of(1, line);
  old.long_line.reset();  // nobody measured it
  require_same(load(path, 1), host_of({old, process_of(2, middle)}));
  CHECK(load(path, 1, kAlwaysWhole).processes[0].command_line == line);
  append_snapshot(path, host_of({process_of(1, line), process_of(2, middle)}));
  CHECK(count(path, "process") == 2);
  append_snapshot(path, host_of({process_of(1, line), process_of(3, middle)}));
  CHECK(count(path, "long_text") == 0);
}

TEST_CASE("long text: a restart with nearly the same arguments takes a few rows") {
  const ScratchDir scratch;
  const std::string path = scratch.file("witness.db");
  const std::string line = random_text(1'800'000, 1);
  append_snapshot(path, host_of({process_of(1, line)}));
  const auto first = std::filesystem::file_size(path);
  CHECK(first < line.size() * 7 / 5);
  std::uintmax_t grown = 0;
  for (int turn = 2; turn <= 21; ++turn) {
    std::string changed = line;
    changed.insert(static_cast<std::size_t>(turn) * 70'000, "word " + std::to_string(turn));
    grown += growth(path, host_of({process_of(turn, changed)}));
    REQUIRE(load(path, turn).processes[0].command_line == changed);
  }
  std::cout << "a line of " << line.size() << " bytes takes " << first << ", a restart "
            << grown / 20 << "\n";
  CHECK(grown / 20 < 6'000);
}

TEST_CASE("long text: a build of a thousand compilers takes a fraction of their lines") {
  const ScratchDir scratch;
  const std::string path = scratch.file("witness.db");
  std::mt19937_64 random(7);
  const auto word = [&random] {
    std::string letters(3 + random() % 10, 'a');
    std::generate(letters.begin(), letters.end(), [&] { return "etaoinsrhl_"[random() % 11]; });
    return letters;
  };
  std::string flags;
  while (flags.size() < 30'000) {
    flags += fmt::format("-I/usr/src/{}/{}/include", word(), word()) + '\0';
  }
  const std::size_t half = flags.find('\0', flags.size() / 2) + 1;
  std::size_t together = 0;
  for (int turn = 0; turn < 20; ++turn) {
    std::vector<Process> compilers;
    for (int number = 0; number < 50; ++number) {
      const int pid = 1 + turn * 50 + number;
      const std::string source = fmt::format("src/{}/{}_{}.cc", word(), word(), pid);
      std::string line = std::string("cc1plus\0-quiet\0", 15) + flags.substr(0, half) + "-MD" +
                         '\0' + source + ".d" + '\0' + flags.substr(half) + source + '\0' + "-o" +
                         '\0' + "/tmp/cc" + word() + ".s" + '\0';
      together += line.size();
      compilers.push_back(process_of(pid, std::move(line)));
    }
    append_snapshot(path, host_of(compilers));
    require_same(load(path, turn + 1), host_of(compilers));
  }
  const auto size = std::filesystem::file_size(path);
  std::cout << "1000 compilers with " << together << " bytes of arguments take " << size << "\n";
  CHECK(size < together / 20);
}

TEST_CASE("long text: a row that is not borne out by its pieces is damage") {
  const ScratchDir scratch;
  const std::string whole = random_text(20'000, 1);
  struct Change {
    const char* name;
    const char* sql;
  };
  // Process 1 has the whole line, process 2 a shortened one.
  const auto changes = std::to_array<Change>({
      {"a shorter length", "UPDATE long_text SET length = length - 1 WHERE head IS NULL"},
      {"a longer length", "UPDATE long_text SET length = length + 1 WHERE head IS NULL"},
      {"no length", "UPDATE long_text SET length = -1"},
      {"an absurd length", "UPDATE long_text SET length = 1 << 60"},
      {"a digest of another size", "UPDATE long_text SET sha256 = x'00'"},
      {"shortened without a digest", "UPDATE long_text SET sha256 = NULL WHERE head NOT NULL"},
      {"a head without a tail", "UPDATE long_text SET tail = NULL WHERE head NOT NULL"},
      {"a tail without a head", "UPDATE long_text SET head = NULL WHERE head NOT NULL"},
      {"a negative head", "UPDATE long_text SET head = -1 WHERE head NOT NULL"},
      {"ends that are all of it", "UPDATE long_text SET length = head + tail WHERE head NOT NULL"},
      {"a longer tail", "UPDATE long_text SET tail = tail + 1 WHERE head NOT NULL"},
      {"a run that is missing", "DELETE FROM text_run WHERE position = 0"},
      {"a run that is longer", "UPDATE text_run SET last = last + 1"},
      {"a run of all texts", "UPDATE text_run SET first = 1, last = (1 << 62)"},
      {"a run backwards", "UPDATE text_run SET first = last, last = first - 1"},
      {"a piece that is gone", "DELETE FROM text WHERE id = (SELECT first FROM text_run)"},
      {"a piece that is longer",
       "UPDATE text SET bytes = CAST(bytes || 'x' AS BLOB) WHERE id IN (SELECT first FROM "
       "text_run)"},
      {"no row at all", "DELETE FROM long_text"},
  });
  for (const Change& change : changes) {
    INFO(change.name);
    const std::string path = scratch.file(std::string("damaged.db"));
    std::filesystem::remove(path);
    append_snapshot(path, host_of({process_of(1, whole), shortened(process_of(2, whole + "x"))}));
    {
      auto database = schema::Database::open_for_append(path);
      database.sqlite().exec("PRAGMA foreign_keys = OFF");
      REQUIRE(database.sqlite().exec(change.sql) > 0);
    }
    if (change.name == std::string_view("no row at all")) {
      // Then it is an empty text: nothing in the file says otherwise.
      CHECK(load(path, 1).processes[0].command_line == "");
      continue;
    }
    try {
      static_cast<void>(load(path, 1));
      FAIL_CHECK("it was read");
    } catch (const schema::Error& failure) {
      CHECK(failure.code() == schema::ExitCode::Unusable);
    }
  }
  std::cout << changes.size() << " changes\n";
}

TEST_CASE("long text: a small file does not make a large answer") {
  const ScratchDir scratch;
  const std::string path = scratch.file("witness.db");
  const std::string line(1'000'000, 'x');  // one piece, told again and again
  std::vector<Process> processes;
  for (int pid = 1; pid <= 300; ++pid) {
    processes.push_back(process_of(pid, line));
  }
  append_snapshot(path, host_of(processes));
  CHECK(std::filesystem::file_size(path) < 300'000);
  CHECK_THROWS_WITH(load(path, 1), Catch::Contains("longer than any recorder keeps them"));
  CHECK(load(path, 1, kShownWhole).processes.size() == 300);
}

TEST_CASE("long text: other texts than command lines may be long as well") {
  const ScratchDir scratch;
  auto database = schema::Database::open_for_append(scratch.file("witness.db"));
  schema::RowId id = 0;
  const std::string text = random_text(100'000, 1);
  {
    Texts texts(database);
    id = texts.intern(text);
    CHECK(texts.intern(text) == id);
    CHECK(texts.get(id) == text);
    CHECK(texts.intern("") != id);
    CHECK(texts.get(texts.intern("")).empty());
  }
  Texts texts(database, {kAlwaysWhole});
  CHECK(texts.get(id) == text);
  CHECK(texts.get_line(id).bytes == text);
  CHECK_FALSE(texts.get_line(id).measure);
  CHECK(texts.intern(text) == id);
}

}  // namespace sockwitness::test
