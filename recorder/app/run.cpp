#include "recorder/app/run.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <string_view>

#include <fmt/format.h>

#include "recorder/app/account.h"
#include "recorder/app/command_line.h"
#include "recorder/app/commands.h"
#include "recorder/app/file_owner.h"
#include "recorder/app/say.h"
#include "recorder/os/call_filter.h"
#include "schema/program/standard_streams.h"

namespace sockwitness::recorder {
namespace {

using schema::Error;
using schema::ExitCode;

bool is_quiet(const CommandLine& line) {
  const auto* snapshot = std::get_if<SnapshotOptions>(&line.command);
  const auto* loop = std::get_if<LoopOptions>(&line.command);
  return (snapshot != nullptr && snapshot->quiet) || (loop != nullptr && loop->quiet);
}

// It is no fault of the record that there is no filter.
void limit_what_can_be_done(const CommandLine& line) {
  if (const auto refused = filter_system_calls(); refused && !is_quiet(line)) {
    tell(fmt::format(
        "this kernel filters no system calls ({}): all that this user may do can be done",
        std::strerror(refused->number)));
  }
}

// What never answers is told by each turn of a loop, and is in no account either way.
void go_on_as_owner(const CommandLine& line, const std::string& database) {
  const auto* baseline = std::get_if<BaselineOptions>(&line.command);
  const auto* hold = std::get_if<HoldOptions>(&line.command);
  const auto* prune = std::get_if<PruneOptions>(&line.command);
  if ((baseline != nullptr && baseline->act == BaselineOptions::Act::List) ||
      (hold != nullptr && hold->act == HoldOptions::Act::List) ||
      (prune != nullptr && prune->dry_run)) {
    return;
  }
  // They look at the file alone.
  const bool by_hand = baseline != nullptr || hold != nullptr || prune != nullptr;
  try {
    become_owner(database, by_hand ? RightsToKeep::None : RightsToKeep::Looking);
  } catch (const Error& failure) {
    if (by_hand) {
      throw;
    }
    if (!std::holds_alternative<LoopOptions>(line.command)) {
      throw unaccounted(failure, "where nothing answers nothing can be noted");
    }
  }
}

ExitCode carry_out(CommandLine line) {
  if (const auto* printed = std::get_if<Printed>(&line.command)) {
    answer(printed->text);
    return ExitCode::Clean;
  }
  const schema::DatabasePlace place = schema::find_database(line.database);
  if (auto* baseline = std::get_if<BaselineOptions>(&line.command)) {
    baseline->user = schema::Uid(::geteuid());
  }
  if (auto* hold = std::get_if<HoldOptions>(&line.command)) {
    hold->user = schema::Uid(::geteuid());
  }
  if (auto* prune = std::get_if<PruneOptions>(&line.command)) {
    prune->user = schema::Uid(::geteuid());
  }
  if (auto* setup = std::get_if<SetupOptions>(&line.command)) {
    setup->user = schema::Uid(::geteuid());
    prepare_host(place, *setup);
  }
  go_on_as_owner(line, place.path);
  limit_what_can_be_done(line);
  if (const auto* snapshot = std::get_if<SnapshotOptions>(&line.command)) {
    return run_snapshot(place, *snapshot);
  }
  if (const auto* loop = std::get_if<LoopOptions>(&line.command)) {
    return run_loop(place, *loop);
  }
  if (const auto* prune = std::get_if<PruneOptions>(&line.command)) {
    return run_prune(place, *prune);
  }
  if (const auto* hold = std::get_if<HoldOptions>(&line.command)) {
    return run_hold(place, *hold);
  }
  if (std::holds_alternative<KeysOptions>(line.command)) {
    return run_keys(place);
  }
  if (const auto* setup = std::get_if<SetupOptions>(&line.command)) {
    return run_setup(place, *setup);
  }
  return run_baseline(place, std::get<BaselineOptions>(line.command));
}

int failed(const Error& failure) {
  std::fputs(schema::error_text("sockwitness-recorder", failure).c_str(), stderr);
  return static_cast<int>(failure.code());
}

// A thread that finds no memory has nobody to tell; where there is none even for the exception,
// there is no exception. Allocates nothing.
[[noreturn]] void end_in_order() {
  try {
    if (const auto failure = std::current_exception()) {
      std::rethrow_exception(failure);
    }
  } catch (const std::bad_alloc&) {
  } catch (...) {
    std::abort();
  }
  tell_out_of_memory(is_run_marked());
  ::_exit(static_cast<int>(ExitCode::Unusable));
}

// Before the first static object of a library is made: they ask for memory as well.
[[gnu::constructor(101)]] void prepare_to_end() {
  std::set_terminate(end_in_order);
}

}  // namespace

int run(std::span<char*> arguments) {
  schema::fill_standard_streams();
  signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a failed write, told and noted
  try {
    return static_cast<int>(carry_out(parse_command_line(arguments)));
  } catch (const Error& failure) {
    return failed(failure);
  } catch (const NotedOutOfMemory&) {
    tell_out_of_memory(true);
    return static_cast<int>(ExitCode::Unusable);
  } catch (const std::bad_alloc&) {
    tell_out_of_memory(false);
    return static_cast<int>(ExitCode::Unusable);
  } catch (const std::exception& failure) {
    return failed(Error(ExitCode::Unusable, fmt::format("recording: {}", failure.what())));
  }
}

}  // namespace sockwitness::recorder
