#include "query/report/answers/snapshots_report.h"

#include <fmt/format.h>

#include "query/report/records/chronicle_words.h"
#include "query/report/records/records.h"

namespace sockwitness::query {
namespace {

using schema::SnapshotInfo;

Value seq_before(const SnapshotsInput& input, const ChronicleEvent& event) {
  return event.before ? Value(input.snapshots[*event.before].seq.value()) : Value();
}

Value event_value(const SnapshotsInput& input, const ChronicleEvent& event) {
  Value::Object object{{"kind", chronicle_kind_word(event.kind)},
                       {"before_seq", seq_before(input, event)}};
  for (Member& member : chronicle_members(event, input.missed)) {
    object.push_back(std::move(member));
  }
  return object;
}

Value row_value(const SnapshotInfo& info, const schema::Visibility& visibility) {
  const Value value = snapshot_value(info, visibility.gaps, visibility.namespaces);
  Value::Object object = *std::get<Value::SharedObject>(value.content());
  object.push_back({"deferred", info.deferred ? Value(*info.deferred) : Value()});
  return object;
}

std::vector<Column> build_columns() {
  return {{"snapshot", Align::Right},
          {"taken at"},
          {"listening", Align::Right},
          {"connected", Align::Right},
          {"processes", Align::Right},
          {"took", Align::Right},
          {"state"}};
}

std::vector<Cell> build_row(const SnapshotInfo& info,
                            const schema::Visibility& visibility,
                            const ClockFace& clock) {
  const auto number = [](std::uint32_t value) {
    return Cell{SafeText::own(std::to_string(value))};
  };
  SafeText state = completeness_text(visibility.gaps, visibility.namespaces);
  if (visibility.gaps.empty() && !info.complete()) {
    state = SafeText::own(fmt::format("{} gaps", info.totals.gaps));
  }
  if (info.clock_sync && !info.clock_sync->synchronized) {
    state += ", clock not synchronised";
  }
  if (info.deferred) {
    state += ", deferred: " + SafeText::host(*info.deferred);
  }
  if (!info.note.empty()) {
    state += ", note: " + SafeText::host(info.note);
  }
  return {{SafeText::own(fmt::format("#{}", info.seq.value()))},
          {SafeText::own(clock(info.begin.wall))},
          number(info.totals.listening),
          number(info.totals.connected),
          number(info.totals.processes),
          {SafeText::own(fmt::format("{} ms", info.cost.wall_us / 1000))},
          {std::move(state), info.complete() ? Style::Plain : Style::Warning}};
}

}  // namespace

Document build_snapshots(const SnapshotsInput& input) {
  Document document;
  document.format = "sockwitness.snapshots/1";
  document.rows_key = "snapshots";
  document.row_format = "sockwitness.snapshot/1";
  for (std::size_t at = 0; at < input.snapshots.size(); ++at) {
    document.rows.push_back(row_value(input.snapshots[at], input.visibility[at]));
  }
  Value::List events;
  for (const ChronicleEvent& event : input.events) {
    events.push_back(event_value(input, event));
  }
  document.tail = {{"events", std::move(events)}};
  document.columns = words(
      "seq taken_at finished_at boot_id host complete gaps listening connected processes note "
      "clock_synchronized duration_us gap_details.text deferred");
  return document;
}

Page lay_out_snapshots(const SnapshotsInput& input, const ClockFace& clock) {
  Page page;
  Table table{build_columns(), {}, true};
  auto event = input.events.begin();
  const auto add_line = [&](SafeText text) {
    std::vector<Cell> cells(table.columns.size());
    cells.back() = {std::move(text), Style::Warning};
    table.rows.push_back(std::move(cells));
  };
  const auto add_events = [&](std::optional<std::size_t> before) {
    for (; event != input.events.end() && event->before == before; ++event) {
      add_line(chronicle_text(*event, input.missed, clock));
    }
  };
  for (std::size_t at = 0; at < input.snapshots.size(); ++at) {
    add_events(at);
    const schema::Visibility& visibility = input.visibility[at];
    table.rows.push_back(build_row(input.snapshots[at], visibility, clock));
    if (input.each_gap) {
      for (SafeText& line : gap_lines(visibility.gaps, visibility.namespaces)) {
        add_line("gap: " + std::move(line));
      }
    }
  }
  add_events(std::nullopt);
  page.add(std::move(table));
  return page;
}

}  // namespace sockwitness::query
