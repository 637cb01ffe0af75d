// Writes a simulated year through the recorder's own writer, then says where the bytes went.
//
// In:    year FILE [SNAPSHOTS]: a file that does not exist yet, and how many five-minute snapshots.
// Out:   the database; on standard output its size, bytes a connection, and the share of each
// table. Never: a measure of writing: the file is not synced while it grows.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <span>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "recorder/write/chain_writer.h"
#include "recorder/write/snapshot_writer.h"
#include "schema/base/error.h"
#include "schema/disk/database.h"
#include "tests/bench/simulated_host.h"

namespace {

using namespace sockwitness;

constexpr std::int64_t kYear = 105'120;
constexpr std::uint64_t kSeed = 2'026;

std::int64_t query_number(schema::Database& database, const std::string& query) {
  return database.sqlite().execAndGet(query).getInt64();
}

void write_history(schema::Database& database, std::int64_t snapshots) {
  bench::SimulatedHost host(kSeed, bench::Pace{});
  schema::LoadedSnapshot previous;
  const auto began = std::chrono::steady_clock::now();
  for (std::int64_t at = 0; at < snapshots; ++at) {
    host.advance();
    auto written = recorder::write_snapshot(database, host.snapshot(), previous, {});
    previous = recorder::as_previous(host.snapshot(), std::move(written));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  fmt::print("{} snapshots in {:.1f} s, {:.2f} ms each\n",
             snapshots,
             took.count(),
             took.count() * 1e3 / static_cast<double>(snapshots));
}

void print_shares(schema::Database& database, const std::string& path) {
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(path));
  const std::int64_t connections = query_number(
      database, "SELECT count(*) FROM socket WHERE remote_address IS NOT NULL AND origin IS NULL");
  fmt::print(
      "{:.1f} MB, {} connections, {:.1f} bytes each all told\n",
      static_cast<double>(size) / 1e6,
      connections,
      static_cast<double>(size) / static_cast<double>(std::max<std::int64_t>(connections, 1)));
  SQLite::Statement tables(database.sqlite(),
                           "SELECT name, sum(pgsize) AS bytes, sum(ncell) FROM dbstat "
                           "GROUP BY name ORDER BY bytes DESC LIMIT 12");
  while (tables.executeStep()) {
    const auto bytes = static_cast<double>(tables.getColumn(1).getInt64());
    fmt::print("  {:<20} {:>8.1f} MB {:>5.1f} %  {} cells\n",
               tables.getColumn(0).getString(),
               bytes / 1e6,
               bytes * 100 / static_cast<double>(size),
               tables.getColumn(2).getInt64());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  std::int64_t snapshots = kYear;
  if (arguments.size() > 2) {
    const std::string_view text(arguments[2]);
    std::from_chars(text.data(), text.data() + text.size(), snapshots);
  }
  if (arguments.size() < 2 || snapshots < 1 || std::filesystem::exists(arguments[1])) {
    fmt::print(stderr, "usage: year NEW-FILE [SNAPSHOTS]\n");
    return 2;
  }
  try {
    auto database = schema::Database::open_for_append(arguments[1]);
    database.sqlite().exec(
        "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA cache_size = -200000");
    database.set_sealer(recorder::ChainWriter::open(database));
    write_history(database, snapshots);
    print_shares(database, arguments[1]);
    return 0;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "year: {}\n", failure.what());
    return 3;
  }
}
