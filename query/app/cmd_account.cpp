#include <unistd.h>

#include <algorithm>
#include <memory>

#include "query/analysis/account.h"
#include "query/app/choose.h"
#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/open_history.h"
#include "query/app/output.h"
#include "query/app/policy_file.h"
#include "query/app/thing.h"
#include "query/policy/policy_draft.h"
#include "query/read/history.h"
#include "query/read/last_seen.h"
#include "query/read/user_numbers.h"
#include "query/report/answers/account_report.h"
#include "query/terminal/sink.h"
#include "schema/program/suggest.h"
#include "schema/view/endpoint_pattern.h"

namespace sockwitness::query {
namespace {

using schema::ExitCode;

constexpr const char* kAccountExamples =
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
  bool gaps = false;
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

void keep_only(AccountBook& book, const schema::EndpointPattern& pattern) {
  std::erase_if(book.accounts, [&](const Account& account) {
    const schema::Service& service = *account.service;
    const schema::Endpoint& endpoint = service.endpoint;
    return !schema::matches(
        pattern, {endpoint.protocol, endpoint.address, endpoint.port, endpoint.name, service.rpc});
  });
}

// What one snapshot says, and the judgement on it.
struct Accounted {
  schema::SnapshotInfo info;
  schema::ServiceSet set;
  AccountBook book;
};

// The account of a snapshot; one service of it when that was asked for.
class SnapshotAccounts {
 public:
  SnapshotAccounts(History& history, const AccountOptions& options, const PortNames& names)
      : history_(history),
        options_(options),
        policy_(read_policy(options.policy)),
        baseline_(choose_baseline(history, options)) {
    add_user_numbers(history, policy_);
    if (schema::is_database_name(options.thing) && !options.thing.starts_with('/')) {
      throw schema::database_as_word(options.thing, "sockwitness account");
    }
    if (!options.thing.empty()) {
      pattern_ = schema::parse_endpoint_pattern(options.thing, [&](std::string_view name) {
        const auto ports = names.ports_of(name);
        return std::vector<schema::Port>(ports.begin(), ports.end());
      });
    }
  }

  [[nodiscard]] std::unique_ptr<Accounted> account(schema::Seq seq, schema::WallTime day) {
    auto accounted = std::make_unique<Accounted>();
    accounted->info = history_.info(seq);
    accounted->set = history_.services(seq, true);
    accounted->book = account_for(accounted->set,
                                  policy_,
                                  baseline_ ? &*baseline_ : nullptr,
                                  day,
                                  options_.unix_domain || pattern_.has_value());
    if (pattern_) {
      keep_only(accounted->book, *pattern_);
    }
    return accounted;
  }

  [[nodiscard]] const Policy& policy() const { return policy_; }
  [[nodiscard]] std::optional<schema::BaselineInfo> baseline() const {
    return baseline_ ? std::optional(baseline_->info) : std::nullopt;
  }

 private:
  History& history_;
  const AccountOptions& options_;
  Policy policy_;
  std::optional<schema::Baseline> baseline_;
  std::optional<schema::EndpointPattern> pattern_;
};

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
  const auto spec = read_time(global, options.at, now, schema::Edge::End);
  const PortNames names = read_port_names();
  OpenedHistory opened = open_recorded(find_database(global));
  History& history = opened.history;
  SnapshotAccounts accountant(history, options, names);
  const schema::Seq seq =
      spec ? choose_snapshot(history, "accounting for", *spec).seq : opened.last();
  // An approval is judged by the day of the snapshot when a past one was asked for.
  auto accounted = accountant.account(seq, spec ? history.info(seq).begin.wall : now);
  std::optional<schema::SnapshotInfo> gone_by;
  if (!options.thing.empty() && !spec && accounted->book.accounts.empty()) {
    Filter filter = parse_thing(options.thing, {}, names).filter;
    add_user_numbers(history, filter.users);
    if (const auto last = find_last_seen(history, filter)) {
      gone_by = accounted->info;
      accounted = accountant.account(*last, history.info(*last).begin.wall);
    }
  }
  const AccountBook& book = accounted->book;
  if (options.write_policy) {
    return write_draft(book, accounted->info);
  }
  // What is gone needs no approval.
  const bool open =
      !gone_by && std::any_of(book.accounts.begin(), book.accounts.end(), [](const Account& each) {
        return each.status >= AccountStatus::Expired;
      });
  if (open || !options.quiet) {
    const AccountInput input{.snapshot = accounted->info,
                             .set = accounted->set,
                             .book = book,
                             .names = names,
                             .policy = accountant.policy().source,
                             .baseline = accountant.baseline(),
                             .thing = options.thing,
                             .all = options.all,
                             .each_gap = options.gaps,
                             .gone_by = gone_by};
    const ClockFace clock = read_clock_face(global);
    write_answer(
        global,
        {opened.pruned, true, opened.thinned},
        [&] { return build_account(input); },
        [&] { return lay_out_account(input, clock); });
  }
  return open ? ExitCode::Findings : ExitCode::Clean;
}

}  // namespace

Action add_account(schema::Command program) {
  const auto options = std::make_shared<AccountOptions>();
  const schema::Command account =
      program.add_command("account", "every listening endpoint with its explanation");
  account.add_option(
      "THING", options->thing, "TEXT", "one of them: tcp/8080, /run/x.sock, rpc/100024, …");
  account.add_option(
      "--at", options->at, "T", "the snapshot at or before this time; default: the latest");
  account.add_option("--policy",
                     options->policy,
                     "FILE",
                     "who approved what; default: /etc/sockwitness/policy.toml where it is there");
  const schema::Option named = account.add_option(
      "--baseline", options->baseline, "NAME", "what was there before; default: the newest");
  account.add_flag("--no-baseline", options->no_baseline, "only the policy counts").excludes(named);
  account.add_flag("-x,--unix", options->unix_domain, "unix sockets as well");
  account.add_flag("--all", options->all, "also what is accounted for");
  account.add_flag("--gaps", options->gaps, "each gap in a line of its own");
  account.add_flag("-q,--quiet", options->quiet, "print nothing when all is accounted for");
  account.add_flag(
      "--write-policy", options->write_policy, "print a policy for what is not approved yet");
  account.set_footer(std::string(schema::endpoint_grammar()) + "\n\n" +
                     std::string(schema::time_grammar()) + "\n\n" + kAccountExamples);
  return [options](const GlobalOptions& global) { return run_account(global, *options); };
}

}  // namespace sockwitness::query
