#include "query/report/records/baseline_records.h"

#include <fmt/format.h>

#include "query/report/records/records.h"

namespace sockwitness::query {

Value baseline_value(const schema::BaselineInfo& info,
                     std::span<const schema::Gap> gaps,
                     const std::vector<schema::Netns>& namespaces) {
  Value::List details;
  for (const schema::Gap& gap : gaps) {
    details.push_back(gap_value(gap, namespaces));
  }
  return Value::Object{
      {"baseline", info.name},
      {"first_seq", info.first.value()},
      {"last_seq", info.last.value()},
      {"snapshots", info.snapshots},
      {"began", time_value(info.began)},
      {"ended", time_value(info.ended)},
      {"host", info.host_name},
      {"min_share_percent", info.least_share_percent},
      {"left_out", info.left_out},
      {"services", info.services},
      {"accepted", info.accepted},
      {"note", text_or_null(info.note)},
      {"made_at", time_value(info.made_at)},
      {"made_by", info.author.user},
      {"login_user", info.author.login_user ? Value(*info.author.login_user) : Value()},
      {"record", info.record},
      {"gap_details", std::move(details)}};
}

SafeText baseline_text(const schema::BaselineInfo& info, const ClockFace& clock) {
  const SafeText name = "baseline " + SafeText::host(info.name);
  if (info.first == info.last) {
    return name +
           SafeText::own(fmt::format(" (snapshot {}, {})", info.first.value(), clock(info.began)));
  }
  return name + SafeText::own(fmt::format(" (snapshots {} to {}, {} to {})",
                                          info.first.value(),
                                          info.last.value(),
                                          clock(info.began),
                                          clock(info.ended)));
}

}  // namespace sockwitness::query
