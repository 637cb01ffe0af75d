// Series of alerts over made-up histories: what is told, and that it is told once.
#include <algorithm>

#include <catch2/catch.hpp>

#include "query/alert/alert.h"
#include "query/alert/change_news.h"
#include "query/analysis/situation.h"
#include "tests/unit/query/owner_scene.h"
#include "tests/unit/query/scene.h"

namespace sockwitness {

using namespace query;
using schema::Seq;
using schema::Service;
using schema::ServiceSet;
using test::owner;
using test::tcp;

namespace {

Rule rule_of(std::string id, Severity severity) {
  Rule rule;
  rule.title = id + " title";
  rule.id = std::move(id);
  rule.severity = severity;
  return rule;
}

const Rule kBad = rule_of("bad", Severity::Medium);
const Rule kWorse = rule_of("worse", Severity::Critical);

// A program at a port that a rule says something of.
struct Found {
  const Rule* rule;
  std::uint16_t port;
  Severity severity;
};

// Snapshots a minute apart, and an alert now and then.
class Host {
 public:
  void snapshot(std::vector<Service> services,
                std::vector<Found> found = {},
                std::vector<schema::Gap> gaps = {}) {
    sets_.push_back(test::set_of(std::move(services)));
    sets_.back().gaps = std::move(gaps);
    found_.push_back(std::move(found));
    infos_.push_back(test::info_at(static_cast<std::int64_t>(sets_.size()), minute_++));
  }
  void pause(std::int64_t minutes) { minute_ += minutes; }
  void miss(schema::MissedKind kind, std::string reason) {
    missed_.push_back({infos_.back().begin.wall, kind, 1, std::move(reason), infos_.back().seq});
  }

  // The phrases, each with its weight.
  std::vector<std::string> alert(Severity least = Severity::Medium) {
    const Moments moments = moments_of(infos_);
    const AlertBase base = find_alert_base(state_ ? &*state_ : nullptr, archive, moments);
    read(base, moments);
    ChronicleOptions schedule;
    schedule.until = schema::WallTime{test::kSceneTime.microseconds + minute_ * test::kMinuteUs};
    const auto events = build_chronicle(moments, missed_, schedule);
    const Alert told = find_news({.archive = archive,
                                  .moments = moments,
                                  .services = register_,
                                  .gaps = gaps_,
                                  .events = events,
                                  .missed = missed_,
                                  .findings = findings_,
                                  .seen = seen_,
                                  .failures = {},
                                  .problems = problems,
                                  .least = least,
                                  .damage = {}},
                                 base,
                                 state_ ? &*state_ : nullptr);
    state_ = told.next;
    std::vector<std::string> words;
    for (const NewsItem& item : told.items) {
      const bool gone = item.phase == NewsPhase::Gone;
      words.push_back((gone ? "gone" : std::string(severity_word(item.severity))) +
                      (item.phase == NewsPhase::Worse ? " worse " : " ") + phrase_of(item));
    }
    return words;
  }

  std::string archive = "ab";
  std::vector<schema::Error> problems;

 private:
  void read(const AlertBase& base, const Moments& moments) {
    RegisterBuilder builder;
    gaps_.clear();
    for (std::size_t at = moments.at_or_after(base.from); at < sets_.size(); ++at) {
      const Seq seq = infos_[at].seq;
      ServiceSet set = sets_[at];
      set.as_of = infos_[at].begin.wall;
      for (const schema::Gap& gap : set.gaps) {
        gaps_.push_back({{seq, seq}, gap, {}});
      }
      builder.add({seq, seq}, std::move(set));
    }
    register_ = builder.finish();
    findings_.clear();
    seen_.clear();
    for (std::size_t at = moments.at_or_after(base.anew ? base.reported_up_to : base.from);
         at < sets_.size();
         ++at) {
      for (const Found& found : found_[at]) {
        add(found, infos_[at].seq);
      }
    }
  }

  void add(const Found& found, Seq seq) {
    test::Scene scene(seq.value());
    const auto process = scene.process("agent", 77, "/opt/agent");
    const auto socket =
        scene.socket(schema::Protocol::Tcp, "0.0.0.0 " + std::to_string(found.port));
    scene.hold(socket, process, 3);
    Match match;
    match.rule = found.rule;
    match.severity = found.severity;
    match.process = process;
    match.socket = socket;
    const auto judged = std::make_shared<const JudgedSnapshot>(std::move(scene.snapshot),
                                                               std::vector<schema::Seen>());
    Finding finding{judged, {match}, situation_key(judged->host(), match), {}};
    finding.interval =
        ObservedInterval{judged->snapshot().begin.wall, judged->snapshot().begin.wall, 1};
    seen_[finding.key] = seq;
    std::erase_if(findings_, [&](const Finding& each) { return each.key == finding.key; });
    findings_.push_back(std::move(finding));
  }

