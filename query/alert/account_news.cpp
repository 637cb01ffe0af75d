#include "query/alert/account_news.h"

#include <algorithm>

#include <fmt/format.h>

#include "query/alert/lasting_news.h"
#include "query/alert/thing_words.h"
#include "query/analysis/owners.h"
#include "schema/view/owner_key.h"

namespace sockwitness::query {
namespace {

bool is_open(const Account& account) {
  return account.status >= AccountStatus::Expired && !owners_doubtful(*account.service);
}

std::string key_of(const Account& account) {
  const schema::Service& service = *account.service;
  const schema::Owner* owner = schema::principal(service);
  return situation_hash("account",
                        {std::string(account_status_word(account.status)),
                         where_words(service.endpoint),
                         who_words(owner),
                         owner == nullptr ? std::string() : std::to_string(owner->uid.value())});
}

std::string approval_words(const Account& account) {
  if (account.status == AccountStatus::Expired) {
    return "its approval has expired" +
           (account.expires ? " at " + schema::format_utc(*account.expires) : std::string());
  }
  return account.obstacle.empty() ? "nobody approved it" : "not approved: " + account.obstacle;
}

NewsItem item_of(const Account& account) {
  const schema::Service& service = *account.service;
  NewsItem item;
  item.kind = NewsKind::Account;
  item.severity = Severity::Medium;
  item.what = account_status_word(account.status);
  item.title = account.status == AccountStatus::Expired ? "expired" : "unexplained";
  item.where = {where_words(service.endpoint)};
  item.who = who_words(schema::principal(service));
  item.lines = {owner_line(service)};
  item.approval = approval_words(account);
  item.first_seen = service.since;
  const bool inet = !question_words(service.endpoint).empty();
  item.ask = inet ? fmt::format("account {}/{}",
                                schema::protocol_name(service.endpoint.protocol),
                                service.endpoint.port.value())
                  : std::string("account");
  return item;
}

// A change that shows it, as it is now.
NewsItem* find_change(std::vector<NewsItem>& changes, const schema::Service& service) {
  const auto found = std::find_if(changes.begin(), changes.end(), [&](const NewsItem& item) {
    return item.change != nullptr && item.change->after && !item.gone_by &&
           item.change->after->endpoint == service.endpoint;
  });
  return found == changes.end() ? nullptr : &*found;
}

bool came(const NewsItem& item) {
  return item.change->kind == ChangeKind::NewListener || item.change->kind == ChangeKind::Reopened;
}

// Whoever approved it beforehand has said that it would come.
void note_approval(const Account& account, NewsItem& item) {
  item.approval = "approved: " + account.reason;
  if (came(item)) {
    item.severity = std::min(item.severity, Severity::Low);
  }
}

}  // namespace

std::vector<NewsItem> find_account_news(const AccountBook& book,
                                        schema::WallTime at,
                                        std::vector<NewsItem>& changes,
                                        std::vector<OpenSituation>& open) {
  std::vector<Lasting> now;
  for (const Account& account : book.accounts) {
    NewsItem* change = find_change(changes, *account.service);
    if (change != nullptr && account.status == AccountStatus::Approved) {
      note_approval(account, *change);
    }
    if (!is_open(account)) {
      continue;
    }
    now.push_back({key_of(account), item_of(account)});
    if (change != nullptr) {
      change->approval = now.back().item.approval;
      now.back().item.what.clear();  // reported with its change
    }
  }
  std::vector<NewsItem> items = find_lasting_news(SituationKind::Account, std::move(now), at, open);
  std::erase_if(items, [](const NewsItem& item) { return item.what.empty(); });
  return items;
}

}  // namespace sockwitness::query
