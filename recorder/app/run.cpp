#include "recorder/app/run.h"

#include <cstdio>
#include <exception>
#include <new>

#include <fmt/format.h>

#include "recorder/app/command_line.h"
#include "recorder/app/commands.h"

namespace sockwitness::recorder {
namespace {

using schema::Error;
using schema::ExitCode;

ExitCode carry_out(const CommandLine& line) {
  if (const auto* printed = std::get_if<Printed>(&line.command)) {
    fmt::print("{}", printed->text);
    return ExitCode::Clean;
  }
  const schema::DatabasePlace place = schema::find_database(line.database);
  if (const auto* snapshot = std::get_if<SnapshotOptions>(&line.command)) {
    return run_snapshot(place, *snapshot);
  }
  if (const auto* loop = std::get_if<LoopOptions>(&line.command)) {
    return run_loop(place, *loop);
  }
  return run_baseline(place, std::get<BaselineOptions>(line.command));
}

int failed(const Error& failure) {
  std::fputs(schema::error_text("sockwitness-recorder", failure).c_str(), stderr);
  return static_cast<int>(failure.code());
}

}  // namespace

int run(std::span<char*> arguments) {
  try {
    return static_cast<int>(carry_out(parse_command_line(arguments)));
  } catch (const Error& failure) {
    return failed(failure);
  } catch (const std::bad_alloc&) {
    return failed(Error(ExitCode::Unusable, "recording: out of memory"));
  } catch (const std::exception& failure) {
    return failed(Error(ExitCode::Unusable, fmt::format("recording: {}", failure.what())));
  }
}

}  // namespace sockwitness::recorder
