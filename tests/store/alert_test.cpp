// Alerts at random cuts of made-up histories, against what the whole history says at once: every
// change and every finding is told, and told once.
#include "query/alert/alert.h"

#include <map>
#include <random>
#include <set>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "query/alert/change_news.h"
#include "query/alert/thing_words.h"
#include "query/analysis/situation.h"
#include "query/app/alert_material.h"
#include "query/app/situation_log.h"
#include "query/read/archive_reader.h"
#include "query/read/service_runs.h"
#include "tests/store/history_file.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/service_history.h"

namespace sockwitness {

using namespace query;
using schema::Seq;

namespace {

std::uint64_t seeds() {
  return std::getenv("SOCKWITNESS_LONG") != nullptr ? 200 : 4;
}

constexpr std::uint64_t kLength = 40;  // snapshots of a history

const OnProgress kNoTick = [](std::int64_t, std::int64_t) {};

std::string words_of(const RegisterChange& change) {
  return fmt::format("{} {} {} after {} at {}",
                     severity_word(change.change.severity),
                     change_kind_word(change.change.kind),
                     where_words(change.change.endpoint),
                     change.before.value(),
                     change.after.value());
}

// What later snapshots may show in another light: of no weight, or a UDP port that the kernel
// chose, which is a client's until it stays.
bool is_light(const RegisterChange& change) {
  const schema::Endpoint& at = change.change.endpoint;
  const bool udp = at.protocol == schema::Protocol::Udp || at.protocol == schema::Protocol::UdpLite;
  return change.change.severity == Severity::Info ||
         (udp && at.port >= schema::ServiceSet().ephemeral_first);
}

// A file that grows, and an alert now and then, each with the state that the last one left.
class Series {
 public:
  explicit Series(std::uint64_t seed)
      : seed_(seed), host_(seed), path_(directory_.file("w.db")), sources_(read_rule_sources({})) {}

  void run() {
    std::mt19937_64 dice(seed_);
    for (std::uint64_t count = 1; count <= kLength; ++count) {
      test::append_snapshot(path_, host_.next());
      if (count == 1 || count == kLength || dice() % 4 == 0) {
        alert();
      }
    }
    CHECK(alert() == 0);
  }

  // In one go, from the first alert on.
  void compare() {
    History history = History::open(path_);
    const Moments moments = history.moments();
    const schema::SeqRange all{Seq(1), moments[moments.size() - 1].seq};
    RegisterBuilder builder;
    history.read([&] {
      visit_services(history,
                     moments,
                     all,
                     all.last,
                     kNoTick,
                     [&](schema::SeqRange stretch, schema::ServiceSet set) {
                       builder.add(stretch, std::move(set));
                     });
    });
    const Register whole = builder.finish();
    for (const RegisterChange& change : whole.changes) {
      CAPTURE(seed_, words_of(change));
      const bool told = told_changes_.erase(change_hash(change)) == 1;
      CHECK((told || is_light(change)));
      ++changes;
    }
    for (const auto& [hash, change] : told_changes_) {
      CAPTURE(seed_, words_of(change));
      CHECK(is_light(change));
      ++extra;
    }
    compare_findings(history, moments);
  }

  std::size_t changes = 0;
  std::size_t extra = 0;
  std::size_t findings = 0;
  std::size_t alerts = 0;

 private:
  Judge judge_of(History& history) {
    return {history, sources_.book, policy_.acceptances, names_, std::nullopt};
  }

  std::size_t alert() {
    History history = History::open(path_);
    const Moments moments = history.moments();
    const std::string archive = read_archive(history);
    // As the next run reads it.
    const auto state = text_.empty() ? std::nullopt : parse_alert_state(text_);
    REQUIRE(text_.empty() == !state.has_value());
    const AlertBase base = find_alert_base(state ? &*state : nullptr, archive, moments);
    CHECK(base.kind == (state ? AlertBase::Kind::Follows : AlertBase::Kind::First));
    Judge judge = judge_of(history);
    const std::optional<schema::Baseline> baseline;
    const AlertMaterial material = read_alert_material({history,
                                                        moments,
                                                        base,
                                                        policy_,
                                                        baseline,
                                                        moments[moments.size() - 1].begin.wall,
                                                        std::nullopt,
                                                        kNoTick},
                                                       judge);
    const Alert told = find_news({.archive = archive,
                                  .moments = moments,
                                  .services = material.services,
                                  .gaps = material.gaps,
                                  .events = material.events,
                                  .missed = material.missed,
                                  .findings = material.findings,
                                  .seen = material.seen,
                                  .failures = material.failures,
                                  .problems = {},
                                  .least = Severity::Info,
                                  .damage = {}},
                                 base,
                                 state ? &*state : nullptr);
    text_ = write_alert_state(told.next);
    for (const NewsItem& item : told.items) {
      UNSCOPED_INFO(phrase_of(item));
    }
    ++alerts;
    take(told, history);
    return told.items.size();
  }

  void take(const Alert& told, History& history) {
    for (const NewsItem& item : told.items) {
      for (const RegisterChange* change : item.changes) {
        CAPTURE(seed_, words_of(*change));
        CHECK(told_changes_.emplace(change_hash(*change), *change).second);
        CHECK(change->after <= *history.last());
      }
      if (item.finding != nullptr) {
        told_findings_.insert(item.finding->key);
        told_rules_.insert(item.what);
        ++findings;
      }
    }
  }

  void compare_findings(History& history, const Moments& moments) {
    Judge judge = judge_of(history);
    SituationLog log;
    for (const Moment& moment : moments.all()) {
      Judgement judgement = judge.judge(moment.seq);
      log.add(judgement);
    }
    for (const Finding& finding : log.take()) {
      CAPTURE(seed_, finding.lead().rule->id);
      // Where not all was seen it may have been told by another name.
      const bool told = told_findings_.contains(finding.key) ||
                        (is_doubtful(finding) && told_rules_.contains(finding.lead().rule->id));
      CHECK(told);
    }
  }

  std::uint64_t seed_;
  test::ServiceHistory host_;
  test::ScratchDir directory_;
  std::string path_;
  RuleSources sources_;
  Policy policy_;
  PortNames names_;
  std::string text_;  // of the state
  std::map<std::string, RegisterChange> told_changes_;
  std::set<std::string> told_findings_;
  std::set<std::string> told_rules_;
};

}  // namespace

TEST_CASE("a series of alerts tells everything, and everything once") {
  std::size_t changes = 0;
  std::size_t findings = 0;
  std::size_t alerts = 0;
  std::size_t extra = 0;
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    CAPTURE(seed);
    Series series(seed);
    series.run();
    series.compare();
    changes += series.changes;
    findings += series.findings;
    alerts += series.alerts;
    extra += series.extra;
  }
  WARN(alerts << " alerts told " << changes << " changes and " << findings << " findings; " << extra
              << " were told that the whole history does not say so");
  CHECK(changes > 50);
  CHECK(extra * 50 < changes);
  CHECK(findings > 0);
}

}  // namespace sockwitness
