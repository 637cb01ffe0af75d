#include "query/report/compliance/compliance_csv.h"

#include "query/report/compliance/compliance.h"
#include "query/report/writers/csv_writer.h"
#include "schema/base/escape.h"

namespace sockwitness::query {
namespace {

const Value& member(const Value::Object& members, std::string_view key) {
  static const Value kNone;
  for (const Member& each : members) {
    if (each.key == key) {
      return each.value;
    }
  }
  return kNone;
}

const Value::List& list_of(const Value& value) {
  static const Value::List kEmpty;
  const auto* list = std::get_if<Value::List>(&value.content());
  return list == nullptr ? kEmpty : *list;
}

Value::List figures_of(const Document& report) {
  Value::List rows;
  const Value& summary = member(report.head, "summary");
  if (const auto* figures = std::get_if<Value::SharedObject>(&summary.content())) {
    for (const Member& figure : **figures) {
      rows.push_back(Value::Object{{"name", figure.key}, {"value", figure.value}});
    }
  }
  return rows;
}

Value::List rows_of(const Document& report, std::string_view key) {
  if (key == "summary") {
    return figures_of(report);
  }
  if (key == report.rows_key) {
    return report.rows;
  }
  const Value& head = member(report.head, key);
  return list_of(std::get_if<Value::List>(&head.content()) != nullptr ? head
                                                                      : member(report.tail, key));
}

// `rows` of `from`, each named in the first column; `name` and `value` are members of theirs.
void add_rows(Value::List& rows,
              const Value::List& from,
              const char* record,
              const char* name,
              const char* value) {
  for (const Value& each : from) {
    const Value* named = each.find(name);
    const Value* valued = each.find(value);
    rows.push_back(Value::Object{{"record", record},
                                 {"name", named == nullptr ? Value() : *named},
                                 {"value", valued == nullptr ? Value() : *valued}});
  }
}

std::string comments_of(const Document& report) {
  std::string text;
  for (const Value& statement : rows_of(report, "statements")) {
    const auto word = [&](const char* key) {
      const Value* value = statement.find(key);
      const auto* found = value == nullptr ? nullptr : std::get_if<std::string>(&value->content());
      return found == nullptr ? std::string() : schema::escape_terminal(*found);
    };
    text += "# " + word("title") + ": " + word("text") + "\r\n";
  }
  return text;
}

}  // namespace

std::string write_compliance_csv(const ComplianceInput& input) {
  const Document report = build_compliance(input);
  Document document;
  document.columns = words(kChangeColumns);
  document.columns.insert(document.columns.begin(), {"record", "name", "value"});
  for (const Value& change : report.rows) {
    Value::Object row = *std::get<Value::SharedObject>(change.content());
    row.insert(row.begin(), Member{"record", "change"});
    document.rows.push_back(std::move(row));
  }
  for (const Value& row : rows_of(report, "unobserved")) {
    document.rows.push_back(Value::Object{{"record", "not observed"},
                                          {"name", *row.find("cause")},
                                          {"changed_after", *row.find("from")},
                                          {"changed_by", *row.find("to")}});
  }
  add_rows(document.rows, figures_of(report), "summary", "name", "value");
  add_rows(document.rows, rows_of(report, "statements"), "statement", "id", "text");
  return write_csv(document);
}

std::string write_compliance_csv(const ComplianceInput& input,
                                 const CsvTable& table,
                                 CsvStatements statements) {
  const Document report = build_compliance(input);
  Document document;
  document.columns = words(table.columns);
  document.rows = rows_of(report, table.key);
  return (statements == CsvStatements::Comments ? comments_of(report) : std::string()) +
         write_csv(document);
}

}  // namespace sockwitness::query
