#include "query/read/baseline_events.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/sql.h"
#include "schema/disk/database.h"
#include "schema/disk/row.h"
#include "schema/disk/texts.h"

namespace sockwitness::query {
namespace {

// record.kind, see FORMAT.md.
constexpr std::int64_t kBaselineRecord = 3;
constexpr std::int64_t kDropRecord = 4;

EventKind kind_of(std::int64_t record_kind) {
  switch (record_kind) {
    case kBaselineRecord:
      return EventKind::BaselineAdded;
    case kDropRecord:
      return EventKind::BaselineDropped;
    default:
      return EventKind::ServicesAccepted;
  }
}

}  // namespace

std::vector<TimelineEvent> read_baseline_events(const Reading& reading) {
  schema::Texts texts(reading.database);
  SQLite::Statement statement(reading.database.sqlite(), std::string(sql::kReadBaselineEvents));
  std::vector<TimelineEvent> events;
  while (statement.executeStep()) {
    schema::RowReader row(statement);
    const auto text = [&](const std::optional<std::int64_t>& id) {
      return id ? std::string(texts.get(*id)) : std::string();
    };
    TimelineEvent event;
    event.kind = kind_of(row.integer());
    BaselineFacts facts;
    facts.at = schema::WallTime{row.integer()};
    facts.name = text(row.integer());
    facts.note = text(row.maybe_integer());
    facts.thing = text(row.maybe_integer());
    facts.user = text(row.maybe_integer());
    const schema::Seq before(row.maybe_integer().value_or(0));
    const std::size_t next = reading.moments.at_or_after(schema::Seq(before.value() + 1));
    const bool within =
        before >= reading.range.first &&
        (next == reading.moments.size() ? reading.range.last == reading.latest
                                        : reading.moments[next].seq <= reading.range.last);
    if (!within) {
      continue;
    }
    if (next < reading.moments.size()) {
      event.seq = reading.moments[next].seq;
    }
    event.not_before = before;
    event.what = std::move(facts);
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace sockwitness::query
