#include "query/report/html/approvals.h"

#include <fmt/format.h>

#include "query/report/html/markup.h"
#include "query/report/html/time_axis.h"

namespace sockwitness::query::html {
namespace {

std::string details(const Approval& approval) {
  std::string text;
  const auto add = [&](std::string_view label, const std::string& markup) {
    if (!markup.empty()) {
      text += (text.empty() ? "" : "; ") + std::string(label) + markup;
    }
  };
  add("", host(approval.reason));
  add("by ", host(approval.approved_by));
  add("ticket ", host(approval.ticket));
  add("until ", approval.expires ? time_text(*approval.expires) : std::string());
  add("", host(approval.obstacle));
  return text;
}

}  // namespace

Approvals::Approvals(const ComplianceInput& input) {
  std::vector<const std::string*> order;
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
  for (const std::string* words : order) {
    Use& use = uses_.at(*words);
    if (use.rows > 1) {
      all_.push_back(*words);
      use.number = all_.size();
    }
  }
}

std::string Approvals::words_of(const Approval& approval) const {
  std::string words = details(approval);
  const auto found = uses_.find(words);
  return found == uses_.end() || found->second.number == 0
             ? words
             : fmt::format("A{}", found->second.number);
}

}  // namespace sockwitness::query::html
