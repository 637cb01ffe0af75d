// The answers of check and rules: several findings, hostile names, acceptances, failures and gaps.

#include <memory>

#include <catch2/catch.hpp>

#include "query/analysis/situation.h"
#include "query/report/answers/check_report.h"
#include "query/report/answers/rules_report.h"
#include "query/rules/engine.h"
#include "query/rules/rule_book.h"
#include "query/rules/rule_folder.h"
#include "tests/golden/golden.h"
#include "tests/unit/query/rules/rule_scene.h"

namespace sockwitness {

using namespace query;
using namespace std::string_literals;
using test::check_document;
using test::check_page;
using test::RuleScene;
using test::utc_face;

namespace {

constexpr std::int64_t kHour = 60 * test::kMinuteUs;

// A web server that somebody made run a script, which started a shell; names that attack terminals,
// rows and spreadsheets; a relay that is known; a sniffer whose acceptance has ended.
RuleScene suspicious_host() {
  RuleScene scene;
  const auto nginx = scene.run("/usr/sbin/nginx", {"nginx: worker process"});
  scene.give_unit(nginx, "nginx.service");
  scene.give_user(nginx, 33);
  scene.listen(nginx, 6, "0.0.0.0 80");
  const auto python = scene.run(nginx, "/usr/bin/python3.11", {"python3", "/tmp/.x/a.py"});
  scene.give_script(python, "/tmp/.x/a.py");
  scene.give_user(python, 33);
  scene.connect(python, 3, "10.0.0.5 51234", "198.51.100.7 443");
  const auto bash = scene.run(python, "/usr/bin/bash", {"bash", "-i"});
  scene.give_user(bash, 33);
  for (int fd = 0; fd < 3; ++fd) {
    scene.hold(schema::SocketIndex(1), bash, fd);
  }
  const auto local = scene.run("/usr/bin/dash", {"sh"});
  scene.connect(local, 0, "127.0.0.1 50000", "127.0.0.1 9001");
  scene.connect(scene.run("/usr/sbin/sink"), 4, "127.0.0.1 9001", "127.0.0.1 50000");

  const char* const names[] = {"\x1b]0;owned\x07",
                               "x\ntcp 0 0",
                               "=cmd|' /C calc",
                               "\xff\xfe",
                               "\u202egnp.exe",
                               "\"},{\"pid\":1",
                               "日本語"};
  int port = 4000;
  for (const char* name : names) {
    const auto process = scene.run_unowned("/tmp/"s + name, {"=1+1", "\x1b[2J", "\xc3\x28"});
    scene.at(process).name = name;
    scene.at(process).unit = name;
    scene.listen(process, 3, "0.0.0.0 " + std::to_string(port++));
  }
  const auto socat = scene.run("/usr/bin/socat", {"socat", "TCP-LISTEN:8081", "TCP:10.0.0.9:80"});
  scene.listen(socat, 5, "10.0.0.5 8081");
  const auto nmap = scene.run_unowned("/usr/local/bin/nmap");
  scene.capture(nmap, 3, schema::Protocol::Raw, 6);
  scene.gap(schema::GapSource::ProcessField, schema::GapPart::Environment, 4711);
  for (std::size_t at = 0; at < scene.snapshot.sockets.size(); ++at) {
    const std::int64_t ago = at % 2 == 0 ? 0 : static_cast<std::int64_t>(at) * kHour;
    scene.lifetimes.push_back({{test::kSceneTime.microseconds - ago}, test::kSceneTime});
  }
  return scene;
}

// The answer and everything that it refers to.
struct Checked {
  Checked()
      : book(builtin_rules(),
             std::vector<RuleText>{
                 {"/etc/sockwitness/rules.d/own.toml",
                  "id = \"own\"\ntitle = \"t\"\nseverity = \"low\"\nexplanation = \"e\"\n"
                  "sql = '''\nSELECT nosuch AS why,\n 1 AS process'''\n"},
                 {"/etc/sockwitness/rules.d/torn\x1b[2J.toml", "id = "}}) {
    FindingAcceptance relay;
    relay.rule = "relay-listener";
    relay.port = schema::Port(8081);
    relay.reason = "the old shop \x1b[1m needs it";
    relay.until = std::chrono::year(2026) / 12 / 31;
    FindingAcceptance sniffer;
    sniffer.rule = "raw-socket";
    sniffer.reason = "OPS-7";
    sniffer.until = std::chrono::year(2026) / 10 / 31;
    acceptances = {relay, sniffer};
    scene.snapshot.begin.wall = test::kSceneTime;
    judged = std::make_shared<const JudgedSnapshot>(scene.snapshot, scene.lifetimes);
    Stage stage({judged->host()});
    RuleRun run = engine.run(stage, book.rules());
    blindness = find_blindness(run.reads, scene.snapshot.gaps);
    failures = std::move(run.failures);
    findings = group_matches(judged, std::move(run.matches), acceptances);
  }

