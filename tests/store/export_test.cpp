// What is exported is what was observed: random histories, written as the recorder writes them,
// exported, put together again by the documentation, against the list of observations.
#include <iostream>

#include <catch2/catch.hpp>

#include "query/read/deltas.h"
#include "query/read/history.h"
#include "query/read/snapshot_events.h"
#include "query/report/export/export_jsonl.h"
#include "query/report/writers/json_writer.h"
#include "schema/chain/measure.h"
#include "schema/disk/database.h"
#include "tests/store/export_replay.h"
#include "tests/store/history_file.h"
#include "tests/store/snapshot_difference.h"
#include "tests/support/scratch_dir.h"

namespace sockwitness::test {
namespace {

using schema::Seq;

std::string export_lines(query::History& history, Seq first, Seq last) {
  std::string lines;
  query::JsonlExport output(
      [&](const query::Value::Object& line) { lines += query::write_json_line(line); });
  output.begin({first, last});
  schema::DeltaReader reader = query::read_deltas(history);
  for (Seq seq = first; seq <= last; seq = Seq(seq.value() + 1)) {
    output.add(history.info(seq), seq == first ? reader.read_all(seq) : reader.read_next(seq));
  }
  output.finish();
  return lines;
}

}  // namespace

TEST_CASE("jsonl gives every snapshot back, from any first one on") {
  std::size_t compared = 0;
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    constexpr std::int64_t kLength = 90;
    const ScratchDir folder;
    const std::string path = folder.file("history.db");
    std::vector<Observation> observed = write_history(path, seed, kLength);
    query::History history = query::History::open(path);
    for (const std::int64_t first : {1, 2, 37}) {
      const std::string lines = export_lines(history, Seq(first), Seq(kLength));
      const ReplayedExport replayed = replay_export(lines);
      REQUIRE(replayed.whole);
      REQUIRE(replayed.snapshots.size() == static_cast<std::size_t>(kLength - first + 1));
      for (const auto& [seq, snapshot] : replayed.snapshots) {
        schema::Snapshot expected = observed[static_cast<std::size_t>(seq - 1)].snapshot;
        // Where the observation gives none, the recorder counts everything as read anew.
        expected.deep_seq = expected.deep_seq ? expected.deep_seq : expected.seq;
        schema::sort_canonically(expected);
        INFO("seed " << seed << ", from " << first << ", snapshot " << seq);
        REQUIRE(differences(snapshot, expected) == "");
        ++compared;
      }
      // A cut file is known as such.
      REQUIRE_FALSE(replay_export(lines.substr(0, lines.rfind('\n', lines.size() - 2) + 1)).whole);
    }
  }
  std::cout << compared << " snapshots compared\n";
  REQUIRE(compared == 3 * (90 + 89 + 54));
}

TEST_CASE("jsonl gives long command lines back, whole or their ends") {
  const ScratchDir folder;
  const std::string path = folder.file("history.db");
  schema::Snapshot observed;
  observed.context.boot_id = "a boot";
  for (const std::size_t length :
       {std::size_t{5'000}, schema::kAlwaysWhole + 1, std::size_t{500'000}, std::size_t{500'001}}) {
    schema::Process process;
    process.pid = schema::Pid(static_cast<std::int32_t>(length));
    process.name = "a";
    process.command_line = std::string(length / 2, '\xff') + std::string(length - length / 2, 'b');
    process.long_line = schema::measure_if_long(*process.command_line);
    if (length == 500'001) {
      schema::keep_ends(*process.command_line, *process.long_line);
    }
    observed.processes.push_back(std::move(process));
  }
  append_snapshot(path, observed);
  query::History history = query::History::open(path);
  const ReplayedExport replayed = replay_export(export_lines(history, Seq(1), Seq(1)));
  REQUIRE(replayed.whole);
  CHECK(replayed.snapshots.at(1).processes == observed.processes);
}

TEST_CASE("events add up to the last snapshot and to what it could not look at") {
  std::size_t snapshots = 0;
  std::size_t clear = 0;
  for (const std::uint64_t seed : {4U, 5U}) {
    constexpr std::int64_t kLength = 60;
    const ScratchDir folder;
    const std::string path = folder.file("history.db");
    const std::vector<Observation> observed = write_history(path, seed, kLength);
    query::History history = query::History::open(path);
    const query::Moments moments = history.moments();
    query::SnapshotEvents reader(history, moments, {Seq(1), Seq(kLength)});
    std::int64_t sockets = 0;
    std::int64_t processes = 0;
    const auto count = [](const auto& transition) {
      REQUIRE(transition.shown().event_snapshot != nullptr);
      return (transition.after.event_snapshot ? 1 : 0) - (transition.before.event_snapshot ? 1 : 0);
    };
    for (std::int64_t seq = 1; seq <= kLength; ++seq, ++snapshots) {
      std::vector<query::TimelineEvent> events;
      REQUIRE(reader.next(events));
      REQUIRE(reader.until() == Seq(seq));
      for (const query::TimelineEvent& event : events) {
        if (const auto* socket = std::get_if<query::SocketTransition>(&event.what)) {
          sockets += count(*socket);
        } else if (const auto* process = std::get_if<query::ProcessTransition>(&event.what)) {
          processes += count(*process);
        }
      }
      const schema::Snapshot& snapshot = observed[static_cast<std::size_t>(seq - 1)].snapshot;
      INFO("seed " << seed << ", snapshot " << seq);
      const bool sees_all =
          std::all_of(snapshot.gaps.begin(), snapshot.gaps.end(), [](const schema::Gap& gap) {
            return gap.source != schema::GapSource::SocketTable &&
                   gap.source != schema::GapSource::Namespace &&
                   gap.source != schema::GapSource::ProcessList &&
                   gap.source != schema::GapSource::Process;
          });
      const auto more_sockets = sockets - static_cast<std::int64_t>(snapshot.sockets.size());
      const auto more_processes = processes - static_cast<std::int64_t>(snapshot.processes.size());
      REQUIRE(std::min(more_sockets, more_processes) >= 0);
      REQUIRE((!sees_all || more_sockets + more_processes == 0));
      clear += sees_all ? 1 : 0;
      for (const query::TimelineEvent& event : events) {
        const auto* socket = std::get_if<query::SocketTransition>(&event.what);
        if (socket != nullptr && socket->after.event_snapshot) {
          const schema::Snapshot& part = socket->after.event_snapshot->snapshot();
          REQUIRE(part.users.size() == snapshot.users.size());
          REQUIRE(part.namespaces.size() == snapshot.namespaces.size());
        }
      }
    }
  }
  REQUIRE(snapshots == 120);
  REQUIRE(clear > 0);
}

}  // namespace sockwitness::test
