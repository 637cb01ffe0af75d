#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include <fmt/format.h>

#include "recorder/app/author.h"
#include "recorder/app/commands.h"
#include "recorder/app/defer.h"
#include "recorder/app/open_for_run.h"
#include "recorder/app/reachable.h"
#include "recorder/app/say.h"
#include "recorder/app/wait_for_lock.h"
#include "recorder/observe/clock.h"
#include "recorder/write/baseline_writer.h"
#include "recorder/write/run_lock.h"
#include "recorder/write/service_union.h"
#include "schema/base/escape.h"
#include "schema/base/scan.h"
#include "schema/disk/database.h"
#include "schema/disk/load_baseline.h"
#include "schema/disk/load_services.h"
#include "schema/disk/load_snapshot.h"
#include "schema/disk/resolve.h"
#include "schema/disk/snapshot_row.h"
#include "schema/disk/waiting.h"
#include "schema/program/time_spec.h"
#include "schema/view/endpoint_pattern.h"

namespace sockwitness::recorder {
namespace {

using schema::Database;
using schema::Error;
using schema::ExitCode;
using schema::Seq;

Database open_for_baseline(const std::string& path, const RunLock& lock) {
  if (const std::size_t waiting = schema::list_waiting(path).size(); waiting > 0) {
    tell(fmt::format(
        "{} snapshot{} beside '{}' that could not be written yet: the next run takes {} "
        "in, the baseline does not have {}",
        waiting,
        waiting == 1 ? " waits" : "s wait",
        schema::escape_terminal(path),
        waiting == 1 ? "it" : "them",
        waiting == 1 ? "it" : "them"));
  }
  return open_for_run(path, lock, schema::kUsualPatience);
}

schema::TimeSpec read_time(const BaselineOptions& options,
                           const std::string& text,
                           schema::Edge edge) {
  return schema::parse_time_spec(text,
                                 read_clocks().wall,
                                 options.utc ? schema::Zone::utc() : schema::Zone::read_system(),
                                 edge);
}

// "5%" or "5".
std::uint32_t read_share(const std::string& typed) {
  std::string_view text = typed;
  if (text.ends_with('%')) {
    text.remove_suffix(1);
  }
  const auto percent = schema::parse_number<std::uint32_t>(text);
  if (!percent || *percent > 100) {
    throw Error(ExitCode::Usage,
                fmt::format("reading --min-share '{}': not a share of the snapshots", typed),
                "say a percentage from 0 to 100: --min-share 5%");
  }
  return *percent;
}

Seq latest_seq(Database& database) {
  const auto last = schema::read_last_seq(database);
  if (!last) {
    throw Error(ExitCode::Unusable,
                fmt::format("reading '{}': it holds no snapshot yet", database.path()),
                "record one first: sockwitness-recorder snapshot");
  }
  return *last;
}

// The snapshot at or before a time; the latest for no time.
Seq find_snapshot(Database& database, const BaselineOptions& options, const std::string& text) {
  if (text.empty()) {
    return latest_seq(database);
  }
  return schema::resolve(database,
                         read_time(options, text, schema::Edge::End),
                         schema::Side::AtOrBefore,
                         "finding snapshot")
      .seq;
}

schema::ServiceSet read_services(Database& database, Seq seq) {
  const schema::LoadedSnapshot loaded = schema::load_snapshot(database, seq);
  return schema::load_services(database, loaded, true);
}

// On a terminal, where a long range would otherwise look like a program that hangs.
class Progress {
 public:
  explicit Progress(std::int64_t all) : all_(all), shown_(isatty(STDERR_FILENO) != 0) {}
  ~Progress() {
    if (drawn_) {
      fmt::print(stderr, "\r\x1b[K");
    }
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void step() {
    ++done_;
    const auto now = std::chrono::steady_clock::now();
    if (shown_ && now - last_ > std::chrono::milliseconds(500)) {
      last_ = now;
      drawn_ = true;
      fmt::print(stderr, "\rreading snapshots: {} of {}", done_, all_);
    }
  }

 private:
  std::int64_t all_;
  bool shown_;
  bool drawn_ = false;
  std::int64_t done_ = 0;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// `from` after `to` is refused by the caller.
schema::Baseline unite(Database& database, Seq from, Seq to, std::uint32_t least_share_percent) {
  ServiceUnion services;
  schema::Baseline baseline;
  schema::BaselineInfo& info = baseline.info;
  info.first = from;
  info.last = to;
  Progress progress(to.value() - from.value() + 1);
  for (std::int64_t at = from.value(); at <= to.value(); ++at) {
    const auto snapshot = schema::read_snapshot_info(database, Seq(at));
    if (!snapshot) {
      continue;  // pruned
    }
    if (services.snapshots() == 0) {
      info.began = snapshot->begin.wall;
    }
    info.ended = snapshot->begin.wall;
    info.host_name = snapshot->context.host_name;
    services.add(Seq(at), read_services(database, Seq(at)));
    progress.step();
  }
  info.least_share_percent = least_share_percent;
  info.snapshots = services.snapshots();
  baseline.set = services.take(least_share_percent);
  info.left_out = services.left_out();
  return baseline;
}

std::string range_words(const schema::BaselineInfo& info) {
  if (info.first == info.last) {
    return fmt::format("snapshot {} ({})", info.first.value(), schema::format_utc(info.began));
  }
  return fmt::format("snapshots {} to {} ({} to {})",
                     info.first.value(),
                     info.last.value(),
                     schema::format_utc(info.began),
                     schema::format_utc(info.ended));
}

void print_added(const schema::Baseline& baseline, const schema::BaselineInfo& info) {
  std::string rare;
  if (info.left_out > 0) {
    rare = fmt::format(
        ", {} left out that less than {} % of them have", info.left_out, info.least_share_percent);
  }
  answer(fmt::format("baseline {}: {} service{} of {}{}\n",
                     info.name,
                     info.services,
                     info.services == 1 ? "" : "s",
                     range_words(info),
                     rare),
         kRecorded);
  if (!baseline.set.gaps.empty()) {
    tell(fmt::format("the baseline has {} gap{}: what its snapshots could not see is not compared",
                     baseline.set.gaps.size(),
                     baseline.set.gaps.size() == 1 ? "" : "s"));
  }
}

ExitCode add(const schema::DatabasePlace& place, const BaselineOptions& options) {
  require_name(options.name, "a baseline");
  const std::uint32_t least_share_percent = read_share(options.least_share);
  const RunLock lock = wait_for_lock(place.path);
  Database database = open_for_baseline(place.path, lock);
  const bool range = !options.from.empty();
  const Seq to = find_snapshot(database, options, range ? options.to : options.at);
  const Seq from = range ? find_snapshot(database, options, options.from) : to;
  if (to < from) {
    throw Error(ExitCode::Usage,
                fmt::format("adding baseline '{}': --from is snapshot #{}, after #{}",
                            options.name,
                            from.value(),
                            to.value()),
                "name the earlier time with --from");
  }
  schema::Baseline baseline = unite(database, from, to, least_share_percent);
  baseline.info.name = options.name;
  baseline.info.note = options.note;
  baseline.info.author = read_author(options.user);
  const auto written = write_baseline(database, baseline, read_clocks().wall);
  settle(lock, database, 0);
  print_added(baseline, written);
  return ExitCode::Clean;
}

bool is_meant(const schema::EndpointPattern& pattern, const schema::Service& service) {
  const schema::Endpoint& endpoint = service.endpoint;
  return schema::matches(
      pattern, {endpoint.protocol, endpoint.address, endpoint.port, endpoint.name, service.rpc});
}

ExitCode accept(const schema::DatabasePlace& place, const BaselineOptions& options) {
  const schema::EndpointPattern pattern = schema::parse_endpoint_pattern(options.thing);
  AcceptedServices accepted;
  if (!options.until.empty()) {
    const auto until = read_time(options, options.until, schema::Edge::DayEnd);
    const auto* time = std::get_if<schema::WallTime>(&until);
    if (time == nullptr || *time <= read_clocks().wall) {
      throw Error(ExitCode::Usage,
                  fmt::format("reading --until '{}': not a time to come", options.until),
                  "say a date: --until 2027-01-01");
    }
    accepted.acceptance.until = *time;
  }
  if (options.reason.find_first_not_of(" \t") == std::string::npos) {
    throw Error(ExitCode::Usage,
                "reading --reason '': an acceptance needs a reason",
                "say why it is expected: --reason 'new shop, OPS-1412'");
  }
  const RunLock lock = wait_for_lock(place.path);
  Database database = open_for_baseline(place.path, lock);
  accepted.baseline = options.name;
  accepted.thing = options.thing;
  accepted.acceptance.reason = options.reason;
  accepted.seq = find_snapshot(database, options, options.at);
  for (schema::Service& service : read_services(database, accepted.seq).services) {
    if (is_meant(pattern, service)) {
      service.share = schema::Share{accepted.seq, accepted.seq, 1};
      service.standing = schema::Standing::Listener;
      accepted.services.push_back(std::move(service));
    }
  }
  if (accepted.services.empty()) {
    throw Error(ExitCode::Usage,
                fmt::format("accepting '{}': nothing listens there in snapshot {}",
                            options.thing,
                            accepted.seq.value()),
                "look at what does: sockwitness show -l");
  }
  write_acceptance(database, accepted, read_author(options.user), read_clocks().wall);
  settle(lock, database, 0);
  answer(fmt::format("baseline {}: {} accepted, {} service{} of snapshot {}{}\n",
                     options.name,
                     schema::escape_terminal(options.thing),
                     accepted.services.size(),
                     accepted.services.size() == 1 ? "" : "s",
                     accepted.seq.value(),
                     accepted.acceptance.until
                         ? fmt::format(", until {}", schema::format_utc(*accepted.acceptance.until))
                         : std::string()),
         kRecorded);
  return ExitCode::Clean;
}

ExitCode list(const schema::DatabasePlace& place) {
  Database database = Database::open_for_reading(place.path);
  const auto infos = schema::read_baselines(database);
  if (infos.empty()) {
    answer("no baseline yet; make one with: sockwitness-recorder baseline add NAME\n");
  }
  for (const schema::BaselineInfo& info : infos) {
    const std::string accepted =
        info.accepted == 0 ? "" : fmt::format(", {} accepted since", info.accepted);
    const std::string login =
        info.author.login_user
            ? fmt::format(" (login {})", schema::escape_terminal(*info.author.login_user))
            : "";
    const std::string note =
        info.note.empty() ? "" : fmt::format("  {}", schema::escape_terminal(info.note));
    answer(fmt::format("{}  {} service{} of {}{}  made {} by {}{}{}\n",
                       schema::escape_terminal(info.name),
                       info.services,
                       info.services == 1 ? "" : "s",
                       range_words(info),
                       accepted,
                       schema::format_utc(info.made_at),
                       schema::escape_terminal(info.author.user),
                       login,
                       note));
  }
  return ExitCode::Clean;
}

ExitCode drop(const schema::DatabasePlace& place, const BaselineOptions& options) {
  const RunLock lock = wait_for_lock(place.path);
  Database database = open_for_baseline(place.path, lock);
  write_baseline_drop(
      database, options.name, options.note, read_author(options.user), read_clocks().wall);
  settle(lock, database, 0);
  answer(fmt::format("baseline {}: dropped; the record of it stays\n", options.name), kRecorded);
  return ExitCode::Clean;
}

ExitCode carry_out(const schema::DatabasePlace& place, const BaselineOptions& options) {
  refuse_unreachable(place.path);
  if (options.act != BaselineOptions::Act::List) {
    // A baseline is made of snapshots: a file without any is not made for it.
    Database looked_at = Database::open_for_reading(place.path);
    static_cast<void>(latest_seq(looked_at));
  }
  switch (options.act) {
    case BaselineOptions::Act::Add:
      return add(place, options);
    case BaselineOptions::Act::Accept:
      return accept(place, options);
    case BaselineOptions::Act::Drop:
      return drop(place, options);
    case BaselineOptions::Act::List:
      break;
  }
  return list(place);
}

}  // namespace

ExitCode run_baseline(const schema::DatabasePlace& place, const BaselineOptions& options) {
  try {
    return carry_out(place, options);
  } catch (const schema::DatabaseError& failure) {
    throw name_holder(place.path, failure);
  }
}

}  // namespace sockwitness::recorder
