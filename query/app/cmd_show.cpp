#include <memory>

#include "query/analysis/listing.h"
#include "query/app/choose.h"
#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/open_history.h"
#include "query/app/output.h"
#include "query/app/selection.h"
#include "query/app/selection_options.h"
#include "query/app/thing.h"
#include "query/app/words.h"
#include "query/read/history.h"
#include "query/read/user_numbers.h"
#include "query/report/answers/show.h"
#include "schema/model/snapshot.h"

namespace sockwitness::query {
namespace {

using schema::ExitCode;
using schema::Protocol;

constexpr const char* kShowExamples =
    "examples:\n"
    "  sockwitness show -l                           what listens\n"
    "  sockwitness show 8443 --at 02:40              who had this port last night\n"
    "  sockwitness show nginx                        the sockets of a program\n"
    "  sockwitness show -tulpn --layout netstat      in the shape that scripts know\n"
    "\n"
    "exit codes: 0 answered, also when nothing fits; 2 usage, 3 database unusable\n";

enum class Layout { Wide, Netstat, Ss };

constexpr std::array<std::pair<const char*, Layout>, 3> kLayouts{
    {{"wide", Layout::Wide}, {"netstat", Layout::Netstat}, {"ss", Layout::Ss}}};

struct ShowOptions {
  std::optional<std::string> at;
  SelectionOptions selection;
  std::string layout = "wide";
  bool extended = false;
  bool all_holders = false;
  bool gaps = false;
  bool always_on = false;
};

ShowStyle style_of(const GlobalOptions& global,
                   const ShowOptions& options,
                   const Filter& filter,
                   schema::WallTime now) {
  ShowStyle style;
  style.breadth = filter.breadth;
  style.extended = options.extended;
  style.all_holders = options.all_holders;
  style.each_gap = options.gaps;
  style.unix_domain = filter.protocols.contains(Protocol::Unix);
  style.inet = filter.protocols.empty() ||
               filter.protocols.size() > (style.unix_domain ? std::size_t{1} : std::size_t{0});
  style.clock = read_clock_face(global);
  style.now = now;
  return style;
}

Page lay_out(Layout layout, const ShowInput& input, const ShowStyle& style) {
  switch (layout) {
    case Layout::Netstat:
      return lay_out_netstat(input, style);
    case Layout::Ss:
      return lay_out_ss(input, style);
    case Layout::Wide:
      break;
  }
  return lay_out_wide(input, style);
}

ExitCode run_show(const GlobalOptions& global, const ShowOptions& options) {
  const Layout layout = choose_word("--layout", options.layout, kLayouts);
  const PortNames names = read_port_names();
  const Thing thing =
      parse_things(options.selection.things, build_filter(options.selection, names), names);
  Filter filter = thing.filter;
  const schema::WallTime now = read_clock();
  const auto spec = read_time(global, options.at, now, schema::Edge::End);
  OpenedHistory opened = open_recorded(find_database(global));
  History& history = opened.history;
  add_user_numbers(history, filter.users);
  const Choice choice =
      spec ? choose_whole_snapshot(opened, "showing", *spec) : Choice{opened.last(), {}, 0, {}};
  const schema::Snapshot snapshot = history.load(choice.seq);
  const std::vector<schema::Seen> lifetimes = history.socket_lifetimes();
  const schema::SnapshotView view(snapshot);
  const schema::ListenerPast past = history.listener_past(snapshot);
  auto rows = list_sockets(view, filter, lifetimes, &past);
  if (rows.empty() && thing.as_program) {
    filter = *thing.as_program;
    add_user_numbers(history, filter.users);
    rows = list_sockets(view, filter, lifetimes, &past);
  }
  const ShowInput input{.view = view,
                        .rows = rows,
                        .names = names,
                        .asked_at = choice.asked_at,
                        .distance_us = choice.distance_us,
                        .note = choice.note};
  const auto& pruned = opened.pruned;
  const bool at_edge =
      pruned && std::any_of(rows.begin(), rows.end(), [&](const auto& row) {
        return row.seen && row.seen->snapshots.first.value() == pruned->snapshots.last.value() + 1;
      });
  write_answer(
      global,
      {pruned, at_edge, opened.thinned},
      [&] { return build_show(input); },
      [&] { return lay_out(layout, input, style_of(global, options, filter, now)); });
  return ExitCode::Clean;
}

}  // namespace

Action add_show(schema::Command program) {
  const auto options = std::make_shared<ShowOptions>();
  const schema::Command show =
      program.add_command("show", "the host at one time: sockets and their owners");
  show.add_option(
      "--at", options->at, "T", "the snapshot at or before this time; default: the latest");
  add_selection(show, options->selection);
  show.add_option("--layout", options->layout, "WORD", "wide, netstat or ss");
  show.add_flag("-e,--extend", options->extended, "more columns: uid, inode, cookie, direction");
  show.add_flag("--holders", options->all_holders, "every process that holds a socket");
  show.add_flag("--gaps", options->gaps, "each gap in a line of its own");
  show.add_flag("-n,--numeric", options->always_on, "always on");
  show.add_flag("-p,--programs", options->always_on, "always on");
  show.set_footer(std::string(thing_grammar()) + "\n\n" + std::string(schema::time_grammar()) +
                  "\n\n" + kShowExamples);
  return [options](const GlobalOptions& global) { return run_show(global, *options); };
}

}  // namespace sockwitness::query
