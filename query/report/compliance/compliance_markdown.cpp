#include <fmt/format.h>

#include "query/report/compliance/compliance.h"
#include "query/report/compliance/report_tables.h"

namespace sockwitness::query {
namespace {

// Text of the host: as a terminal shows it, what Markdown or HTML would read escaped.
std::string escaped(std::string_view safe) {
  std::string text;
  for (const char character : safe) {
    if (std::string_view("\\`*_{}[]<>()#+!|~&$").find(character) != std::string_view::npos) {
      text += '\\';
    }
    text += character;
  }
  return text;
}

std::string cell_text(const ReportText& cell) {
  std::string text;
  if (cell.kind == ReportText::Kind::Absent) {
    return text;
  }
  for (const std::string& line : cell.lines) {
    text += (text.empty() ? "" : "; ");
    text += cell.kind == ReportText::Kind::Safe ? escaped(line) : line;
  }
  return text;
}

std::string table_text(const ReportTable& table) {
  using Place = ReportColumn::Place;
  std::string titles = "\n|";
  std::string rule = "|";
  for (const ReportColumn& column : table.columns) {
    if (column.place != Place::Within) {
      titles += fmt::format(" {} |", column.title);
      rule += " --- |";
    }
  }
  std::string text = titles + "\n" + rule + "\n";
  for (const ReportRow& row : table.rows) {
    for (std::size_t at = 0; at < row.cells.size(); ++at) {
      const std::string cell = cell_text(row.cells[at]);
      const bool within = table.columns[at].place == Place::Within;
      text += within ? (cell.empty() ? "" : "; " + cell) : (at == 0 ? "| " : " | ") + cell;
    }
    text += " |\n";
  }
  return text;
}

std::string section(std::string_view title, const ReportTable& table) {
  return fmt::format("\n## {}\n{}",
                     title,
                     table.rows.empty() && !table.brief.empty() ? fmt::format("\n{}\n", table.brief)
                                                                : table_text(table));
}

}  // namespace

std::string write_compliance_markdown(const ComplianceInput& input) {
  const ReportTables tables = build_tables(input, schema::format_utc);
  return "# Port changes on " + escaped(SafeText::host(input.context().host_name).text()) + "\n" +
         table_text(tables.summary) + section("What this report rests on", tables.statements) +
         section("Changes", register_changes(input, schema::format_utc)) +
         section("Register of services", register_services(input, schema::format_utc)) +
         section("Policy", policy_entries(input, schema::format_utc)) +
         section("Not observed", tables.unobserved) + section("Findings", tables.findings) +
         section("Events", tables.events) + section("Controls", tables.controls) +
         section("Definitions", tables.definitions);
}

}  // namespace sockwitness::query
