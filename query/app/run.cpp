#include "query/app/run.h"

#include <signal.h>
#include <unistd.h>

#include <exception>
#include <new>
#include <string>

#include "query/app/command_line.h"
#include "query/terminal/interruption.h"
#include "query/terminal/sink.h"
#include "schema/base/error.h"
#include "schema/disk/sqlite_memory.h"
#include "schema/program/out_of_memory.h"
#include "schema/program/standard_streams.h"

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

// As a program that the signal would have ended; the parent may have set it to be ignored.
int end_by_broken_pipe() {
  signal(SIGPIPE, SIG_DFL);
  raise(SIGPIPE);
  return static_cast<int>(ExitCode::Unusable);
}

// Before any other object of the program is made.
[[gnu::constructor(101)]] void prepare_for_little_memory() {
  schema::end_when_out_of_memory("sockwitness", "answering");
}

int failed(const Error& error) {
  report(error);
  return static_cast<int>(error.code());
}

}  // namespace

int run(std::span<char*> arguments) {
  schema::fill_standard_streams();
  schema::end_when_sqlite_is_out_of_memory();
  signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a failed write, and reported
  handle_interruption();
  try {
    const CommandLine line = parse_command_line(arguments);
    return static_cast<int>(line.action(line.global));
  } catch (const BrokenPipe&) {
    return end_by_broken_pipe();
  } catch (const Error& error) {
    return failed(error);
  } catch (const std::bad_alloc&) {
    schema::end_out_of_memory();
  } catch (const std::exception& error) {
    return failed(
        Error(ExitCode::Unusable,
              std::string("answering: ") + error.what(),
              "the file is damaged or was altered; with an intact one this is our fault"));
  }
}

}  // namespace sockwitness::query
