// diff_pairs PATH SEED LENGTH PAIRS: a made-up history of services in a file; then, for random
// pairs of its snapshots, a line with their numbers, what `diff --format json --all` answers, and a
// NUL.
#include <cstdio>
#include <cstdlib>
#include <random>

#include <fmt/format.h>

#include "query/analysis/diff.h"
#include "query/read/history.h"
#include "query/report/answers/diff_report.h"
#include "query/report/writers/json_writer.h"
#include "recorder/write/snapshot_writer.h"
#include "schema/disk/database.h"
#include "tests/support/service_history.h"

namespace {

using namespace sockwitness;

std::uint64_t number(const char* text) {
  return std::strtoull(text, nullptr, 10);
}

void write_history(const std::string& path, std::uint64_t seed, std::uint64_t length) {
  test::ServiceHistory host(seed);
  auto database = schema::Database::open_for_append(path);
  for (std::uint64_t count = 0; count < length; ++count) {
    recorder::write_snapshot(database, host.next(), recorder::load_previous(database), {});
  }
}

void print_difference(query::History& history, schema::Seq from, schema::Seq to) {
  const auto before = history.services(from, false);
  const auto after = history.services(to, true);
  const query::Diff diff = query::compare_services(before, after);
  const query::DiffInput input{{history.info(from), {}, {}, false, before},
                               {history.info(to), {}, {}, false, after},
                               diff,
                               true,
                               {},
                               {}};
  fmt::print("{} {}\n{}", from.value(), to.value(), query::write_json(query::build_diff(input)));
  std::putchar('\0');
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) {
    std::fputs("usage: diff_pairs PATH SEED LENGTH PAIRS\n", stderr);
    return 2;
  }
  const std::string path = arguments[1];
  const std::uint64_t seed = number(arguments[2]);
  const std::uint64_t length = number(arguments[3]);
  write_history(path, seed, length);
  auto history = query::History::open(path);
  std::mt19937_64 dice(seed);
  for (std::uint64_t pair = 0; pair < number(arguments[4]); ++pair) {
    const std::uint64_t from = 1 + dice() % length;
    // Mostly neighbours, as cron compares them.
    const std::uint64_t to = pair % 3 == 0 ? 1 + dice() % length : from + 1 + dice() % 2;
    print_difference(history,
                     schema::Seq(static_cast<std::int64_t>(from)),
                     schema::Seq(static_cast<std::int64_t>(std::min(to, length))));
  }
  return 0;
}
