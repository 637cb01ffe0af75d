#include "query/report/html/approvals.h"

#include "query/report/compliance/change_row.h"
#include "query/report/html/markup.h"
#include "query/report/html/time_axis.h"

namespace sockwitness::query::html {
namespace {

Markup details(const Approval& approval) {
  return joined(
      {host(approval.reason),
       labelled("by", host(approval.approved_by)),
       labelled("ticket", host(approval.ticket)),
       labelled("since",
                approval.since && !approval.is_later() ? time_text(*approval.since) : Markup()),
       labelled("until", approval.expires ? time_text(*approval.expires) : Markup()),
       host(approval.obstacle)},
      "; ");
}

}  // namespace

Approvals::Approvals(const ComplianceInput& input) {
  std::vector<const Markup*> order;
  const auto add = [&](const Approval& approval) {
    const auto [use, is_new] = uses_.try_emplace(details(approval));
    ++use->second.rows;
    if (is_new && !use->first.empty()) {
      order.push_back(&use->first);
    }
  };
  for (const Approval& approval : input.entry_approvals) {
    add(approval);
  }
  for (std::size_t at = 0; at < input.approvals_then.size(); ++at) {
    add(telling_approval(input.approvals_then[at], input.approvals_now[at]));
  }
  for (const Markup* words : order) {
    Use& use = uses_.at(*words);
    if (use.rows > 1) {
      all_.push_back(*words);
      use.number = all_.size();
    }
  }
}

Markup Approvals::words_of(const Approval& approval) const {
  Markup words = details(approval);
  const auto found = uses_.find(words);
  return found == uses_.end() || found->second.number == 0 ? words
                                                           : markup("A{}", found->second.number);
}

}  // namespace sockwitness::query::html
