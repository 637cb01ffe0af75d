// Writes a chained history of a host of chance, with everything that may be a record.
//
// In:    make_chain PATH SEED LENGTH [UNLINKED [NOTES]]: the first UNLINKED snapshots are written without
//        links, as in a file that was brought up to date; one of NOTES has a note, else one of
//        three.
// Out:   the database and its keys; links of snapshots, missed runs, a baseline, an acceptance, a drop.
// Never: looks at this host, but for its name and this program.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "recorder/write/baseline_writer.h"
#include "recorder/write/chain_writer.h"
#include "recorder/write/service_union.h"
#include "recorder/write/snapshot_writer.h"
#include "schema/disk/database.h"
#include "schema/disk/load_services.h"
#include "tests/support/random_history.h"

namespace {

using namespace sockwitness;

void write_baselines(schema::Database& database, schema::WallTime now) {
  const auto last = recorder::load_previous(database);
  const schema::Author author{schema::Uid(0), "root", "somebody"};
  schema::Baseline baseline;
  baseline.info.name = "gold";
  baseline.info.note = "as it was";
  baseline.info.first = *last.snapshot.seq;
  baseline.info.last = *last.snapshot.seq;
  baseline.info.snapshots = 1;
  baseline.info.author = author;
  baseline.set = schema::load_services(database, last, true);
  for (schema::Service& service : baseline.set.services) {
    service.share = schema::Share{*last.snapshot.seq, *last.snapshot.seq, 1};
  }
  static_cast<void>(recorder::write_baseline(database, baseline, now));
  recorder::AcceptedServices accepted;
  accepted.baseline = "gold";
  accepted.seq = *last.snapshot.seq;
  accepted.thing = "tcp/22";
  accepted.acceptance.reason = "expected";
  accepted.services = baseline.set.services;
  recorder::write_acceptance(database, accepted, author, now);
  recorder::write_baseline_drop(database, "gold", "no more", author, now);
}

void write(const std::string& path, std::uint64_t seed, int length, int unlinked, int notes) {
  test::RandomHistory host(seed);
  auto database = schema::Database::open_for_append(path);
  schema::WallTime now;
  for (int at = 0; at < length; ++at) {
    if (at == unlinked) {
      database.set_sealer(recorder::ChainWriter::open(database));
    }
    schema::Snapshot observed = host.next().snapshot;
    std::vector<schema::MissedRun> missed;
    if (at % 5 == 4) {
      missed.push_back({observed.begin.wall, schema::MissedKind::Skipped, 2, "busy", {}});
      missed.push_back({observed.begin.wall, schema::MissedKind::Failed, 1, "failed", {}});
    }
    if (at % 6 == 5) {  // somebody set the clock back for a while
      constexpr std::int64_t kHour = 3'600'000'000;
      observed.begin.wall.microseconds -= kHour;
      observed.end.wall.microseconds -= kHour;
    }
    observed.note = at % notes == 0 ? "note" : "";
    std::optional<recorder::Deferral> deferral;
    if (at % 7 == 6) {
      deferral = recorder::Deferral{"kept by another program", observed.end.wall};
    }
    now = observed.end.wall;
    static_cast<void>(recorder::write_snapshot(
        database, observed, recorder::load_previous(database), missed, deferral));
    if (at == length / 2) {
      write_baselines(database, now);
    }
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) {
    std::fputs("usage: make_chain PATH SEED LENGTH [UNLINKED [NOTES]]\n", stderr);
    return 2;
  }
  try {
    write(arguments[1],
          std::strtoull(arguments[2], nullptr, 10),
          std::atoi(arguments[3]),
          count > 4 ? std::atoi(arguments[4]) : 0,
          count > 5 ? std::atoi(arguments[5]) : 3);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "make_chain: %s\n", failure.what());
    return 3;
  }
  return 0;
}
