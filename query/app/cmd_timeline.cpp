#include <algorithm>
#include <deque>
#include <functional>
#include <memory>

#include <fmt/format.h>

#include "query/analysis/history/chronicle.h"
#include "query/analysis/process_tree.h"
#include "query/app/choose.h"
#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/interval.h"
#include "query/app/open_history.h"
#include "query/app/output.h"
#include "query/app/row_output.h"
#include "query/app/selection.h"
#include "query/app/selection_options.h"
#include "query/app/thing.h"
#include "query/app/time_range.h"
#include "query/app/watch.h"
#include "query/read/history.h"
#include "query/read/search.h"
#include "query/read/timeline_reader.h"
#include "query/read/user_numbers.h"
#include "query/report/answers/timeline_report.h"
#include "query/report/answers/tree_report.h"
#include "schema/base/scan.h"
#include "schema/program/suggest.h"

namespace sockwitness::query {
namespace {

using schema::ExitCode;
using schema::SeqRange;

constexpr const char* kTimelineExamples =
    "EVENTS is a list of groups: listener, connection, process, program, boot, gap, clock, "
    "recorder, baseline, all;\n"
    "or of single kinds, as they stand in the answer: listener_appeared,owner_changed\n"
    "default: all but connections and processes; those, too, where the question selects them\n"
    "\n"
    "examples:\n"
    "  sockwitness timeline --since '2h ago'            what changed where something listens\n"
    "  sockwitness timeline tcp/4444                    one port: listeners and connections\n"
    "  sockwitness timeline --remote 198.51.100.7       when there were connections to an address\n"
    "  sockwitness timeline program:nginx               its processes and their sockets\n"
    "  sockwitness timeline --events process --since today\n"
    "  sockwitness timeline --reverse --limit 20        the latest events\n"
    "  sockwitness timeline --tree --at 'yesterday 03:10' --unit nginx.service\n"
    "  sockwitness timeline --events gap,clock,recorder,boot --expect-every 5m\n"
    "\n"
    "exit codes: 0 answered, also when nothing happened; 2 usage, 3 database unusable\n";

struct TimelineOptions {
  SelectionOptions selection;
  TimeRangeOptions period;
  std::vector<std::string> events;
  std::optional<std::string> expect_every;
  std::size_t limit = 0;  // 0: no limit
  bool reverse = false;
  bool tree = false;
  bool gaps = false;
  std::optional<std::string> at;
};

EventKinds read_kinds(const std::vector<std::string>& lists) {
  EventKinds kinds;
  for (const std::string& list : lists) {
    std::string_view rest = list;
    while (!rest.empty()) {
      const auto word = schema::scan_until(rest, ',');
      const EventKinds meant = parse_event_kinds(word);
      if (meant.empty()) {
        throw schema::unknown_word("--events", word, known_event_words());
      }
      kinds.insert(meant.begin(), meant.end());
    }
  }
  return kinds;
}

// The kinds without --events: of a whole host not every connection.
EventKinds usual_kinds(const Filter& filter) {
  EventKinds kinds = parse_event_kinds("all");
  const auto remove = [&](std::string_view word) {
    for (const EventKind kind : parse_event_kinds(word)) {
      kinds.erase(kind);
    }
  };
  const bool by_holder = asks_for_holders(filter);
  const bool by_ends = asks_for_ends(filter);
  if (!by_holder && !by_ends && !filter.states) {
    remove("connection");
  }
  if (!by_holder || by_ends || filter.breadth == Breadth::Listening) {
    remove("process");
  }
  if (!by_holder && !by_ends) {
    remove("listener_present");
  }
  if ((by_holder || by_ends) && filter.programs.empty()) {
    remove("program");
  }
  return kinds;
}

// What listens there, and the connections that were accepted there.
Thing read_thing(const TimelineOptions& options, const PortNames& names) {
  const Filter filter = build_filter(options.selection, names);
  if (options.selection.things.empty()) {
    return {filter, std::nullopt};
  }
  Thing thing = parse_things(options.selection.things, filter, names);
  thing.filter.breadth = filter.breadth;
  return thing;
}

void add_user_numbers(History& history, Thing& thing) {
  query::add_user_numbers(history, thing.filter.users);
  if (thing.as_program) {
    query::add_user_numbers(history, thing.as_program->users);
  }
}

// A path is a program's where no socket ever had that name.
Filter decide(const Thing& thing, const Reading& reading) {
  if (!thing.as_program) {
    return thing.filter;
  }
  return Search(reading).find_sockets(thing.filter).empty() ? *thing.as_program : thing.filter;
}

std::vector<schema::SocketIndex> find_matches(const schema::SnapshotView& view,
                                              const Filter& filter) {
  std::vector<schema::SocketIndex> found;
  for (std::uint32_t at = 0; at < view.snapshot().sockets.size(); ++at) {
    if (matches(filter, view, schema::SocketIndex(at))) {
      found.emplace_back(at);
    }
  }
  return found;
}

// Processes that held a matching socket, or match themselves.
Filter processes_of(const schema::SnapshotView& view, const Filter& filter) {
  if (!asks_for_ends(filter)) {
    return filter;
  }
  Filter holders;
  for (const schema::SocketIndex index : find_matches(view, filter)) {
    for (const schema::Holder& holder : view.holders(index)) {
      holders.pids.insert(view.process(holder.process).pid);
    }
  }
  if (holders.pids.empty()) {
    holders.pids.insert(schema::Pid(0));  // of no process
  }
  return holders;
}

// A tree is of one instant: nothing of what makes a timeline may be ignored without a word.
void refuse_for_tree(const TimelineOptions& options) {
  const auto refuse = [](const char* option, const char* hint) {
    throw schema::Error(
        ExitCode::Usage,
        fmt::format("reading {}: --tree shows the processes of one instant", option),
        hint);
  };
  constexpr const char* kInstant = "say the instant with --at, or leave --tree out";
  if (!options.events.empty()) {
    refuse("--events", "leave one of the two out");
  }
  if (options.period.since) {
    refuse("--since", kInstant);
  }
  if (options.at && options.period.until) {
    refuse("--until", "there is an --at already");
  }
  if (options.expect_every) {
    refuse("--expect-every", "leave one of the two out");
  }
}

ExitCode run_tree(const GlobalOptions& global, const TimelineOptions& options) {
  refuse_for_tree(options);
  const PortNames names = read_port_names();
  Thing thing = read_thing(options, names);
  const auto at = read_time(
      global, options.at ? options.at : options.period.until, read_clock(), schema::Edge::End);
  OpenedHistory opened = open_recorded(find_database(global));
  History& history = opened.history;
  add_user_numbers(history, thing);
  const Choice choice = at ? choose_whole_snapshot(opened, "showing processes at", *at)
                           : Choice{opened.last(), {}, 0, {}};
  const schema::Snapshot snapshot = history.load(choice.seq);
  const schema::SnapshotView view(snapshot);
  const Filter filter = processes_of(view, thing.as_program.value_or(thing.filter));
  const auto nodes = build_process_tree(view, filter);
  const TreeInput input{view, nodes, choice.note, options.gaps};
  write_answer(
      global,
      [&] { return build_tree(input); },
      [&] { return lay_out_tree(input, read_clock_face(global)); });
  return ExitCode::Clean;
}

// In the order of time the first ones, the other way round the last ones; as many as were asked
// for.
void tell_limited(const TimelineOptions& options,
                  const std::function<void(const std::function<void(const TimelineEvent&)>&)>& read,
                  const std::function<void(const TimelineEvent&)>& tell) {
  if (!options.reverse) {
    std::size_t told = 0;
    read([&](const TimelineEvent& event) {
      if (options.limit == 0 || told++ < options.limit) {
        tell(event);
      }
    });
    return;
  }
  std::deque<TimelineEvent> kept;
  read([&](const TimelineEvent& event) {
    kept.push_back(event);
    if (options.limit > 0 && kept.size() > options.limit) {
      kept.pop_front();
    }
  });
  std::for_each(kept.rbegin(), kept.rend(), tell);
}

ExitCode run_timeline(const GlobalOptions& global, const TimelineOptions& options) {
  if (options.tree) {
    return run_tree(global, options);
  }
  if (options.at) {
    throw schema::Error(ExitCode::Usage,
                        "reading --at: a timeline has a begin and an end",
                        "say --since and --until; or --tree --at for the processes of one instant");
  }
  const PortNames names = read_port_names();
  Thing thing = read_thing(options, names);
  const EventKinds asked = read_kinds(options.events);
  const schema::WallTime now = read_clock();
  const auto since = read_time(global, options.period.since, now, schema::Edge::Begin);
  const auto until = read_time(global, options.period.until, now, schema::Edge::End);
  ChronicleOptions schedule;
  schedule.expect_every_us = read_interval("--expect-every", options.expect_every);
  if (schedule.expect_every_us && !until) {
    schedule.until = now;
  }
  OpenedHistory opened = open_recorded(find_database(global));
  History& history = opened.history;
  add_user_numbers(history, thing);
  const Moments moments = history.moments();
  const TimeRange period = choose_time_range(history, moments, since, until);
  const auto missed = history.missed_runs();
  const auto chronicle = build_chronicle(moments, missed, schedule);
  const std::string words = selection_words(options.selection);
  const TimelineInput input{.query = words,
                            .moments = moments,
                            .searched = period.snapshots,
                            .host = moments.context(moments[moments.size() - 1]).host_name,
                            .missed = missed,
                            .names = names,
                            .note = period.note};
  Watch watch("reading history");
  const ClockFace clock = read_clock_face(global);
  history.read([&] {
    const schema::Seq latest = moments[moments.size() - 1].seq;
    const SnapshotContexts contexts(
        history, period.snapshots, latest, SnapshotContexts::Gaps::OfSockets);
    const Reading reading =
        reading_of(history, moments, contexts, period.snapshots, latest, watch.on_progress());
    const Filter filter = decide(thing, reading);
    const TimelineQuestion question{
        filter, asked.empty() ? usual_kinds(filter) : asked, chronicle, missed};
    watch.clear();
    RowOutput output(
        global,
        [&] { return build_timeline(input); },
        [&] { return lay_out_timeline_head(input, clock); });
    const auto tell = [&](const TimelineEvent& event) {
      watch.clear();
      output.add([&] { return event_value(input, event); },
                 [&] { return lay_out_event(input, event, clock); });
    };
    tell_limited(
        options, [&](const auto& each) { read_timeline(reading, question, each); }, tell);
    watch.clear();
    output.finish([&] { return lay_out_nothing(input, clock); });
  });
  return ExitCode::Clean;
}

}  // namespace

Action add_timeline(schema::Command program) {
  const auto options = std::make_shared<TimelineOptions>();
  const schema::Command timeline =
      program.add_command("timeline", "what happened, in order, each between two snapshots");
  add_time_range(timeline, options->period);
  timeline.add_list("--events", options->events, "EVENTS", "which events: see below")
      .one_word_each();
  add_selection(timeline, options->selection);
  add_expect_every(timeline, options->expect_every);
  timeline.add_option("--limit", options->limit, "N", "only N events: the first ones");
  timeline.add_flag("--reverse", options->reverse, "the latest first; with --limit the last ones");
  const schema::Option tree =
      timeline.add_flag("--tree", options->tree, "the processes of one instant, as a tree");
  timeline.add_flag("--gaps", options->gaps, "with --tree: each gap in a line of its own")
      .needs(tree);
  timeline.add_option(
      "--at", options->at, "T", "with --tree: this instant; default: --until, the latest");
  timeline.set_footer(std::string(thing_grammar()) + "\n\n" + std::string(schema::time_grammar()) +
                      "\n\n" + kTimelineExamples);
  return [options](const GlobalOptions& global) { return run_timeline(global, *options); };
}

}  // namespace sockwitness::query
