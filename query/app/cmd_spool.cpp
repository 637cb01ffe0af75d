#include <glob.h>
#include <unistd.h>

#include <limits>
#include <memory>

#include <fmt/format.h>

#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/open_history.h"
#include "query/app/policy_file.h"
#include "query/app/rule_sources.h"
#include "query/app/spool_run.h"
#include "query/app/watch.h"
#include "query/terminal/sink.h"
#include "schema/base/escape.h"
#include "schema/base/scan.h"
#include "schema/chain/sha256.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

constexpr const char* kSpoolHelp =
    "DIR gets snapshots.000001.jsonl, services.…, programs.…, peers.… and findings.…: lines that "
    "a\n"
    "shipper of the site reads while they grow. Nothing is sent from here. A row is told when it\n"
    "begins, when something of it changes, and when it has ended; peers by the hour. The next "
    "file\n"
    "is begun when one is full, and the oldest removed when all of them are too large; a line of\n"
    "snapshots tells which, and how many lines it had. What was told is kept in DIR/cursor: a run\n"
    "that is killed loses no line and writes none twice. Without a cursor all is told again, "
    "which\n"
    "the engine takes for what it is.\n"
    "\n"
    "examples:\n"
    "  sockwitness spool --to /var/spool/sockwitness      for cron, after each snapshot\n"
    "  sockwitness spool --to DIR --since-cursor          never all of it again: refused without\n"
    "  sockwitness spool --db 'cases/*.db' --to case      copies of many hosts as one case\n"
    "\n"
    "exit codes: 0 written, 2 usage, 3 database or DIR unusable, or another run is writing there\n"
    "(nothing is lost: the next run writes it); 4 lines were removed, or not told, under "
    "--strict\n";

struct SpoolOptions {
  std::string to;
  bool since_cursor = false;
  bool strict = false;
  bool verbose = false;
  bool no_findings = false;
  std::string max_file = "16M";
  std::string max_size = "256M";
  std::size_t peers = 60;
  std::size_t judged = 1024;
  std::string policy;
  std::string rules;
};

// "16M": powers of 1024.
std::uint64_t read_size(const char* option, std::string_view text) {
  std::string_view rest = text;
  const auto number = schema::scan_number<std::uint64_t>(rest);
  const std::string_view units = "KMGT";
  const std::size_t unit = rest.size() == 1 ? units.find(rest.front()) : std::string_view::npos;
  const bool good = number && *number > 0 && (rest.empty() || unit != std::string_view::npos);
  const unsigned shift = rest.empty() ? 0U : static_cast<unsigned>(unit + 1) * 10U;
  if (!good || *number > (std::numeric_limits<std::uint64_t>::max() >> shift)) {
    throw Error(ExitCode::Usage,
                fmt::format("reading {} '{}': not a size", option, text),
                "say a number of bytes, or of K, M, G or T: 256M");
  }
  return *number << shift;
}

// One database, or all that a pattern names: copies of many hosts are one case.
std::vector<std::string> find_databases(const GlobalOptions& global) {
  const std::string path = find_database(global);
  if (path.find_first_of("*?[") == std::string::npos || ::access(path.c_str(), F_OK) == 0) {
    return {path};
  }
  glob_t found{};
  const int status = ::glob(path.c_str(), GLOB_ERR, nullptr, &found);
  std::vector<std::string> paths;
  for (std::size_t at = 0; status == 0 && at < found.gl_pathc; ++at) {
    paths.emplace_back(found.gl_pathv[at]);
  }
  ::globfree(&found);
  if (paths.empty()) {
    throw Error(ExitCode::Unusable,
                fmt::format("looking for '{}': {}",
                            path,
                            status == GLOB_NOMATCH || status == 0 ? "no file has such a name"
                                                                  : "a folder cannot be read"),
                "put the pattern in quotes, so that it comes here as it is: --db 'cases/*.db'");
  }
  return paths;
}

SpoolCursor read_cursor(const LineSpool& spool, const SpoolOptions& options) {
  auto cursor = spool.cursor() ? parse_spool_cursor(*spool.cursor()) : std::nullopt;
  if (!cursor && options.since_cursor) {
    throw Error(ExitCode::Unusable,
                spool.damage().empty()
                    ? fmt::format("reading '{}/cursor': there is none", options.to)
                    : spool.damage(),
                "without --since-cursor all is told, or told again");
  }
  return cursor.value_or(SpoolCursor());
}

void tell(const std::string& words) {
  write_all(STDERR_FILENO, schema::escape_terminal("sockwitness: " + words) + "\n");
}

