// make_prune PATH SEQ: what the recorder's prune does, up to a snapshot instead of a time. On
// standard output how many rows went.
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "recorder/write/chain_writer.h"
#include "recorder/write/prune.h"
#include "recorder/write/whole_file.h"
#include "schema/base/error.h"

int main(int count, char** arguments) {
  using namespace sockwitness;
  if (count != 3) {
    std::fputs("usage: make_prune PATH SEQ\n", stderr);
    return 2;
  }
  try {
    schema::Database database = schema::Database::open_for_append(arguments[1]);
    recorder::begin_pruning(database);
    database.set_sealer(recorder::ChainWriter::open(database));
    const schema::Seq first_kept(std::strtoll(arguments[2], nullptr, 10));
    const schema::WallTime now{1'800'000'000'000'000};
    recorder::require_links(database, now);
    recorder::require_as_signed(database, first_kept);
    const schema::Prune pruned =
        recorder::prune(database, {first_kept, "--keep test", {schema::Uid(0), "root", {}}, now});
    fmt::print("{}\n", pruned.removed);
  } catch (const schema::Error& failure) {
    fmt::print(stderr, "{}\n", failure.message());
    return 3;
  }
  return 0;
}
