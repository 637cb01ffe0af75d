#include <fmt/format.h>

#include "recorder/app/author.h"
#include "recorder/app/commands.h"
#include "recorder/app/defer.h"
#include "recorder/app/open_for_run.h"
#include "recorder/app/reachable.h"
#include "recorder/app/say.h"
#include "recorder/app/wait_for_lock.h"
#include "recorder/observe/clock.h"
#include "recorder/write/hold_writer.h"
#include "schema/base/escape.h"
#include "schema/disk/resolve.h"
#include "schema/disk/retention_rows.h"
#include "schema/disk/snapshot_row.h"

namespace sockwitness::recorder {
namespace {

using schema::Database;
using schema::Error;
using schema::ExitCode;
using schema::Seq;

void require_reason(const HoldOptions& options) {
  if (options.reason.find_first_not_of(" \t") == std::string::npos) {
    throw Error(ExitCode::Usage,
                "reading --reason '': a hold needs a reason",
                "say why: --reason 'legal, LEG-17'");
  }
}

Seq find(Database& database,
         const HoldOptions& options,
         const std::string& text,
         schema::Side side) {
  const auto zone = options.utc ? schema::Zone::utc() : schema::Zone::read_system();
  const auto edge = side == schema::Side::AtOrBefore ? schema::Edge::End : schema::Edge::Begin;
  return schema::resolve(database,
                         schema::parse_time_spec(text, read_clocks().wall, zone, edge),
                         side,
                         "finding snapshot")
      .seq;
}

ExitCode add(const schema::DatabasePlace& place, const HoldOptions& options) {
  require_name(options.name, "a hold");
  require_reason(options);
  const RunLock lock = wait_for_lock(place.path);
  Database database = open_for_run(place.path, lock, schema::kUsualPatience);
  schema::Hold hold;
  hold.name = options.name;
  hold.reason = options.reason;
  hold.author = read_author(options.user);
  hold.at = read_clocks().wall;
  // What began before the range is held with it: the snapshot before it says since when.
  hold.snapshots.first = find(database, options, options.from, schema::Side::StateAt);
  hold.snapshots.last = options.to.empty()
                            ? schema::read_last_seq(database).value_or(hold.snapshots.first)
                            : find(database, options, options.to, schema::Side::AtOrBefore);
  if (hold.snapshots.last < hold.snapshots.first) {
    throw Error(ExitCode::Usage,
                fmt::format("adding hold '{}': --from is snapshot #{}, after #{}",
                            options.name,
                            hold.snapshots.first.value(),
                            hold.snapshots.last.value()),
                "name the earlier time with --from");
  }
  write_hold(database, hold);
  settle(lock, database, 0);
  answer(fmt::format("hold {}: snapshots {} to {}; nothing from {} on is pruned\n",
                     hold.name,
                     hold.snapshots.first.value(),
                     hold.snapshots.last.value(),
                     hold.snapshots.first.value()),
         kRecorded);
  return ExitCode::Clean;
}

ExitCode remove(const schema::DatabasePlace& place, const HoldOptions& options) {
  require_reason(options);
  const RunLock lock = wait_for_lock(place.path);
  Database database = open_for_run(place.path, lock, schema::kUsualPatience);
  write_hold_end(
      database, options.name, options.reason, read_author(options.user), read_clocks().wall);
  settle(lock, database, 0);
  answer(fmt::format("hold {}: ended; the record of it stays\n", options.name), kRecorded);
  return ExitCode::Clean;
}

ExitCode list_holds(const schema::DatabasePlace& place) {
  Database database = Database::open_for_reading(place.path);
  const auto holds = schema::read_holds(database);
  if (holds.empty()) {
    answer("nothing is held\n");
  }
  for (const schema::Hold& hold : holds) {
    answer(fmt::format(
        "{}  snapshots {} to {}  made {} by {}{}  {}\n",
        schema::escape_terminal(hold.name),
        hold.snapshots.first.value(),
        hold.snapshots.last.value(),
        schema::format_utc(hold.at),
        schema::escape_terminal(hold.author.user),
        hold.author.login_user
            ? fmt::format(" (login {})", schema::escape_terminal(*hold.author.login_user))
            : std::string(),
        schema::escape_terminal(hold.reason)));
  }
  return ExitCode::Clean;
}

ExitCode carry_out(const schema::DatabasePlace& place, const HoldOptions& options) {
  refuse_unreachable(place.path);
  if (options.act == HoldOptions::Act::List) {
    return list_holds(place);
  }
  {
    Database looked_at = Database::open_for_reading(place.path);  // none is made for it
  }
  return options.act == HoldOptions::Act::Add ? add(place, options) : remove(place, options);
}

}  // namespace

ExitCode run_hold(const schema::DatabasePlace& place, const HoldOptions& options) {
  try {
    return carry_out(place, options);
  } catch (const schema::DatabaseError& failure) {
    throw name_holder(place.path, failure);
  }
}

}  // namespace sockwitness::recorder
