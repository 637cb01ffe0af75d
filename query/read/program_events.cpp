#include "query/read/program_events.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/block_sieve.h"
#include "query/read/sql.h"
#include "query/read/version_reader.h"
#include "schema/disk/database.h"
#include "schema/disk/living.h"
#include "schema/disk/row.h"

namespace sockwitness::query {
namespace {

using schema::RowId;
using schema::Seq;

struct Content {
  std::int64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::string sha256;
};

bool same_content(const Content& left, const Content& right) {
  if (!left.sha256.empty() && !right.sha256.empty()) {
    return left.sha256 == right.sha256;
  }
  return left.inode == right.inode && left.size == right.size && left.mtime_ns == right.mtime_ns;
}

using PathKey = std::pair<RowId, std::int64_t>;  // path, device

struct Candidate {
  PathKey place;
  Content content;
};

// Only files at whose path another one was seen, too.
std::unordered_map<RowId, Candidate> read_candidates(schema::Database& database) {
  SQLite::Statement statement(database.sqlite(), std::string(sql::kScanPrograms));
  std::unordered_map<RowId, Candidate> candidates;
  while (statement.executeStep()) {
    schema::RowReader row(statement);
    const RowId id = row.integer();
    Candidate candidate;
    candidate.place.first = row.integer();
    candidate.place.second = row.integer();
    candidate.content.inode = row.integer();
    candidate.content.size = row.integer();
    candidate.content.mtime_ns = row.integer();
    static_cast<void>(row.integer());  // state: the path led to it
    candidate.content.sha256 = row.bytes();
    candidates.emplace(id, std::move(candidate));
  }
  return candidates;
}

struct ProgramChange {
  RowId before = 0;  // programs
  RowId after = 0;
  RowId last_use = 0;  // process rows
  RowId first_use = 0;
};

class ChangeFinder {
 public:
  explicit ChangeFinder(const std::unordered_map<RowId, Candidate>& candidates)
      : candidates_(candidates) {}

  void use(RowId process, RowId program) {
    const auto found = candidates_.find(program);
    if (found == candidates_.end()) {
      return;
    }
    const bool is_new = seen_.insert(program).second;
    Current& current = current_[found->second.place];
    if (current.program == 0 || current.program == program) {
      current = {program, process};
      return;
    }
    // An old process of the file before may get a new row: that is no way back.
    if (!is_new) {
      return;
    }
    if (!same_content(candidates_.at(current.program).content, found->second.content)) {
      changes_.push_back({current.program, program, current.last_use, process});
    }
    current = {program, process};
  }

  [[nodiscard]] const std::vector<ProgramChange>& changes() const { return changes_; }

 private:
  struct Current {
    RowId program = 0;
    RowId last_use = 0;
  };
  const std::unordered_map<RowId, Candidate>& candidates_;
  std::set<RowId> seen_;
  std::map<PathKey, Current> current_;
  std::vector<ProgramChange> changes_;
};

void scan_uses(const Reading& reading,
               const std::unordered_map<RowId, Candidate>& candidates,
               ChangeFinder& finder) {
  const auto last =
      schema::read_last_id(reading.database, schema::Entity::Process, reading.range.last);
  BlockSieve sieve(reading.database, {1, last});
  sieve.keep(schema::Facet::ProcessPrograms, [&](const schema::NumberSet& programs) {
    const auto numbers = programs.numbers();
    return std::any_of(numbers.begin(), numbers.end(), [&](RowId program) {
      return candidates.contains(program);
    });
  });
  SQLite::Statement statement(reading.database.sqlite(), std::string(sql::kScanProgramUses));
  for (const RowRange& range : sieve.ranges()) {
    statement.reset();
    statement.bind(1, range.first);
    statement.bind(2, range.last);
    while (statement.executeStep()) {
      schema::RowReader row(statement);
      const RowId process = row.integer();
      for (const auto& program : {row.maybe_integer(), row.maybe_integer()}) {
        if (program) {
          finder.use(process, *program);
        }
      }
    }
  }
}

}  // namespace

std::vector<TimelineEvent> read_program_events(const Reading& reading, const Filter& filter) {
  const auto candidates = read_candidates(reading.database);
  std::vector<TimelineEvent> events;
  if (candidates.empty()) {
    return events;
  }
  ChangeFinder finder(candidates);
  scan_uses(reading, candidates, finder);
  VersionReader reader(reading.database, reading.range, reading.latest);
  for (const ProgramChange& change : finder.changes()) {
    const schema::Program& after = reader.program(change.after);
    if (!filter.programs.empty() && !program_fits(filter, after.path, after.sha256)) {
      continue;
    }
    const auto seen_in = schema::read_seen_ranges(reading.database,
                                                  schema::Entity::Process,
                                                  {change.last_use, change.first_use},
                                                  reading.latest);
    const Seq seq = seen_in[1].first;
    if (seq <= reading.range.first || seq > reading.range.last) {
      continue;
    }
    TimelineEvent event{EventKind::ProgramChanged, seq, std::nullopt, {}};
    // As long as its path led to it, the old file was still there.
    const Seq last = std::min(seen_in[0].last, Seq(seq.value() - 1));
    if (last >= seen_in[0].first) {
      event.not_before = last;
    }
    event.what = ProgramFacts{reader.program(change.before), after};
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace sockwitness::query
