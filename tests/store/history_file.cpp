#include "tests/store/history_file.h"

#include <optional>

#include "recorder/write/snapshot_writer.h"
#include "schema/disk/database.h"

namespace sockwitness::test {

void append_snapshot(const std::string& path, const schema::Snapshot& observed) {
  auto database = schema::Database::open_for_append(path);
  recorder::write_snapshot(database, observed, recorder::load_previous(database), {});
}

std::vector<Observation> write_history(const std::string& path,
                                       std::uint64_t seed,
                                       std::size_t length) {
  constexpr std::size_t kRunsPerConnection = 40;
  RandomHistory host(seed);
  std::vector<Observation> history;
  std::optional<schema::Database> database;
  for (std::size_t at = 0; at < length; ++at) {
    if (at % kRunsPerConnection == 0) {
      database.reset();
      database.emplace(schema::Database::open_for_append(path));
    }
    history.push_back(host.next());
    schema::Snapshot& observed = history.back().snapshot;
    if (at % 3 != 0) {
      observed.deep_seq = schema::Seq(static_cast<std::int64_t>(at));
      observed.note = "note " + std::to_string(at % 5);
    }
    const auto previous = recorder::load_previous(*database);
    const auto written = recorder::write_snapshot(*database, observed, previous, {});
    observed.seq = written.info.seq;
  }
  return history;
}

}  // namespace sockwitness::test
