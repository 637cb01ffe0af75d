// Digests say what the rows say, read by the words of the format alone: sets and bytes are decoded
// and hashed here once more.
#include "schema/disk/digest.h"

#include <iostream>
#include <map>
#include <set>

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch.hpp>

#include "recorder/write/chain_writer.h"
#include "recorder/write/digest_writer.h"
#include "recorder/write/snapshot_writer.h"
#include "recorder/write/thin.h"
#include "recorder/write/whole_file.h"
#include "schema/disk/database.h"
#include "tests/bench/simulated_host.h"
#include "tests/support/scratch_dir.h"

namespace sockwitness::test {
namespace {

using Numbers = std::set<std::int64_t>;

constexpr std::int64_t kRows = 16'384;

// 470 are enough for two blocks of sockets and of holders. Now and then a process gets a listener
// that was there before.
void write_busy_history(const std::string& path, int snapshots) {
  auto database = schema::Database::open_for_append(path);
  database.sqlite().exec("PRAGMA synchronous = OFF");
  bench::SimulatedHost host(5, bench::Pace{.restart_every = 100, .reboot_every = 300});
  schema::LoadedSnapshot previous;
  for (int at = 0; at < snapshots; ++at) {
    host.advance();
    schema::Snapshot observed = host.snapshot();
    if (at % 7 == 3) {
      observed.holders.push_back(
          {schema::SocketIndex(0), schema::ProcessIndex(95), schema::Fd(77)});
    }
    auto written = recorder::write_snapshot(database, observed, previous, {});
    previous = recorder::as_previous(std::move(observed), std::move(written));
  }
}

Numbers decode(const std::string& content) {
  Numbers numbers;
  if (content.at(0) == 1) {
    for (std::size_t bit = 0; bit < (content.size() - 1) * 8; ++bit) {
      if (((unsigned{static_cast<unsigned char>(content[1 + bit / 8])} >> (bit % 8)) & 1U) != 0) {
        numbers.insert(static_cast<std::int64_t>(bit));
      }
    }
    return numbers;
  }
  REQUIRE(content[0] == 0);
  const auto ids = schema::decode_ids(std::string_view(content).substr(1));
  REQUIRE(ids);
  for (const std::int64_t id : *ids) {
    numbers.insert(id - 1);
  }
  return numbers;
}

// Facets 15 and 16: pairs of numbers in base 128, the first one the distance to the row before.
std::map<std::int64_t, std::int64_t> decode_rows(std::int64_t block, const std::string& content) {
  std::map<std::int64_t, std::int64_t> rows;
  std::int64_t row = block * kRows;
  std::size_t at = 0;
  const auto take = [&] {
    std::int64_t number = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(content.at(at++));
      number |= static_cast<std::int64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) {
        return number;
      }
    }
  };
  while (at < content.size()) {
    row += take();
    rows[row] = take();
  }
  return rows;
}

class Reader {
 public:
  // Not for reading: what a digest says is looked up here row by row, which no reader may take.
  explicit Reader(const std::string& path) : database_(schema::Database::open_for_append(path)) {}

  std::map<std::int64_t, std::string> blocks(int facet) {
    std::map<std::int64_t, std::string> blocks;
    SQLite::Statement statement(database_.sqlite(),
                                "SELECT block, content FROM digest WHERE facet = ?1");
    statement.bind(1, facet);
    while (statement.executeStep()) {
      blocks[statement.getColumn(0).getInt64()] = statement.getColumn(1).getString();
    }
    return blocks;
  }

  std::int64_t number(const std::string& query) {
    return database_.sqlite().execAndGet(query).getInt64();
  }

  // The values of expressions over the rows of a block, none of them NULL.
  Numbers values(const std::string& table, const std::string& expressions, std::int64_t block) {
    Numbers numbers;
    SQLite::Statement statement(
        database_.sqlite(),
        "SELECT " + expressions + " FROM " + table + " WHERE id > ?1 AND id <= ?2");
    statement.bind(1, block * kRows);
    statement.bind(2, (block + 1) * kRows);
    while (statement.executeStep()) {
      for (int column = 0; column < statement.getColumnCount(); ++column) {
        if (!statement.isColumnNull(column)) {
          numbers.insert(statement.getColumn(column).getInt64());
        }
      }
    }
    return numbers;
  }

  // Some rows of a block, with a number each.
  std::map<std::int64_t, std::int64_t> rows(const std::string& number,
                                            const std::string& condition,
                                            std::int64_t block) {
    std::map<std::int64_t, std::int64_t> rows;
    SQLite::Statement statement(database_.sqlite(),
                                "SELECT id, " + number +
                                    " FROM socket NOT INDEXED WHERE id > ?1 AND id <= ?2 AND (" +
                                    condition + ")");
    statement.bind(1, block * kRows);
    statement.bind(2, (block + 1) * kRows);
    while (statement.executeStep()) {
      rows[statement.getColumn(0).getInt64()] = statement.getColumn(1).getInt64();
    }
    return rows;
  }

  // One byte for each socket of a block, as FORMAT.md has it; `network`: of the network around.
  std::string bytes(std::int64_t block, bool network) {
    std::string bytes;
    SQLite::Statement statement(
        database_.sqlite(),
        "SELECT remote_address, id FROM socket WHERE id > ?1 AND id <= ?2 ORDER BY id");
    statement.bind(1, block * kRows);
    statement.bind(2, (block + 1) * kRows);
    while (statement.executeStep()) {
      std::string address = statement.getColumn(0).getString();
      bytes.resize(static_cast<std::size_t>(statement.getColumn(1).getInt64() - block * kRows - 1));
      if (address.empty()) {
        bytes += '\0';
        continue;
      }
      if (network) {
        address.resize(address.size() == 4 ? 3 : 6);
      }
      std::uint64_t hash = 14'695'981'039'346'656'037U;
      for (const char byte : address) {
        hash ^= static_cast<unsigned char>(byte);
        hash *= 1'099'511'628'211U;
      }
      bytes += static_cast<char>(1 + hash % 255);
    }
    bytes.resize(kRows);
    return bytes;
  }

