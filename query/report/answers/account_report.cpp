#include "query/report/answers/account_report.h"

#include <map>

#include <fmt/format.h>

#include "query/analysis/explain.h"
#include "query/analysis/owners.h"
#include "query/report/words/socket_words.h"

namespace sockwitness::query {
namespace {

using Counts = std::map<AccountStatus, std::size_t>;

Style status_style(AccountStatus status) {
  switch (status) {
    case AccountStatus::Unexplained:
      return Style::Alarm;
    case AccountStatus::Expired:
      return Style::Warning;
    default:
      return Style::Plain;
  }
}

bool is_open(const Account& account) {
  return account.status >= AccountStatus::Expired;
}

// "52 approved, 6 in baseline gold"
SafeText counts_text(const AccountInput& input, Counts& counts) {
  std::vector<SafeText> parts;
  const auto add = [&](AccountStatus status, const SafeText& words) {
    if (counts[status] > 0) {
      parts.push_back(SafeText::own(fmt::format("{} ", counts[status])) + words);
    }
  };
  add(AccountStatus::Approved, "approved");
  if (input.baseline) {
    add(AccountStatus::Baseline, "in baseline " + SafeText::host(input.baseline->name));
  }
  add(AccountStatus::Expired, "expired");
  add(AccountStatus::Unexplained, "unexplained");
  return join(parts, ", ");
}

void add_summary(Page& page, const AccountInput& input) {
  Counts counts;
  for (const Account& account : input.book.accounts) {
    ++counts[account.status];
  }
  const std::size_t all = input.book.accounts.size();
  const std::size_t closed = counts[AccountStatus::Approved] + counts[AccountStatus::Baseline];
  const SafeText detail = counts_text(input, counts);
  page.add(SafeText::own(fmt::format("{} of {} listening endpoint{} {} accounted for{}",
                                     closed,
                                     all,
                                     all == 1 ? "" : "s",
                                     all == 1 ? "is" : "are",
                                     detail.empty() ? "" : ": ")) +
               detail,
           closed == all ? Style::Strong : Style::Warning);
  if (input.policy.empty() && !input.baseline) {
    page.add(
        "there is neither a policy nor a baseline; begin with: sockwitness account --write-policy, "
        "or: sockwitness-recorder baseline add NAME",
        Style::Faint);
  }
}

// Why the status is what it is: the approval, or what stands in its way.
SafeText status_line(const Account& account, const ClockFace& clock) {
  std::vector<SafeText> parts;
  if (!account.reason.empty()) {
    parts.push_back(SafeText::host(account.reason));
  }
  if (!account.approved_by.empty()) {
    parts.push_back("approved by " + SafeText::host(account.approved_by));
  }
  if (account.expires) {
    parts.push_back("until " + SafeText::own(clock(*account.expires)));
  }
  if (account.entry != nullptr && !account.entry->ticket.empty()) {
    parts.push_back(SafeText::host(account.entry->ticket));
  }
  if (account.entry != nullptr && !account.entry->owner.empty()) {
    parts.push_back("responsible: " + SafeText::host(account.entry->owner));
  }
  if (account.review_due) {
    parts.push_back("its review is due");
  }
  if (!account.obstacle.empty()) {
    parts.push_back(SafeText::host(account.obstacle));
  }
  return join(parts, ", ");
}

SafeText who_line(const Account& account, const ClockFace& clock) {
  const schema::Service& service = *account.service;
  const schema::Owner* owner = principal(service);
  SafeText who = owner == nullptr ? nobody_text(service)
                                  : process_text(*owner) + ", " + SafeText::host(owner->user);
  if (service.since) {
    who += ", since " + SafeText::own(clock(*service.since));
  }
  return who;
}

void add_row(Table& table,
             const AccountInput& input,
             const Account& account,
             const ClockFace& clock) {
  const schema::Service& service = *account.service;
  table.rows.push_back(
      {{SafeText::own(account_status_word(account.status)), status_style(account.status)},
       {place_text(service.endpoint, service.v6only)},
       {who_line(account, clock)}});
  const auto add_line = [&](const SafeText& text, Style style) {
    if (!text.empty()) {
      table.rows.push_back({{}, {}, {text, style}});
    }
  };
  add_line(status_line(account, clock), Style::Plain);
  const auto port_name = input.names.find(service.endpoint.protocol, service.endpoint.port);
  add_line(SafeText::host(explain(service, port_name)), Style::Faint);
}

void add_unmatched(Page& page, const AccountInput& input) {
  for (const PolicyEntry* entry : input.book.unmatched) {
    SafeText text = SafeText::own(fmt::format("approved and not running: line {}", entry->line));
    if (!entry->name.empty()) {
      text += ", " + SafeText::host(entry->name);
    }
    if (!entry->reason.empty()) {
      text += ", " + SafeText::host(entry->reason);
    }
    page.add(text, Style::Faint);
  }
}

}  // namespace

Page lay_out_account(const AccountInput& input, const ClockFace& clock) {
  Page page;
  page.add(SafeText::host(input.snapshot.context.host_name) +
               SafeText::own(fmt::format(" · snapshot {} · {} · ",
                                         input.snapshot.seq.value(),
                                         clock(input.snapshot.begin.wall))) +
               completeness_text(input.set.gaps, input.set.namespaces),
           Style::Strong);
  if (input.each_gap) {
    add_gaps(page, input.set.gaps, input.set.namespaces);
  }
  if (input.thing.empty()) {
    add_summary(page, input);
  } else if (input.gone_by) {
    page.add("nothing listens at " + SafeText::host(input.thing) +
                 SafeText::own(
                     fmt::format(" any more (snapshot {}, {}); snapshot {} was the last to have it",
                                 input.gone_by->seq.value(),
                                 clock(input.gone_by->begin.wall),
                                 input.snapshot.seq.value())),
             Style::Warning);
  }
  page.add(SafeText());
  Table table{{{""}, {""}, {""}}, {}, false};
  for (const Account& account : input.book.accounts) {
    if (input.all || is_open(account) || !input.thing.empty()) {
      add_row(table, input, account, clock);
    }
  }
  const bool table_is_empty = table.rows.empty();
  if (!table_is_empty) {
    page.add(std::move(table));
    page.add(SafeText());
  } else if (!input.thing.empty()) {
    page.add("nothing listens at " + SafeText::host(input.thing) + " in this snapshot");
  }
  if (!table_is_empty && !input.thing.empty()) {
    page.add("all of its history: sockwitness when " + SafeText::host(input.thing), Style::Faint);
  }
  if (input.thing.empty()) {
    add_unmatched(page, input);
  }
  if (input.book.unjudged > 0) {
    page.add(SafeText::own(fmt::format(
                 "not judged: {} UDP port{} that the kernel chose; a client's unless seen again",
                 input.book.unjudged,
                 input.book.unjudged == 1 ? "" : "s")),
             Style::Faint);
  }
  return page;
}

}  // namespace sockwitness::query
