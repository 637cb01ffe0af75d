#include <algorithm>

#include <fmt/format.h>

#include "query/analysis/history/pick.h"
#include "query/report/answers/show.h"
#include "query/report/records/records.h"
#include "query/report/words/socket_words.h"
#include "schema/model/snapshot.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Socket;

// Which columns the selected rows need.
struct Shape {
  bool state = false;
  bool remote = false;
  bool netns = false;
};

Shape find_shape(const ShowInput& input) {
  Shape shape;
  for (const ListedSocket& row : input.rows) {
    const Socket& socket = input.view.socket(row.index);
    shape.state = shape.state || !schema::waits_for_peers(socket) || schema::is_forward(socket);
    shape.remote = shape.remote || !remote_text(socket).empty();
    shape.netns = shape.netns || input.view.netns_label(socket.netns) != "host";
  }
  return shape;
}

std::string distance_text(const ShowInput& input, const ShowStyle& style) {
  if (!input.asked_at) {
    const std::int64_t age = style.now.microseconds - input.view.snapshot().begin.wall.microseconds;
    return age < 0 ? "in the future of this machine's clock" : duration_words(age) + " ago";
  }
  if (input.distance_us < 1'000'000) {
    return "at the time asked for";
  }
  return fmt::format("{} before the time asked for, {}",
                     duration_words(input.distance_us),
                     style.clock(*input.asked_at));
}

void add_header(Page& page, const ShowInput& input, const ShowStyle& style) {
  const schema::Snapshot& snapshot = input.view.snapshot();
  page.add(SafeText::host(snapshot.context.host_name) +
               SafeText::own(fmt::format(" · snapshot {} · {}, {} · ",
                                         snapshot.seq.value_or(schema::Seq(0)).value(),
                                         style.clock(snapshot.begin.wall),
                                         distance_text(input, style))) +
               completeness_text(snapshot.gaps, snapshot.namespaces),
           Style::Strong);
  if (style.each_gap) {
    add_gaps(page, snapshot.gaps, snapshot.namespaces);
  }
  if (!snapshot.note.empty()) {
    page.add("note: " + SafeText::host(snapshot.note));
  }
  if (!input.note.empty()) {
    page.add("careful: " + SafeText::host(input.note), Style::Warning);
  }
  page.add(SafeText());
}

std::vector<Column> build_columns(const Shape& shape, const ShowStyle& style) {
  std::vector<Column> columns{{"proto"}, {"local address"}};
  if (shape.remote) {
    columns.push_back({"remote address"});
  }
  if (shape.state) {
    columns.push_back({"state"});
  }
  columns.insert(columns.end(),
                 {{"recv-q", Align::Right},
                  {"send-q", Align::Right},
                  {"service"},
                  {"owner"},
                  {"user"},
                  {"unit"},
                  {"since", Align::Right}});
  if (shape.netns) {
    columns.push_back({"netns"});
  }
  if (style.extended) {
    columns.insert(
        columns.end(),
        {{"uid", Align::Right}, {"inode", Align::Right}, {"cookie", Align::Right}, {"direction"}});
  }
  return columns;
}

SafeText number_text(std::uint64_t number) {
  return number == 0 ? SafeText() : SafeText::own(std::to_string(number));
}

SafeText direction_text(const std::optional<schema::Direction>& direction) {
  if (!direction) {
    return {};
  }
  return SafeText::own(fmt::format(
      "{} ({})", schema::way_word(direction->way), schema::evidence_word(direction->evidence)));
}

SafeText since_text(const ShowInput& input, const ListedSocket& row) {
  if (!row.seen) {
    return {};
  }
  const std::int64_t age =
      input.view.snapshot().begin.wall.microseconds - row.seen->since().microseconds;
  return age <= 0 ? SafeText("new")
                  : SafeText::own(schema::format_age(std::chrono::microseconds(age)));
}

SafeText holder_text(const schema::SnapshotView& view, const schema::Holder& holder) {
  return process_text(view, view.process(holder.process)) +
         SafeText::own(fmt::format(" fd {}", holder.fd.value()));
}

