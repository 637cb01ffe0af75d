// An answer for people: lines and tables of safe text.
//
// In:    built from results of the analysis.
// Out:   what the text writer aligns and colours.
// Never: holds a byte that was not escaped.
#pragma once

#include <variant>
#include <vector>

#include "query/report/neutral/safe_text.h"

namespace sockwitness::query {

enum class Style { Plain, Strong, Faint, Warning, Alarm };
enum class Align { Left, Right };

struct Cell {
  SafeText text;
  Style style = Style::Plain;
};

struct Column {
  SafeText title;
  Align align = Align::Left;
  bool joined = false;  // directly after the column before it, as a port after its address
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;  // each as long as `columns`
  bool with_titles = true;
};

struct Page {
  std::vector<std::variant<Cell, Table>> blocks;  // a Cell is a line of its own

  void add(SafeText line, Style style = Style::Plain) {
    blocks.emplace_back(Cell{std::move(line), style});
  }
  void add(Table table) { blocks.emplace_back(std::move(table)); }
};

}  // namespace sockwitness::query
