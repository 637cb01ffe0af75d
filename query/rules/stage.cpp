#include "query/rules/stage.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/rules/functions.h"
#include "query/rules/sql.h"
#include "query/rules/stage_parts.h"
#include "schema/model/snapshot.h"

namespace sockwitness::query {
namespace {

std::vector<std::string> read_table_names() {
  SQLite::Database database(":memory:", SQLite::OPEN_READWRITE);
  database.exec(std::string(rules_sql::kTables));
  SQLite::Statement statement(database, "SELECT name FROM sqlite_schema WHERE type = 'table'");
  std::vector<std::string> names;
  while (statement.executeStep()) {
    names.push_back(statement.getColumn(0).getString());
  }
  return names;
}

}  // namespace

Stage::Stage(const StageInput& input)
    : sqlite_(std::make_unique<SQLite::Database>(":memory:", SQLite::OPEN_READWRITE)),
      processes_(input.host.view().snapshot().processes.size()),
      sockets_(input.host.view().snapshot().sockets.size()) {
  SQLite::Database& database = *sqlite_;
  // Sorting must not leave files behind either.
  database.exec("PRAGMA temp_store = MEMORY");
  database.exec(std::string(rules_sql::kTables));
  const HostFacts facts(input.host.view(), input.known_programs);
  SQLite::Transaction transaction(database);
  stage_host(database, input);
  stage_programs(database, input, facts);
  stage_daemons(database, input, facts);
  stage_processes(database, input, facts);
  stage_sockets(database, input);
  stage_forwards(database, input);
  stage_holders(database, input, facts);
  stage_baseline(database, input);
  stage_channels(database, find_channels(input.host.view().snapshot(), input.host.peers()));
  database.exec(std::string(rules_sql::kIndexes));
  transaction.commit();
  // The planner has to know that there are few shells and many sockets.
  database.exec("ANALYZE");
  add_functions(database);
}

Stage::Stage(Stage&&) noexcept = default;
Stage& Stage::operator=(Stage&&) noexcept = default;
Stage::~Stage() = default;

const std::vector<std::string>& Stage::tables() {
  static const std::vector<std::string> names = read_table_names();
  return names;
}

}  // namespace sockwitness::query
