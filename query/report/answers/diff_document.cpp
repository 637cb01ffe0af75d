#include <array>
#include <map>

#include "query/report/answers/diff_report.h"
#include "query/report/records/baseline_records.h"
#include "query/report/records/change_value.h"
#include "query/report/records/records.h"

namespace sockwitness::query {
namespace {

Value end_value(const DiffEnd& end) {
  if (end.baseline) {
    return baseline_value(*end.baseline, end.set.gaps, end.set.namespaces);
  }
  return end.snapshot ? snapshot_value(*end.snapshot, end.set.gaps, end.set.namespaces) : Value();
}

Value seq_value(const DiffEnd& end) {
  if (end.baseline) {
    return end.baseline->last.value();
  }
  return end.snapshot && !end.now ? Value(end.snapshot->seq.value()) : Value();
}

Value not_compared_value(const DiffInput& input, const NotCompared& entry) {
  const DiffEnd& end = entry.side == Side::Before ? input.from : input.to;
  Value::Object object;
  if (entry.gap) {
    const Value value = gap_value(end.set.gaps.at(*entry.gap), end.set.namespaces);
    object = *std::get<Value::SharedObject>(value.content());
  }
  Value::List services;
  for (const schema::Endpoint& endpoint : entry.endpoints) {
    services.push_back(endpoint_members(endpoint));
  }
  object.push_back({"side", entry.side == Side::Before ? "from" : "to"});
  object.push_back({"seq", seq_value(end)});
  object.push_back({"services", std::move(services)});
  return object;
}

Value::List not_compared_list(const DiffInput& input, bool owners_only) {
  Value::List list;
  for (const NotCompared& entry : input.diff.not_compared) {
    if (entry.owners_only == owners_only) {
      list.push_back(not_compared_value(input, entry));
    }
  }
  return list;
}

Value summary_value(const Diff& diff) {
  std::map<ChangeKind, std::int64_t> counts;
  for (const Change& change : diff.changes) {
    ++counts[change.kind];
  }
  std::uint64_t places = 0;
  for (const NotCompared& entry : diff.not_compared) {
    places += entry.owners_only ? 0 : entry.endpoints.size();
  }
  Value::Object summary;
  for (const ChangeKind kind : all_change_kinds()) {
    summary.push_back({change_kind_word(kind), counts[kind]});
  }
  summary.push_back({"not_compared", places});
  return summary;
}

}  // namespace

Document build_diff(const DiffInput& input) {
  Document document;
  document.format = "sockwitness.diff/1";
  document.head = {{"from", end_value(input.from)}, {"to", end_value(input.to)}};
  document.rows_key = "changes";
  document.row_format = "sockwitness.change/1";
  if (input.to.snapshot && !input.to.now) {
    document.seq = input.to.snapshot->seq.value();
  }
  for (const Change& change : input.diff.changes) {
    if (input.shows(change)) {
      document.rows.push_back(change_value(change));
    }
  }
  Value::List left_out;
  for (const std::string& part : input.left_out) {
    left_out.push_back(part);
  }
  document.tail = {{"not_compared", not_compared_list(input, false)},
                   {"owners_not_compared", not_compared_list(input, true)},
                   {"left_out", std::move(left_out)},
                   {"summary", summary_value(input.diff)}};
  document.columns = words(
      "kind severity protocol family local_address local_port netns path before.local_address "
      "before.local_port before.owners.pid before.owners.name before.owners.program "
      "before.owners.script before.owners.user before.owners.unit after.owners.pid "
      "after.owners.name after.owners.program after.owners.script after.owners.user "
      "after.owners.unit why");
  return document;
}

}  // namespace sockwitness::query
