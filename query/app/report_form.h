// Which form a report is written in, and the writing of it.
//
// In:    options as typed, the name of the file.
// Out:   the form; the report in it.
// Never: guesses a form that neither an option nor the name says.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/app/command.h"
#include "query/report/compliance/compliance_csv.h"

namespace sockwitness::query {

enum class ReportFormat { Html, Markdown, Csv, Json, JsonLines };

struct ReportFormOptions {
  std::string format;
  std::string table;
  std::string statements;
};

struct ReportForm {
  ReportFormat format = ReportFormat::Html;
  const CsvTable* table = nullptr;  // of the CSV; none: all in one
  CsvStatements statements = CsvStatements::Leave;

  // The options that ask for it.
  [[nodiscard]] std::vector<std::pair<const char*, std::string_view>> words() const;
};

void add_form(const schema::Command& report, ReportFormOptions& options);
// Throws schema::Error when there is no such form.
[[nodiscard]] ReportForm choose_form(const GlobalOptions& global,
                                     const ReportFormOptions& options,
                                     const std::string& output);
[[nodiscard]] std::string write_form(const ReportForm& form, const ComplianceInput& input);

}  // namespace sockwitness::query
