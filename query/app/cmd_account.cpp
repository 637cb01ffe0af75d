#include <unistd.h>

#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>

#include "query/analysis/account.h"
#include "query/app/choose.h"
#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/output.h"
#include "query/app/policy_file.h"
#include "query/policy/policy_draft.h"
#include "query/read/history.h"
#include "query/report/account_report.h"
#include "query/terminal/sink.h"
#include "schema/view/endpoint_pattern.h"

namespace sockwitness::query {
namespace {

using schema::ExitCode;

constexpr const char* kExamples =
    "examples:\n"
    "  sockwitness account                        what nobody accounts for, and why\n"
    "  sockwitness account --all                  every listening endpoint with its explanation\n"
    "  sockwitness account tcp/8080               one of them\n"
    "  sockwitness account --write-policy > policy.toml   a draft, its reasons to be filled in\n"
    "  sockwitness account --quiet                for cron: silent when all is accounted for\n"
    "\n"
    "exit codes: 0 all accounted for, 1 something is unexplained or expired, 2 usage (also a "
    "policy\n"
    "            that cannot be read), 3 database unusable\n";

struct AccountOptions {
  std::optional<std::string> at;
  std::string thing;
  std::string policy;
  std::string baseline;
  bool no_baseline = false;
  bool unix_domain = false;
  bool all = false;
  bool quiet = false;
  bool write_policy = false;
};

// The one that was named; else the one that was made last.
std::optional<schema::Baseline> choose_baseline(History& history, const AccountOptions& options) {
  if (!options.baseline.empty()) {
    return history.baseline(options.baseline);
  }
  const auto infos = history.baselines();
  if (options.no_baseline || infos.empty()) {
    return std::nullopt;
  }
  return history.baseline(infos.back().name);
}

void keep_only(AccountBook& book, const std::string& thing) {
  const PortNames names = read_port_names();
  const auto pattern = schema::parse_endpoint_pattern(thing, [&](std::string_view name) {
    const auto ports = names.ports_of(name);
    return std::vector<schema::Port>(ports.begin(), ports.end());
  });
  std::erase_if(book.accounts, [&](const Account& account) {
    const schema::Service& service = *account.service;
    const schema::Endpoint& endpoint = service.endpoint;
    return !schema::matches(
        pattern, {endpoint.protocol, endpoint.address, endpoint.port, endpoint.name, service.rpc});
  });
}

ExitCode write_draft(const AccountBook& book, const schema::SnapshotInfo& info) {
  std::vector<const schema::Service*> open;
  for (const Account& account : book.accounts) {
    if (account.status != AccountStatus::Approved) {
      open.push_back(account.service);
    }
  }
  write_all(STDOUT_FILENO,
            draft_policy(open, info.context.host_name, schema::format_utc(info.begin.wall)));
  return ExitCode::Clean;
}

ExitCode run_account(const GlobalOptions& global, const AccountOptions& options) {
  const schema::WallTime now = read_clock();
  const Policy policy = read_policy(options.policy);
  const auto spec = read_time(global, options.at, now);
  const std::string database = find_database(global);
  History history = History::open(database);
  if (!history.last()) {
    throw no_snapshots(database);
  }
  const schema::Seq seq =
      spec ? choose_snapshot(history, "accounting for", *spec).seq : *history.last();
  const schema::ServiceSet set = history.services(seq, true);
  const schema::SnapshotInfo info = *history.info(seq);
  const auto baseline = choose_baseline(history, options);
  // An approval is judged by the day of the snapshot when a past one was asked for.
  const schema::WallTime day = spec ? info.begin.wall : now;
  const bool with_unix = options.unix_domain || !options.thing.empty();
  AccountBook book = account_for(set, policy, baseline ? &*baseline : nullptr, day, with_unix);
  if (!options.thing.empty()) {
    keep_only(book, options.thing);
  }
  if (options.write_policy) {
    return write_draft(book, info);
  }
  const bool open =
      std::any_of(book.accounts.begin(), book.accounts.end(), [](const Account& each) {
        return each.status >= AccountStatus::Expired;
      });
  if (open || !options.quiet) {
    const PortNames names = read_port_names();
    const AccountInput input{info,
                             set,
                             book,
                             names,
                             policy.source,
                             baseline ? std::optional(baseline->info) : std::nullopt,
                             options.thing,
                             options.all};
    const ClockFace clock = read_clock_face(global);
    write_answer(
        global,
        [&] { return build_account(input); },
        [&] { return lay_out_account(input, clock); });
  }
  return open ? ExitCode::Findings : ExitCode::Clean;
}

}  // namespace

Action add_account(CLI::App& app) {
  const auto options = std::make_shared<AccountOptions>();
  CLI::App* account =
      app.add_subcommand("account", "every listening endpoint with its explanation");
  account->add_option("THING", options->thing, "one of them: tcp/8080, /run/x.sock, rpc/100024, …");
  account
      ->add_option("--at", options->at, "the snapshot at or before this time; default: the latest")
      ->type_name("T");
  account
      ->add_option("--policy",
                   options->policy,
                   "who approved what; default: /etc/sockwitness/policy.toml where it is there")
      ->type_name("FILE");
  CLI::Option* named =
      account
          ->add_option(
              "--baseline", options->baseline, "what was there before; default: the newest")
          ->type_name("NAME");
  account->add_flag("--no-baseline", options->no_baseline, "only the policy counts")
      ->excludes(named);
  account->add_flag("-x,--unix", options->unix_domain, "unix sockets as well");
  account->add_flag("--all", options->all, "also what is accounted for");
  account->add_flag("-q,--quiet", options->quiet, "print nothing when all is accounted for");
  account->add_flag(
      "--write-policy", options->write_policy, "print a policy for what is not approved yet");
  account->footer(std::string(schema::endpoint_grammar()) + "\n\n" +
                  std::string(schema::time_grammar()) + "\n\n" + kExamples);
  return [options](const GlobalOptions& global) { return run_account(global, *options); };
}

}  // namespace sockwitness::query
