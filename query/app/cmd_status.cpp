#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <memory>

#include <fmt/format.h>

#include "query/analysis/history/health.h"
#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/interval.h"
#include "query/app/open_history.h"
#include "query/app/output.h"
#include "query/read/history.h"
#include "query/report/answers/status_report.h"
#include "query/terminal/sink.h"
#include "schema/base/scan.h"
#include "schema/disk/new_file.h"
#include "schema/disk/waiting.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

constexpr const char* kStatusExamples =
    "examples:\n"
    "  sockwitness status                           is this host recorded, is there room\n"
    "  sockwitness status --days 90                 speak up when the room lasts for less\n"
    "  sockwitness status --fill 80                 speak up when the file system is that full\n"
    "  sockwitness status --expect-every 5m         what should be there, whatever was usual\n"
    "  sockwitness status --format nagios           for Nagios, Icinga and their like\n"
    "\n"
    "exit codes: 0 all is well, 1 somebody should look, 2 usage, 3 database unusable\n";

constexpr std::string_view kMonitoring = "nagios";

struct StatusOptions {
  std::string format;
  std::optional<std::string> expect_every;
  std::string days = "30";
  std::string fill = "95";
};

std::int64_t read_days(const std::string& text) {
  const auto days = schema::parse_number<std::int64_t>(text);
  if (!days || *days < 0) {
    throw Error(ExitCode::Usage,
                fmt::format("reading --days '{}': not a number of days", text),
                "say a number: --days 30");
  }
  return *days;
}

std::int64_t read_fill(const std::string& text) {
  const auto percent = schema::parse_number<std::int64_t>(text);
  if (!percent || *percent < 1 || *percent > 100) {
    throw Error(ExitCode::Usage,
                fmt::format("reading --fill '{}': not a percentage from 1 to 100", text),
                "say a number: --fill 90");
  }
  return *percent;
}

Room look_at_room(const std::string& database) {
  struct stat file {};
  struct statvfs system {};
  if (::stat(database.c_str(), &file) != 0 ||
      ::statvfs(schema::folder_of(database).c_str(), &system) != 0) {
    throw Error(ExitCode::Unusable,
                fmt::format("looking at the room of '{}': it cannot be told", database),
                "look at: df " + database);
  }
  return {static_cast<std::uint64_t>(file.st_size),
          std::uint64_t{system.f_bavail} * system.f_frsize,
          std::uint64_t{system.f_blocks} * system.f_frsize,
          0};
}

ExitCode run_status(const GlobalOptions& global, const StatusOptions& options) {
  HealthQuestion question;
  question.now = read_clock();
  question.fewest_days = read_days(options.days);
  question.fullest_percent = read_fill(options.fill);
  question.expect_every_us = read_interval("--expect-every", options.expect_every);
  const std::string database = find_database(global);
  OpenedHistory opened = open_recorded(database);
  History& history = opened.history;
  question.waiting = schema::list_waiting(database).size();
  question.room = look_at_room(database);
  question.room.spare = history.spare_bytes();
  const Moments moments = history.moments();
  const auto missed = history.missed_runs();
  const Health health = examine(moments, missed, question);
  const schema::SnapshotInfo latest = history.info(opened.last());
  const StatusInput input{
      health, latest, moments.all().front().begin.wall, database, question.room};
  if (options.format == kMonitoring) {
    write_all(STDOUT_FILENO, monitoring_line(input));
  } else {
    GlobalOptions answer = global;
    answer.format = options.format.empty() ? global.format : read_output_format(options.format);
    write_answer(
        answer,
        {moments.pruned(), true, moments.thinned(), true},
        [&] { return build_status(input); },
        [&] { return lay_out_status(input, read_clock_face(global)); });
  }
  return health.troubles.empty() ? ExitCode::Clean : ExitCode::Findings;
}

}  // namespace

Action add_status(schema::Command program) {
  const auto options = std::make_shared<StatusOptions>();
  const schema::Command status =
      program.add_command("status", "is the host recorded as it should be, and is there room");
  status.add_option("--format",
                    options->format,
                    "WORD",
                    "text, json, jsonl, csv, or nagios: one line as monitoring plugins write it");
  status.add_option("--days", options->days, "N", "how long the room should last; default: 30");
  status.add_option(
      "--fill", options->fill, "PERCENT", "how full the file system may be; default: 95");
  add_expect_every(status, options->expect_every);
  status.set_footer(kStatusExamples);
  return [options](const GlobalOptions& global) { return run_status(global, *options); };
}

}  // namespace sockwitness::query
