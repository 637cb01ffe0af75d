#include "query/rules/functions.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/analysis/findings/severity.h"
#include "query/rules/path_words.h"
#include "query/rules/program_kind.h"
#include "schema/model/ip.h"
#include "schema/program/suggest.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

// Longer names are no names; the distance of two of them would cost more than it tells.
constexpr std::size_t kLongestName = 64;

std::string_view text_of(sqlite3_value* value) {
  const auto* text = static_cast<const char*>(sqlite3_value_blob(value));
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
  return text == nullptr ? std::string_view() : std::string_view(text, size);
}

bool is_null(sqlite3_value* value) {
  return sqlite3_value_type(value) == SQLITE_NULL;
}

// An empty answer is NULL, as an empty text in the tables is.
void answer(sqlite3_context* context, std::string_view text) {
  if (text.empty()) {
    sqlite3_result_null(context);
  } else {
    sqlite3_result_text(context, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  }
}

template <std::string_view (*Function)(std::string_view)>
void call_text(sqlite3_context* context, int, sqlite3_value** values) {
  answer(context, Function(text_of(values[0])));
}

std::string_view class_of_text(std::string_view text) {
  const auto address = schema::IpAddress::parse(text);
  return address ? schema::ip_class_word(schema::plain_address(*address).ip_class())
                 : std::string_view();
}

std::string_view kind_of_path(std::string_view path) {
  const auto kind = find_kind(base_name(path));
  return kind ? kind_word(kind->kind) : std::string_view();
}

void call_edit_distance(sqlite3_context* context, int, sqlite3_value** values) {
  const std::string_view left = text_of(values[0]);
  const std::string_view right = text_of(values[1]);
  if (is_null(values[0]) || is_null(values[1]) ||
      std::max(left.size(), right.size()) > kLongestName) {
    return sqlite3_result_null(context);
  }
  sqlite3_result_int64(context, static_cast<sqlite3_int64>(schema::edit_distance(left, right)));
}

// severity('high', -1) is 'medium'; it stays within the scale, and keeps what stands behind a
// colon.
void call_severity(sqlite3_context* context, int, sqlite3_value** values) {
  const std::string_view text = text_of(values[0]);
  const std::string_view word = text.substr(0, text.find(": "));
  const auto severity = parse_severity(word);
  if (!severity) {
    return sqlite3_result_null(context);
  }
  const sqlite3_int64 moved = static_cast<int>(*severity) +
                              std::clamp<sqlite3_int64>(sqlite3_value_int64(values[1]), -9, 9);
  const auto bounded = std::clamp<sqlite3_int64>(moved, 0, static_cast<int>(Severity::Critical));
  answer(context,
         std::string(severity_word(static_cast<Severity>(bounded))) +
             std::string(text.substr(word.size())));
}

struct OwnFunction {
  std::string_view name;
  int arguments = 1;
  void (*call)(sqlite3_context*, int, sqlite3_value**) = nullptr;
};

constexpr auto kOwn = std::to_array<OwnFunction>({
    {"address_class", 1, call_text<class_of_text>},
    {"base_name", 1, call_text<base_name>},
    {"edit_distance", 2, call_edit_distance},
    {"hidden_component", 1, call_text<hidden_component>},
    {"place", 1, call_text<place_of>},
    {"product_tree", 1, call_text<product_tree>},
    {"program_kind", 1, call_text<kind_of_path>},
    {"severity", 2, call_severity},
});

// Of SQLite: pure, and cheap for what they are given. Left out: everything with a clock, chance, a
// file, an extension, JSON, or that makes large values out of small ones.
constexpr auto kBuiltin = std::to_array<std::string_view>(
    {"abs",          "avg",    "coalesce", "count",      "dense_rank", "first_value", "glob",
     "group_concat", "hex",    "ifnull",   "iif",        "instr",      "lag",         "last_value",
     "lead",         "length", "like",     "likelihood", "likely",     "lower",       "ltrim",
     "max",          "min",    "nullif",   "quote",      "rank",       "replace",     "round",
     "row_number",   "rtrim",  "sign",     "substr",     "substring",  "sum",         "total",
     "trim",         "typeof", "unicode",  "unlikely",   "upper"});

std::vector<std::string_view> all_functions() {
  std::vector<std::string_view> names(kBuiltin.begin(), kBuiltin.end());
  const auto own = own_functions();
  names.insert(names.end(), own.begin(), own.end());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

void add_functions(SQLite::Database& database) {
  for (const OwnFunction& function : kOwn) {
    const int status = sqlite3_create_function_v2(database.getHandle(),
                                                  std::string(function.name).c_str(),
                                                  function.arguments,
                                                  SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                                  nullptr,
                                                  function.call,
                                                  nullptr,
                                                  nullptr,
                                                  nullptr);
    if (status != SQLITE_OK) {
      throw SQLite::Exception(database.getHandle(), status);
    }
  }
}

const std::vector<std::string_view>& allowed_functions() {
  static const std::vector<std::string_view> names = all_functions();
  return names;
}

std::vector<std::string_view> own_functions() {
  std::vector<std::string_view> names;
  for (const OwnFunction& function : kOwn) {
    names.push_back(function.name);
  }
  return names;
}

}  // namespace sockwitness::query
