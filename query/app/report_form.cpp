#include "query/app/report_form.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "query/app/words.h"
#include "query/report/compliance/compliance.h"
#include "query/report/html/page.h"
#include "query/report/writers/json_writer.h"
#include "schema/base/escape.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

constexpr std::array<std::pair<const char*, ReportFormat>, 5> kReportFormats{
    {{"html", ReportFormat::Html},
     {"md", ReportFormat::Markdown},
     {"csv", ReportFormat::Csv},
     {"json", ReportFormat::Json},
     {"jsonl", ReportFormat::JsonLines}}};

constexpr std::array<std::pair<const char*, CsvStatements>, 2> kStatements{
    {{"leave", CsvStatements::Leave}, {"comments", CsvStatements::Comments}}};

std::string table_names() {
  std::vector<std::string_view> names;
  for (const CsvTable& table : kCsvTables) {
    names.push_back(table.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

// --format, else the word before the command, else the end of the name.
ReportFormat choose_format(const GlobalOptions& global,
                           const ReportFormOptions& options,
                           const std::string& output) {
  if (!options.format.empty()) {
    return choose_word("--format", options.format, kReportFormats);
  }
  if (global.format == OutputFormat::Json) {
    return ReportFormat::Json;
  }
  if (global.format == OutputFormat::JsonLines) {
    return ReportFormat::JsonLines;
  }
  if (global.format == OutputFormat::Csv) {
    return ReportFormat::Csv;
  }
  for (const auto& [word, format] : kReportFormats) {
    if (output.ends_with(std::string(".") + word)) {
      return format;
    }
  }
  if (output.empty() || output == "-") {
    throw Error(ExitCode::Usage,
                "reading the command line: no form for the report",
                "name a file: -o report.html, or give --format html, md, csv, json or jsonl");
  }
  throw Error(ExitCode::Usage,
              "writing '" + output + "': its name does not say which form",
              "end it in .html, .md, .csv, .json or .jsonl, or give --format");
}

const CsvTable& find_table(const std::string& name) {
  const auto found = std::find_if(
      kCsvTables.begin(), kCsvTables.end(), [&](const auto& table) { return table.name == name; });
  if (found == kCsvTables.end()) {
    throw Error(ExitCode::Usage,
                name.empty() ? std::string("reading --statements: of which table")
                             : fmt::format("reading --table '{}': there is no such table",
                                           schema::escape_terminal(name)),
                fmt::format("--table is one of: {}", table_names()));
  }
  return *found;
}

}  // namespace

std::vector<std::pair<const char*, std::string_view>> ReportForm::words() const {
  std::vector<std::pair<const char*, std::string_view>> words;
  for (const auto& [word, meaning] : kReportFormats) {
    if (meaning == format) {
      words.emplace_back("--format", word);
    }
  }
  if (table != nullptr) {
    words.emplace_back("--table", table->name);
    words.emplace_back("--statements", statements == CsvStatements::Comments ? "comments" : "");
  }
  return words;
}

void add_form(const schema::Command& report, ReportFormOptions& options) {
  report.add_option(
      "--format", options.format, "WORD", "html, md, csv, json or jsonl; default: by the name");
  report.add_option(
      "--table",
      options.table,
      "NAME",
      "one table of the CSV: changes, register, findings, coverage, policy, events, statements or "
      "summary");
  report.add_option("--statements",
                    options.statements,
                    "WORD",
                    "above such a table: leave (them out) or comments; default: leave");
}

ReportForm choose_form(const GlobalOptions& global,
                       const ReportFormOptions& options,
                       const std::string& output) {
  ReportForm form;
  form.format = choose_format(global, options, output);
  if (options.table.empty() && options.statements.empty()) {
    return form;
  }
  if (form.format != ReportFormat::Csv) {
    throw Error(ExitCode::Usage,
                "reading --table: only the CSV of a report is made of single tables",
                "say --format csv, or leave --table out");
  }
  form.table = &find_table(options.table);
  if (!options.statements.empty()) {
    form.statements = choose_word("--statements", options.statements, kStatements);
  }
  return form;
}

std::string write_form(const ReportForm& form, const ComplianceInput& input) {
  switch (form.format) {
    case ReportFormat::Html:
      return html::write_page(input);
    case ReportFormat::Markdown:
      return write_compliance_markdown(input);
    case ReportFormat::Csv:
      return form.table == nullptr ? write_compliance_csv(input)
                                   : write_compliance_csv(input, *form.table, form.statements);
    case ReportFormat::JsonLines:
      return write_json_lines(build_compliance(input));
    case ReportFormat::Json:
      break;
  }
  return write_json(build_compliance(input));
}

}  // namespace sockwitness::query
