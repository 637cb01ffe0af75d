// Matches become findings: one per situation; acceptances; blindness.

#include "query/analysis/situation.h"

#include <catch2/catch.hpp>

#include "query/analysis/findings/blindness.h"
#include "query/policy/acceptances.h"
#include "query/report/words/finding_words.h"
#include "tests/unit/query/rules/rule_scene.h"

namespace sockwitness {

using query::Finding;
using query::FindingAcceptance;
using query::HostView;
using query::Match;
using query::Rule;
using query::Severity;
using test::RuleScene;

namespace {

struct Rules {
  Rules() {
    for (const char* id : {"a", "b", "c"}) {
      Rule rule;
      rule.id = id;
      rule.title = std::string("title ") + id;
      rule.accept = {"program", "user", "port"};
      rules.push_back(rule);
    }
  }
  [[nodiscard]] Match match(std::size_t rule,
                            Severity severity,
                            std::optional<schema::ProcessIndex> process,
                            std::optional<schema::SocketIndex> socket = {},
                            std::optional<schema::ProcessIndex> partner = {}) const {
    return {&rules[rule], severity, process, partner, socket, "why", {}};
  }

  std::vector<Rule> rules;
};

std::shared_ptr<const query::JudgedSnapshot> judged(const RuleScene& scene,
                                                    schema::WallTime at = test::kSceneTime) {
  schema::Snapshot snapshot = scene.snapshot;
  snapshot.begin.wall = at;
  return std::make_shared<const query::JudgedSnapshot>(std::move(snapshot),
                                                       std::vector<schema::Seen>());
}

// "b:high a:low; c:medium": findings with their matches.
std::string grouped(const RuleScene& scene,
                    std::vector<Match> matches,
                    const std::vector<FindingAcceptance>& acceptances = {},
                    schema::WallTime at = test::kSceneTime) {
  std::string text;
  for (const Finding& finding :
       query::group_matches(judged(scene, at), std::move(matches), acceptances)) {
    text += text.empty() ? "" : "; ";
    for (const Match& match : finding.matches) {
      text += &match == &finding.matches.front() ? "" : " ";
      text += match.rule->id + ":" + std::string(severity_word(match.severity));
      text += match.accepted() ? "+" : (match.expired ? "-" : "");
    }
  }
  return text;
}

}  // namespace

TEST_CASE("one chain of processes is one finding, under the gravest") {
  const Rules rules;
  RuleScene scene;
  const auto server = scene.run("/usr/sbin/nginx");
  const auto middle = scene.run(server, "/usr/bin/python3");
  const auto shell = scene.run(middle, "/usr/bin/bash");
  const auto other = scene.run("/usr/bin/other");
  CHECK(grouped(scene,
                {rules.match(0, Severity::Medium, middle),
                 rules.match(1, Severity::Critical, shell),
                 rules.match(2, Severity::High, other)}) == "b:critical a:medium; c:high");
  SECTION("three generations, not four") {
    const auto deep = scene.run(scene.run(shell, "/usr/bin/x"), "/usr/bin/y");
    CHECK(grouped(scene,
                  {rules.match(0, Severity::High, server),
                   rules.match(1, Severity::High, shell)}) == "b:high a:high");
    CHECK(grouped(scene,
                  {rules.match(0, Severity::High, server), rules.match(1, Severity::High, deep)}) ==
          "b:high; a:high");
  }
  SECTION("pid 1 joins nothing") {
    CHECK(grouped(scene,
                  {rules.match(0, Severity::High, schema::ProcessIndex(0)),
                   rules.match(1, Severity::High, server)}) == "b:high; a:high");
  }
  SECTION("a socket or a partner in common") {
    const auto socket = scene.listen(server, 3, "0.0.0.0 80");
    CHECK(grouped(scene,
                  {rules.match(0, Severity::High, server, socket),
                   rules.match(1, Severity::Medium, other, socket)}) == "a:high b:medium");
    CHECK(grouped(scene,
                  {rules.match(0, Severity::High, other, {}, shell),
                   rules.match(1, Severity::Medium, shell)}) == "a:high b:medium");
    // Two that talk to the same one are two situations, unless there is something about that one.
    std::vector<Match> two{rules.match(0, Severity::High, other, {}, server),
                           rules.match(1, Severity::Medium, shell, {}, server)};
    CHECK(grouped(scene, two) == "a:high; b:medium");
    two.push_back(rules.match(2, Severity::Medium, server));
    CHECK(grouped(scene, two) == "a:high b:medium c:medium");
  }
  SECTION("siblings that run the same program") {
    const auto one = scene.run(server, "/opt/worker");
    const auto two = scene.run(server, "/opt/worker");
    CHECK(grouped(scene,
                  {rules.match(0, Severity::High, one), rules.match(0, Severity::High, two)}) ==
          "a:high a:high");
    const auto told = [&](schema::SocketIndex first, schema::SocketIndex second) {
      return grouped(scene,
                     {rules.match(0, Severity::High, one, first),
                      rules.match(0, Severity::High, two, second)});
    };
    const auto to_peer = [&](schema::ProcessIndex process, const char* own, const char* peer) {
      return scene.connect(process, 4, own, peer);
    };
    CHECK(told(scene.listen(one, 3, "0.0.0.0 7311"), scene.listen(two, 3, "0.0.0.0 7312")) ==
          "a:high; a:high");
    CHECK(told(scene.listen(one, 3, "0.0.0.0 7311"), scene.listen(two, 3, "0.0.0.0 7311")) ==
          "a:high a:high");
    CHECK(told(to_peer(one, "10.0.0.5 40001", "198.51.100.7 443"),
               to_peer(two, "10.0.0.5 40002", "198.51.100.7 443")) == "a:high a:high");
    CHECK(told(to_peer(one, "10.0.0.5 40003", "198.51.100.7 443"),
               to_peer(two, "10.0.0.5 40004", "198.51.100.8 443")) == "a:high; a:high");
    CHECK(told(to_peer(one, "10.0.0.5 40005", "198.51.100.7 443"),
               to_peer(two, "10.0.0.5 40006", "198.51.100.7 444")) == "a:high; a:high");
    scene.program(two).path = "/opt/another";
    CHECK(grouped(scene,
                  {rules.match(0, Severity::High, one), rules.match(0, Severity::High, two)}) ==
          "a:high; a:high");
  }
}

TEST_CASE("each member of a situation is told with its process and its socket") {
  const Rules rules;
  RuleScene scene;
  const auto parent = scene.run("/usr/bin/python3");
  std::vector<Match> matches;
  for (const char* own : {"10.0.0.5 40001", "10.0.0.5 40002", "10.0.0.5 40003"}) {
    const auto child = scene.run(parent, "/opt/worker");
    const auto socket = scene.connect(child, 0, own, "198.51.100.7 443");
    matches.push_back(rules.match(0, Severity::High, child, socket));
  }
  const auto other = scene.run(parent, "/usr/bin/other");
  matches.push_back(rules.match(1, Severity::Medium, parent));
  const auto listener = scene.listen(other, 3, "0.0.0.0 81");
  matches.push_back(rules.match(2, Severity::Medium, other, listener));
  const auto findings = query::group_matches(judged(scene), matches, {});
  REQUIRE(findings.size() == 1);
  CHECK(query::others_line(findings[0]).text() ==
        "and 2 more processes: worker(102) at tcp 10.0.0.5:40002 → 198.51.100.7:443, "
        "worker(101) at tcp 10.0.0.5:40001 → 198.51.100.7:443");
  CHECK(query::also_line(findings[0]).text() ==
        "also: title c (other(104) at tcp 0.0.0.0:81), title b (python3(100))");
}

TEST_CASE("what has little weight is context, and joins nothing") {
  const Rules rules;
  RuleScene scene;
  const auto engine = scene.run("/usr/local/bin/containerd");
  const auto one = scene.run(engine, "/usr/bin/a");
  const auto two = scene.run(engine, "/usr/bin/b");
  CHECK(grouped(scene,
                {rules.match(0, Severity::Low, engine),
                 rules.match(1, Severity::High, one),
                 rules.match(2, Severity::Critical, two)}) == "c:critical a:low; b:high a:low");
  SECTION("alone it is a finding of its own, one for all processes of its kind") {
    CHECK(grouped(scene,
                  {rules.match(0, Severity::Low, one),
                   rules.match(1, Severity::Info, one),
                   rules.match(0, Severity::Low, two)}) == "a:low; a:low b:info");
    scene.program(two).path = "/usr/bin/a";
    CHECK(
        grouped(scene, {rules.match(0, Severity::Low, one), rules.match(0, Severity::Low, two)}) ==
        "a:low a:low");
  }
  SECTION("of a socket that nobody holds") {
    const auto socket = scene.socket(schema::Protocol::Tcp, "0.0.0.0 1");
    CHECK(grouped(scene, {rules.match(0, Severity::Low, {}, socket)}) == "a:low");
  }
}

TEST_CASE("accepted reasons stand last; context does not undo an acceptance") {
  const Rules rules;
  RuleScene scene;
  const auto process = scene.run("/usr/bin/a");
  FindingAcceptance accept_a;
  accept_a.rule = "a";
  accept_a.reason = "known";
  const std::vector<Match> matches{rules.match(0, Severity::Critical, process),
                                   rules.match(1, Severity::Medium, process),
                                   rules.match(2, Severity::Low, process)};
  CHECK(grouped(scene, matches, {accept_a}) == "b:medium a:critical+ c:low");
  FindingAcceptance accept_b = accept_a;
  accept_b.rule = "b";
  CHECK(grouped(scene, matches, {accept_a, accept_b}) == "a:critical+ b:medium+ c:low");
  SECTION("an acceptance that has ended counts again") {
    accept_a.until = std::chrono::year(2026) / 11 / 22;
    CHECK(grouped(scene, matches, {accept_a}) == "a:critical- b:medium c:low");
    // 2026-11-23T03:30:00Z is within the last day.
    accept_a.until = std::chrono::year(2026) / 11 / 23;
    CHECK(grouped(scene, matches, {accept_a}) == "b:medium a:critical+ c:low");
    FindingAcceptance renewed = accept_a;
    renewed.until = std::chrono::year(2027) / 1 / 1;
    accept_a.until = std::chrono::year(2026) / 1 / 1;
    CHECK(grouped(scene, matches, {accept_a, renewed}) == "b:medium a:critical+ c:low");
  }
}

TEST_CASE("an acceptance ends with its day, in UTC") {
  FindingAcceptance acceptance;
  CHECK_FALSE(query::is_expired(acceptance, {INT64_MAX}));
  acceptance.until = std::chrono::year(1970) / 1 / 1;
  constexpr std::int64_t kDay = 86'400'000'000;
  CHECK_FALSE(query::is_expired(acceptance, {kDay - 1}));
  CHECK(query::is_expired(acceptance, {kDay}));
}

TEST_CASE("an acceptance covers what all its parts fit") {
  const Rules rules;
  RuleScene scene;
  const auto process = scene.run("/usr/bin/python3.11", {"python3", "/opt/x/a.py"});
  scene.give_script(process, "/opt/x/a.py");
  scene.give_user(process, 33);
  const auto listener = scene.listen(process, 3, "0.0.0.0 8080");
  const auto outbound = scene.connect(process, 4, "10.0.0.5 51234", "198.51.100.7 443");
  const HostView host(scene.snapshot, {});
  const auto covered = [&](const FindingAcceptance& acceptance, const Match& match) {
    return query::covers(acceptance, host, match);
  };
  const Match match = rules.match(0, Severity::High, process, listener);
  FindingAcceptance acceptance;
  acceptance.rule = "a";
  CHECK(covered(acceptance, match));
  CHECK_FALSE(covered(acceptance, rules.match(1, Severity::High, process, listener)));
  SECTION("program") {
    struct Row {
      const char* program;
      bool covers;
    };
    const Row row = GENERATE(values<Row>({{"/usr/bin/python3.11", true},
                                          {"/opt/x/a.py", true},
                                          {"/opt/*/a.py", true},
                                          {"/opt/x/*", true},
                                          {"/opt/*", false},
                                          {"/opt/x", false},
                                          {"/opt/x/a.p", false}}));
    acceptance.program = row.program;
    CAPTURE(row.program);
    CHECK(covered(acceptance, match) == row.covers);
    CHECK_FALSE(covered(acceptance, rules.match(0, Severity::High, {}, listener)));
  }
  SECTION("user, by name or number") {
    for (const char* user : {"www-data", "33"}) {
      acceptance.user = user;
      CHECK(covered(acceptance, match));
    }
    acceptance.user = "root";
    CHECK_FALSE(covered(acceptance, match));
  }
  SECTION("port: a listener's own, of a connection the server's") {
    acceptance.port = schema::Port(8080);
    CHECK(covered(acceptance, match));
    CHECK_FALSE(covered(acceptance, rules.match(0, Severity::High, process, outbound)));
    acceptance.port = schema::Port(443);
    CHECK(covered(acceptance, rules.match(0, Severity::High, process, outbound)));
    CHECK_FALSE(covered(acceptance, rules.match(0, Severity::High, process)));
  }
}

TEST_CASE("the acceptance that is offered covers the match, whatever its names are made of") {
  const Rules rules;
  const std::string path = GENERATE(as<std::string>{},
                                    "/opt/plain",
                                    "/opt/with blank and \"quotes\" and \\",
                                    "/opt/[x]*?",
                                    "/opt/line\nbreak\x1b[2J",
                                    "/opt/\xff\xfe",
                                    "/opt/\xc3\xa4*");
  RuleScene scene;
  const auto process = scene.run_unowned(path);
  const auto listener = scene.listen(process, 3, "0.0.0.0 8080");
  const HostView host(scene.snapshot, {});
  const Match match = rules.match(0, Severity::High, process, listener);
  std::string text = query::acceptance_text(host, match);
  CAPTURE(text);
  text.replace(text.find("reason = \"\""), 11, "reason = \"x\"");
  const query::TomlFile file("p", text);
  const auto acceptances = query::read_acceptances(file.root());
  REQUIRE(acceptances.size() == 1);
  CHECK(acceptances[0].port == schema::Port(8080));
  CHECK(acceptances[0].user == "root");
  CHECK(query::covers(acceptances[0], host, match));
  const auto other = scene.run_unowned("/opt/another");
  const HostView later(scene.snapshot, {});
  CHECK_FALSE(
      query::covers(acceptances[0], later, rules.match(0, Severity::High, other, listener)));
}

TEST_CASE("[[accept]] tables are read whole, or refused with their place") {
  const auto read = [](const std::string& text) {
    const query::TomlFile file("p", text);
    return query::read_acceptances(file.root());
  };
  const auto acceptances = read(
      "[[accept]]\nrule = \"a\"\nprogram = \"/x\"\nport = 22\nuser = 33\nreason = \"r\"\n"
      "until = 2026-12-31\n[[accept]]\nrule = \"b\"\nuser = \"alice\"\nreason = \"s\"\n");
  REQUIRE(acceptances.size() == 2);
  const FindingAcceptance expected{
      "a", "/x", schema::Port(22), "33", "r", std::chrono::year(2026) / 12 / 31, 1};
  CHECK(acceptances[0] == expected);
  CHECK(acceptances[1].user == "alice");
  CHECK(acceptances[1].line == 8);
  CHECK(read("[[service]]\nport = 1\n").empty());
  struct Row {
    const char* text;
    const char* says;
  };
  const Row row = GENERATE(values<Row>(
      {{"[[accept]]\nreason = \"r\"", "[[accept]] has no 'rule'"},
       {"[[accept]]\nrule = \"a\"", "[[accept]] has no 'reason'"},
       {"[[accept]]\nrule = \"a\"\nreason = \"\"", "p:3:10': reason is empty"},
       {"[[accept]]\nrule = \"a\"\nreason = \"r\"\nprogramm = \"/x\"",
        "p:4:1': unknown key 'programm'"},
       {"[[accept]]\nrule = \"a\"\nreason = \"r\"\nprogram = \"x\"", "program is no absolute path"},
       {"[[accept]]\nrule = \"a\"\nreason = \"r\"\nport = \"22\"",
        "port is a text, expected an integer"},
       {"[[accept]]\nrule = \"a\"\nreason = \"r\"\nport = 65536",
        "port is 65536, expected 0 to 65535"},
       {"[[accept]]\nrule = \"a\"\nreason = \"r\"\nuser = -1", "user is no user id"},
       {"[[accept]]\nrule = \"a\"\nreason = \"r\"\nuntil = \"2026-12-31\"",
        "until is a text, expected a date"},
       {"accept = \"a\"", "accept is a text, expected tables"}}));
  CAPTURE(row.text);
  CHECK_THROWS_WITH(read(row.text), Catch::Contains(row.says));
}

TEST_CASE("a situation keeps its key over restarts, and no other has it") {
  const Rules rules;
  const auto key_of = [&](auto change) {
    RuleScene scene;
    auto process = scene.run("/usr/bin/python3.11", {"python3", "/opt/a.py"});
    scene.give_script(process, "/opt/a.py");
    scene.give_unit(process, "app.service");
    const auto socket = scene.listen(process, 3, "0.0.0.0 8080");
    std::size_t rule = 0;
    change(scene, process, socket, rule);
    return query::group_matches(
               judged(scene), {rules.match(rule, Severity::High, process, socket)}, {})
        .front()
        .key;
  };
  using Process = schema::ProcessIndex;
  using Socket = schema::SocketIndex;
  const std::string key = key_of([](RuleScene&, Process, Socket, std::size_t&) {});
  CHECK(key == key_of([](RuleScene& scene, Process process, Socket socket, std::size_t&) {
          scene.at(process).pid = schema::Pid(4711);
          scene.at(process).start = schema::BootTime{5};
          scene.at(socket).inode = schema::Inode(5);
          scene.at(socket).cookie = schema::SocketCookie(5);
          scene.snapshot.holders[0].fd = schema::Fd(9);
        }));
  CHECK(key != key_of([](RuleScene&, Process, Socket, std::size_t& rule) { rule = 1; }));
  CHECK(key != key_of([](RuleScene& scene, Process process, Socket, std::size_t&) {
          scene.at(process).script = "/opt/b.py";
        }));
  CHECK(key != key_of([](RuleScene& scene, Process process, Socket, std::size_t&) {
          scene.give_user(process, 33);
        }));
  CHECK(key != key_of([](RuleScene& scene, Process process, Socket, std::size_t&) {
          scene.give_unit(process, "other.service");
        }));
  CHECK(key != key_of([](RuleScene& scene, Process, Socket socket, std::size_t&) {
          scene.at(socket).local_port = schema::Port(8081);
        }));
}

TEST_CASE("a gap blinds the rules that read what it hides") {
  Rules rules;
  const std::vector<query::RuleReads> reads{{&rules.rules[0], {"processes", "sockets"}},
                                            {&rules.rules[1], {"holders"}},
                                            {&rules.rules[2], {"preloads"}}};
  struct Row {
    schema::GapSource source;
    schema::GapReason reason;
    const char* object;
    const char* blind;
  };
  using schema::GapReason;
  using schema::GapSource;
  const Row rows[] = {
      {GapSource::SocketTable, GapReason::Interrupted, "tcp", "a"},
      {GapSource::SocketTable, GapReason::NotSupported, "sctp", "a"},
      {GapSource::Namespace, GapReason::Permission, "", "a"},
      {GapSource::ProcessList, GapReason::Permission, "", "abc"},
      {GapSource::Process, GapReason::Vanished, "", "abc"},
      {GapSource::ProcessField, GapReason::Permission, "descriptors", "b"},
      {GapSource::ProcessField, GapReason::Permission, "environment", "c"},
      {GapSource::ProcessField, GapReason::Permission, "mappings", ""},
      {GapSource::ProcessField, GapReason::TimedOut, "command_line", "a"},
      {GapSource::Descriptors, GapReason::Permission, "", "b"},
      {GapSource::Program, GapReason::Failed, "", "a"},
      {GapSource::Clock, GapReason::Failed, "", ""},
      {GapSource::Interfaces, GapReason::Failed, "", ""},
  };
  for (const Row& row : rows) {
    schema::Gap gap;
    gap.source = row.source;
    gap.reason = row.reason;
    gap.object = schema::GapObject::of_text(std::string(row.object));
    std::string blind;
    for (const auto& each : query::find_blindness(reads, std::vector{schema::Gap{}, gap})) {
      for (const Rule* rule : each.rules) {
        blind += each.gap == 1 ? rule->id : "";
      }
    }
    CAPTURE(schema::gap_source_word(row.source), row.object);
    CHECK(blind == row.blind);
  }
}

TEST_CASE("a finding of one snapshot has the lifetime of its socket") {
  const Rules rules;
  RuleScene scene;
  const auto process = scene.run("/usr/bin/a");
  const auto socket = scene.listen(process, 3, "0.0.0.0 81");
  const auto findings = query::group_matches(
      std::make_shared<const query::JudgedSnapshot>(scene.snapshot,
                                                    std::vector<schema::Seen>{{{1}, {2}}}),
      {rules.match(0, Severity::High, process, socket), rules.match(1, Severity::Low, process)},
      {});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].interval->first == schema::WallTime{1});
  CHECK(findings[0].interval->last == schema::WallTime{2});
  CHECK_FALSE(query::group_matches(judged(scene), {rules.match(0, Severity::High, process)}, {})
                  .front()
                  .interval);
}

}  // namespace sockwitness
