#include "query/app/open_history.h"

#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/base/escape.h"
#include "schema/disk/waiting.h"
#include "schema/program/shell_word.h"

namespace sockwitness::query {

namespace {

// What the answer does not have yet.
void tell_waiting(const std::string& path) {
  std::string line;
  try {
    const std::size_t waiting = schema::list_waiting(path).size();
    if (waiting == 0) {
      return;
    }
    line = fmt::format(
        "sockwitness: {} snapshot{} beside '{}' that could not be written yet: not in the answer; "
        "the "
        "next run of the recorder takes {} in\n",
        waiting,
        waiting == 1 ? " waits" : "s wait",
        schema::escape_terminal(path),
        waiting == 1 ? "it" : "them");
  } catch (const schema::Error& failure) {
    line = fmt::format("sockwitness: {}; whether any do is not known\n",
                       schema::escape_terminal(failure.message()));
  }
  std::fputs(line.c_str(), stderr);
}

}  // namespace

OpenedHistory read_contents(History history) {
  const auto first = history.first();
  const auto last = history.last();
  auto pruned = history.pruned();
  auto thinned = history.thinned();
  return {
      .history = std::move(history),
      .snapshots = first && last ? std::optional(schema::SeqRange{*first, *last}) : std::nullopt,
      .pruned = std::move(pruned),
      .thinned = std::move(thinned)};
}

OpenedHistory open_history(const std::string& path) {
  History history = History::open(path);
  tell_waiting(path);
  if (history.is_copy()) {
    const std::string line = fmt::format(
        "sockwitness: a journal or log lies beside '{}': the answer is from a copy in "
        "which it was applied\n",
        schema::escape_terminal(path));
    std::fputs(line.c_str(), stderr);
  }
  return read_contents(std::move(history));
}

OpenedHistory open_recorded(const std::string& path) {
  OpenedHistory opened = open_history(path);
  if (!opened.snapshots) {
    throw no_snapshots(path);
  }
  return opened;
}

schema::Error no_snapshots(const std::string& database) {
  return {schema::ExitCode::Unusable,
          fmt::format("reading '{}': it holds no snapshot yet", database),
          fmt::format("record one with: sockwitness-recorder --db {} snapshot",
                      schema::shell_word(database))};
}

}  // namespace sockwitness::query
