#include "schema/disk/load_services.h"

#include "schema/disk/database.h"
#include "schema/disk/snapshot_row.h"
#include "schema/disk/stays.h"
#include "schema/view/heirs.h"
#include "schema/view/services.h"

namespace sockwitness::schema {
namespace {

ServiceSet collect(Database& database, const LoadedSnapshot& loaded, bool hindsight) {
  return collect_services(SnapshotView(loaded.snapshot), read_stays(database, loaded, hindsight));
}

}  // namespace

ServiceSet load_services(Database& database, const LoadedSnapshot& loaded, bool hindsight) {
  ServiceSet set = collect(database, loaded, hindsight);
  const Seq before(loaded.snapshot.seq.value_or(Seq(0)).value() - 1);
  if (may_have_heirs(set) && read_snapshot_info(database, before)) {
    promote_heirs(set, collect(database, load_snapshot(database, before, kAlwaysWhole), false));
  }
  return set;
}

}  // namespace sockwitness::schema
