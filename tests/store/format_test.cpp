// The format itself: the schema as accepted, every statement against it, and living rows against
// their definition.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch.hpp>

#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/living.h"
#include "schema/disk/migrate.h"
#include "tests/store/history_file.h"
#include "tests/support/scratch_dir.h"

namespace sockwitness::test {
namespace {

namespace fs = std::filesystem;

using schema::RowId;
using schema::Seq;

const fs::path kDisk = SOCKWITNESS_DISK_FOLDER;
const fs::path kFixtures = SOCKWITNESS_FIXTURES;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// From the rows of `change` alone, without any frame: when each row of a table began and ended.
struct Life {
  std::int64_t begin = 0;
  std::optional<std::int64_t> end;
};

std::map<RowId, Life> read_seen_ranges(schema::Database& database, schema::Entity entity) {
  std::map<RowId, Life> lives;
  SQLite::Statement statement(
      database.sqlite(), "SELECT seq, last_id, ended FROM change WHERE entity = ?1 ORDER BY seq");
  statement.bind(1, static_cast<int>(entity));
  RowId known = 0;
  while (statement.executeStep()) {
    const std::int64_t seq = statement.getColumn(0).getInt64();
    for (const RowId last = statement.getColumn(1).getInt64(); known < last;) {
      lives[++known].begin = seq;
    }
    const auto ids = schema::decode_ids(statement.getColumn(2).getString());
    REQUIRE(ids);
    for (const RowId id : *ids) {
      REQUIRE(lives.contains(id));
      REQUIRE_FALSE(lives[id].end);  // a row ends once
      lives[id].end = seq;
    }
  }
  return lives;
}

// Of all rows, and of few that lie far apart.
void check_lives(schema::Database& database,
                 schema::Entity entity,
                 const std::map<RowId, Life>& lives,
                 std::int64_t length) {
  for (const std::size_t step : {1U, 7U, 97U}) {
    std::vector<RowId> ids;
    std::vector<schema::SeqRange> expected;
    for (std::size_t at = 0; const auto& [id, life] : lives) {
      if (at++ % step == 0) {
        ids.push_back(id);
        expected.push_back({Seq(life.begin), Seq(life.end.value_or(length + 1) - 1)});
      }
    }
    INFO(schema::entity_table(entity) << ", one in " << step);
    REQUIRE(schema::read_seen_ranges(database, entity, ids, Seq(length)) == expected);
  }
}

}  // namespace

TEST_CASE("a fresh file has the accepted schema") {
  const ScratchDir scratch;
  SQLite::Database fresh(scratch.file("fresh.db"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  schema::migrate("fresh", fresh);
  const std::string made = schema::describe_schema(fresh);
  if (std::getenv("SOCKWITNESS_ACCEPT") != nullptr) {
    std::ofstream(kDisk / "latest.sql", std::ios::binary) << made;
  }
  CHECK(made == read_file(kDisk / "latest.sql"));
  CHECK(fresh.execAndGet("PRAGMA user_version").getInt() == schema::kFormatVersion);
  CHECK(fresh.execAndGet("PRAGMA application_id").getInt() == schema::kApplicationId);
  schema::migrate("fresh", fresh);  // nothing left to climb
  CHECK(schema::describe_schema(fresh) == made);
}

TEST_CASE("each format that was released climbs to the newest and keeps its rows") {
  constexpr int kLastWithFixture = 2;  // later ones were never released
  int climbed = 0;
  for (int version = 1; version <= schema::kFormatVersion; ++version) {
    const fs::path fixture = kFixtures / ("v" + std::to_string(version) + ".sql");
    if (!fs::exists(fixture)) {
      CHECK(version > kLastWithFixture);
      continue;
    }
    INFO(fixture);
    SQLite::Database old(":memory:", SQLite::OPEN_READWRITE);
    old.exec(read_file(fixture));
    CHECK(old.execAndGet("PRAGMA user_version").getInt() == version);
    CHECK(schema::describe_schema(old) == schema::describe_version(version));
    const auto count = [&old](const char* table) {
      return old.execAndGet(std::string("SELECT count(*) FROM ") + table).getInt();
    };
    const int records = count("record");
    const int texts = count("text");
    CHECK(records >= 3);
    schema::migrate("old", old);
    CHECK(schema::describe_schema(old) == read_file(kDisk / "latest.sql"));
    CHECK(count("record") == records);
    CHECK(count("text") == texts);
    CHECK(old.execAndGet("PRAGMA integrity_check").getString() == "ok");
    ++climbed;
  }
  CHECK(climbed > 0);
  CHECK(schema::describe_version(0).empty());
  CHECK(schema::describe_version(schema::kFormatVersion) == read_file(kDisk / "latest.sql"));
}

TEST_CASE("every statement that is shipped fits the schema") {
  const ScratchDir scratch;
  SQLite::Database fresh(scratch.file("fresh.db"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  schema::migrate("fresh", fresh);
  std::size_t prepared = 0;
  for (const fs::path& folder :
       {kDisk / "sql", kDisk.parent_path().parent_path() / "query" / "read"}) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".sql") {
        INFO(entry.path());
        CHECK_NOTHROW(SQLite::Statement(fresh, read_file(entry.path())));
        ++prepared;
      }
    }
  }
  std::cout << prepared << " statements prepared\n";
  CHECK(prepared > 40);
}

// An index says where to look, and the rows whether that is so: whoever reads by one must compare.
// Those that do are named here, with what checks them; those of the recorder find what they compare
// byte by byte.
TEST_CASE("hardly a statement reads by an index") {
  const std::map<std::string, std::string> checked = {
      {"find_listening.sql", "query/read/listening_rows.cpp"},
      {"find_socket_versions.sql", "VersionReader::check"},
      {"find_process_versions.sql", "VersionReader::check"},
      {"read_begin.sql", "Births in living.cpp"},
      {"find_text.sql", "the recorder's"},
      {"find_programs.sql", "the recorder's"},
      {"find_container.sql", "the recorder's, which compares all of it"}};
  const ScratchDir scratch;
  SQLite::Database fresh(scratch.file("fresh.db"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  schema::migrate("fresh", fresh);
  std::size_t looked = 0;
  std::map<std::string, std::string> by_index;
  for (const fs::path& folder :
       {kDisk / "sql", kDisk.parent_path().parent_path() / "query" / "read" / "sql"}) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      SQLite::Statement plan(fresh, "EXPLAIN QUERY PLAN " + read_file(entry.path()));
      while (plan.executeStep()) {
        const std::string step = plan.getColumn(3).getString();
        // One that SQLite makes of the rows for one statement, and the table itself, are none.
        if (step.find("INDEX ") != std::string::npos &&
            step.find("AUTOMATIC") == std::string::npos) {
          by_index[entry.path().filename().string()] += step + "\n";
        }
        ++looked;
      }
    }
  }
  for (const auto& [name, steps] : by_index) {
    INFO(name << ": " << steps);
    CHECK(checked.contains(name));
  }
  CHECK(by_index.size() == checked.size());
  CHECK(looked > 60);
}

TEST_CASE("a statement on loan is prepared when it is used, once, and then holds no lock") {
  const ScratchDir scratch;
  const std::string path = scratch.file("loans.db");
  auto database = schema::Database::open_for_append(path);
  SQLite::Database other(path, SQLite::OPEN_READWRITE);
  const auto others_can_write = [&other] {
    if (other.tryExec("BEGIN EXCLUSIVE") != SQLite::OK) {
      return false;
    }
    other.exec("ROLLBACK");
    return true;
  };
  constexpr std::string_view kUnfit = "SELECT nothing FROM nowhere";
  static_cast<void>(database.lend(kUnfit));
  {
    auto unfit = database.lend(kUnfit);
    CHECK_THROWS_AS(*unfit, SQLite::Exception);
  }

  constexpr std::string_view kNames = "SELECT name FROM sqlite_schema WHERE name > ?1";
  const SQLite::Statement* first = nullptr;
  {
    auto names = database.lend(kNames);
    names->bind(1, "a");
    REQUIRE(names->executeStep());
    first = &*names;
    CHECK_FALSE(others_can_write());
  }
  CHECK(others_can_write());
  auto names = database.lend(kNames);
  CHECK(&*names == first);
  CHECK_FALSE(names->hasRow());
}

TEST_CASE("living rows and their ends are what the changes say") {
  const ScratchDir scratch;
  const std::string path = scratch.file("witness.db");
  constexpr std::int64_t kLength = 530;
  (void)write_history(path, 21, kLength);
  auto database = schema::Database::open_for_reading(path);
  std::size_t compared = 0;
  for (const schema::Entity entity : schema::kEntities) {
    const auto lives = read_seen_ranges(database, entity);
    for (std::int64_t seq = 0; seq <= kLength; seq += seq % 256 < 254 ? 13 : 1) {
      std::vector<RowId> expected;
      std::vector<Seq> last_seen;
      for (const auto& [id, life] : lives) {
        if (life.begin <= seq && life.end.value_or(kLength + 1) > seq) {
          expected.push_back(id);
          last_seen.emplace_back(life.end.value_or(kLength + 1) - 1);
        }
      }
      INFO(schema::entity_table(entity) << " at " << seq);
      REQUIRE(schema::read_living(database, entity, Seq(seq)) == expected);
      REQUIRE(schema::read_last_seen(database, entity, expected, Seq(seq), Seq(kLength)) ==
              last_seen);
      compared += expected.size();
    }
    check_lives(database, entity, lives, kLength);
  }
  std::cout << compared << " living rows compared\n";
  CHECK(compared > 4'000);
}

}  // namespace sockwitness::test