std::vector<Cell> build_row(const ShowInput& input,
                            const ShowStyle& style,
                            const Shape& shape,
                            const ListedSocket& row) {
  const schema::SnapshotView& view = input.view;
  const Socket& socket = view.socket(row.index);
  const bool listens = socket.state == schema::SocketState::Listen;
  const bool held = !row.holders.empty();
  std::vector<Cell> cells{{SafeText::own(schema::protocol_name(socket.protocol))},
                          {local_text(socket)}};
  if (shape.remote) {
    cells.push_back({remote_text(socket)});
  }
  if (shape.state) {
    cells.push_back({SafeText::own(schema::state_name(socket.state))});
  }
  cells.push_back({SafeText::own(std::to_string(socket.queues.recv_q))});
  cells.push_back({SafeText::own(std::to_string(listens ? socket.backlog : socket.queues.send_q))});
  cells.push_back({SafeText::host(service_name(socket, row.direction, input.names))});
  cells.push_back({held && style.all_holders ? holder_text(view, row.holders.front())
                                             : owner_text(view, socket, row.holders),
                   held ? Style::Plain : Style::Faint});
  cells.push_back({socket.uid ? user_text(view, *socket.uid) : SafeText()});
  SafeText place;
  if (held) {
    const schema::Process& process = view.process(row.holders.front().process);
    place = place_text(process.unit, process.container, process.container_facts, style.extended);
  }
  cells.push_back({std::move(place)});
  cells.push_back({since_text(input, row)});
  if (shape.netns) {
    cells.push_back({SafeText::host(view.netns_label(socket.netns))});
  }
  if (style.extended) {
    cells.push_back({socket.uid ? SafeText::own(std::to_string(socket.uid->value())) : SafeText()});
    cells.push_back({number_text(socket.inode.value())});
    cells.push_back({number_text(socket.cookie.value())});
    cells.push_back({direction_text(row.direction)});
  }
  return cells;
}

// Further holders stand below the first one, in its columns.
void add_other_holders(Table& table,
                       const ShowInput& input,
                       const ShowStyle& style,
                       const ListedSocket& row) {
  const auto column = std::find_if(table.columns.begin(),
                                   table.columns.end(),
                                   [](const Column& each) { return each.title.text() == "owner"; });
  const auto owner = static_cast<std::size_t>(column - table.columns.begin());
  for (std::size_t at = 1; at < row.holders.size(); ++at) {
    const schema::Process& process = input.view.process(row.holders[at].process);
    std::vector<Cell> cells(table.columns.size());
    cells[owner] = {holder_text(input.view, row.holders[at])};
    cells[owner + 1] = {user_text(input.view, process.effective_uid)};
    cells[owner + 2] = {
        place_text(process.unit, process.container, process.container_facts, style.extended)};
    table.rows.push_back(std::move(cells));
  }
}

std::string nothing_words(const schema::Snapshot& snapshot) {
  const auto listening =
      std::count_if(snapshot.sockets.begin(), snapshot.sockets.end(), [](const Socket& socket) {
        return schema::is_inet(socket) && socket.state == schema::SocketState::Listen;
      });
  return fmt::format(
      "no socket matches; {} listened then. Whether it was ever there: sockwitness when",
      listening == 0   ? "nothing"
      : listening == 1 ? "one socket"
                       : fmt::format("{} sockets", listening));
}

}  // namespace

Page lay_out_wide(const ShowInput& input, const ShowStyle& style) {
  Page page;
  add_header(page, input, style);
  if (input.rows.empty()) {
    page.add(SafeText::own(nothing_words(input.view.snapshot())));
    return page;
  }
  const Shape shape = find_shape(input);
  Table table{build_columns(shape, style), {}, true};
  for (const ListedSocket& row : input.rows) {
    table.rows.push_back(build_row(input, style, shape, row));
    if (style.all_holders) {
      add_other_holders(table, input, style, row);
    }
  }
  page.add(std::move(table));
  return page;
}

}  // namespace sockwitness::query
