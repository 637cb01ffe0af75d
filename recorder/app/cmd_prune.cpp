#include <sys/statvfs.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "recorder/app/author.h"
#include "recorder/app/commands.h"
#include "recorder/app/defer.h"
#include "recorder/app/open_for_run.h"
#include "recorder/app/prune_plan.h"
#include "recorder/app/reachable.h"
#include "recorder/app/say.h"
#include "recorder/app/wait_for_lock.h"
#include "recorder/observe/clock.h"
#include "recorder/write/ballast.h"
#include "recorder/write/prune.h"
#include "recorder/write/prune_range.h"
#include "recorder/write/thin.h"
#include "recorder/write/thin_choice.h"
#include "recorder/write/whole_file.h"
#include "schema/base/escape.h"
#include "schema/disk/snapshot_row.h"

namespace sockwitness::recorder {
namespace {

using schema::Database;
using schema::DatabaseError;
using schema::ExitCode;
using schema::Seq;

// Snapshots in one transaction: its journal needs room, too.
constexpr std::int64_t kStep = 4'096;
constexpr std::int64_t kThinStep = 16'384;

// What a prune did, or would do.
struct Outcome {
  std::optional<schema::SeqRange> snapshots;
  schema::WallTime began;
  schema::WallTime ended;
  std::int64_t rows = 0;
  std::optional<schema::Thin> thinned;  // all steps as one
  FileSizes before;
  FileSizes after;
  std::optional<schema::Hold> hold;      // that kept it from going further
  std::optional<std::int64_t> too_much;  // bytes that are in use beyond what was asked for
  std::string not_shrunk;                // why

  void add(const schema::Prune& pruned) {
    if (!snapshots) {
      snapshots = pruned.snapshots;
      began = pruned.began;
    }
    snapshots->last = pruned.snapshots.last;
    ended = pruned.ended;
    rows += pruned.removed;
  }

  void add(const schema::Thin& done) {
    if (!thinned) {
      thinned = done;
      return;
    }
    thinned->snapshots.last = done.snapshots.last;
    thinned->ended = done.ended;
    thinned->thinned += done.thinned;
    thinned->removed += done.removed;
  }
};

// One file, pruned step by step; `settle` ends each.
class Pruner {
 public:
  using Settle = std::function<void()>;
  Pruner(Database& database, PrunePolicy policy, schema::Author author, Settle settle)
      : database_(database),
        policy_(std::move(policy)),
        author_(std::move(author)),
        settle_(std::move(settle)) {}

  Outcome run(schema::WallTime now) {
    outcome_.before = read_sizes(database_);
    const PruneRange limit = find_limit(database_);
    if (policy_.keep_us) {
      const PruneRange span =
          find_older(database_, limit, schema::WallTime{now.microseconds - *policy_.keep_us});
      outcome_.hold = span.hold;
      go_to(span.first, span.first_kept, now, kStep);
    }
    if (policy_.thin) {
      thin_all(now);
    }
    if (policy_.max_bytes) {
      fit(find_limit(database_), now);
    }
    outcome_.after = read_sizes(database_);
    return outcome_;
  }

 private:
  void thin_all(schema::WallTime now) {
    const auto spans = find_thin_spans(database_, *policy_.thin, now);
    std::int64_t step = kThinStep;
    for (auto next = spans.begin(); next != spans.end();) {
      std::int64_t taken = 0;
      auto end = next;
      do {
        taken += end->last.value() - end->first.value() + 1;
        ++end;
      } while (end != spans.end() && taken < step);
      try {
        const auto done =
            thin(database_,
                 {{next, end}, policy_.thin->step_us, policy_.thin_words, author_, now, sweeps_});
        if (done) {
          outcome_.add(*done);
          settle_();
        }
      } catch (const DatabaseError& failure) {
        if (failure.kind() != DatabaseError::Kind::Full ||
            !make_do(std::distance(next, end), step)) {
          throw;
        }
        continue;
      }
      next = end;
    }
  }

