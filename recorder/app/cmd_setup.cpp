#include <unistd.h>

#include "recorder/app/commands.h"
#include "recorder/app/host_setup.h"
#include "recorder/app/say.h"
#include "schema/disk/database.h"
#include "schema/disk/database_file.h"
#include "schema/disk/load_baseline.h"
#include "schema/disk/snapshot_row.h"

namespace sockwitness::recorder {
namespace {

using schema::ExitCode;

constexpr const char* kBaseline = "first";

struct Recorded {
  bool snapshot = false;
  bool baseline = false;
};

Recorded look_at(const std::string& path) {
  if (!schema::exists(path)) {
    return {};
  }
  schema::Database database = schema::Database::open_for_reading(path);
  return {schema::read_last_seq(database).has_value(), !schema::read_baselines(database).empty()};
}

void say_next() {
  answer(
      "next:\n"
      "  sockwitness show -l                                      what listens\n"
      "  sockwitness diff --baseline first                        what changed since now\n"
      "  sockwitness account --write-policy > policy.toml         a draft: what may listen, and "
      "why; for /etc/sockwitness\n");
}

}  // namespace

void prepare_host(const schema::DatabasePlace& place, const SetupOptions& options) {
  if (!place.usual || ::geteuid() != 0) {
    throw schema::Error(ExitCode::Usage,
                        place.usual ? "setting up this host: only root can"
                                    : "setting up this host: it is for the usual place alone",
                        place.usual ? "run as root, or record by yourself: sockwitness-recorder "
                                      "snapshot"
                                    : "leave --db and SOCKWITNESS_DB out");
  }
  const SetupMode mode = options.dry_run ? SetupMode::DryRun : SetupMode::Make;
  if (options.dry_run) {
    answer("nothing is changed; this would be done:\n");
  }
  if (options.undo) {
    undo_host_setup(mode);
  } else {
    set_up_host(mode);
  }
}

ExitCode run_setup(const schema::DatabasePlace& place, const SetupOptions& options) {
  if (options.undo) {
    return ExitCode::Clean;
  }
  if (options.dry_run) {
    answer("snapshot   the first one, and a baseline 'first' of it, unless there are some\n");
    return ExitCode::Clean;
  }
  const Recorded found = look_at(place.path);
  if (!found.snapshot) {
    const ExitCode code = run_snapshot(place, {});
    if (code != ExitCode::Clean) {
      return code;
    }
  } else {
    answer("snapshot   there are some already\n");
  }
  if (!found.baseline) {
    BaselineOptions baseline;
    baseline.act = BaselineOptions::Act::Add;
    baseline.name = kBaseline;
    baseline.note = "made by setup";
    baseline.user = options.user;
    const ExitCode code = run_baseline(place, baseline);
    if (code != ExitCode::Clean) {
      return code;
    }
  } else {
    answer("baseline   there is one already\n");
  }
  say_next();
  return ExitCode::Clean;
}

}  // namespace sockwitness::recorder