class Spooling {
 public:
  explicit Spooling(const SpoolOptions& options)
      : options_(options),
        limits_{read_size("--max-file", options.max_file),
                read_size("--max-size", options.max_size)},
        sources_(read_rule_sources(options.rules)),
        policy_(read_policy(options.policy)),
        names_(read_port_names()),
        settings_{.policy = policy_,
                  .policy_hash = {},
                  .peers = options.peers,
                  .judged = options.judged,
                  .findings = !options.no_findings} {
    const std::string file = options.policy.empty() ? std::string(kPolicyFile) : options.policy;
    if (const auto hash = schema::sha256_of_file(file)) {
      constexpr std::size_t kDigits = 16;
      settings_.policy_hash = schema::hex(*hash).substr(0, kDigits);
    }
  }

  ExitCode run(const std::vector<std::string>& databases) {
    LineSpool spool(options_.to, limits_);
    SpoolCursor cursor = read_cursor(spool, options_);
    if (!spool.damage().empty()) {
      tell("telling all again: " + spool.damage());
    }
    ExitCode code = ExitCode::Clean;
    for (const std::string& database : databases) {
      try {
        run_one(database, spool, cursor);
      } catch (const Error& error) {
        // Of many copies one may be unusable: the others are written all the same.
        if (databases.size() == 1 || error.code() != ExitCode::Unusable || spool.is_broken()) {
          throw;
        }
        tell(error.message());
        code = ExitCode::Unusable;
        spool.discard();
        cursor = read_cursor(spool, options_);
      }
    }
    return code != ExitCode::Clean ? code : finish();
  }

 private:
  void run_one(const std::string& database, LineSpool& spool, SpoolCursor& cursor) {
    OpenedHistory opened = open_recorded(database);
    History& history = opened.history;
    Judge judge(history, sources_.book, policy_.acceptances, names_);
    Watch watch("spooling");
    SpoolRun(history,
             settings_.findings ? &judge : nullptr,
             settings_,
             spool,
             cursor,
             watch.on_progress())
        .run(report_);
    watch.clear();
  }

  [[nodiscard]] ExitCode finish() const {
    for (const Error& problem : sources_.problems) {
      tell(problem.message());
    }
    for (const std::string& note : report_.notes) {
      tell("spooling: " + note);
    }
    for (const RemovedFile& file : report_.removed) {
      tell(fmt::format("spooling: '{}/{}' with {} lines was removed to make room (--max-size)",
                       options_.to,
                       file.name,
                       file.lines));
    }
    if (options_.verbose) {
      write_all(STDOUT_FILENO,
                fmt::format("spooled  {} snapshots  {} lines  {} bytes\n",
                            report_.snapshots,
                            report_.lines,
                            report_.bytes));
    }
    const bool all = report_.notes.empty() && report_.removed.empty();
    return !all && options_.strict ? ExitCode::Incomplete : ExitCode::Clean;
  }

  const SpoolOptions& options_;
  SpoolLimits limits_;
  RuleSources sources_;
  Policy policy_;
  PortNames names_;
  SpoolSettings settings_;
  SpoolReport report_;
};

ExitCode run_spool(const GlobalOptions& global, const SpoolOptions& options) {
  if (options.to.empty()) {
    throw Error(ExitCode::Usage,
                "reading --to: no folder",
                "name a folder of its own: sockwitness spool --to /var/spool/sockwitness");
  }
  return Spooling(options).run(find_databases(global));
}

}  // namespace

Action add_spool(schema::Command program) {
  const auto options = std::make_shared<SpoolOptions>();
  const schema::Command command = program.add_command(
      "spool", "what is new, as lines for a shipper that carries them to a fleet's engine");
  command.add_option("--to", options->to, "DIR", "a folder of its own; made when it is not there")
      .required();
  command.add_flag("--since-cursor",
                   options->since_cursor,
                   "only what follows what was told: refused when that is not known");
  command.add_option("--max-file", options->max_file, "SIZE", "of one file; default 16M");
  command.add_option("--max-size", options->max_size, "SIZE", "of all files; default 256M");
  command.add_option(
      "--peers",
      options->peers,
      "N",
      "rows of peers an hour, whom the host called first, then the most frequent; default 60. "
      "Of the others one line tells how many they are");
  command.add_option("--judge",
                     options->judged,
                     "N",
                     "ask the rules about the latest N snapshots that wait; default 1024");
  command.add_flag("--no-findings", options->no_findings, "do not ask the rules");
  command.add_option("--policy",
                     options->policy,
                     "FILE",
                     "what is expected, and accepted; default: /etc/sockwitness/policy.toml");
  command.add_option("--rules",
                     options->rules,
                     "DIR",
                     "a folder of rules besides our own; default: /etc/sockwitness/rules.d");
  command.add_flag("--strict", options->strict, "exit 4 when something was removed or not told");
  command.add_flag("-v,--verbose", options->verbose, "say how much was written");
  command.set_footer(kSpoolHelp);
  return [options](const GlobalOptions& global) { return run_spool(global, *options); };
}

}  // namespace sockwitness::query
