#include <map>

#include "query/report/alert/alert_report.h"
#include "query/report/records/change_value.h"
#include "query/report/records/finding_value.h"
#include "query/report/records/records.h"

namespace sockwitness::query {
namespace {

Value when_value(const std::optional<schema::WallTime>& time) {
  return time ? time_value(*time) : Value();
}

Value::List texts_value(const std::vector<std::string>& texts) {
  Value::List list;
  for (const std::string& text : texts) {
    list.emplace_back(text);
  }
  return list;
}

// Each of a course of changes, by the snapshots around it.
Value::List changes_value(const NewsItem& item) {
  Value::List list;
  for (const RegisterChange* each : item.changes) {
    Value::Object object{{"kind", change_kind_word(each->change.kind)},
                         {"not_before_seq", each->before.value()},
                         {"seq", each->after.value()}};
    for (Member& member : endpoint_members(each->change.endpoint)) {
      object.push_back(std::move(member));
    }
    list.emplace_back(std::move(object));
  }
  return list;
}

Value news_value(const AlertInput& input, const NewsItem& item) {
  return Value::Object{
      {"kind", news_kind_word(item.kind)},
      {"news", news_phase_word(item.phase)},
      {"severity", severity_word(item.severity)},
      {"what", item.what},
      {"title", item.title},
      {"where", texts_value(item.where)},
      {"who", text_or_null(item.who)},
      {"details", texts_value(item.lines)},
      {"not_before", when_value(item.not_before)},
      {"first_seen", when_value(item.first_seen)},
      {"last_seen", when_value(item.last_seen)},
      {"gone_by", when_value(item.gone_by)},
      {"approval", text_or_null(item.approval)},
      {"changes", changes_value(item)},
      {"change", item.change == nullptr ? Value() : change_value(*item.change)},
      {"finding",
       item.finding == nullptr ? Value() : Value(finding_members(*item.finding, input.names))}};
}

Value summary_value(const AlertInput& input) {
  std::map<Severity, std::uint64_t> counts;
  std::uint64_t gone = 0;
  for (const NewsItem& item : input.items) {
    if (item.phase == NewsPhase::Gone) {
      ++gone;
    } else {
      ++counts[item.severity];
    }
  }
  Value::Object summary;
  for (const Severity severity : kSeverities) {
    summary.push_back({severity_word(severity), counts[severity]});
  }
  summary.push_back({"gone", gone});
  return summary;
}

}  // namespace

Document build_alert(const AlertInput& input) {
  Document document;
  document.format = "sockwitness.alert/1";
  document.head = {
      {"host", input.latest.context.host_name},
      {"subject", alert_subject(input).text()},
      {"first", input.anew},
      {"from_seq", input.snapshots.first.value()},
      {"snapshot", snapshot_value(input.latest, input.present.gaps, input.present.namespaces)},
      {"note", text_or_null(input.note)}};
  document.rows_key = "news";
  document.row_format = "sockwitness.news/1";
  document.seq = input.latest.seq.value();
  for (const NewsItem& item : input.items) {
    document.rows.push_back(news_value(input, item));
  }
  document.tail = {{"less_weight", std::uint64_t{input.less_weight}},
                   {"summary", summary_value(input)}};
  document.columns = words(
      "severity news kind what title where who details not_before first_seen last_seen gone_by "
      "approval change.local_address change.local_port change.netns finding.process.pid "
      "finding.process.program finding.why");
  return document;
}

}  // namespace sockwitness::query
