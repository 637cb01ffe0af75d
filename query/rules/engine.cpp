#include "query/rules/engine.h"

#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>
#include <string_view>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "query/rules/authoriser.h"

namespace sockwitness::query {
namespace {

using Clock = std::chrono::steady_clock;

// Steps of SQLite's machine between two readings of the clock.
constexpr int kStepsBetweenLooks = 20'000;
// No value of a rule is that long, and no honest one needs that much memory.
constexpr int kLongestValue = 4 << 20;
constexpr sqlite3_int64 kMostMemory = sqlite3_int64{2} << 30;

// Why a rule could not finish: part of the answer.
struct Stopped {
  std::string reason;
  std::uint32_t line = 0;  // of the SQL, from 1; 0: not known
};

struct Finalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Prepared = std::unique_ptr<sqlite3_stmt, Finalizer>;

// Limits of the connection while a rule runs on it.
class Fence {
 public:
  Fence(sqlite3* connection, const RuleLimits& limits)
      : connection_(connection), limits_(limits), memory_(sqlite3_hard_heap_limit64(kMostMemory)) {
    last_ = limits_.clock() + limits_.all;
    sqlite3_limit(connection_, SQLITE_LIMIT_LENGTH, kLongestValue);
    sqlite3_limit(connection_, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_progress_handler(connection_, kStepsBetweenLooks, &Fence::look, this);
  }
  Fence(const Fence&) = delete;
  Fence& operator=(const Fence&) = delete;
  ~Fence() {
    sqlite3_progress_handler(connection_, 0, nullptr, nullptr);
    sqlite3_hard_heap_limit64(memory_);
  }

  // False when there is no time left for another rule.
  [[nodiscard]] bool start() {
    const auto now = limits_.clock();
    end_ = std::min(now + limits_.time, last_);
    return now < last_;
  }

 private:
  static int look(void* self) {
    const auto* fence = static_cast<const Fence*>(self);
    return fence->limits_.clock() > fence->end_ ? 1 : 0;
  }

  sqlite3* connection_;
  const RuleLimits& limits_;
  sqlite3_int64 memory_;
  Clock::time_point end_;
  Clock::time_point last_;
};

std::uint32_t line_at(std::string_view sql, int offset) {
  if (offset < 0) {
    return 0;
  }
  const auto before = sql.substr(0, static_cast<std::size_t>(offset));
  return 1 + static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
}

// Where a word stands by itself: SQLite gives no place for a table that there is not.
int offset_of_word(std::string_view sql, std::string_view word) {
  const auto is_letter = [&](std::size_t at) {
    return at < sql.size() &&
           (std::isalnum(static_cast<unsigned char>(sql[at])) != 0 || sql[at] == '_');
  };
  for (auto at = sql.find(word); at != std::string_view::npos; at = sql.find(word, at + 1)) {
    if ((at == 0 || !is_letter(at - 1)) && !is_letter(at + word.size())) {
      return static_cast<int>(at);
    }
  }
  return -1;
}

// What follows blanks, comments and semicolons.
std::string_view skip_empty_sql(std::string_view sql) {
  while (!sql.empty()) {
    if (sql.starts_with("--")) {
      sql.remove_prefix(std::min(sql.find('\n'), sql.size()));
    } else if (sql.starts_with("/*")) {
      const auto end = sql.find("*/", 2);
      sql.remove_prefix(end == std::string_view::npos ? sql.size() : end + 2);
    } else if (std::string_view(" \t\r\n;").find(sql.front()) != std::string_view::npos) {
      sql.remove_prefix(1);
    } else {
      break;
    }
  }
  return sql;
}

// Which column of the row says what.
struct Columns {
  std::optional<int> process;
  std::optional<int> partner;
  std::optional<int> socket;
  std::optional<int> severity;
  std::optional<int> why;
  std::vector<std::pair<int, std::string_view>> evidence;
};

Columns read_columns(sqlite3_stmt* statement, std::set<std::string>& names) {
  Columns columns;
  std::set<std::string_view> seen;
  for (int at = 0; at < sqlite3_column_count(statement); ++at) {
    const auto name = names.emplace(sqlite3_column_name(statement, at)).first;
    if (!seen.insert(*name).second) {
      throw Stopped{fmt::format("two columns are called '{}'", *name)};
    }
    if (*name == "process") {
      columns.process = at;
    } else if (*name == "partner") {
      columns.partner = at;
    } else if (*name == "socket") {
      columns.socket = at;
    } else if (*name == "severity") {
      columns.severity = at;
    } else if (*name == "why") {
      columns.why = at;
    } else {
      columns.evidence.emplace_back(at, *name);
    }
  }
  if (!columns.why || (!columns.process && !columns.socket)) {
    throw Stopped{"the columns have to be 'why', and 'process' or 'socket' or both"};
  }
  return columns;
}

std::string column_text(sqlite3_stmt* statement, int column) {
  const auto* text = static_cast<const char*>(sqlite3_column_blob(statement, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return text == nullptr ? std::string() : std::string(text, size);
}

template <class Index>
std::optional<Index> column_index(sqlite3_stmt* statement,
                                  const std::optional<int>& column,
                                  std::size_t count) {
  if (!column || sqlite3_column_type(statement, *column) == SQLITE_NULL) {
    return std::nullopt;
  }
  const sqlite3_int64 id = sqlite3_column_int64(statement, *column);
  if (sqlite3_column_type(statement, *column) != SQLITE_INTEGER || id < 0 ||
      static_cast<std::size_t>(id) >= count) {
    throw Stopped{fmt::format("the column '{}' of a row is no id of one",
                              sqlite3_column_name(statement, *column))};
  }
  return Index(static_cast<std::uint32_t>(id));
}

EvidenceValue column_value(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
      return std::monostate();
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(statement, column)};
    default:
      // A real number as SQLite writes it: there is none in the tables.
      sqlite3_column_text(statement, column);
      return column_text(statement, column);
  }
}

}  // namespace

// One rule on one stage.
class Engine::Execution {
 public:
  Execution(Engine& engine, Stage& stage, Authoriser& authoriser, const Rule& rule)
      : engine_(engine),
        stage_(stage),
        connection_(stage.sqlite().getHandle()),
        authoriser_(authoriser),
        rule_(rule) {}

