#include "query/fleet/engine_rows.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "schema/base/error.h"
#include "schema/base/scan.h"

namespace sockwitness::query {
namespace {

using Json = nlohmann::ordered_json;
using schema::Error;
using schema::ExitCode;

constexpr std::size_t kLongestLine = std::size_t{16} << 20;

constexpr std::size_t kDeepest = 64;

// Of brackets outside of texts.
std::size_t depth_of(std::string_view line) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool in_text = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char byte = line[at];
    if (in_text) {
      at += byte == '\\' ? 1 : 0;
      in_text = byte != '"';
    } else if (byte == '"') {
      in_text = true;
    } else if (byte == '{' || byte == '[') {
      deepest = std::max(deepest, ++depth);
    } else if ((byte == '}' || byte == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', true, Json::error_handler_t::replace);
}

EngineValue value_of(const Json& value) {
  EngineValue read;
  if (value.is_array()) {
    read.kind = EngineValue::Kind::List;
    for (const Json& each : value) {
      read.list.push_back(text_of(each));
    }
  } else if (!value.is_null()) {
    read.kind = value.is_number() ? EngineValue::Kind::Number : EngineValue::Kind::Text;
    read.text = text_of(value);
  }
  return read;
}

[[noreturn]] void refuse(std::size_t line, const char* why) {
  throw Error(
      ExitCode::Unusable,
      fmt::format("reading line {} of the answer: {}", line, why),
      "ask for rows as JSON: sockwitness fleet QUESTION | clickhouse-client --format JSONEachRow");
}

}  // namespace

std::vector<EngineRow> parse_engine_rows(std::string_view text) {
  std::vector<EngineRow> rows;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = schema::scan_until(text, '\n');
    if (line.empty() || line == "\r") {
      continue;
    }
    if (line.size() > kLongestLine || depth_of(line) > kDeepest) {
      refuse(number, "it is too long, or nested too deep");
    }
    const Json object = Json::parse(line, nullptr, false);
    if (!object.is_object()) {
      refuse(number, "it is no JSON object");
    }
    EngineRow row;
    for (const auto& [key, value] : object.items()) {
      row.emplace_back(key, value_of(value));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace sockwitness::query
