#include "schema/disk/load_services.h"

#include "schema/disk/database.h"
#include "schema/disk/persistence.h"
#include "schema/disk/snapshot_row.h"
#include "schema/view/replaced_ports.h"
#include "schema/view/services.h"

namespace sockwitness::schema {
namespace {

ServiceSet collect(Database& database, const LoadedSnapshot& loaded, bool hindsight) {
  return collect_services(SnapshotView(loaded.snapshot),
                          read_persistence(database, loaded, hindsight));
}

}  // namespace

ServiceSet load_services(Database& database, const LoadedSnapshot& loaded, bool hindsight) {
  ServiceSet set = collect(database, loaded, hindsight);
  const Seq before(loaded.snapshot.seq.value_or(Seq(0)).value() - 1);
  if (may_have_replaced_ports(set) && read_snapshot_info(database, before)) {
    promote_replaced_ports(set,
                           collect(database, load_snapshot(database, before, kAlwaysWhole), false));
  }
  return set;
}

}  // namespace sockwitness::schema