  void go(RuleRun& result, Step step) {
    const std::size_t before = result.matches.size();
    try {
      const Prepared statement = prepare();
      const auto tables = authoriser_.take_tables_read();
      result.reads.push_back({&rule_, {tables.begin(), tables.end()}});
      const Columns columns = read_columns(statement.get(), engine_.names_);
      while (step == Step::Run && next(statement.get())) {
        if (result.matches.size() - before == engine_.limits_.rows) {
          throw Stopped{fmt::format("stopped after {} rows", engine_.limits_.rows)};
        }
        add_match(statement.get(), columns, result.matches);
      }
    } catch (const Stopped& stopped) {
      const std::uint32_t line = rule_.line + (stopped.line == 0 ? 0 : stopped.line - 1);
      result.failures.push_back({&rule_, stopped.reason, line, result.matches.size() > before});
    }
  }

 private:
  [[nodiscard]] Prepared prepare() {
    const std::string& sql = rule_.sql;
    (void)authoriser_.take_refusal();
    (void)authoriser_.take_tables_read();
    sqlite3_stmt* raw = nullptr;
    const char* rest = nullptr;
    const int status =
        sqlite3_prepare_v2(connection_, sql.c_str(), static_cast<int>(sql.size()) + 1, &raw, &rest);
    Prepared statement(raw);
    if (status != SQLITE_OK) {
      constexpr std::string_view kNoTable = "no such table: ";
      const std::string_view message = sqlite3_errmsg(connection_);
      const int offset = message.starts_with(kNoTable)
                             ? offset_of_word(sql, message.substr(kNoTable.size()))
                             : sqlite3_error_offset(connection_);
      const std::uint32_t line = line_at(sql, offset);
      throw Stopped{reason_of(status), line};
    }
    if (statement == nullptr) {
      throw Stopped{"there is no statement"};
    }
    const std::string_view more = skip_empty_sql(rest);
    if (!more.empty()) {
      throw Stopped{"more than one statement",
                    line_at(sql, static_cast<int>(more.data() - sql.c_str()))};
    }
    if (sqlite3_stmt_readonly(raw) == 0 || sqlite3_stmt_isexplain(raw) != 0 ||
        sqlite3_column_count(raw) == 0) {
      throw Stopped{"a rule is one SELECT"};
    }
    return statement;
  }

