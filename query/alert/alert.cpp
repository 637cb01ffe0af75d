#include "query/alert/alert.h"

#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "query/alert/account_news.h"
#include "query/alert/change_news.h"
#include "query/alert/coverage_news.h"
#include "query/alert/finding_news.h"
#include "query/alert/lasting_news.h"

namespace sockwitness::query {
namespace {

using schema::Seq;

constexpr std::size_t kMarks = 32;

void append(std::vector<NewsItem>& all, std::vector<NewsItem> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

NewsItem record_item(std::string_view what, Severity severity, std::string title) {
  NewsItem item;
  item.kind = NewsKind::Record;
  item.severity = severity;
  item.what = what;
  item.title = std::move(title);
  item.ask = "snapshots";
  return item;
}

std::vector<NewsItem> tell_record(const AlertFacts& facts,
                                  const AlertBase& base,
                                  const AlertState* state) {
  std::vector<NewsItem> items;
  const Moments& moments = facts.moments;
  if (base.kind == AlertBase::Kind::Replaced) {
    items.push_back(record_item("database_replaced",
                                Severity::High,
                                "the database is another one than the last alert told of"));
  }
  if (base.kind == AlertBase::Kind::WentBack) {
    items.push_back(record_item(
        "database_went_back",
        Severity::High,
        fmt::format("the database went back: snapshot {} was told, and it is not there as it was",
                    state->last().value())));
    items.back().lines = {fmt::format("it ends with snapshot {} at {} now",
                                      moments[moments.size() - 1].seq.value(),
                                      schema::format_utc(moments[moments.size() - 1].begin.wall))};
  }
  if (!facts.damage.empty()) {
    items.push_back(
        record_item("state_lost", Severity::Medium, "what was told before is not known"));
    items.back().lines = {facts.damage};
    items.back().ask.clear();
  }
  return items;
}

std::vector<NewsItem> tell_problems(const AlertFacts& facts, AlertState& next) {
  std::vector<Lasting> now;
  const auto add = [&](std::string_view what, std::string title, std::string line) {
    NewsItem item;
    item.kind = NewsKind::Problem;
    item.what = what;
    item.title = std::move(title);
    item.lines = {std::move(line)};
    item.ask = "check";
    std::string key = situation_hash("problem", {item.what, item.title, item.lines.front()});
    now.push_back({std::move(key), std::move(item)});
  };
  for (const RuleFailure& failure : facts.failures) {
    add("rule_failed", fmt::format("rule {} could not run", failure.rule->id), failure.reason);
  }
  for (const schema::Error& problem : facts.problems) {
    add("configuration", problem.message(), problem.hint());
  }
  const Moments& moments = facts.moments;
  return find_lasting_news(
      SituationKind::Problem, std::move(now), moments[moments.size() - 1].begin.wall, next.open);
}

// The latest snapshot has a blinding gap that the one at which comparisons begin had not.
bool is_blinder(const AlertFacts& facts, const AlertBase& base, Seq last) {
  std::set<std::string> before;
  for (const CoverageGap& part : facts.gaps) {
    if (part.gap && part.snapshots.contains(base.from)) {
      before.insert(gap_hash(part));
    }
  }
  return std::any_of(facts.gaps.begin(), facts.gaps.end(), [&](const CoverageGap& part) {
    return part.gap && part.snapshots.contains(last) && is_blinding(*part.gap) &&
           !before.contains(gap_hash(part));
  });
}

AlertState begin_state(const AlertFacts& facts, const AlertBase& base, const AlertState* state) {
  const Moments& moments = facts.moments;
  const Moment& last = moments[moments.size() - 1];
  AlertState next;
  if (state != nullptr && !base.anew) {
    next = *state;
  }
  next.archive = facts.archive;
  std::erase_if(next.marks, [&](const AlertMark& mark) {
    return mark.seq > base.reported_up_to || mark.seq >= last.seq;
  });
  next.marks.push_back({last.seq, last.begin.wall});
  if (next.marks.size() > kMarks) {
    next.marks.erase(next.marks.begin());
  }
  next.from = choose_next_from(moments, facts.gaps, {base.from, last.seq});
  next.reported = hash_changes(facts.services, next.from);
  if (base.kind == AlertBase::Kind::WentBack) {
    next.silent.reset();
    next.missed = 0;
  }
  return next;
}

}  // namespace

Alert find_news(const AlertFacts& facts, const AlertBase& base, const AlertState* state) {
  const Moments& moments = facts.moments;
  const Seq last = moments[moments.size() - 1].seq;
  Alert alert;
  alert.next = begin_state(facts, base, state);
  const bool follows = base.kind == AlertBase::Kind::Follows && state != nullptr;
  std::vector<NewsItem> items = tell_record(facts, base, state);
  std::vector<NewsItem> changes;
  if (!base.anew) {
    changes = find_change_news({facts.services,
                                moments,
                                base.from,
                                base.reported_up_to,
                                follows ? &state->reported : nullptr});
  }
  if (facts.book != nullptr) {
    append(items,
           find_account_news(
               *facts.book, moments[moments.size() - 1].begin.wall, changes, alert.next.open));
  }
  append(items, std::move(changes));
  append(items,
         find_finding_news({.findings = facts.findings,
                            .seen = facts.seen,
                            .moments = moments,
                            .reported_up_to = base.reported_up_to,
                            .last = last,
                            .anew = base.anew,
                            .blind = is_blinder(facts, base, last),
                            .least = facts.least},
                           alert.next.open));
  append(items,
         find_coverage_news({.moments = moments,
                             .events = facts.events,
                             .missed = facts.missed,
                             .gaps = facts.gaps,
                             .reported_up_to = base.reported_up_to,
                             .scheduled = facts.scheduled},
                            alert.next));
  append(items, tell_problems(facts, alert.next));
  const std::size_t all = items.size();
  std::erase_if(items, [&](const NewsItem& item) { return !item.counts(facts.least); });
  alert.less_weight = all - items.size();
  sort_news(items);
  alert.items = std::move(items);
  return alert;
}

}  // namespace sockwitness::query
