// A recorded history, opened for questions.
//
// In:    the path of a database.
// Out:   snapshots, their metadata, and when a thing was first and last seen.
// Never: changes a byte of the file or beside it, or answers with less than what it was asked for.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/analysis/history/moments.h"
#include "schema/model/baseline.h"
#include "schema/model/service.h"
#include "schema/model/snapshot_info.h"
#include "schema/program/time_spec.h"
#include "schema/view/listener_past.h"

namespace sockwitness::schema {
struct Snapshot;
enum class Side;
struct TimeReading;
}  // namespace sockwitness::schema

namespace sockwitness::query {

class History {
 public:
  // Throws schema::Error (Unusable) with a hint when the file cannot be used.
  [[nodiscard]] static History open(const std::string& path);
  History(History&&) noexcept;
  History& operator=(History&&) noexcept;
  History(const History&) = delete;
  History& operator=(const History&) = delete;
  ~History();

  // True when a journal lay beside the file and a private copy is read instead.
  [[nodiscard]] bool is_copy() const;

  [[nodiscard]] std::optional<schema::Seq> first();
  [[nodiscard]] std::optional<schema::Seq> last();
  // As schema::resolve.
  [[nodiscard]] schema::Seq resolve(const schema::TimeSpec& spec,
                                    schema::Side side,
                                    std::string_view doing);
  // The last one up to `seq` that began at or before `time`.
  [[nodiscard]] std::optional<schema::Seq> latest_before(schema::Seq seq, schema::WallTime time);
  // Of a snapshot that was recorded. Throws schema::Error (Unusable) where it has no row.
  [[nodiscard]] schema::SnapshotInfo info(schema::Seq seq);

  // All of them, ascending by seq. Its cost rises with the length of the history: only for answers
  // that list them.
  [[nodiscard]] std::vector<schema::SnapshotInfo> snapshots();
  // `first` to `last`, ascending by seq; for the neighbourhood of an instant.
  [[nodiscard]] std::vector<schema::SnapshotInfo> snapshots(schema::Seq first, schema::Seq last);
  // But for those before what was pruned.
  [[nodiscard]] std::vector<schema::MissedRun> missed_runs();
  // What was before the first snapshot, and is not there any more.
  [[nodiscard]] std::optional<Pruned> pruned();
  // Of what is there. Nothing: every snapshot is whole.
  [[nodiscard]] std::optional<Thinned> thinned();
  // Of the file that nothing lies in: filled before it grows.
  [[nodiscard]] std::uint64_t spare_bytes();
  // The clocks of all snapshots.
  [[nodiscard]] Moments moments();
  // Snapshots before which, by the wall clock, `time` came, and had not come after the next: more
  // than one where the clock was set back.
  [[nodiscard]] std::vector<schema::Seq> readings_of(schema::WallTime time);

  // Everything of one snapshot that was recorded. Throws schema::Error (Unusable) on damage.
  [[nodiscard]] schema::Snapshot load(schema::Seq seq);

  // The services of one snapshot. With `hindsight` a UDP port that the kernel chose is also a
  // service if it stayed afterwards; see schema/disk/persistence.h.
  [[nodiscard]] schema::ServiceSet services(schema::Seq seq, bool hindsight);

  // Those that are in use, in the order in which they were made.
  [[nodiscard]] std::vector<schema::BaselineInfo> baselines();
  // Throws schema::Error (Usage) that names the nearest one when there is none of that name.
  [[nodiscard]] schema::Baseline baseline(const std::string& name);

  // The program files seen last, at most so many.
  [[nodiscard]] std::vector<schema::Program> latest_programs(int most);
  // What listened earlier on ports where a connection of the snapshot has no listener now.
  [[nodiscard]] schema::ListenerPast listener_past(const schema::Snapshot& snapshot);

  // Readers of this folder are called within: failures of the file become schema::Error.
  void read(const std::function<void()>& reading);

  // When each socket of the snapshot loaded last was first and last seen; parallel to its sockets.
  [[nodiscard]] std::vector<schema::Seen> socket_lifetimes();

 private:
  friend struct HistoryDatabase;
  struct State;
  explicit History(std::unique_ptr<State> state);
  [[nodiscard]] const std::optional<schema::TimeReading>& read_time(schema::WallTime time);

  std::unique_ptr<State> state_;
};

}  // namespace sockwitness::query