  [[nodiscard]] bool next(sqlite3_stmt* statement) {
    const int status = sqlite3_step(statement);
    if (status == SQLITE_ROW) {
      return true;
    }
    if (status != SQLITE_DONE) {
      throw Stopped{reason_of(status)};
    }
    return false;
  }

  [[nodiscard]] std::string reason_of(int status) {
    const std::string_view message = sqlite3_errmsg(connection_);
    switch (status) {
      case SQLITE_AUTH:
        return fmt::format("not allowed in a rule: {}", authoriser_.take_refusal());
      case SQLITE_INTERRUPT:
        return fmt::format("stopped after {} ms", engine_.limits_.time.count());
      case SQLITE_NOMEM:
        return "stopped: it needs too much memory";
      default:
        // A refused function is an ordinary error to SQLite.
        return message.starts_with("not authorized")
                   ? fmt::format("not allowed in a rule: {}", authoriser_.take_refusal())
                   : std::string(message);
    }
  }

  void add_match(sqlite3_stmt* statement, const Columns& columns, std::vector<Match>& matches) {
    Match match;
    match.rule = &rule_;
    match.severity = rule_.severity;
    match.process =
        column_index<schema::ProcessIndex>(statement, columns.process, stage_.processes());
    match.partner =
        column_index<schema::ProcessIndex>(statement, columns.partner, stage_.processes());
    match.socket = column_index<schema::SocketIndex>(statement, columns.socket, stage_.sockets());
    match.why = column_text(statement, *columns.why);
    if (!match.process && !match.socket) {
      throw Stopped{"a row names neither a process nor a socket"};
    }
    if (columns.severity && sqlite3_column_type(statement, *columns.severity) != SQLITE_NULL) {
      std::string word = column_text(statement, *columns.severity);
      // "low: a unit runs it"
      if (const auto colon = word.find(": "); colon != std::string::npos) {
        match.moved_by = word.substr(colon + 2);
        word.resize(colon);
      }
      const auto severity = parse_severity(word);
      if (!severity) {
        throw Stopped{fmt::format("a row has the unknown severity '{}'", word)};
      }
      match.severity = *severity;
    }
    for (const auto& [column, name] : columns.evidence) {
      match.evidence.push_back({name, column_value(statement, column)});
    }
    matches.push_back(std::move(match));
  }

  Engine& engine_;
  Stage& stage_;
  sqlite3* connection_;
  Authoriser& authoriser_;
  const Rule& rule_;
};

Engine::Engine(RuleLimits limits) : limits_(std::move(limits)) {
}

RuleRun Engine::run(Stage& stage, std::span<const Rule> rules) {
  return go(stage, rules, Step::Run);
}

RuleRun Engine::prepare(Stage& stage, std::span<const Rule> rules) {
  return go(stage, rules, Step::Prepare);
}

RuleRun Engine::go(Stage& stage, std::span<const Rule> rules, Step step) {
  RuleRun result;
  sqlite3* connection = stage.sqlite().getHandle();
  Authoriser authoriser(connection, Stage::tables());
  Fence fence(connection, limits_);
  for (const Rule& rule : rules) {
    if (!rule.enabled) {
      continue;
    }
    if (fence.start()) {
      Execution(*this, stage, authoriser, rule).go(result, step);
    } else {
      const auto reason =
          fmt::format("the rules before it took all of the {} ms", limits_.all.count());
      result.failures.push_back({&rule, reason, rule.line, false});
    }
  }
  return result;
}

}  // namespace sockwitness::query
