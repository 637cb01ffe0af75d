// The answers of alert in all its forms: hostile names, what came and went, what is gone, the
// first.

#include <catch2/catch.hpp>

#include "query/alert/alert.h"
#include "query/analysis/diff.h"
#include "query/report/alert/alert_forms.h"
#include "query/report/alert/alert_metrics.h"
#include "query/report/records/records.h"
#include "query/report/writers/text_writer.h"
#include "tests/golden/golden.h"
#include "tests/golden/hostile_scene.h"
#include "tests/unit/query/owner_scene.h"
#include "tests/unit/query/scene.h"

namespace sockwitness {

using namespace query;
using schema::Seq;
using test::check_document;
using test::check_golden;
using test::check_page;
using test::owner;
using test::tcp;
using test::utc_face;

namespace {

const schema::Owner kWeb = owner("/usr/sbin/nginx");
const schema::Owner kEvil = test::started(
    test::as_user(
        test::with_script(owner("/usr/bin/python3.11"), "/tmp/\x1b[2J,<b>\xff.py"), 33, "www-data"),
    3);

// Four snapshots: a backdoor lives in the second and third, another one stays, a server is gone.
class Night {
 public:
  Night() {
    const auto web = tcp("0.0.0.0 80", {kWeb});
    const auto mail = tcp("0.0.0.0 25", {owner("/usr/sbin/exim4")});
    add({web, mail});
    add({web, mail, tcp("0.0.0.0 8443", {test::started(owner("/var/tmp/.cache/updated"), 1)})});
    add({web, mail, tcp("0.0.0.0 8443", {test::started(owner("/var/tmp/.cache/updated"), 1)})});
    add({web, tcp("0.0.0.0 4444", {kEvil}), tcp(":: 4444", {kEvil})});
    services = builder_.finish();
    moments = moments_of(infos_);
    state.archive = "ab";
    state.marks = {{Seq(1), infos_.front().begin.wall}};
    state.from = Seq(1);
    state.open.push_back({SituationKind::Finding,
                          {std::string(32, 'a')},
                          Severity::High,
                          infos_.front().begin.wall,
                          "shell on the network tcp 9 by /tmp/\x1b]0;owned\x07"});
    missed.push_back(
        {infos_[1].begin.wall, schema::MissedKind::Failed, 2, "no space\x1b[2J", Seq(2)});
  }

  Alert tell(const AlertState* told) {
    const AlertBase base = find_alert_base(told, archive, moments);
    const auto events = build_chronicle(moments, missed, {});
    return find_news({.archive = archive,
                      .moments = moments,
                      .services = services,
                      .gaps = {},
                      .events = events,
                      .missed = missed,
                      .findings = {},
                      .seen = seen,
                      .failures = {},
                      .problems = problems,
                      .damage = told == nullptr ? "reading 'x': it is damaged" : ""},
                     base,
                     told);
  }

  AlertInput input(const Alert& alert, bool anew) {
    return {.latest = infos_.back(),
            .present = present_,
            .snapshots = {Seq(anew ? 4 : 2), Seq(4)},
            .since = Seq(1),
            .items = alert.items,
            .less_weight = alert.less_weight,
            .anew = anew,
            .command = "sockwitness",
            .note = anew ? "" : "rules looked at 2 of 3 snapshots",
            .names = names};
  }

  std::string archive = "ab";
  Register services;
  Moments moments;
  AlertState state;
  std::vector<schema::MissedRun> missed;
  std::map<std::string, Seq> seen;
  std::vector<schema::Error> problems{{schema::ExitCode::Usage, "reading 'a\nb': no", "a hint"}};
  PortNames names;

 private:
  void add(std::vector<schema::Service> list) {
    schema::SnapshotInfo info = info_of(test::busy_host().snapshot);
    info.seq = Seq(static_cast<std::int64_t>(infos_.size()) + 1);
    const std::int64_t later = static_cast<std::int64_t>(infos_.size()) * 5 * test::kMinuteUs;
    info.begin.wall.microseconds += later;
    info.begin.since_boot.nanoseconds += later * 1000;
    info.begin.monotonic_ns += later * 1000;
    infos_.push_back(info);
    present_ = test::set_of(std::move(list));
    present_.as_of = info.begin.wall;
    builder_.add({info.seq, info.seq}, present_);
  }

  RegisterBuilder builder_;
  std::vector<schema::SnapshotInfo> infos_;
  schema::ServiceSet present_;
};

}  // namespace

TEST_CASE("an alert after a night") {
  Night night;
  const Alert alert = night.tell(&night.state);
  const AlertInput input = night.input(alert, false);
  const Page page = lay_out_alert(input, utc_face());
  check_page("alert", page);
  check_document("alert", build_alert(input));
  const std::string text = write_text(page, {});
  check_golden("alert.mail", write_alert_mail(input, "ops@example.org", text));
  check_golden("alert.webhook", write_alert_line(input, text));
  std::string entries;
  for (const std::string& entry : write_journal_entries(input)) {
    entries += entry + "\n";
  }
  check_golden("alert.journal", entries);
}

TEST_CASE("the first alert tells the state") {
  Night night;
  const Alert alert = night.tell(nullptr);
  const AlertInput input = night.input(alert, true);
  check_page("alert_first", lay_out_alert(input, utc_face()));
  check_document("alert_first", build_alert(input));
}

TEST_CASE("figures") {
  AlertMetrics metrics;
  metrics.listeners = 12;
  metrics.unexplained = 2;
  metrics.findings = {{Severity::High, 1}, {Severity::Low, 3}};
  metrics.last_snapshot = test::kSceneTime;
  metrics.gaps = 4;
  check_golden("alert.metrics", write_alert_metrics(metrics));
}

}  // namespace sockwitness