  void fit(const PruneRange& limit, schema::WallTime now) {
    const auto used = [this] { return read_sizes(database_).used; };
    Seq first = schema::read_first_seq(database_).value_or(limit.first);
    while (used() > *policy_.max_bytes && first < limit.first_kept) {
      const std::int64_t all = limit.latest.value() - first.value() + 1;
      const double over = static_cast<double>(used() - *policy_.max_bytes) /
                          static_cast<double>(used()) * static_cast<double>(all);
      const auto part = std::max<std::int64_t>(1, static_cast<std::int64_t>(over * 0.9));
      const Seq goal =
          std::min(limit.first_kept, whole_at_or_after(database_, Seq(first.value() + part)));
      go_to(first, goal, now, kStep);
      first = goal;
    }
    if (const std::int64_t left = used(); left > *policy_.max_bytes) {
      outcome_.too_much = left - *policy_.max_bytes;
      outcome_.hold = limit.hold;
    }
  }

  void go_to(Seq first, Seq first_kept, schema::WallTime now, std::int64_t step) {
    if (first >= first_kept) {
      return;
    }
    require_links(database_, now);
    require_as_signed(database_, first_kept);
    while (first < first_kept) {
      const Seq goal =
          std::min(first_kept, whole_at_or_after(database_, Seq(first.value() + step)));
      try {
        outcome_.add(
            prune(database_, {goal, policy_.words, author_, now, sweeps_ && goal == first_kept}));
      } catch (const DatabaseError& failure) {
        if (failure.kind() != DatabaseError::Kind::Full ||
            !make_do(goal.value() - first.value(), step)) {
          throw;
        }
        continue;
      }
      settle_();
      first = goal;
    }
  }

  // Without room: first what is kept for this, then smaller steps, at last without the look at what
  // nothing refers to any more.
  bool make_do(std::int64_t tried, std::int64_t& step) {
    if (release_ballast(database_.path())) {
      return true;
    }
    if (tried > 1) {
      step = std::max<std::int64_t>(1, tried / 4);
      return true;
    }
    return std::exchange(sweeps_, false);
  }