  std::vector<ServiceSet> sets_;
  std::vector<std::vector<Found>> found_;
  std::vector<schema::SnapshotInfo> infos_;
  std::vector<schema::MissedRun> missed_;
  std::int64_t minute_ = 0;
  std::optional<AlertState> state_;
  Register register_;
  std::vector<CoverageGap> gaps_;
  std::vector<Finding> findings_;
  std::map<std::string, Seq> seen_;
};

using Words = std::vector<std::string>;

const Service kWeb = tcp("0.0.0.0 80", {owner("/usr/sbin/nginx")});
const Service kAgent = tcp("0.0.0.0 7777", {owner("/opt/agent")});
const Words kNothing;

schema::Gap table_gap() {
  schema::Gap gap;
  gap.source = schema::GapSource::SocketTable;
  gap.object = schema::Protocol::Tcp;
  gap.reason = schema::GapReason::Permission;
  return gap;
}

}  // namespace

TEST_CASE("what lived between two alerts is told with the second") {
  Host host;
  host.snapshot({kWeb});
  CHECK(host.alert() == kNothing);
  host.snapshot({kWeb, kAgent});
  host.snapshot({kWeb, kAgent});
  host.snapshot({kWeb});
  CHECK(host.alert() == Words{"high new listener tcp 7777 by /opt/agent"});
  CHECK(host.alert() == kNothing);
  host.snapshot({kWeb});
  CHECK(host.alert() == kNothing);
}

TEST_CASE("what came and went is told twice where an alert lay between") {
  Host host;
  host.snapshot({kWeb});
  CHECK(host.alert() == kNothing);
  host.snapshot({kWeb, kAgent});
  CHECK(host.alert() == Words{"high new listener tcp 7777 by /opt/agent"});
  host.snapshot({kWeb});
  CHECK(host.alert() == Words{"medium vanished service tcp 7777 by /opt/agent"});
  CHECK(host.alert() == kNothing);
}

TEST_CASE("a restart is no news") {
  Host host;
  host.snapshot({kWeb});
  CHECK(host.alert() == kNothing);
  Service again = kWeb;
  again.owners = {test::started(owner("/usr/sbin/nginx"), 3, 900)};
  host.snapshot({again});
  CHECK(host.alert() == kNothing);
  CHECK(host.alert() == kNothing);
}

TEST_CASE("a network namespace that could not be read is called one") {
  Host host;
  host.snapshot({kWeb});
  CHECK(host.alert() == kNothing);
  schema::Gap gap = table_gap();
  gap.source = schema::GapSource::Namespace;
  gap.object = schema::GapObject::of_text("descriptors");
  host.snapshot({kWeb}, {}, {gap});
  const Words words = host.alert();
  REQUIRE(words.size() == 1);
  CHECK(words.front().find("could not look at a network namespace") != std::string::npos);
}

// The alert between falls where nobody could look: neither gone nor new, and not forgotten.
TEST_CASE("a gap at the last snapshot of an alert hides nothing for good") {
  Host host;
  host.snapshot({kWeb, kAgent});
  CHECK(host.alert() == kNothing);
  SECTION("it is gone afterwards") {
    host.snapshot({}, {}, {table_gap()});
    CHECK(host.alert() == Words{"medium could not look at socket table tcp"});
    host.snapshot({}, {}, {table_gap()});
    CHECK(host.alert() == kNothing);
    host.snapshot({kWeb});
    CHECK(host.alert() == Words{"medium vanished service tcp 7777 by /opt/agent"});
    CHECK(host.alert() == kNothing);
  }
  SECTION("it is there afterwards") {
    host.snapshot({}, {}, {table_gap()});
    CHECK(host.alert() == Words{"medium could not look at socket table tcp"});
    host.snapshot({kWeb, kAgent});
    CHECK(host.alert() == kNothing);
  }
  SECTION("something else came meanwhile") {
    host.snapshot({}, {}, {table_gap()});
    CHECK(host.alert() == Words{"medium could not look at socket table tcp"});
    host.snapshot({kWeb, kAgent, tcp("0.0.0.0 9", {owner("/opt/x")})});
    CHECK(host.alert() == Words{"high new listener tcp 9 by /opt/x"});
    CHECK(host.alert() == kNothing);
  }
}

TEST_CASE("a finding is told once, and when it is gone, and when it is back") {
  Host host;
  const Found found{&kBad, 7777, Severity::Medium};
  host.snapshot({kWeb});
  CHECK(host.alert() == kNothing);
  host.snapshot({kWeb}, {found});
  CHECK(host.alert() == Words{"medium bad title tcp 7777 by /opt/agent"});
  host.snapshot({kWeb}, {found});
  CHECK(host.alert() == kNothing);
  host.snapshot({kWeb});
  CHECK(host.alert() == Words{"gone no longer found: bad title tcp 7777 by /opt/agent"});
  CHECK(host.alert() == kNothing);
  host.snapshot({kWeb}, {found});
  CHECK(host.alert() == Words{"medium bad title tcp 7777 by /opt/agent"});
}

TEST_CASE("a finding that came and went between two alerts is told once") {
  Host host;
  host.snapshot({kWeb});
  CHECK(host.alert() == kNothing);
  host.snapshot({kWeb}, {{&kBad, 7777, Severity::Medium}});
  host.snapshot({kWeb});
  CHECK(host.alert() == Words{"medium bad title tcp 7777 by /opt/agent"});
  CHECK(host.alert() == kNothing);
}

TEST_CASE("a finding is told again when it is worse, and not when it is less") {
  Host host;
  host.snapshot({kWeb}, {{&kBad, 7777, Severity::Medium}});
  CHECK(host.alert() == Words{"medium bad title tcp 7777 by /opt/agent"});
  host.snapshot({kWeb}, {{&kBad, 7777, Severity::High}});
  CHECK(host.alert() == Words{"high worse bad title tcp 7777 by /opt/agent"});
  host.snapshot({kWeb}, {{&kBad, 7777, Severity::Medium}});
  CHECK(host.alert() == kNothing);
  host.snapshot({kWeb}, {{&kBad, 7777, Severity::High}});
  CHECK(host.alert() == kNothing);
}

TEST_CASE("below the threshold nothing is told, and what rises above it is") {
  Host host;
  host.snapshot({kWeb}, {{&kBad, 7777, Severity::Low}});
  CHECK(host.alert() == kNothing);
  host.snapshot({kWeb}, {{&kBad, 7777, Severity::High}, {&kWorse, 9, Severity::Critical}});
  CHECK(host.alert() ==
        Words{"critical worse title tcp 9 by /opt/agent", "high bad title tcp 7777 by /opt/agent"});
}

TEST_CASE("a finding is not gone while nobody could look") {
  Host host;
  host.snapshot({kWeb}, {{&kBad, 7777, Severity::Medium}});
  CHECK(host.alert().size() == 1);
  host.snapshot({}, {}, {table_gap()});
  CHECK(host.alert() == Words{"medium could not look at socket table tcp"});
  host.snapshot({}, {}, {table_gap()});
  CHECK(host.alert() == kNothing);
  host.snapshot({kWeb});
  CHECK(host.alert() == Words{"gone no longer found: bad title tcp 7777 by /opt/agent"});
}

TEST_CASE("runs that gave nothing are told once") {
  Host host;
  host.snapshot({kWeb});
  host.snapshot({kWeb});
  CHECK(host.alert() == kNothing);
  host.miss(schema::MissedKind::Failed, "no space");
  CHECK(host.alert() == Words{"medium 1 run gave no snapshot (1 failed)"});
  CHECK(host.alert() == kNothing);
  host.miss(schema::MissedKind::Failed, "no space");
  host.miss(schema::MissedKind::Skipped, "another run");
  CHECK(host.alert() == Words{"medium 2 runs gave no snapshot (1 skipped, 1 failed)"});
  host.snapshot({kWeb});
  CHECK(host.alert() == kNothing);
}

TEST_CASE("a recorder that stopped is told once, and how long it was") {
  Host host;
  for (int count = 0; count < 5; ++count) {
    host.snapshot({kWeb});
  }
  CHECK(host.alert() == kNothing);
  host.pause(60);
  REQUIRE(host.alert().size() == 1);
  host.pause(60);
  CHECK(host.alert() == kNothing);
  host.snapshot({kWeb});
  const Words back = host.alert();
  REQUIRE(back.size() == 1);
  CHECK_THAT(back.front(), Catch::StartsWith("medium nothing was recorded for 2 h"));
  CHECK(host.alert() == kNothing);
}

TEST_CASE("a mistake in a file of the site is told while it lasts, once") {
  Host host;
  host.problems.emplace_back(schema::ExitCode::Usage, "reading 'x.toml': no rule");
  host.snapshot({kWeb});
  CHECK(host.alert() == Words{"medium reading 'x.toml': no rule"});
  CHECK(host.alert() == kNothing);
  host.problems.clear();
  CHECK(host.alert() == kNothing);
}

TEST_CASE("another database is said, and its state is told") {
  Host host;
  host.snapshot({kWeb}, {{&kBad, 7777, Severity::Medium}});
  CHECK(host.alert().size() == 1);
  host.archive = "cd";
  const Words told = host.alert();
  REQUIRE(told.size() == 2);
  CHECK_THAT(told[0], Catch::StartsWith("high the database is another one"));
  CHECK(told[1] == "medium bad title tcp 7777 by /opt/agent");
  CHECK(host.alert() == kNothing);
}

}  // namespace sockwitness
