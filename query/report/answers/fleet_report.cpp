#include "query/report/answers/fleet_report.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "query/analysis/findings/severity.h"
#include "query/report/words/severity_style.h"
#include "schema/base/scan.h"

namespace sockwitness::query {
namespace {

using Kind = EngineValue::Kind;

const EngineValue* find(const EngineRow& row, std::string_view key) {
  const auto found = std::find_if(
      row.begin(), row.end(), [key](const auto& member) { return member.first == key; });
  return found == row.end() ? nullptr : &found->second;
}

bool says_something(const EngineRow& row, std::string_view key) {
  const EngineValue* value = find(row, key);
  return value != nullptr && value->kind != Kind::Null &&
         (value->kind != Kind::Text || !value->text.empty()) &&
         (value->kind != Kind::List || !value->list.empty());
}

bool is_number(const EngineValue& value) {
  return value.kind == Kind::Number ||
         (value.kind == Kind::Text && schema::parse_number<std::int64_t>(value.text));
}

// "2026-11-23 03:31:00", with or without a fraction: the engine's words for a time, in UTC.
bool is_time(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00 00:00:00";
  if (text.size() < kShape.size()) {
    return false;
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool fits = at < kShape.size() && kShape[at] != '0'
                          ? text[at] == kShape[at]
                          : schema::is_digit(text[at]) || (at == kShape.size() && text[at] == '.');
    if (!fits) {
      return false;
    }
  }
  return true;
}

SafeText text_of(const EngineValue& value) {
  switch (value.kind) {
    case Kind::Null:
      return {};
    case Kind::List: {
      std::vector<SafeText> parts;
      for (const std::string& each : value.list) {
        parts.push_back(SafeText::host(each));
      }
      return join(parts, ", ");
    }
    default:
      return SafeText::host(value.text) + (is_time(value.text) ? SafeText("Z") : SafeText());
  }
}

std::string time_of(const EngineRow& row, std::string_view key) {
  const EngineValue* value = find(row, key);
  return value != nullptr && is_time(value->text) ? value->text : std::string();
}

// The day is said once.
SafeText between(const std::string& from, const std::string& to) {
  constexpr std::size_t kDay = 11;
  const bool same_day = from.compare(0, kDay, to, 0, kDay) == 0;
  return SafeText::own(fmt::format("between {}Z and {}Z", from, same_day ? to.substr(kDay) : to));
}

// Since when: the last snapshot that could see the place without it, and the first one with it.
SafeText opened(const EngineRow& row) {
  const std::string first = time_of(row, "first_seen");
  const std::string before = time_of(row, "not_before");
  if (first.empty()) {
    return {};
  }
  return before.empty() ? SafeText::own(first + "Z or before") : between(before, first);
}

SafeText gone(const EngineRow& row) {
  const std::string last = time_of(row, "last_seen");
  const std::string after = time_of(row, "not_after");
  if (after.empty()) {
    return says_something(row, "first_seen") ? SafeText("still there, as far as it was told")
                                             : SafeText();
  }
  return last.empty() ? SafeText::own("by " + after + "Z") : between(last, after);
}

// Two columns that stand for four.
struct Shown {
  std::string key;
  enum class What { Member, Opened, Gone } what = What::Member;
};

// In the order in which the members first came.
std::vector<Shown> choose_columns(std::span<const EngineRow> rows) {
  std::vector<std::string> keys;
  for (const EngineRow& row : rows) {
    for (const auto& [key, value] : row) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
        keys.push_back(key);
      }
    }
  }
  const auto has = [&](std::string_view key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  const bool opens = has("first_seen") && has("not_before");
  const bool goes = has("last_seen") && has("not_after");
  std::vector<Shown> columns;
  for (const std::string& key : keys) {
    if (opens && key == "not_before") {
      columns.push_back({"opened", Shown::What::Opened});
    } else if (goes && key == "last_seen") {
      columns.push_back({"gone", Shown::What::Gone});
    } else if ((opens && key == "first_seen") || (goes && key == "not_after")) {
      continue;
    } else if (std::any_of(rows.begin(), rows.end(), [&](const EngineRow& row) {
                 return says_something(row, key);
               })) {
      columns.push_back({key, Shown::What::Member});
    }
  }
  return columns;
}

Cell cell_of(const EngineRow& row, const Shown& column) {
  if (column.what != Shown::What::Member) {
    return {column.what == Shown::What::Opened ? opened(row) : gone(row)};
  }
  const EngineValue* value = find(row, column.key);
  if (value == nullptr) {
    return {};
  }
  Cell cell{text_of(*value)};
  if (column.key == "severity") {
    const auto severity = parse_severity(value->text);
    cell.style = severity ? severity_style(*severity) : Style::Plain;
  }
  return cell;
}

SafeText title_of(const std::string& key) {
  std::string words = key;
  std::replace(words.begin(), words.end(), '_', ' ');
  return SafeText::host(words);
}

}  // namespace

Page lay_out_questions(std::span<const FleetQuestion> questions) {
  Page page;
  for (const FleetQuestion& question : questions) {
    std::string usage = question.name;
    for (const Parameter& parameter : question.parameters) {
      usage += parameter.usual ? "" : " " + parameter.name;
    }
    page.add(SafeText::own(usage), Style::Strong);
    page.add("  " + SafeText::own(question.title));
    for (const Parameter& parameter : question.parameters) {
      page.add("    " + SafeText::own((parameter.usual ? "--" : "") + parameter.name + "  " +
                                      parameter.words +
                                      (parameter.usual && *parameter.usual != "''"
                                           ? "; default " + *parameter.usual
                                           : "")));
    }
  }
  return page;
}

Page lay_out_fleet(std::span<const EngineRow> rows) {
  Page page;
  if (rows.empty()) {
    page.add("no rows", Style::Faint);
    return page;
  }
  const std::vector<Shown> columns = choose_columns(rows);
  Table table;
  for (const Shown& column : columns) {
    const bool numbers =
        column.what == Shown::What::Member &&
        std::all_of(rows.begin(), rows.end(), [&](const EngineRow& row) {
          const EngineValue* value = find(row, column.key);
          return value == nullptr || value->kind == Kind::Null || is_number(*value);
        });
    table.columns.push_back({title_of(column.key), numbers ? Align::Right : Align::Left});
  }
  for (const EngineRow& row : rows) {
    std::vector<Cell> cells;
    for (const Shown& column : columns) {
      cells.push_back(cell_of(row, column));
    }
    table.rows.push_back(std::move(cells));
  }
  page.add(std::move(table));
  page.add(SafeText::own(fmt::format("{} row{}", rows.size(), rows.size() == 1 ? "" : "s")),
           Style::Faint);
  return page;
}

}  // namespace sockwitness::query
