#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include <fmt/format.h>

#include "query/alert/thing_words.h"
#include "query/report/alert/alert_report.h"
#include "query/report/words/finding_words.h"
#include "query/report/words/severity_style.h"
#include "query/report/words/socket_words.h"
#include "schema/view/owner_key.h"

namespace sockwitness::query {
namespace {

constexpr std::size_t kMostLines = 34;      // of items: with what surrounds them a screen
constexpr std::size_t kMostOfFinding = 4;   // lines
constexpr std::size_t kMostListeners = 16;  // named in the first alert

SafeText times_text(const NewsItem& item, const ClockFace& clock) {
  std::vector<SafeText> parts;
  const auto add = [&](const char* words, const std::optional<schema::WallTime>& time) {
    if (time) {
      parts.push_back(SafeText::own(words + clock(*time)));
    }
  };
  const bool happened = item.kind == NewsKind::Coverage;
  add(happened ? "at " : "first seen ", item.first_seen);
  if (item.last_seen != item.first_seen) {
    add(happened ? "last at " : "last ", item.last_seen);
  }
  add("gone by ", item.gone_by);
  if (!item.first_seen && !item.gone_by) {
    add("not before ", item.not_before);
  }
  return join(parts, ", ");
}

// Every address, where the headline has a port.
SafeText places_text(const NewsItem& item) {
  std::vector<SafeText> places;
  std::set<std::string> known;
  for (const RegisterChange* each : item.changes) {
    const Change& change = each->change;
    const auto& service = change.after ? change.after : change.before;
    const SafeText place = place_text(change.endpoint, service->v6only);
    if (known.insert(place.text()).second) {
      places.push_back(place);
    }
  }
  return join(places, ", ");
}

std::vector<SafeText> lines_of(const AlertInput& input,
                               const NewsItem& item,
                               const ClockFace& clock) {
  std::vector<SafeText> lines;
  const auto add = [&](SafeText line) {
    if (!line.empty()) {
      lines.push_back(std::move(line));
    }
  };
  if (item.finding != nullptr) {
    lines = finding_lines(*item.finding, clock);
    lines.resize(std::min(lines.size(), kMostOfFinding));
  }
  add(places_text(item));
  for (const std::string& line : item.lines) {
    add(SafeText::host(line));
  }
  add(times_text(item, clock));
  add(SafeText::host(item.approval));
  if (!item.ask.empty()) {
    // The pattern of a rule is in no database.
    const bool of_rules = item.ask.starts_with("rules ");
    add(SafeText::host((of_rules ? "sockwitness" : input.command) + " " + item.ask));
  }
  return lines;
}

SafeText label_of(const NewsItem& item) {
  if (item.phase == NewsPhase::Gone) {
    return "gone";
  }
  return SafeText::own(severity_word(item.severity));
}

SafeText headline_of(const NewsItem& item) {
  const SafeText phrase = SafeText::host(phrase_of(item));
  return item.phase == NewsPhase::Worse ? "worse: " + phrase : phrase;
}

// "3 more: 2 medium, 1 low", and what shows them.
void add_left_out(Page& page, const AlertInput& input, std::size_t shown) {
  const std::vector<SafeText> parts = count_words(input.items.subspan(shown));
  if (!parts.empty()) {
    page.add(SafeText::own(fmt::format("and {} more: ", input.items.size() - shown)) +
             join(parts, ", "));
  }
  if (input.less_weight > 0) {
    page.add(SafeText::own(
        fmt::format("{} of less weight left out (--severity low tells them)", input.less_weight)));
  }
  if (!parts.empty() || input.less_weight > 0) {
    const std::string since = fmt::format("--since '#{}'", input.since.value());
    page.add(SafeText::host(fmt::format("  {} alert {} --format jsonl", input.command, since)));
    page.add(SafeText::host(fmt::format("  {} timeline {}", input.command, since)));
    page.add(SafeText::host(fmt::format("  {} check {} --all", input.command, since)));
  }
}

// What listens, once for each place and program.
void add_state(Page& page, const AlertInput& input) {
  std::vector<SafeText> listening;
  std::set<std::string> known;
  for (const schema::Service& service : input.present.services) {
    const bool inet = service.endpoint.family != schema::Family::Unix;
    if (!inet || service.standing != schema::Standing::Listener) {
      continue;
    }
    const schema::Owner* owner = schema::principal(service);
    std::string words = where_words(service.endpoint);
    words += owner == nullptr ? std::string() : " " + owner->name;
    if (known.insert(words).second) {
      listening.push_back(SafeText::host(words));
    }
  }
  const std::size_t all = listening.size();
  listening.resize(std::min(all, kMostListeners));
  SafeText text = SafeText::own(fmt::format("listening: {}", all == 0 ? "nothing" : ""));
  text += join(listening, ", ");
  if (all > kMostListeners) {
    text += SafeText::own(fmt::format(", and {} more", all - kMostListeners));
  }
  page.add(text);
  page.add(SafeText::host(fmt::format("  {} show -l", input.command)));
  page.add("from now on only what is new is told");
}

SafeText range_text(const AlertInput& input, const ClockFace& clock) {
  const std::int64_t first = input.snapshots.first.value();
  const std::int64_t last = input.snapshots.last.value();
  const std::string which = first == last ? fmt::format("snapshot {}", last)
                                          : fmt::format("snapshots {} to {}", first, last);
  return SafeText::own(fmt::format("{}, up to {}", which, clock(input.latest.begin.wall)));
}

}  // namespace

Page lay_out_alert(const AlertInput& input, const ClockFace& clock) {
  Page page;
  page.add(range_text(input, clock));
  if (!input.note.empty()) {
    page.add("careful: " + SafeText::host(input.note), Style::Warning);
  }
  page.add(SafeText());
  if (input.anew) {
    add_state(page, input);
    page.add(SafeText());
  }
  std::size_t used = 0;
  std::size_t shown = 0;
  for (; shown < input.items.size(); ++shown) {
    const NewsItem& item = input.items[shown];
    const std::vector<SafeText> lines = lines_of(input, item, clock);
    used += lines.size() + 2;
    if (shown > 0 && used > kMostLines) {
      break;
    }
    Table table{{{""}, {""}}, {}, false};
    table.rows.push_back(
        {{label_of(item), severity_style(item.severity)}, {headline_of(item), Style::Strong}});
    for (const SafeText& line : lines) {
      table.rows.push_back({{}, {line}});
    }
    page.add(std::move(table));
    page.add(SafeText());
  }
  add_left_out(page, input, shown);
  return page;
}

}  // namespace sockwitness::query
