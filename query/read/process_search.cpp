#include "query/read/process_search.h"

#include <algorithm>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/sql.h"
#include "schema/disk/database.h"
#include "schema/disk/range_cursor.h"
#include "schema/disk/row.h"

namespace sockwitness::query {
namespace {

using schema::Facet;
using schema::NumberSet;
using schema::RowId;

template <class Meant>
BlockSieve::Test any_number(Meant meant) {
  return [meant](const NumberSet& set) {
    const auto numbers = set.numbers();
    return std::any_of(numbers.begin(), numbers.end(), meant);
  };
}

}  // namespace

ProcessSearch::ProcessSearch(schema::Database& database,
                             const SnapshotContexts& contexts,
                             const Filter& filter)
    : database_(database), filter_(filter), words_(database, contexts, filter) {
}

void ProcessSearch::visit(SQLite::Statement& statement) {
  schema::RowReader row(statement);
  const RowId id = row.integer();
  const RowId origin = row.maybe_integer().value_or(id);
  const schema::Pid pid(row.number<std::int32_t>());
  const RowId name = row.integer();
  const auto script = row.maybe_integer();
  const auto program = row.maybe_integer();
  const schema::Uid uid(row.number<std::uint32_t>());
  const auto unit = row.maybe_integer();
  const auto container = row.maybe_integer();
  const auto netns = row.maybe_integer();
  const auto facts = row.maybe_integer();
  const bool meant =
      (filter_.pids.empty() || filter_.pids.contains(pid)) &&
      (filter_.programs.empty() || words_.program_text(name) ||
       (script && words_.program_text(*script)) || (program && words_.program(*program))) &&
      words_.user(uid) && words_.unit(unit) &&
      (words_.container(container) || words_.container_facts(facts)) &&
      (filter_.namespaces.empty() || (netns && words_.netns(*netns)));
  if (meant) {
    found_.push_back(origin);
  }
}

BlockSieve ProcessSearch::sift(RowRange rows) {
  BlockSieve sieve(database_, rows);
  if (!filter_.pids.empty()) {
    sieve.keep(Facet::ProcessPids, [this](const NumberSet& pids) {
      return std::any_of(filter_.pids.begin(), filter_.pids.end(), [&](schema::Pid pid) {
        return pids.contains(pid.value());
      });
    });
  }
  if (!filter_.programs.empty()) {
    sieve.keep_either(Facet::ProcessTexts,
                      any_number([this](RowId text) { return words_.program_text(text); }),
                      Facet::ProcessPrograms,
                      any_number([this](RowId program) { return words_.program(program); }));
  }
  if (!filter_.users.empty()) {
    sieve.keep(Facet::ProcessUsers, any_number([this](std::int64_t uid) {
                 return words_.user(schema::Uid(static_cast<std::uint32_t>(uid)));
               }));
  }
  if (!filter_.units.empty()) {
    sieve.keep(Facet::ProcessPlaces, any_number([this](RowId text) { return words_.unit(text); }));
  }
  if (!filter_.containers.empty()) {
    sieve.keep_either(Facet::ProcessPlaces,
                      any_number([this](RowId text) { return words_.container(text); }),
                      Facet::ProcessContainers,
                      any_number([this](RowId facts) { return words_.container_facts(facts); }));
  }
  return sieve;
}

void ProcessSearch::search_rows(const std::vector<RowId>& rows) {
  SQLite::Statement statement(database_.sqlite(), std::string(sql::kScanProcesses));
  schema::visit_rows(statement, rows, [this](SQLite::Statement& row) { visit(row); });
}

void ProcessSearch::search_range(RowRange rows) {
  SQLite::Statement statement(database_.sqlite(), std::string(sql::kScanProcesses));
  for (const RowRange& range : sift(rows).ranges()) {
    statement.reset();
    statement.bind(1, range.first);
    statement.bind(2, range.last);
    while (statement.executeStep()) {
      visit(statement);
    }
  }
}

std::vector<RowId> ProcessSearch::take() {
  std::sort(found_.begin(), found_.end());
  found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
  return std::move(found_);
}

}  // namespace sockwitness::query
