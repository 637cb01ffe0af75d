#include "query/alert/finding_news.h"

#include <algorithm>
#include <set>

#include "query/alert/thing_words.h"
#include "query/analysis/situation.h"

namespace sockwitness::query {
namespace {

using schema::Seq;
using schema::WallTime;

std::string hash_of(const std::string& key) {
  return situation_hash("finding", {key});
}

NewsItem item_of(const Finding& finding, NewsPhase phase) {
  const HostView& host = finding.host();
  const Match& lead = finding.lead();
  NewsItem item;
  item.kind = NewsKind::Finding;
  item.phase = phase;
  item.severity = finding.severity();
  item.what = lead.rule->id;
  item.title = lead.rule->title;
  if (lead.socket) {
    item.where.push_back(where_words(host, *lead.socket));
  }
  if (lead.process) {
    item.who = who_words(host, *lead.process);
  }
  item.ask = "rules show " + lead.rule->id;
  if (finding.interval) {
    item.first_seen = finding.interval->first;
    item.last_seen = finding.interval->last;
  }
  item.finding = &finding;
  return item;
}

NewsItem item_of(const OpenSituation& open, WallTime gone_by) {
  NewsItem item;
  item.kind = NewsKind::Finding;
  item.phase = NewsPhase::Gone;
  item.severity = open.severity;
  item.what = "gone";
  item.title = "no longer found: " + open.words;
  item.first_seen = open.since;
  item.gone_by = gone_by;
  return item;
}

class FindingTeller {
 public:
  FindingTeller(const FindingQuestion& question, std::vector<OpenSituation>& open)
      : question_(question), open_(open) {
    for (const Finding& finding : question.findings) {
      for (const Match& match : finding.matches) {
        if (last_of(finding) != question.last) {
          continue;
        }
        const std::string hash = hash_of(situation_key(finding.host(), match));
        (match.accepted() ? accepted_ : present_).insert(hash);
      }
      if (last_of(finding) == question.last) {
        (finding.accepted() ? accepted_ : present_).insert(hash_of(finding.key));
      }
    }
  }

  std::vector<NewsItem> tell() {
    for (const Finding& finding : question_.findings) {
      if (!finding.accepted() && finding.severity() >= question_.least) {
        tell_finding(finding);
      }
    }
    tell_gone();
    return std::move(items_);
  }

 private:
  [[nodiscard]] Seq last_of(const Finding& finding) const {
    const auto found = question_.seen.find(finding.key);
    return found == question_.seen.end() ? Seq(0) : found->second;
  }

  [[nodiscard]] OpenSituation* find_open(const std::string& hash) {
    OpenSituation* found = nullptr;
    for (OpenSituation& each : open_) {
      const bool has = each.kind == SituationKind::Finding && each.has(hash);
      found = has && (found == nullptr || each.keys.front() == hash) ? &each : found;
    }
    return found;
  }

  // A finding about the same processes was reported with less weight.
  [[nodiscard]] bool grew(const Finding& finding) {
    return std::any_of(finding.matches.begin(), finding.matches.end(), [&](const Match& match) {
      const OpenSituation* known = find_open(hash_of(situation_key(finding.host(), match)));
      return known != nullptr && known->severity < finding.severity();
    });
  }

  void tell_finding(const Finding& finding) {
    const std::string hash = hash_of(finding.key);
    const bool lasts = last_of(finding) == question_.last;
    OpenSituation* known = find_open(hash);
    if (known != nullptr && known->keys.front() != hash && !is_doubtful(finding)) {
      known = nullptr;  // seen as a whole it is another one
    }
    if (known == nullptr && !lasts && last_of(finding) <= question_.reported_up_to) {
      return;  // reported before, and that it was gone
    }
    if (known == nullptr || finding.severity() > known->severity) {
      known = tell_anew(finding, hash, known);
    }
    if (known != nullptr && lasts && is_doubtful(finding)) {
      add_key(*known, hash_of(situation_key(finding.host(), finding.lead())));
    }
  }

  // Returns what is open of it then.
  OpenSituation* tell_anew(const Finding& finding, const std::string& hash, OpenSituation* known) {
    const bool lasts = last_of(finding) == question_.last;
    const bool worse = known != nullptr || grew(finding);
    items_.push_back(item_of(finding, worse ? NewsPhase::Worse : NewsPhase::New));
    if (!lasts) {
      items_.back().gone_by = question_.moments.wall(question_.last);
    }
    if (known != nullptr) {
      known->severity = finding.severity();
      return known;
    }
    if (!lasts && !question_.blind) {
      return nullptr;
    }
    open_.push_back(
        {SituationKind::Finding,
         {hash},
         finding.severity(),
         finding.interval ? finding.interval->first : question_.moments.wall(question_.last),
         phrase_of(items_.back())});
    return &open_.back();
  }

  // Where not all was seen it has another key, and the next alert may know it by that one.
  static void add_key(OpenSituation& open, const std::string& key) {
    constexpr std::size_t kMost = 8;
    if (!open.has(key)) {
      open.keys.push_back(key);
    }
    if (open.keys.size() > kMost) {
      open.keys.erase(open.keys.begin() + 1);
    }
  }

  [[nodiscard]] static bool has_any(const OpenSituation& open, const std::set<std::string>& keys) {
    return std::any_of(open.keys.begin(), open.keys.end(), [&](const std::string& key) {
      return keys.contains(key);
    });
  }

  void tell_gone() {
    std::erase_if(open_, [&](const OpenSituation& each) {
      if (each.kind != SituationKind::Finding || has_any(each, present_)) {
        return false;
      }
      if (has_any(each, accepted_)) {
        return true;  // whoever accepted it knows
      }
      if (question_.blind) {
        return false;
      }
      items_.push_back(item_of(each, question_.moments.wall(question_.last)));
      return true;
    });
  }

  const FindingQuestion& question_;
  std::vector<OpenSituation>& open_;
  std::set<std::string> present_;  // in the latest snapshot, whatever they weigh
  std::set<std::string> accepted_;
  std::vector<NewsItem> items_;
};

}  // namespace

std::vector<NewsItem> find_finding_news(const FindingQuestion& question,
                                        std::vector<OpenSituation>& open) {
  // No newer snapshot was judged: the findings are the earlier ones.
  const bool same = question.reported_up_to == question.last && !question.anew;
  return same ? std::vector<NewsItem>() : FindingTeller(question, open).tell();
}

}  // namespace sockwitness::query
