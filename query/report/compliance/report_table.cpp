#include "query/report/compliance/report_table.h"

namespace sockwitness::query {

ReportText ReportText::safe(const std::vector<SafeText>& lines) {
  ReportText text{Kind::Safe, {}};
  for (const SafeText& line : lines) {
    text.lines.push_back(line.text());
  }
  return text;
}

Value::List members_of(const ReportTable& table) {
  Value::List list;
  for (const ReportRow& row : table.rows) {
    list.push_back(row.members);
  }
  return list;
}

}  // namespace sockwitness::query
