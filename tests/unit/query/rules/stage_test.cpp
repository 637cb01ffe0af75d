// The staged tables hold what the snapshot holds, in the words that TABLES.md promises.

#include "query/rules/stage.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch.hpp>

#include "tests/unit/query/rules/rule_scene.h"

namespace sockwitness {

using query::HostView;
using query::Stage;
using schema::Protocol;
using test::RuleScene;

namespace {

// Rows as "a|b; c|d", NULL as "-".
std::string rows(Stage& stage, const std::string& query) {
  SQLite::Statement statement(stage.sqlite(), query);
  std::string text;
  while (statement.executeStep()) {
    text += text.empty() ? "" : "; ";
    for (int at = 0; at < statement.getColumnCount(); ++at) {
      text += at == 0 ? "" : "|";
      text += statement.getColumn(at).isNull() ? "-" : statement.getColumn(at).getString();
    }
  }
  return text;
}

Stage stage_of(const RuleScene& scene) {
  const HostView host(scene.snapshot, scene.lifetimes);
  static const std::vector<query::PortName> names{{Protocol::Tcp, schema::Port(443), "https"}};
  return Stage({host, names, {}, scene.history_began, scene.baseline});
}

}  // namespace

TEST_CASE("processes: who, what, where, and what follows") {
  RuleScene scene;
  const auto sshd = scene.run("/usr/sbin/sshd");
  scene.listen(sshd, 3, "0.0.0.0 22");
  const auto python = scene.run(sshd, "/usr/bin/python3.11", {"python3", "-c", "import x", ""});
  scene.give_user(python, 33);
  scene.at(python).login_uid = schema::Uid(4711);
  scene.at(python).name = std::string("a\0b", 3);
  scene.connect(python, 3, "127.0.0.1 50000", "127.0.0.1 22");
  scene.connect(python, 4, "127.0.0.1 50000", "127.0.0.1 22");
  Stage stage = stage_of(scene);
  CHECK(rows(stage,
             "SELECT pid, name, base_name, kind, family, genuine, vouched, bare, inline_code, "
             "uid, user, real_user, login_uid, login_user FROM processes WHERE id = 2") ==
        "101|a@b|python3.11|interpreter|python|1|0|0|import x|33|www-data|www-data|4711|4711");
  CHECK(rows(stage,
             "SELECT parent, parent_pid, command_line, listeners, connections, captures, "
             "network, loopback_only, login_server FROM processes WHERE id = 2") ==
        "1|100|python3 -c import x |0|2|0|1|1|0");
  CHECK(rows(stage,
             "SELECT kind, genuine, listeners, loopback_only, login_server, age_seconds, script "
             "FROM processes WHERE id = 1") == "-|1|1|0|1|59|-");
  CHECK(rows(stage, "SELECT * FROM arguments WHERE process = 2") ==
        "2|0|python3; 2|1|-c; 2|2|import x; 2|3|-");
  CHECK(rows(stage, "SELECT * FROM ancestry WHERE process = 2") == "2|1|1; 2|0|2");
  CHECK(rows(stage, "SELECT started_us FROM processes WHERE id = 1") ==
        std::to_string(test::kSceneTime.microseconds - test::kMinuteUs + 100));
}

TEST_CASE("processes: where they belong") {
  RuleScene scene;
  const auto unit = scene.run("/usr/sbin/a");
  scene.give_unit(unit, "a.service");
  const auto session = scene.run("/usr/sbin/b");
  scene.at(session).cgroup = "/user.slice/user-0.slice/user@0.service/app.slice/b.service";
  scene.at(session).unit = "b.service";
  const auto container = scene.run("/usr/sbin/c");
  scene.at(container).container = "4f1c";
  scene.at(container).unit = "docker-4f1c.scope";
  const auto thread = scene.process("kworker/0:0", 77);
  scene.at(thread).kernel_thread = true;
  scene.run("/usr/sbin/d");
  Stage stage = stage_of(scene);
  CHECK(rows(stage, "SELECT origin FROM processes ORDER BY id") ==
        "-; unit; session; container; kernel; -");
  CHECK(rows(stage, "SELECT name, seq, deep_seq FROM host") == "web07|42|-");
  CHECK(rows(stage, "SELECT units, packages, unread_descriptors FROM host") == "1|1|0");
}

TEST_CASE("sockets: ends, meaning, lifetimes") {
  RuleScene scene;
  const auto server = scene.run("/usr/sbin/a");
  scene.listen(server, 3, "127.0.0.1 443");
  const auto accepted = scene.connect(server, 4, "127.0.0.1 443", "127.0.0.1 50000");
  const auto client = scene.connect(scene.run("/usr/bin/b"), 5, "127.0.0.1 50000", "127.0.0.1 443");
  scene.listen(server, 6, ":: 40000", Protocol::Udp);
  scene.hold(scene.unix_socket(schema::SocketState::Listen, std::string("\0x\0y", 4)), server, 7);
  scene.lifetimes.assign(scene.snapshot.sockets.size(), {test::kSceneTime, test::kSceneTime});
  scene.lifetimes[0].first.microseconds -= 90 * test::kMinuteUs;
  Stage stage = stage_of(scene);
  CHECK(
      rows(stage,
           "SELECT protocol, family, state, netns, local, local_class, remote, remote_class, inet, "
           "listening, connected, loopback, ephemeral FROM sockets WHERE inet = 1") ==
      "tcp|ipv4|LISTEN|host|127.0.0.1:443|loopback|-|-|1|1|0|1|0; "
      "tcp|ipv4|ESTABLISHED|host|127.0.0.1:443|loopback|127.0.0.1:50000|loopback|1|0|1|1|0; "
      "tcp|ipv4|ESTABLISHED|host|127.0.0.1:50000|loopback|127.0.0.1:443|loopback|1|0|1|1|1; "
      "udp|ipv6|UNCONN|host|[::]:40000|any|-|-|1|1|0|0|1");
  CHECK(rows(stage,
             "SELECT direction, direction_evidence, peer, service_name FROM sockets WHERE "
             "connected = 1") == "inbound|listener|2|https; outbound|peer listener|1|https");
  CHECK(rows(stage,
             "SELECT name, local, abstract, listening, inet, local_port FROM sockets WHERE family "
             "= 'unix'") == "@x@y|@x@y|1|1|0|-");
  CHECK(rows(stage, "SELECT age_seconds, holders, uid, user FROM sockets WHERE id = 0") ==
        "5400|1|0|root");
  CHECK(accepted == schema::SocketIndex(1));
  CHECK(client == schema::SocketIndex(2));
}

TEST_CASE("holders: inherited and served") {
  RuleScene scene;
  const auto server = scene.run("/usr/sbin/inetd");
  const auto listener = scene.listen(server, 3, "0.0.0.0 79");
  const auto child = scene.run(server, "/usr/bin/finger");
  scene.hold(listener, child, 3);
  const auto conversation = scene.connect(child, 0, "10.0.0.5 79", "198.51.100.7 40000");
  const auto grandchild = scene.run(child, "/usr/bin/cat");
  scene.hold(conversation, grandchild, 0);
  scene.connect(child, 4, "10.0.0.5 51234", "198.51.100.7 53");
  Stage stage = stage_of(scene);
  CHECK(
      rows(stage,
           "SELECT socket, process, fd, inherited, served FROM holders ORDER BY socket, process") ==
      "0|1|3|0|0; 0|2|3|1|0; 1|2|0|0|1; 1|3|0|1|1; 2|2|4|0|0");
  CHECK(rows(stage, "SELECT process, fd, kind, socket FROM standard_fds") ==
        "2|0|socket|1; 3|0|socket|1");
}

TEST_CASE("channels: both ends have one number") {
  RuleScene scene;
  const auto one = scene.run("/usr/bin/a");
  const auto two = scene.run("/usr/bin/b");
  scene.pipe(one, 6, 9);
  scene.pipe(two, 0, 9);
  scene.pipe(two, 5, 10);
  scene.fifo(one, 3, "/tmp/f");
  scene.fifo(two, 3, "/tmp/f");
  scene.terminal(one, 4);
  scene.master(two, 8, 4);
  scene.master(two, 9, 5);
  scene.socket_pair(one, 10, two, 11);
  Stage stage = stage_of(scene);
  CHECK(rows(stage,
             "SELECT a.kind, a.process, a.fd, a.side, b.process, b.fd, b.side FROM channels a "
             "JOIN channels b ON b.channel = a.channel AND b.process > a.process "
             "WHERE a.kind <> 'terminal' OR a.fd = 0 ORDER BY a.fd, b.fd") ==
        "terminal|1|0|slave|2|8|master; fifo|1|3|-|2|3|-; pipe|1|6|-|2|0|-; "
        "unix|1|10|master|2|11|slave");
  CHECK(rows(stage, "SELECT count(*) FROM channels WHERE fd = 9") == "0");
}

TEST_CASE("programs, mappings, preloads, namespaces, gaps, baseline") {
  RuleScene scene;
  const auto process = scene.run_unowned("/tmp/.x/y");
  scene.map(process, "/opt/lib.so").state = schema::FileState::Deleted;
  scene.at(process).preload = std::string("LD_PRELOAD=/a.so b.so:c.so\0LD_AUDIT=d.so\0", 40);
  scene.netns("container 4f1c");
  scene.netns("netns 99");
  scene.netns("blue");
  scene.gap(schema::GapSource::ProcessField, schema::GapPart::Descriptors, 1);
  scene.gap(schema::GapSource::Process, {}, 2);
  schema::ServiceSet baseline;
  baseline.as_of = {5};
  schema::Service service;
  service.endpoint = {"host", Protocol::Tcp, schema::Family::Ipv4, {}, schema::Port(80), {}};
  baseline.services = {service};
  schema::Owner owner;
  owner.user = "root";
  owner.unit = "web.service";
  baseline.services[0].owners = {owner};
  baseline.services.push_back(service);
  scene.baseline = &baseline;
  Stage stage = stage_of(scene);
  CHECK(rows(stage,
             "SELECT path, place, hidden, state, verdict, package FROM programs WHERE id > 0") ==
        "/tmp/.x/y|temporary|.x|present|unowned|-; /opt/lib.so|local|-|deleted|unowned|-");
  CHECK(rows(stage, "SELECT * FROM mappings") == "1|2");
  CHECK(rows(stage, "SELECT * FROM preloads") ==
        "1|LD_PRELOAD|/a.so; 1|LD_PRELOAD|b.so; 1|LD_PRELOAD|c.so; 1|LD_AUDIT|d.so");
  CHECK(rows(stage, "SELECT label, kind, processes FROM namespaces") ==
        "host|host|1; container 4f1c|container|0; netns 99|-|0; blue|named|0");
  CHECK(rows(stage, "SELECT source, reason, pid, object, count FROM gaps") ==
        "process-field|permission|1|descriptors|1; process|permission|2|-|1");
  CHECK(rows(stage, "SELECT unread_descriptors, unread_processes, unread_programs FROM host") ==
        "2|1|1");
  CHECK(rows(stage, "SELECT * FROM port_names") == "tcp|443|https");
  CHECK(rows(stage, "SELECT as_of_us FROM baseline") == "5");
  CHECK(rows(stage,
             "SELECT netns, protocol, local_address, local_port, program, user, unit FROM "
             "baseline_services") ==
        "host|tcp|0.0.0.0|80|-|root|web.service; host|tcp|0.0.0.0|80|-|-|-");
}

TEST_CASE("an empty snapshot has a host and nothing else") {
  const schema::Snapshot nothing;
  const HostView host(nothing, {});
  Stage stage({host});
  CHECK(rows(stage, "SELECT count(*) FROM host") == "1");
  CHECK(rows(stage, "SELECT (SELECT count(*) FROM processes) + (SELECT count(*) FROM sockets)") ==
        "0");
}

}  // namespace sockwitness
