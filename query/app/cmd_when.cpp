#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "query/analysis/history/chronicle.h"
#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/open_history.h"
#include "query/app/output.h"
#include "query/app/selection.h"
#include "query/app/selection_options.h"
#include "query/app/thing.h"
#include "query/app/time_range.h"
#include "query/app/watch.h"
#include "query/read/history.h"
#include "query/read/observations.h"
#include "query/read/peers_reader.h"
#include "query/read/place_gaps.h"
#include "query/read/user_numbers.h"
#include "query/report/answers/when_report.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;
using schema::Seq;
using schema::SeqRange;

constexpr const char* kWhenExamples =
    "examples:\n"
    "  sockwitness when tcp/4444                       since when, until when, whose, who "
    "connected\n"
    "  sockwitness when program:/tmp/.x/a.py           when a program ran, with or without "
    "sockets\n"
    "  sockwitness when --remote 198.51.100.0/24       when there were connections to a network\n"
    "  sockwitness when -l --user www-data             when a user's processes listened\n"
    "  sockwitness when tcp/22 --since 2026-11-01      spans that touch this time, with their "
    "ends\n"
    "\n"
    "exit codes: 0 answered, also when it was never seen; 2 usage, 3 database unusable\n";

struct WhenOptions {
  SelectionOptions selection;
  TimeRangeOptions period;
  std::size_t peers = 10;
};

// What all the readings of one question share.
struct Question {
  History& history;
  const Moments& moments;
  const OnProgress& on_progress;

  [[nodiscard]] SeqRange all() const { return {moments[0].seq, moments[moments.size() - 1].seq}; }
};

std::vector<WhenInterval> read_spans(const Question& question,
                                     const Filter& filter,
                                     const SeqRange& range) {
  ObservationReader reader(
      question.history, question.moments, range, question.all().last, question.on_progress);
  WhenBuilder builder;
  const auto add = [&](Observation observation, const ObservedThings& things) {
    builder.add(std::move(observation), things);
  };
  is_about_processes(filter) ? reader.visit_processes(filter, add)
                             : reader.visit_sockets(filter, add);
  return builder.finish();
}

// A span that touches an end of the range may begin before it or end after it: then more is read,
// twice as much each time.
std::vector<WhenInterval> read_whole_spans(const Question& question,
                                           const Filter& filter,
                                           const SeqRange& period) {
  const SeqRange all = question.all();
  SeqRange range = period;
  while (true) {
    std::vector<WhenInterval> spans = read_spans(question, filter, range);
    const std::int64_t more = range.last.value() - range.first.value() + 64;
    const bool cut_begin =
        !spans.empty() && range.first > all.first && !spans.front().span.not_before;
    const bool cut_end = !spans.empty() && range.last < all.last && !spans.back().span.not_after;
    if (!cut_begin && !cut_end) {
      std::erase_if(spans,
                    [&](const WhenInterval& span) { return !span.span.seen.overlaps(period); });
      return spans;
    }
    if (cut_begin) {
      range.first = std::max(all.first, Seq(range.first.value() - more));
    }
    if (cut_end) {
      range.last = std::min(all.last, Seq(range.last.value() + more));
    }
  }
}

// The snapshot that ended the silence in which the period ends.
std::optional<Seq> find_beyond(const Moments& moments,
                               const TimeRange& period,
                               std::span<const ChronicleEvent> events) {
  const std::size_t next = moments.at_or_after(Seq(period.snapshots.last.value() + 1));
  const bool silent = period.until && next < moments.size() &&
                      std::any_of(events.begin(), events.end(), [&](const ChronicleEvent& event) {
                        return event.kind == ChronicleKind::TimeGap && event.before == next;
                      });
  return silent ? std::optional(moments[next].seq) : std::nullopt;
}

std::vector<CoverageGap> read_gaps(const Question& question, const SeqRange& range) {
  return find_place_gaps(SnapshotContexts(
      question.history, range, question.all().last, SnapshotContexts::Gaps::OfSockets));
}

Thing read_thing(const WhenOptions& options, const PortNames& names) {
  const Filter filter = build_filter(options.selection, names);
  if (!options.selection.things.empty()) {
    return parse_things(options.selection.things, filter, names);
  }
  if (selection_words(options.selection).empty()) {
    throw Error(ExitCode::Usage,
                "reading the command line: nothing to look for",
                std::string(thing_grammar()));
  }
  return {filter, std::nullopt};
}

ExitCode run_when(const GlobalOptions& global, const WhenOptions& options) {
  const PortNames names = read_port_names();
  Thing thing = read_thing(options, names);
  const schema::WallTime now = read_clock();
  const auto since = read_time(global, options.period.since, now, schema::Edge::Begin);
  const auto until = read_time(global, options.period.until, now, schema::Edge::End);
  OpenedHistory opened = open_recorded(find_database(global));
  History& history = opened.history;
  add_user_numbers(history, thing.filter.users);
  if (thing.as_program) {
    add_user_numbers(history, thing.as_program->users);
  }
  const Moments moments = history.moments();
  const TimeRange period = choose_time_range(history, moments, since, until);
  Watch watch("reading history");
  const Question question{history, moments, watch.on_progress()};
  std::vector<WhenInterval> spans = read_whole_spans(question, thing.filter, period.snapshots);
  if (spans.empty() && thing.as_program) {
    spans = read_whole_spans(question, *thing.as_program, period.snapshots);
  }
  if (options.peers > 0) {
    read_peers(history, period.snapshots, question.all().last, watch.on_progress(), spans);
  }
  watch.clear();
  const auto missed = history.missed_runs();
  const auto events = build_chronicle(moments, missed, {});
  const auto gaps = read_gaps(question, period.snapshots);
  const std::string words = selection_words(options.selection);
  const WhenInput input{.query = words,
                        .moments = moments,
                        .searched = period.snapshots,
                        .beyond = find_beyond(moments, period, events),
                        .host = moments.context(moments[moments.size() - 1]).host_name,
                        .spans = spans,
                        .events = events,
                        .missed = missed,
                        .gaps = gaps,
                        .peers = options.peers,
                        .note = period.note};
  write_answer(
      global,
      {moments.pruned(), false, moments.thinned()},
      [&] { return build_when(input); },
      [&] { return lay_out_when(input, read_clock_face(global)); });
  return ExitCode::Clean;
}

}  // namespace

Action add_when(schema::Command program) {
  const auto options = std::make_shared<WhenOptions>();
  const schema::Command when = program.add_command(
      "when", "since when and until when something was there, whose, and who connected");
  add_time_range(when, options->period);
  add_selection(when, options->selection);
  when.add_option(
      "--peers", options->peers, "N", "rows of peers; default 10, 0 does not look for them");
  when.set_footer(std::string(thing_grammar()) + "\n\n" + std::string(schema::time_grammar()) +
                  "\n\n" + kWhenExamples);
  return [options](const GlobalOptions& global) { return run_when(global, *options); };
}

}  // namespace sockwitness::query