  Database& database_;
  PrunePolicy policy_;
  schema::Author author_;
  Settle settle_;
  Outcome outcome_;
  bool sweeps_ = true;
};

// Why it was not done; nothing: it was.
std::string shrink(Database& database) {
  const FileSizes sizes = read_sizes(database);
  struct statvfs room {};
  constexpr std::int64_t kSpare = 16 << 20;
  if (sizes.bytes == sizes.used) {
    return {};
  }
  if (::statvfs(database.path().c_str(), &room) != 0) {
    return "how much room there is cannot be told";
  }
  // SQLite writes a copy, and keeps the old pages until all is done.
  const std::int64_t needed = sizes.used + sizes.bytes + kSpare;
  const auto has = static_cast<std::int64_t>(room.f_bavail * room.f_frsize);
  if (has < needed) {
    return fmt::format(
        "that takes {} for a while, and there are {}; what is free in it is filled "
        "before it grows",
        size_words(needed),
        size_words(has));
  }
  return write_anew(database);
}

std::string hold_words(const schema::Hold& hold) {
  return fmt::format("hold {} keeps all from snapshot {} on ({})",
                     schema::escape_terminal(hold.name),
                     hold.snapshots.first.value(),
                     schema::escape_terminal(hold.reason));
}

std::string which_words(schema::SeqRange range, schema::WallTime began, schema::WallTime ended) {
  return range.first == range.last
             ? fmt::format("snapshot {} ({})", range.first.value(), schema::format_utc(began))
             : fmt::format("snapshots {} to {} ({} to {})",
                           range.first.value(),
                           range.last.value(),
                           schema::format_utc(began),
                           schema::format_utc(ended));
}

std::vector<std::string> done_lines(const Outcome& outcome, bool dry_run) {
  std::vector<std::string> lines;
  if (outcome.snapshots) {
    lines.push_back(fmt::format("{} {}, {} rows",
                                dry_run ? "would prune" : "pruned",
                                which_words(*outcome.snapshots, outcome.began, outcome.ended),
                                outcome.rows));
  }
  if (outcome.thinned) {
    const schema::Thin& thinned = *outcome.thinned;
    lines.push_back(fmt::format("{} {} of {}, {} rows",
                                dry_run ? "would thin" : "thinned",
                                thinned.thinned,
                                which_words(thinned.snapshots, thinned.began, thinned.ended),
                                thinned.removed));
  }
  if (lines.empty()) {
    lines.emplace_back("nothing to prune");
    return lines;
  }
  const std::int64_t freed = outcome.before.used - outcome.after.used;
  lines.back() += fmt::format("; {} {} free in the file",
                              size_words(std::max<std::int64_t>(freed, 0)),
                              dry_run ? "would become" : "became");
  return lines;
}

void report(const Outcome& outcome, const PruneOptions& options) {
  const char* const done = "what was pruned is recorded all the same";
  if (!options.quiet) {
    for (const std::string& line : done_lines(outcome, options.dry_run)) {
      answer(line + "\n", done);
    }
    answer(fmt::format("file {}, of which {} in use{}\n",
                       size_words(outcome.after.bytes),
                       size_words(outcome.after.used),
                       outcome.after.bytes < outcome.before.bytes
                           ? fmt::format("; it was {}", size_words(outcome.before.bytes))
                           : std::string()),
           done);
    if (outcome.hold) {
      tell(hold_words(*outcome.hold));
    }
  }
  if (outcome.too_much) {
    tell(fmt::format("{} more than {} are in use all the same{}",
                     size_words(*outcome.too_much),
                     options.max_size,
                     outcome.hold ? ": " + hold_words(*outcome.hold)
                                  : std::string(": only the latest snapshot is left")));
  }
  if (!outcome.not_shrunk.empty()) {
    tell("the file was not written anew: " + outcome.not_shrunk);
  }
}

// On a copy in memory: nothing of the file is touched, and the figures are those of the real thing.
Outcome try_in_memory(const std::string& path,
                      const PrunePolicy& policy,
                      const schema::Author& author,
                      schema::WallTime now) {
  constexpr std::int64_t kMost = 1 << 30;
  Database read = Database::open_for_reading(path);
  if (read_sizes(read).bytes > kMost) {
    throw schema::Error(ExitCode::Usage,
                        fmt::format("trying a prune of '{}': it is larger than {}, which is tried "
                                    "in memory",
                                    path,
                                    size_words(kMost)),
                        "copy the file elsewhere and prune the copy: prune --db COPY");
  }
  Database copy = copy_to_memory(read);
  begin_pruning(copy);
  return Pruner(copy, policy, author, [] {}).run(now);
}

ExitCode carry_out(const schema::DatabasePlace& place, const PruneOptions& options) {
  const PrunePolicy policy = read_policy(options);
  const schema::Author author = read_author(options.user);
  const schema::WallTime now = read_clocks().wall;
  refuse_unreachable(place.path);
  if (options.dry_run) {
    report(try_in_memory(place.path, policy, author, now), options);
    return ExitCode::Clean;
  }
  {
    Database looked_at = Database::open_for_reading(place.path);
    static_cast<void>(find_limit(looked_at));  // a file without any is not made for it
  }
  const RunLock lock = wait_for_lock(place.path);
  Database database = open_for_run(place.path, lock, schema::kUsualPatience);
  begin_pruning(database);
  const auto settle_step = [&] {
    settle(lock, database, 0);
    lock.begin_writing(database.last_commit());
  };
  Outcome outcome = Pruner(database, policy, author, settle_step).run(now);
  if (options.shrink) {
    outcome.not_shrunk = shrink(database);
    outcome.after = read_sizes(database);
  }
  settle(lock, database, 0);
  keep_ballast(place.path);
  report(outcome, options);
  return ExitCode::Clean;
}

}  // namespace

ExitCode run_prune(const schema::DatabasePlace& place, const PruneOptions& options) {
  try {
    return carry_out(place, options);
  } catch (const DatabaseError& failure) {
    throw name_holder(place.path, failure);
  }
}

}  // namespace sockwitness::recorder
