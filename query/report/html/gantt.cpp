#include "query/report/html/gantt.h"

#include <algorithm>

#include "query/report/html/charts.h"
#include "query/report/html/markup.h"
#include "query/report/words/socket_words.h"

namespace sockwitness::query::html {
namespace {

// The worse, the taller: the kinds differ without colour, too.
struct Shape {
  double top = 0;
  double height = 0;
};

Shape shape_of(AccountStatus status) {
  switch (status) {
    case AccountStatus::Approved:
      return {6, 6};
    case AccountStatus::Baseline:
      return {5, 8};
    case AccountStatus::Expired:
      return {3, 12};
    case AccountStatus::Unexplained:
      break;
  }
  return {1, 16};
}

// The brackets stand in the tables: thousands of titles have to be short.
Markup span_text(const ComplianceInput& input, const Interval& span) {
  return markup("{} to {}{}{}",
                time_text(input.wall(span.seen.first)),
                time_text(input.wall(span.seen.last)),
                span.not_after ? Markup() : Markup(" and on"),
                span.not_before                            ? Markup()
                : span.seen.first == input.snapshots.first ? Markup(", there at the begin")
                                                           : Markup(", not looked for before"));
}

Markup bar(const ComplianceInput& input,
           const TimeAxis& axis,
           const Interval& span,
           AccountStatus status) {
  constexpr double kLeast = 1.5;
  const Shape shape = shape_of(status);
  const double from = axis.at(input.wall(span.seen.first));
  const double to = axis.at(span.not_after ? input.wall(span.seen.last) : axis.to());
  const double width = std::max(kLeast, to - from);
  return markup("<rect class={} x={} y={} width={} height={}><title>{}</title></rect>",
                status_mark(status),
                number_text(std::min(from, TimeAxis::kWidth - width)),
                number_text(shape.top),
                number_text(width),
                number_text(shape.height),
                span_text(input, span));
}

Markup label(const RegisterEntry& entry) {
  const schema::Service& service = entry.service;
  const schema::Owner* owner = schema::principal(service);
  const Markup who = owner == nullptr ? safe(nobody_text(service)) : host(owner->name);
  Markup place = own(schema::protocol_name(entry.key.protocol));
  if (entry.key.rpc.empty()) {
    place += markup(
        " {}",
        entry.key.name.empty() ? markup("{}", entry.key.port.value()) : host(entry.key.name));
  } else {
    place += markup(" RPC {}", entry.key.rpc.front());
  }
  return markup("<b>{}</b> {}", place, who);
}

Markup legend() {
  return "<p class=legend>"
         "<span><i class=approved></i>approved</span>"
         "<span><i class=baseline></i>in the baseline</span>"
         "<span><i class=expired></i>approval expired</span>"
         "<span><i class=unexplained></i>not approved</span>"
         "<span><i class=gap></i>not observed</span>"
         "<span><i class=line-reboot></i>reboot</span>"
         "<span><i class=line-baseline></i>baseline made</span></p>";
}

}  // namespace

Markup status_mark(AccountStatus status) {
  return own(account_status_word(status));
}

Markup draw_gantt(const ComplianceInput& input, const TimeAxis& axis) {
  if (input.services.entries.empty()) {
    return "<p>No service was seen in the period.</p>";
  }
  Markup rows;
  for (std::size_t at = 0; at < input.services.entries.size(); ++at) {
    const RegisterEntry& entry = input.services.entries[at];
    const AccountStatus status = input.entry_approvals[at].status;
    Markup bars;
    for (const Interval& span : entry.spans) {
      bars += bar(input, axis, span, status);
    }
    rows += markup(
        "<tr><th scope=row>{}<td><svg class=row viewBox=\"0 0 1000 18\" preserveAspectRatio=none>"
        "{}<use href=\"#ground\" width=1000 height=18 /></svg>\n",
        label(entry),
        bars);
  }
  return legend() + "<table class=gantt id=gantt><tbody>\n" + rows + "<tr class=axis><td><td>" +
         draw_dates(axis) + "</tbody></table>";
}

}  // namespace sockwitness::query::html
