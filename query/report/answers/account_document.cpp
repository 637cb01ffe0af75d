#include <fmt/format.h>

#include "query/analysis/explain.h"
#include "query/analysis/reach.h"
#include "query/report/answers/account_report.h"
#include "query/report/records/baseline_records.h"
#include "query/report/records/records.h"

namespace sockwitness::query {
namespace {

Value words_value(const std::vector<std::string>& words) {
  Value::List list;
  for (const std::string& word : words) {
    list.push_back(word);
  }
  return list;
}

Value time_or_null(const std::optional<schema::WallTime>& time) {
  return time ? time_value(*time) : Value();
}

Value day_value(const std::optional<std::chrono::year_month_day>& day) {
  return day ? Value(fmt::format("{:04}-{:02}-{:02}",
                                 static_cast<int>(day->year()),
                                 static_cast<unsigned>(day->month()),
                                 static_cast<unsigned>(day->day())))
             : Value();
}

Value account_value(const AccountInput& input, const Account& account) {
  const schema::Service& service = *account.service;
  const auto port_name = input.names.find(service.endpoint.protocol, service.endpoint.port);
  Value::Object object = endpoint_members(service.endpoint);
  const Reach reach = reach_of(service);
  object.push_back({"owners", owner_values(service)});
  object.push_back({"no_holder_reason", text_or_null(schema::no_holder_word(service.no_holder))});
  object.push_back({"status", account_status_word(account.status)});
  object.push_back({"reason", text_or_null(account.reason)});
  object.push_back({"approved_by", text_or_null(account.approved_by)});
  object.push_back({"expires", time_or_null(account.expires)});
  object.push_back({"review_due", account.review_due});
  object.push_back({"ticket", account.entry ? text_or_null(account.entry->ticket) : Value()});
  object.push_back({"responsible", account.entry ? text_or_null(account.entry->owner) : Value()});
  object.push_back({"policy_line", account.entry ? Value(account.entry->line) : Value()});
  object.push_back({"obstacle", text_or_null(account.obstacle)});
  object.push_back({"service_name", text_or_null(port_name)});
  object.push_back({"rpc_programs", number_values(service.rpc)});
  object.push_back({"reach", text_or_null(reach_words(reach))});
  object.push_back({"since", time_or_null(service.since)});
  object.push_back({"explanation", explain(service, port_name)});
  return object;
}

Value entry_value(const PolicyEntry& entry) {
  return Value::Object{{"line", entry.line},
                       {"name", text_or_null(entry.name)},
                       {"programs", words_value(entry.programs)},
                       {"units", words_value(entry.units)},
                       {"reason", text_or_null(entry.reason)},
                       {"owner", text_or_null(entry.owner)},
                       {"approved_by", text_or_null(entry.approved_by)},
                       {"ticket", text_or_null(entry.ticket)},
                       {"review", day_value(entry.review)},
                       {"expires", day_value(entry.expires)}};
}

}  // namespace

Document build_account(const AccountInput& input) {
  Document document;
  document.format = "sockwitness.account/1";
  document.head = {
      {"snapshot", snapshot_value(input.snapshot, input.set.gaps, input.set.namespaces)},
      {"policy", text_or_null(input.policy)},
      {"baseline",
       input.baseline ? baseline_value(*input.baseline, {}, input.set.namespaces) : Value()},
      {"gone_by", input.gone_by ? snapshot_value(*input.gone_by, {}, {}) : Value()}};
  document.rows_key = "services";
  document.row_format = "sockwitness.account_service/1";
  document.seq = input.snapshot.seq.value();
  for (const Account& account : input.book.accounts) {
    document.rows.push_back(account_value(input, account));
  }
  Value::List unmatched;
  for (const PolicyEntry* entry : input.book.unmatched) {
    unmatched.push_back(entry_value(*entry));
  }
  document.tail = {{"not_running", std::move(unmatched)},
                   {"unjudged", static_cast<std::uint64_t>(input.book.unjudged)}};
  document.columns = words(
      "status protocol family local_address local_port netns path owners.pid owners.name "
      "owners.program owners.user owners.unit owners.container reason approved_by ticket "
      "expires since explanation owners.container_name owners.container_image");
  return document;
}

}  // namespace sockwitness::query
