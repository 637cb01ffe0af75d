#include "query/app/run.h"

#include <signal.h>
#include <unistd.h>

#include <exception>
#include <new>
#include <string>
#include <variant>

#include "query/app/command_line.h"
#include "query/app/commands.h"
#include "query/terminal/sink.h"
#include "schema/base/error.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

// Messages carry raw bytes; this is where they meet a terminal.
void report(const Error& error) noexcept {
  try {
    write_all(STDERR_FILENO, schema::error_text("sockwitness", error));
  } catch (...) {
    // Standard error is closed or full: the exit code is all that is left.
    return;
  }
}

ExitCode answer(const CommandLine& line) {
  if (const auto* printed = std::get_if<Printed>(&line.command)) {
    write_all(STDOUT_FILENO, printed->text);
    return ExitCode::Clean;
  }
  if (const auto* show = std::get_if<ShowOptions>(&line.command)) {
    return run_show(line.global, *show);
  }
  if (const auto* diff = std::get_if<DiffOptions>(&line.command)) {
    return run_diff(line.global, *diff);
  }
  return run_snapshots(line.global);
}

// As a program that the signal would have ended; a parent may have told us to ignore it.
int end_by_broken_pipe() {
  signal(SIGPIPE, SIG_DFL);
  raise(SIGPIPE);
  return static_cast<int>(ExitCode::Unusable);
}

int failed(const Error& error) {
  report(error);
  return static_cast<int>(error.code());
}

}  // namespace

int run(std::span<char*> arguments) {
  try {
    return static_cast<int>(answer(parse_command_line(arguments)));
  } catch (const BrokenPipe&) {
    return end_by_broken_pipe();
  } catch (const Error& error) {
    return failed(error);
  } catch (const std::bad_alloc&) {
    return failed(Error(ExitCode::Unusable, "answering: out of memory"));
  } catch (const std::exception& error) {
    return failed(Error(ExitCode::Unusable, std::string("answering: ") + error.what()));
  }
}

}  // namespace sockwitness::query
