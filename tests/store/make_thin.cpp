// make_thin PATH STEP_SECONDS [SPANS]: what the recorder's thinning does to all but the latest
// snapshots, so many spans at a time. On standard output the spans that it looked at, and how many
// snapshots and rows it thinned and removed.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>

#include "recorder/write/chain_writer.h"
#include "recorder/write/prune.h"
#include "recorder/write/thin.h"
#include "recorder/write/whole_file.h"
#include "schema/base/error.h"

int main(int count, char** arguments) {
  using namespace sockwitness;
  if (count < 3) {
    std::fputs("usage: make_thin PATH STEP_SECONDS [SPANS]\n", stderr);
    return 2;
  }
  try {
    schema::Database database = schema::Database::open_for_append(arguments[1]);
    recorder::begin_pruning(database);
    database.set_sealer(recorder::ChainWriter::open(database));
    const schema::WallTime now{1'900'000'000'000'000};
    const std::int64_t step_us = std::strtoll(arguments[2], nullptr, 10) * 1'000'000;
    recorder::require_links(database, now);
    const auto spans = recorder::find_thin_spans(database, {step_us, 1'000'000}, now);
    const std::size_t most = count > 3 ? std::strtoull(arguments[3], nullptr, 10)
                                       : std::max<std::size_t>(1, spans.size());
    std::int64_t thinned = 0;
    std::int64_t removed = 0;
    for (std::size_t at = 0; at < spans.size(); at += most) {
      const std::size_t end = std::min(spans.size(), at + most);
      const std::vector<schema::SeqRange> part(spans.begin() + static_cast<std::ptrdiff_t>(at),
                                               spans.begin() + static_cast<std::ptrdiff_t>(end));
      const auto done = recorder::thin(
          database, {part, step_us, "--thin test", {schema::Uid(0), "root", {}}, now});
      thinned += done ? done->thinned : 0;
      removed += done ? done->removed : 0;
    }
    fmt::print("{} {} {}\n", spans.size(), thinned, removed);
  } catch (const schema::Error& failure) {
    fmt::print(stderr, "{}\n", failure.message());
    return 3;
  }
  return 0;
}
