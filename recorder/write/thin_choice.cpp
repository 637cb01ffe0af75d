#include "recorder/write/thin_choice.h"

#include <algorithm>
#include <optional>

#include <SQLiteCpp/SQLiteCpp.h>

#include "recorder/write/sql.h"
#include "schema/disk/retention_rows.h"
#include "schema/disk/row.h"
#include "schema/disk/snapshot_row.h"
#include "schema/disk/thinned_spans.h"

namespace sockwitness::recorder {
namespace {

using schema::Database;
using schema::RowId;
using schema::Seq;
using schema::SeqRange;

struct Candidate {
  Seq seq;
  std::int64_t step = 0;  // of time that it is in
  RowId context = 0;
  bool stays = false;
};

// What something else names, ascending and apart.
std::vector<SeqRange> read_needed(Database& database) {
  std::vector<SeqRange> all;
  SQLite::Statement named(database.sqlite(), std::string(sql::kReadThinNeeded));
  while (named.executeStep()) {
    schema::RowReader row(named);
    const Seq first(row.integer());
    all.push_back({first, Seq(row.integer())});
  }
  for (const schema::Hold& hold : schema::read_holds(database)) {
    all.push_back(hold.snapshots);
  }
  std::sort(all.begin(), all.end());
  std::vector<SeqRange> apart;
  for (const SeqRange& range : all) {
    if (!apart.empty() && range.first <= apart.back().last) {
      apart.back().last = std::max(apart.back().last, range.last);
    } else {
      apart.push_back(range);
    }
  }
  return apart;
}

Seq find_begin(Database& database, std::int64_t step_us) {
  SQLite::Statement read(database.sqlite(), std::string(sql::kFindThinBegin));
  read.bind(1, step_us);
  const std::int64_t last = read.executeStep() ? read.getColumn(0).getInt64() : 0;
  const Seq first = schema::read_first_seq(database).value_or(Seq(1));
  return std::max(first, Seq(last + 1));
}

// Rows of records up to it are not as their links say.
RowId last_partial(Database& database) {
  const auto kept = schema::read_kept_rows(database.sqlite());
  SQLite::Statement first(database.sqlite(),
                          "SELECT coalesce(min(record), 9223372036854775807) FROM link");
  first.executeStep();
  return std::max(kept ? kept->until_record : RowId{0}, first.getColumn(0).getInt64());
}

std::int64_t step_of(std::int64_t time_us, std::int64_t step_us) {
  return time_us / step_us - (time_us % step_us < 0 ? 1 : 0);
}

// All that are old enough, and the first that is not.
std::vector<Candidate> read_candidates(Database& database,
                                       const ThinPolicy& policy,
                                       schema::WallTime now) {
  const RowId partial = last_partial(database);
  const auto needed = read_needed(database);
  auto next_needed = needed.begin();
  std::vector<Candidate> found;
  SQLite::Statement read(database.sqlite(), std::string(sql::kReadThinMoments));
  read.bind(1, find_begin(database, policy.step_us).value());
  bool young = false;
  while (!young && read.executeStep()) {
    schema::RowReader row(read);
    Candidate each;
    each.seq = Seq(row.integer());
    const std::int64_t began_us = row.integer();
    each.step = step_of(began_us, policy.step_us);
    each.context = row.integer();
    const RowId record = row.integer();
    young = began_us >= now.microseconds - policy.after_us;
    while (next_needed != needed.end() && next_needed->last < each.seq) {
      ++next_needed;
    }
    each.stays = young || record <= partial || row.maybe_integer().has_value() ||
                 (next_needed != needed.end() && next_needed->first <= each.seq);
    found.push_back(each);
  }
  return found;
}

// The last step may go on with snapshots that are not old enough: it waits for them.
std::vector<SeqRange> spans_between(const std::vector<Candidate>& candidates) {
  std::vector<SeqRange> spans;
  std::optional<Seq> first;
  for (std::size_t at = 0; at < candidates.size(); ++at) {
    const Candidate& each = candidates[at];
    const bool waits =
        at > 0 && at + 1 == candidates.size() && candidates[at - 1].step == each.step;
    if (!each.stays) {
      first = first.value_or(each.seq);
    } else if (first && !waits) {
      spans.push_back({*first, Seq(each.seq.value() - 1)});
      first.reset();
    }
  }
  return spans;
}

std::optional<SeqRange> find_span(Database& database, Seq seq) {
  try {
    const schema::ThinnedSpans thinned(database.sqlite());
    const schema::ThinnedSpan* const span = thinned.find(seq);
    return span == nullptr ? std::nullopt : std::optional(span->snapshots);
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("reading database", database.path(), failure);
  }
}

}  // namespace

std::vector<SeqRange> find_thin_spans(Database& database,
                                      const ThinPolicy& policy,
                                      schema::WallTime now) {
  try {
    const schema::ThinnedSpans thinned(database.sqlite());
    std::vector<Candidate> candidates = read_candidates(database, policy, now);
    const Candidate* before = nullptr;  // the one before that was not thinned
    for (std::size_t at = 0; at < candidates.size(); ++at) {
      Candidate& each = candidates[at];
      const bool turn = at == 0 || at + 1 == candidates.size() ||
                        candidates[at - 1].context != each.context ||
                        candidates[at + 1].context != each.context;
      if (thinned.find(each.seq) != nullptr) {
        each.stays = false;
        continue;
      }
      each.stays = each.stays || turn || before == nullptr || before->step != each.step;
      before = &each;
    }
    return spans_between(candidates);
  } catch (const SQLite::Exception& failure) {
    throw schema::database_error("reading database", database.path(), failure);
  }
}

Seq whole_at_or_before(Database& database, Seq seq) {
  const auto span = find_span(database, seq);
  return span ? Seq(span->first.value() - 1) : seq;
}

Seq whole_at_or_after(Database& database, Seq seq) {
  const auto span = find_span(database, seq);
  return span ? Seq(span->last.value() + 1) : seq;
}

}  // namespace sockwitness::recorder
