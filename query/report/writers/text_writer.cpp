#include "query/report/writers/text_writer.h"

#include <algorithm>
#include <numeric>
#include <string_view>

#include "schema/base/escape.h"

namespace sockwitness::query {
namespace {

std::string_view style_start(Style style) {
  switch (style) {
    case Style::Plain:
      return "";
    case Style::Strong:
      return "\x1b[1m";
    case Style::Faint:
      return "\x1b[2m";
    case Style::Warning:
      return "\x1b[33m";
    case Style::Alarm:
      return "\x1b[31m";
  }
  return "";
}

std::string painted(const Cell& cell, bool colour) {
  const std::string_view start = colour ? style_start(cell.style) : "";
  if (start.empty() || cell.text.empty()) {
    return cell.text.text();
  }
  return std::string(start) + cell.text.text() + "\x1b[0m";
}

// One row: blanks are owed until something follows them, so that no line ends in one.
class TextRow {
 public:
  explicit TextRow(bool colour) : colour_(colour) {}

  void add(const Cell& cell, std::size_t width, Align align, std::size_t gap) {
    const std::size_t used = schema::terminal_width(cell.text.text());
    const std::size_t fill = width > used ? width - used : 0;
    owed_ += gap + (align == Align::Right ? fill : 0);
    if (!cell.text.empty()) {
      line_.append(owed_, ' ');
      line_ += painted(cell, colour_);
      owed_ = 0;
    } else {
      owed_ += used;
    }
    owed_ += align == Align::Left ? fill : 0;
  }

  [[nodiscard]] std::string take() { return std::move(line_) + "\n"; }

 private:
  bool colour_;
  std::string line_;
  std::size_t owed_ = 0;
};

std::vector<std::size_t> measure(const Table& table) {
  std::vector<std::size_t> widths(table.columns.size(), 0);
  for (std::size_t at = 0; at < widths.size(); ++at) {
    if (table.with_titles) {
      widths[at] = schema::terminal_width(table.columns[at].title.text());
    }
    for (const auto& row : table.rows) {
      widths[at] = std::max(widths[at], schema::terminal_width(row.at(at).text.text()));
    }
  }
  return widths;
}

std::string write_table(const Table& table, const TextOptions& options) {
  const auto widths = measure(table);
  const auto gaps = static_cast<std::size_t>(
      std::count_if(table.columns.begin(), table.columns.end(), [](const Column& column) {
        return !column.joined;
      }));
  const std::size_t content = std::accumulate(widths.begin(), widths.end(), std::size_t{0});
  const bool tight = options.width != 0 && content + 2 * gaps > options.width + 2;
  const std::size_t gap = tight ? 1 : 2;
  const auto write_row = [&](auto cell_at) {
    TextRow row(options.colour);
    for (std::size_t at = 0; at < widths.size(); ++at) {
      const Column& column = table.columns[at];
      row.add(cell_at(at), widths[at], column.align, at == 0 || column.joined ? 0 : gap);
    }
    return row.take();
  };
  std::string text;
  if (table.with_titles) {
    text += write_row([&](std::size_t at) { return Cell{table.columns[at].title, Style::Strong}; });
  }
  for (const auto& row : table.rows) {
    text += write_row([&](std::size_t at) -> const Cell& { return row[at]; });
  }
  return text;
}

Page in_ascii(Page page) {
  const auto convert = [](Cell& cell) { cell.text = cell.text.ascii(); };
  for (auto& block : page.blocks) {
    if (auto* const line = std::get_if<Cell>(&block)) {
      convert(*line);
      continue;
    }
    auto& table = std::get<Table>(block);
    for (Column& column : table.columns) {
      column.title = column.title.ascii();
    }
    for (auto& row : table.rows) {
      std::for_each(row.begin(), row.end(), convert);
    }
  }
  return page;
}

}  // namespace

std::string write_text(const Page& page, const TextOptions& options) {
  if (options.ascii) {
    return write_text(in_ascii(page), {options.colour, options.width});
  }
  std::string text;
  for (const auto& block : page.blocks) {
    if (const auto* line = std::get_if<Cell>(&block)) {
      text += painted(*line, options.colour);
      text += '\n';
    } else {
      text += write_table(std::get<Table>(block), options);
    }
  }
  return text;
}

}  // namespace sockwitness::query
