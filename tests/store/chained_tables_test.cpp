// What the chain covers, and what rows name, is what the schema and its page say: nothing is left
// out.
#include "schema/disk/chained_tables.h"

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch.hpp>

#include "schema/base/scan.h"
#include "schema/disk/database.h"
#include "schema/disk/row_references.h"
#include "schema/disk/sql.h"

namespace {

using namespace sockwitness::schema;

std::vector<std::string> ask(SQLite::Database& sqlite, const std::string& query) {
  std::vector<std::string> answers;
  SQLite::Statement read(sqlite, query);
  while (read.executeStep()) {
    answers.push_back(read.getColumn(0).getString());
  }
  return answers;
}

std::vector<std::string> columns_of(SQLite::Database& sqlite, const std::string& table) {
  return ask(sqlite, "SELECT name FROM pragma_table_info('" + table + "') ORDER BY cid");
}

std::string read_page() {
  std::ifstream page(SOCKWITNESS_DISK_FOLDER "/../FORMAT.md");
  REQUIRE(page.is_open());
  std::stringstream text;
  text << page.rdbuf();
  return text.str();
}

// Of "| a | b |": a, b, without back quotes and blanks at the ends.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  static_cast<void>(scan_literal(line, "|"));
  while (!line.empty()) {
    std::string_view cell = scan_until(line, '|');
    while (!cell.empty() && cell.front() == ' ') {
      cell.remove_prefix(1);
    }
    while (!cell.empty() && cell.back() == ' ') {
      cell.remove_suffix(1);
    }
    cells.emplace_back(cell);
  }
  return cells;
}

}  // namespace

TEST_CASE("every table is in the chain, but for the links themselves") {
  Database database = Database::make_in_memory("empty");
  std::set<std::string> chained;
  for (const ChainedTable& table : chained_tables()) {
    CHECK(chained.insert(std::string(table.name)).second);
  }
  const auto all =
      ask(database.sqlite(),
          "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  CHECK(all.size() == chained.size() + 1);
  for (const std::string& table : all) {
    INFO(table);
    CHECK(chained.contains(table) == (table != "link"));
    // A column has one byte for its number.
    CHECK(columns_of(database.sqlite(), table).size() <= 255);
  }
}

TEST_CASE("rows are hashed in the order of their primary key, by their first column") {
  Database database = Database::make_in_memory("empty");
  for (const ChainedTable& table : chained_tables()) {
    const std::string name(table.name);
    INFO(name);
    const auto columns = columns_of(database.sqlite(), name);
    REQUIRE(!columns.empty());
    auto key = ask(database.sqlite(),
                   "SELECT name FROM pragma_table_info('" + name + "') WHERE pk > 0 ORDER BY pk");
    std::vector<std::string> expected;
    if (table.parts > 0) {
      expected.emplace_back(table.part);
    } else {
      CHECK(columns.front() == table.key);
    }
    expected.emplace_back(table.key);
    if (!table.order.empty()) {
      expected.emplace_back(table.order);
    }
    CHECK(key == expected);
  }
}

TEST_CASE("every numbering of a table has a mark") {
  Database database = Database::make_in_memory("empty");
  SQLite::Statement marks(database.sqlite(), std::string(sql::kReadMarks));
  std::set<std::string> marked;
  for (int column = 0; column < marks.getColumnCount(); ++column) {
    marked.insert(marks.getColumnName(column));
  }
  for (const ChainedTable& table : chained_tables()) {
    for (std::uint8_t part = table.parts > 0 ? 1 : 0; part <= table.parts; ++part) {
      INFO(table.name << " " << int{part});
      CHECK(marked.contains(std::to_string(numbering_of(table, part))));
    }
  }
}

TEST_CASE("the page lists the tables of the chain in their order") {
  std::istringstream page(read_page());
  std::vector<std::vector<std::string>> rows;
  bool within = false;
  for (std::string line; std::getline(page, line);) {
    within = line.starts_with("| table | column |") || (within && line.starts_with("|"));
    if (within && !line.starts_with("| table") && !line.starts_with("| ---")) {
      rows.push_back(cells_of(line));
    }
  }
  const auto tables = chained_tables();
  REQUIRE(rows.size() == tables.size());
  for (std::size_t at = 0; at < rows.size(); ++at) {
    INFO(tables[at].name);
    REQUIRE(rows[at].size() >= 3);
    CHECK(rows[at][0] == tables[at].name);
    CHECK(rows[at][1] == tables[at].key);
    const bool own = tables[at].name == "digest";
    CHECK(rows[at][2].starts_with(
        own ? "64 + facet" : std::to_string(static_cast<int>(tables[at].numbering)) + " "));
    if (tables[at].parts == 0) {
      CHECK((rows[at].size() > 3 ? rows[at][3] : "") == tables[at].order);
    } else {
      CHECK(rows[at][3].ends_with("from 1 to " + std::to_string(int{tables[at].parts})));
    }
  }
}

TEST_CASE("every column that names a row is known, and no other") {
  Database database = Database::make_in_memory("empty");
  // What a table's numbers are of; those of a record's parts are the record's.
  std::map<std::string, Numbering> numbering;
  for (const ChainedTable& table : chained_tables()) {
    numbering[std::string(table.name)] = table.numbering;
  }
  std::map<std::pair<std::string, std::string>, Numbering> expected;
  for (const auto& [table, own] : numbering) {
    SQLite::Statement read(
        database.sqlite(),
        "SELECT \"from\", \"table\" FROM pragma_foreign_key_list('" + table + "')");
    while (read.executeStep()) {
      expected[{table, read.getColumn(0).getString()}] =
          numbering.at(read.getColumn(1).getString());
    }
  }
  // What the schema does not enforce the page says: "→ `text`", or "origin id".
  std::istringstream page(read_page());
  std::string table;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("### `")) {
      table = line.substr(5, line.size() - 6);
    }
    const auto cells = line.starts_with("| `") ? cells_of(line) : std::vector<std::string>();
    if (cells.size() < 3 || !numbering.contains(table)) {
      continue;
    }
    const std::string column = cells[0].substr(1, cells[0].size() - 2);
    if (const auto arrow = cells[2].rfind("→ `"); arrow != std::string::npos) {
      const std::string other = cells[2].substr(arrow + 5, cells[2].size() - arrow - 6);
      INFO(table << "." << column << " names " << other);
      REQUIRE(numbering.contains(other));
      expected[{table, column}] = numbering.at(other);
    } else if (cells[2].find("origin id") != std::string::npos ||
               cells[2].find("id of its first version") != std::string::npos ||
               cells[2].find("id of the version") != std::string::npos) {
      expected.try_emplace({table, column},
                           numbering.contains(column) ? numbering.at(column) : numbering.at(table));
    }
  }
  std::map<std::pair<std::string, std::string>, Numbering> known;
  for (const RowReference& reference : row_references()) {
    const auto columns = columns_of(database.sqlite(), std::string(reference.table));
    REQUIRE(reference.place < columns.size());
    CHECK(columns[reference.place] == reference.column);
    CHECK(known
              .try_emplace({std::string(reference.table), std::string(reference.column)},
                           reference.numbering)
              .second);
  }
  for (const auto& [place, of] : expected) {
    INFO(place.first << "." << place.second);
    CHECK(known.contains(place));
    CHECK((!known.contains(place) || known.at(place) == of));
  }
  for (const auto& [place, of] : known) {
    INFO(place.first << "." << place.second);
    CHECK(expected.contains(place));
  }
  CHECK(known.size() > 90);
}
