#include "query/alert/change_news.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "query/alert/alert_state.h"
#include "query/alert/thing_words.h"
#include "schema/view/owner_key.h"

namespace sockwitness::query {
namespace {

using schema::Seq;

bool is_coming(ChangeKind kind) {
  return kind == ChangeKind::NewListener || kind == ChangeKind::Reopened ||
         kind == ChangeKind::Flapping;
}

bool is_going(ChangeKind kind) {
  return kind == ChangeKind::VanishedService;
}

const schema::Service& shown_by(const Change& change) {
  return change.after ? *change.after : *change.before;
}

std::string title_of(ChangeKind kind) {
  std::string title(change_kind_word(kind));
  std::replace(title.begin(), title.end(), '_', ' ');
  return title;
}

void add_once(std::vector<std::string>& all, std::string word) {
  if (!word.empty() && std::find(all.begin(), all.end(), word) == all.end()) {
    all.push_back(std::move(word));
  }
}

// The unreported changes of one service.
struct Course {
  std::vector<const RegisterChange*> changes;  // in their order
};

class CourseTeller {
 public:
  explicit CourseTeller(const Moments& moments) : moments_(moments) {}

  [[nodiscard]] NewsItem tell(const Course& course) const {
    const RegisterChange& lead = lead_of(course);
    NewsItem item;
    item.severity = lead.change.severity;
    item.what = change_kind_word(lead.change.kind);
    item.title = title_of(lead.change.kind);
    const schema::Service& shown = shown_by(lead.change);
    item.who = who_words(schema::principal(shown));
    item.lines.push_back(owner_line(shown));
    add_once(item.lines, lead.change.why);
    item.ask = question_words(shown.endpoint);
    item.change = &lead.change;
    item.changes = course.changes;
    std::size_t came = 0;
    std::size_t went = 0;
    std::set<Seq> comings;
    std::set<Seq> goings;
    for (const RegisterChange* each : course.changes) {
      add_once(item.where, where_words(each->change.endpoint));
      came += is_coming(each->change.kind) && comings.insert(each->after).second ? 1U : 0U;
      went += is_going(each->change.kind) && goings.insert(each->after).second ? 1U : 0U;
    }
    if (came + went > 2) {
      add_once(item.lines, fmt::format("it came {} times and went {} times", came, went));
    }
    add_times(course, lead, item);
    return item;
  }

 private:
  // What came counts for more than that it went again; of equals the first one tells since when.
  [[nodiscard]] static const RegisterChange& lead_of(const Course& course) {
    const RegisterChange* lead = course.changes.front();
    for (const RegisterChange* each : course.changes) {
      const bool weightier = each->change.severity > lead->change.severity;
      const bool comes = each->change.severity == lead->change.severity &&
                         is_coming(each->change.kind) && !is_coming(lead->change.kind);
      lead = weightier || comes ? each : lead;
    }
    return *lead;
  }

  void add_times(const Course& course, const RegisterChange& lead, NewsItem& item) const {
    const RegisterChange& last = *course.changes.back();
    if (is_going(lead.change.kind)) {
      item.last_seen = wall_of(lead.before);
      item.gone_by = wall_of(lead.after);
      return;
    }
    item.not_before = wall_of(lead.before);
    item.first_seen = wall_of(lead.after);
    if (is_going(last.change.kind)) {
      item.last_seen = wall_of(last.before);
      item.gone_by = wall_of(last.after);
    }
  }

  [[nodiscard]] schema::WallTime wall_of(Seq seq) const { return moments_.wall(seq); }

  const Moments& moments_;
};

}  // namespace

std::string change_hash(const RegisterChange& change) {
  const schema::Endpoint& at = change.change.endpoint;
  const ChangeKind kind = change.change.kind;
  // A service is new or back, depending on how far the register reaches.
  const std::string direction = is_coming(kind) ? "came" : std::string(change_kind_word(kind));
  return situation_hash("change",
                        {std::to_string(change.after.value()),
                         direction,
                         at.netns,
                         std::to_string(static_cast<int>(at.protocol)),
                         std::to_string(static_cast<int>(at.family)),
                         at.address.text(),
                         std::to_string(at.port.value()),
                         at.name,
                         at.device});
}

std::set<std::string> hash_changes(const Register& services, Seq from) {
  std::set<std::string> hashes;
  for (const RegisterChange& change : services.changes) {
    if (change.after > from) {
      hashes.insert(change_hash(change));
    }
  }
  return hashes;
}

std::vector<NewsItem> find_change_news(const ChangeQuestion& question) {
  std::vector<Course> courses;
  std::map<std::size_t, std::size_t> open;  // position of the entry's course of coming and going
  for (const RegisterChange& change : question.services.changes) {
    const bool known =
        question.reported == nullptr || question.reported->contains(change_hash(change));
    if (change.after <= question.from || (change.after <= question.reported_up_to && known)) {
      continue;
    }
    const ChangeKind kind = change.change.kind;
    if (!is_coming(kind) && !is_going(kind)) {
      courses.push_back({{&change}});
      continue;
    }
    const auto [place, is_new] = open.try_emplace(change.entry, courses.size());
    if (is_new) {
      courses.emplace_back();
    }
    courses[place->second].changes.push_back(&change);
  }
  const CourseTeller teller(question.moments);
  std::vector<NewsItem> items;
  for (const Course& course : courses) {
    items.push_back(teller.tell(course));
  }
  return items;
}

}  // namespace sockwitness::query
