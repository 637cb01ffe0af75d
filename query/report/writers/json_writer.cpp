#include "query/report/writers/json_writer.h"

#include <nlohmann/json.hpp>

#include "schema/base/escape.h"

namespace sockwitness::query {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Value& value);

void add_member(Json& object, const Member& member) {
  const std::string key(member.key);
  object[key] = to_json(member.value);
  const auto* text = std::get_if<std::string>(&member.value.content());
  if (text != nullptr && !schema::is_utf8(*text)) {
    object[key + "_b64"] = schema::base64(*text);
  }
}

Json object_of(const Value::Object& members) {
  Json object = Json::object();
  for (const Member& member : members) {
    add_member(object, member);
  }
  return object;
}

Json list_of(const Value::List& values) {
  Json list = Json::array();
  for (const Value& value : values) {
    list.push_back(to_json(value));
  }
  return list;
}

Json to_json(const Value& value) {
  return std::visit(
      [](const auto& content) -> Json {
        using Content = std::decay_t<decltype(content)>;
        if constexpr (std::is_same_v<Content, std::monostate>) {
          return nullptr;
        } else if constexpr (std::is_same_v<Content, std::string>) {
          return schema::json_text(content);
        } else if constexpr (std::is_same_v<Content, Value::List>) {
          return list_of(content);
        } else if constexpr (std::is_same_v<Content, Value::SharedObject>) {
          return object_of(*content);
        } else {
          return content;
        }
      },
      value.content());
}

// How an object ends when it is written with indentation.
constexpr std::string_view kClose = "\n}";

// Strings never hold a newline once they are written, so that every one starts a line.
std::string indented(const Json& value, std::size_t blanks) {
  const std::string plain = value.dump(2, ' ', true);
  std::string text;
  text.reserve(plain.size());
  for (const char character : plain) {
    text += character;
    if (character == '\n') {
      text.append(blanks, ' ');
    }
  }
  return text;
}

}  // namespace

std::string json_head(const Document& document) {
  Json head = Json::object();
  head["format"] = std::string(document.format);
  for (const Member& member : document.head) {
    add_member(head, member);
  }
  std::string text = indented(head, 0);
  text.resize(text.size() - kClose.size());
  return text + ",\n  " + Json(std::string(document.rows_key)).dump() + ": [";
}

std::string json_row(const Value& row, bool is_first) {
  return (is_first ? "\n    " : ",\n    ") + indented(to_json(row), 4);
}

std::string json_tail(const Document& document, bool no_rows) {
  std::string text = no_rows ? "]" : "\n  ]";
  for (const Member& member : document.tail) {
    Json object = Json::object();
    add_member(object, member);
    const std::string members = indented(object, 0);
    text += "," + members.substr(1, members.size() - 1 - kClose.size());
  }
  return text + "\n}\n";
}

std::string write_json(const Document& document) {
  std::string text = json_head(document);
  // Row by row: a tree of all rows would need several times the memory of their text.
  for (const Value& row : document.rows) {
    text += json_row(row, &row == &document.rows.front());
  }
  return text + json_tail(document, document.rows.empty());
}

std::string json_line(const Document& document, const Value& row) {
  Json object = Json::object();
  object["format"] = std::string(document.row_format);
  if (document.seq && row.find("seq") == nullptr) {
    object["seq"] = *document.seq;
  }
  object.update(to_json(row));
  return object.dump(-1, ' ', true) + "\n";
}

std::string write_json_lines(const Document& document) {
  std::string lines;
  for (const Value& row : document.rows) {
    lines += json_line(document, row);
  }
  return lines;
}

std::string write_json_line(const Value::Object& object) {
  return object_of(object).dump(-1, ' ', true) + '\n';
}

std::string write_json_object(const Value::Object& object) {
  return object_of(object).dump(2, ' ', true) + '\n';
}

}  // namespace sockwitness::query