  [[nodiscard]] CheckInput input(bool all) {
    if (!all) {
      hidden = std::erase_if(
          findings, [](const Finding& finding) { return finding.severity() < Severity::Medium; });
    }
    return {.snapshot = judged->snapshot(),
            .from = std::nullopt,
            .snapshots = 1,
            .rules_version = "0123456789abcdef",
            .rules = 50,
            .findings = findings,
            .hidden = hidden,
            .failures = failures,
            .problems = book.problems(),
            .blindness = blindness,
            .note = {},
            .names = names,
            .all = all};
  }

  RuleScene scene = suspicious_host();
  RuleBook book;
  Engine engine;
  std::vector<FindingAcceptance> acceptances;
  std::shared_ptr<const JudgedSnapshot> judged;
  PortNames names = PortNames::parse("http 80/tcp\nhttps 443/tcp\n");
  std::vector<RuleFailure> failures;
  std::vector<Blindness> blindness;
  std::vector<Finding> findings;
  std::size_t hidden = 0;
};

const std::vector<RuleText>& two_rules() {
  static const std::vector<RuleText> texts{
      {"builtin/a-rule.toml",
       "id = \"a-rule\"\ntitle = \"a title\"\nseverity = \"critical\"\n"
       "attack = [\"T1059.004\", \"T1095\"]\nexplanation = \"\"\"\nFirst line.\n\nSecond.\"\"\"\n"
       "benign = [\"one thing\", \"another\"]\naccept = [\"program\", \"port\"]\n"
       "sql = '''\nSELECT id AS process, 'x' AS why\nFROM processes\n'''\n"},
      {"/etc/sockwitness/rules.d/\x1b[2J.toml",
       "id = \"b-rule\"\ntitle = \"=cmd|' /C calc \\u202e\"\nseverity = \"low\"\n"
       "explanation = \"\\u001b[2J\"\nsql = \"SELECT 1 AS nosuch\"\nenabled = false\n"}};
  return texts;
}

}  // namespace

TEST_CASE("check for machines") {
  Checked checked;
  check_document("check", build_check(checked.input(true)));
}

TEST_CASE("check for people") {
  Checked checked;
  SECTION("what counts") {
    check_page("check", lay_out_check(checked.input(false), utc_face()));
  }
  SECTION("with every ground") {
    CheckInput input = checked.input(false);
    input.explain = true;
    check_page("check_explain", lay_out_check(input, utc_face()));
  }
  SECTION("all of it") {
    check_page("check_all", lay_out_check(checked.input(true), utc_face()));
  }
}

TEST_CASE("check of a range, and of a clean host") {
  Checked checked;
  CheckInput input = checked.input(false);
  SECTION("a range") {
    std::uint32_t snapshots = 0;
    for (Finding& finding : checked.findings) {
      finding.interval = ObservedInterval{
          {test::kSceneTime.microseconds - 5 * kHour}, test::kSceneTime, ++snapshots};
    }
    input.from = schema::Seq(1);
    input.snapshots = 42;
    input.note = "nothing was recorded for 30 minutes";
    check_page("check_range", lay_out_check(input, utc_face()));
  }
  SECTION("clean") {
    input.findings = {};
    input.failures = {};
    input.problems = {};
    check_page("check_clean", lay_out_check(input, utc_face()));
  }
}

TEST_CASE("rules") {
  const RuleBook book(two_rules(), {});
  const RuleFailure failure{&book.rules()[1], "no such column: \x1b", 6, false};
  const std::string version = "0123456789abcdef";
  const RulesInput input{book.rules(), version, {&failure, 1}, {}};
  check_document("rules", build_rules(input));
  check_page("rules", lay_out_rules(input));
  check_page("rules_show", lay_out_rule(book.rules()[0]));
}

}  // namespace sockwitness