 private:
  schema::Database database_;
};

struct SetRow {
  int facet;
  const char* table;
  const char* expressions;
};

// A holder is late when its socket was known to an earlier snapshot than the one it began with. Ids
// rise with snapshots: the first of each is asked for, since to look at all of them for every
// holder took two minutes.
constexpr const char* kLate =
    "CASE WHEN socket <= coalesce((SELECT last_id FROM change WHERE entity = 3 AND seq < "
    "(SELECT seq FROM change WHERE entity = 4 AND last_id >= holder.id ORDER BY last_id, seq LIMIT "
    "1) "
    "ORDER BY seq DESC LIMIT 1), 0) THEN id END";

constexpr SetRow kSets[] = {{1, "socket", "local_port, remote_port"},
                            {2, "socket", "local_address"},
                            {5, "socket", "uid"},
                            {6, "socket", "netns"},
                            {7, "socket", "protocol * 16 + state"},
                            {8, "holder", "process"},
                            {9, "holder", kLate},
                            {10, "process", "pid"},
                            {11, "process", "name, script"},
                            {12, "process", "program, script_file"},
                            {13, "process", "effective_uid"},
                            {14, "process", "unit, container"},
                            {17, "process", "container_facts"}};

}  // namespace

// Rows that were thinned before their block was full have left a place in it.
TEST_CASE("a digest of thinned rows keeps the places of the others") {
  const ScratchDir scratch;
  const std::string path = scratch.file("witness.db");
  {
    auto database = schema::Database::open_for_append(path);
    recorder::begin_pruning(database);
    database.set_sealer(recorder::ChainWriter::open(database));
    bench::SimulatedHost host(5, bench::Pace{});
    schema::LoadedSnapshot previous;
    for (int at = 0; at < 240; ++at) {
      host.advance();
      auto written = recorder::write_snapshot(database, host.snapshot(), previous, {});
      previous = recorder::as_previous(host.snapshot(), std::move(written));
      if (at == 100) {
        const schema::WallTime now = host.snapshot().begin.wall;
        const recorder::ThinPolicy policy{3'600'000'000, 1'000'000};
        const auto done = recorder::thin(
            database,
            {recorder::find_thin_spans(database, policy, now), policy.step_us, "--thin", {}, now});
        REQUIRE(done);
        REQUIRE(done->removed > 5'000);
      }
    }
  }
  Reader reader(path);
  for (const bool network : {true, false}) {
    const auto blocks = reader.blocks(network ? 3 : 4);
    REQUIRE(blocks.size() == 1);
    REQUIRE(blocks.begin()->second.size() == kRows);
    REQUIRE(blocks.begin()->second == reader.bytes(0, network));
  }
}

TEST_CASE("digests say what the rows say") {
  const ScratchDir scratch;
  const std::string path = scratch.file("witness.db");
  write_busy_history(path, 470);
  Reader reader(path);
  std::size_t compared = 0;
  for (const SetRow& set : kSets) {
    const auto blocks = reader.blocks(set.facet);
    const std::int64_t full =
        reader.number("SELECT max(id) FROM " + std::string(set.table)) / kRows;
    INFO("facet " << set.facet);
    REQUIRE(static_cast<std::int64_t>(blocks.size()) == full);
    for (const auto& [block, content] : blocks) {
      INFO("block " << block);
      REQUIRE(decode(content) == reader.values(set.table, set.expressions, block));
      compared += 1;
    }
  }
  for (const bool network : {true, false}) {
    for (const auto& [block, content] : reader.blocks(network ? 3 : 4)) {
      REQUIRE(content == reader.bytes(block, network));
      REQUIRE(content.size() == kRows);
      compared += 1;
    }
  }
  for (const auto& [block, content] : reader.blocks(15)) {
    const auto rows = decode_rows(block, content);
    REQUIRE(rows == reader.rows("id - origin", "origin IS NOT NULL", block));
    REQUIRE(rows.size() > 20);
    compared += 1;
  }
  for (const auto& [block, content] : reader.blocks(16)) {
    const auto rows = decode_rows(block, content);
    REQUIRE(rows ==
            reader.rows("local_port", "state = 10 OR (state = 12 AND protocol IN (2, 3))", block));
    REQUIRE(rows.size() > 5);
    compared += 1;
  }
  CHECK(decode(reader.blocks(9).at(0)).size() > 20);
  std::cout << compared << " digests compared\n";
  CHECK(compared >= 22);
}

TEST_CASE("a file of an earlier recorder gets the digests that it lacks with the next run") {
  const ScratchDir scratch;
  const std::string path = scratch.file("witness.db");
  write_busy_history(path, 250);
  {
    SQLite::Database earlier(path, SQLite::OPEN_READWRITE);
    earlier.exec("DELETE FROM digest WHERE facet IN (15, 16, 17)");
  }
  REQUIRE(Reader(path).blocks(15).empty());
  {
    auto database = schema::Database::open_for_append(path);
    SQLite::Transaction transaction(database.sqlite());
    recorder::write_full_digests(database);
    transaction.commit();
  }
  Reader reader(path);
  CHECK(reader.blocks(15).size() == reader.blocks(1).size());
  CHECK(reader.blocks(16).size() == reader.blocks(1).size());
  CHECK(reader.blocks(17).size() == reader.blocks(10).size());
}

}  // namespace sockwitness::test
