#include "query/report/writers/csv_writer.h"

#include "schema/base/escape.h"

namespace sockwitness::query {
namespace {

// The value as one text, or nothing for null.
std::string cell_text(const Value& value, std::string_view path);

std::string joined(const Value::List& values, std::string_view path) {
  std::string text;
  for (const Value& value : values) {
    if (&value != &values.front()) {
      text += "; ";
    }
    text += cell_text(value, path);
  }
  return text;
}

std::string cell_text(const Value& value, std::string_view path) {
  if (const auto* list = std::get_if<Value::List>(&value.content())) {
    return joined(*list, path);
  }
  if (!path.empty()) {
    const auto dot = path.find('.');
    const Value* member = value.find(path.substr(0, dot));
    if (member == nullptr) {
      return {};
    }
    return cell_text(*member, dot == std::string_view::npos ? "" : path.substr(dot + 1));
  }
  if (const auto* text = std::get_if<std::string>(&value.content())) {
    return *text;
  }
  if (const auto* flag = std::get_if<bool>(&value.content())) {
    return *flag ? "true" : "false";
  }
  if (const auto* number = std::get_if<std::int64_t>(&value.content())) {
    return std::to_string(*number);
  }
  if (const auto* number = std::get_if<std::uint64_t>(&value.content())) {
    return std::to_string(*number);
  }
  return {};
}

template <class CellAt>
std::string record_of(const Document& document, CellAt cell_at) {
  std::string text;
  for (std::size_t at = 0; at < document.columns.size(); ++at) {
    text += at == 0 ? "" : ",";
    text += schema::csv_cell(cell_at(document.columns[at]));
  }
  return text + "\r\n";
}

}  // namespace

std::string csv_head(const Document& document) {
  return record_of(document, [](std::string_view column) { return std::string(column); });
}

std::string csv_row(const Document& document, const Value& row) {
  return record_of(document, [&](std::string_view column) { return cell_text(row, column); });
}

std::string write_csv(const Document& document) {
  std::string text = csv_head(document);
  for (const Value& row : document.rows) {
    text += csv_row(document, row);
  }
  return text;
}

}  // namespace sockwitness::query
