#include "recorder/write/take_in.h"

#include <optional>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "recorder/write/snapshot_writer.h"
#include "schema/disk/database.h"
#include "schema/model/same_boot.h"

namespace sockwitness::recorder {
namespace {

// Why a snapshot is none of this database; nothing: it is.
std::optional<std::string> foreign_reason(const SpooledSnapshot& spooled,
                                          const std::optional<schema::LastCommit>& head,
                                          const schema::Snapshot& previous,
                                          const std::string& machine_id) {
  if (!spooled.archive.empty() && (!head || head->archive != spooled.archive)) {
    return "it was put aside for another database";
  }
  const std::string& machine = spooled.snapshot.context.machine_id;
  const std::string& before = previous.context.machine_id;
  const bool known = !machine.empty() && !before.empty() && !machine_id.empty();
  if (previous.seq && known && machine != before && machine != machine_id) {
    return "it was taken on another host";
  }
  if (spooled.snapshot.deep_seq && (!previous.seq || *previous.seq < *spooled.snapshot.deep_seq)) {
    return "it refers to a snapshot that is not there";
  }
  return std::nullopt;
}

bool knows_boot(schema::Database& database, const schema::BootId& boot) {
  SQLite::Statement query(database.sqlite(), "SELECT count(*) FROM context WHERE boot_id = ?1");
  query.bind(1, boot);
  query.executeStep();
  return query.getColumn(0).getInt64() > 0;
}

// Whether it was taken before the last snapshot: within a boot the clock since boot tells, and a
// boot that has ended does not come back.
bool is_out_of_order(schema::Database& database,
                     const schema::Snapshot& snapshot,
                     const schema::Snapshot& previous) {
  if (!previous.seq) {
    return false;
  }
  return schema::is_same_boot(previous, snapshot)
             ? snapshot.begin.since_boot < previous.begin.since_boot
             : !snapshot.context.boot_id.empty() && knows_boot(database, snapshot.context.boot_id);
}

// The notes of runs until then, after those that were recorded.
std::vector<schema::MissedRun> notes_until(const std::vector<schema::MissedRun>& notes,
                                           std::size_t first,
                                           schema::WallTime time) {
  std::vector<schema::MissedRun> chosen;
  for (; first < notes.size() && notes[first].at <= time; ++first) {
    chosen.push_back(notes[first]);
  }
  return chosen;
}

// Throws SpoolRefusal.
void take_in_one(schema::Database& database,
                 SpooledSnapshot spooled,
                 schema::LoadedSnapshot& previous,
                 const TakeInRequest& request,
                 TakenIn& taken) {
  const schema::Snapshot& snapshot = spooled.snapshot;
  if (is_recorded(database, snapshot.begin.wall, snapshot.begin.since_boot)) {
    return;  // by a run that was killed before it removed the file
  }
  if (const auto why =
          foreign_reason(spooled, database.last_commit(), previous.snapshot, request.machine_id)) {
    throw SpoolRefusal(*why);
  }
  if (is_out_of_order(database, snapshot, previous.snapshot)) {
    throw SpoolRefusal("it was taken before the last snapshot that is recorded");
  }
  const auto notes = notes_until(request.notes, taken.notes, snapshot.begin.wall);
  auto written =
      write_snapshot(database, snapshot, previous, notes, Deferral{spooled.reason, request.now});
  ++taken.snapshots;
  taken.notes += notes.size();
  previous = as_previous(std::move(spooled.snapshot), std::move(written));
}

}  // namespace

schema::LoadedSnapshot take_in(schema::Database& database,
                               Spool& spool,
                               schema::LoadedSnapshot previous,
                               const TakeInRequest& request,
                               TakenIn& taken) {
  const auto waiting = spool.waiting();
  for (const std::uint32_t number : waiting) {
    try {
      take_in_one(database,
                  decode_spooled(spool.path_of(number), spool.read(number)),
                  previous,
                  request,
                  taken);
    } catch (const SpoolRefusal& refusal) {
      taken.refused.push_back({number, refusal.message()});
      continue;
    } catch (const SQLite::Exception& failure) {
      throw schema::database_error("reading database", database.path(), failure);
    }
    try {
      spool.remove(number);
    } catch (const schema::Error& failure) {
      taken.complaints.push_back(failure.message() + "; its snapshot is recorded all the same");
    }
    if (number != waiting.back() && request.enough && request.enough()) {
      taken.more = true;
      break;
    }
  }
  return previous;
}

}  // namespace sockwitness::recorder
