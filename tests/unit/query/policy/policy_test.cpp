#include <catch2/catch.hpp>

#include "query/policy/policy_draft.h"
#include "query/policy/policy_reader.h"
#include "schema/base/error.h"
#include "tests/unit/query/owner_scene.h"

namespace sockwitness {

using query::fits;
using query::parse_policy;
using query::Policy;
using schema::Service;
using test::as_user;
using test::in_unit;
using test::owner;
using test::started;
using test::tcp;
using test::udp;
using test::unix_name;
using test::with_script;

namespace {

query::PolicyEntry entry(const std::string& lines) {
  const Policy policy = parse_policy("p.toml", "[[service]]\nreason = \"r\"\n" + lines);
  REQUIRE(policy.entries.size() == 1);
  return policy.entries.front();
}

Service in(std::string_view netns, Service service) {
  service.endpoint.netns = netns;
  return service;
}

Service registered(Service service, std::uint32_t program) {
  service.rpc = {program};
  return service;
}

}  // namespace

TEST_CASE("what an entry says must be true of the service") {
  const auto sshd = in_unit(owner("/usr/sbin/sshd"), "ssh.service");
  const auto app =
      as_user(with_script(owner("/usr/bin/python3.11"), "/opt/app.py"), 33, "www-data");
  const auto nginx = owner("/usr/sbin/nginx");
  const auto worker = as_user(started(nginx, -50, 101, 100), 33, "www-data");
  const auto stranger = owner("/tmp/x");
  auto systemd = owner("/usr/lib/systemd/systemd");
  systemd.manager = true;
  auto contained = owner("/usr/sbin/nginx");
  contained.container = "4f1c2d3e4f5a";
  struct Case {
    const char* lines;
    Service service;
    bool fits;
  };
  const auto cases = std::vector<Case>{
      {"port = 22", tcp("0.0.0.0 22", {sshd}), true},
      {"port = 22", tcp("0.0.0.0 23", {sshd}), false},
      {"port = [21, \"22-25\"]", tcp("0.0.0.0 23", {sshd}), true},
      {"port = \"8000-8099\"", tcp("0.0.0.0 8100", {sshd}), false},
      {"port = 22\nprotocol = \"tcp\"", udp("0.0.0.0 22", {sshd}), false},
      {"port = 22\nprotocol = [\"tcp\", \"udp\"]", udp("0.0.0.0 22", {sshd}), true},
      // Reach: no further than approved.
      {"port = 22\naddress = \"any\"", tcp("127.0.0.1 22", {sshd}), true},
      {"port = 22\naddress = \"loopback\"", tcp("127.0.0.1 22", {sshd}), true},
      {"port = 22\naddress = \"loopback\"", tcp("::1 22", {sshd}), true},
      {"port = 22\naddress = \"loopback\"", tcp("0.0.0.0 22", {sshd}), false},
      {"port = 22\naddress = \"10.0.0.0/8\"", tcp("10.1.2.3 22", {sshd}), true},
      {"port = 22\naddress = \"::ffff:10.0.0.0/104\"", tcp("10.1.2.3 22", {sshd}), true},
      {"port = 22\naddress = \"::ffff:10.1.2.3\"", tcp("10.1.2.3 22", {sshd}), true},
      {"port = 22\naddress = \"::ffff:10.1.2.3\"", tcp("10.1.2.4 22", {sshd}), false},
      {"port = 22\naddress = \"10.0.0.0/8\"", tcp("0.0.0.0 22", {sshd}), false},
      {"port = 22\naddress = [\"loopback\", \"10.0.0.5\"]", tcp("10.0.0.5 22", {sshd}), true},
      // Programs: all that hold it.
      {"program = \"/usr/sbin/sshd\"", tcp("0.0.0.0 22", {sshd}), true},
      {"program = \"sshd\"", tcp("0.0.0.0 22", {sshd}), true},
      {"program = \"/usr/*/ssh?\"", tcp("0.0.0.0 22", {sshd}), true},
      {"program = \"/usr/sbin/sshd\"", tcp("0.0.0.0 22", {stranger}), false},
      {"program = \"/usr/sbin/sshd\"", tcp("0.0.0.0 22", {sshd, stranger}), false},
      {"program = \"sshd\"", tcp("0.0.0.0 22", {systemd, sshd}), true},
      {"program = \"systemd\"", tcp("0.0.0.0 22", {systemd}), true},
      {"program = \"sshd\"", tcp("0.0.0.0 22", {}), false},
      {"program = \"kernel\"", tcp("0.0.0.0 2049", {}), true},
      {"script = \"/opt/app.py\"", tcp("0.0.0.0 80", {app}), true},
      {"script = \"app.py\"", tcp("0.0.0.0 80", {app}), true},
      {"script = \"/opt/app.py\"", tcp("0.0.0.0 80", {nginx}), false},
      // The user of the program itself; its workers may be others.
      {"program = \"nginx\"\nuser = \"root\"", tcp("0.0.0.0 80", {nginx, worker}), true},
      {"program = \"nginx\"\nuser = \"www-data\"", tcp("0.0.0.0 80", {nginx, worker}), false},
      {"port = 80\nuser = \"33\"", tcp("0.0.0.0 80", {app}), true},
      {"unit = \"ssh\"", tcp("0.0.0.0 22", {sshd}), true},
      {"unit = \"ssh.service\"", tcp("0.0.0.0 22", {sshd}), true},
      {"unit = \"ssh.service\"", tcp("0.0.0.0 22", {nginx}), false},
      {"container = \"4f1c\"", tcp("0.0.0.0 80", {contained}), true},
      {"container = \"4f1c\"", tcp("0.0.0.0 80", {nginx}), false},
      {"port = 80\nnetns = \"host\"", in("blue", tcp("0.0.0.0 80", {nginx})), false},
      {"port = 80", in("blue", tcp("0.0.0.0 80", {nginx})), true},
      {"rpc = 100024", registered(udp("0.0.0.0 51002", {stranger}), 100024), true},
      {"rpc = 100024", udp("0.0.0.0 51002", {stranger}), false},
      // Unix sockets by name, and by nothing else.
      {"path = \"/run/*.sock\"", unix_name("/run/x.sock", {nginx}), true},
      {"path = \"@abstract\"", unix_name(std::string("\0abstract", 9), {nginx}), true},
      {"program = \"nginx\"", unix_name("/run/x.sock", {nginx}), false},
      {"path = \"/run/*\"", tcp("0.0.0.0 80", {nginx}), false},
  };
  for (const Case& each : cases) {
    INFO(each.lines << " | " << each.service.endpoint.address.text() << ":"
                    << each.service.endpoint.port.value());
    CHECK(fits(entry(each.lines), each.service) == each.fits);
  }
}

TEST_CASE("a policy that is not right is refused with its place, and nothing is applied") {
  struct Case {
    const char* text;
    const char* part;  // of the message and its hint
  };
  const auto cases = std::vector<Case>{
      {"[[service]]\nport = 22", "reason"},
      {"[[service]]\nport = 22\nreason = 5", "p.toml:3:"},
      {"[[service]]\npory = 22\nreason = \"r\"", "'port'"},
      {"[[service]]\nport = 70000\nreason = \"r\"", "70000"},
      {"[[service]]\nport = \"9-1\"\nreason = \"r\"", "p.toml:2:"},
      {"[[service]]\nport = [1, true]\nreason = \"r\"", "an integer or a text"},
      {"[[service]]\nport = 1\nprotocol = \"tpc\"\nreason = \"r\"", "tcp"},
      {"[[service]]\nport = 1\naddress = \"localhost\"\nreason = \"r\"", "loopback"},
      {"[[service]]\nport = 1\nexpires = \"2027-01-01\"\nreason = \"r\"", "a date"},
      {"[[service]]\nport = 1\napproved_on = \"today\"\nreason = \"r\"", "a date"},
      {"[[service]]\nport = 1\napproved_on = 2027-02-01\nexpires = 2027-01-31\nreason = \"r\"",
       "before the day of 'approved_on'"},
      {"[[service]]\nport = 1\nexpires = 2027-13-01\nreason = \"r\"", "p.toml:3"},
      {"[[service]]\nreason = \"r\"", "name a port"},
      {"[[service]]\nreason = \"r\"\nprotocol = \"tcp\"", "name a port"},
      {"[service]\nport = 1\nreason = \"r\"", "[[service]]"},
      {"[[services]]\nport = 1\nreason = \"r\"", "'service'"},
      {"[[service]\nport = 1", "p.toml:1:"},
      {"port = ", "p.toml:1:"},
  };
  for (const Case& each : cases) {
    INFO(each.text);
    try {
      (void)parse_policy("p.toml", each.text);
      FAIL("accepted");
    } catch (const schema::Error& failure) {
      CHECK(failure.code() == schema::ExitCode::Usage);
      CHECK((failure.message() + failure.hint()).find(each.part) != std::string::npos);
      CAPTURE(failure.message(), failure.hint());
      CHECK(failure.message().find("p.toml:") != std::string::npos);
    }
  }
  CHECK(parse_policy("p.toml", "").entries.empty());
}

TEST_CASE("the dates of an entry") {
  const auto dated = entry("port = 1\nreview = 2026-06-01\nexpires = 2026-12-31");
  CHECK(dated.line == 1);
  REQUIRE(dated.expires);
  CHECK(schema::format_utc(query::end_of_day(*dated.expires)) == "2026-12-31T23:59:59Z");
}

TEST_CASE("a draft is a policy that approves nothing yet") {
  const auto nginx = in_unit(owner("/usr/sbin/nginx"), "nginx.service");
  auto odd = owner("/opt/a \"b\"\\\n\x1b[1m");
  const std::vector<Service> services{tcp("0.0.0.0 80", {nginx}),
                                      tcp("0.0.0.0 443", {nginx}),
                                      tcp("127.0.0.1 81", {nginx}),
                                      tcp("0.0.0.0 2049", {}),
                                      registered(udp("0.0.0.0 51002", {nginx}), 100024),
                                      unix_name("/run/x.sock", {nginx}),
                                      tcp("0.0.0.0 99", {odd})};
  std::vector<const Service*> pointers;
  for (const Service& service : services) {
    pointers.push_back(&service);
  }
  const std::string text = query::draft_policy(pointers, "web07", "2026-11-23T03:30:00Z");
  INFO(text);
  Policy policy = parse_policy("draft.toml", text);
  CHECK(policy.entries.size() == 6);  // 80 and 443 are one
  for (query::PolicyEntry& each : policy.entries) {
    CHECK(each.is_draft());
  }
  // Each service is met by exactly one entry, and by that one completely.
  for (const Service& service : services) {
    std::size_t fitting = 0;
    for (const query::PolicyEntry& each : policy.entries) {
      fitting += fits(each, service) ? 1U : 0U;
    }
    CHECK(fitting == 1);
  }
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("a draft of a service that several hold approves all of them and no other") {
  const auto nginx = in_unit(owner("/usr/sbin/nginx"), "nginx.service");
  const auto unpackaged = owner("/tmp/x");
  const Service shared = tcp("0.0.0.0 80", {nginx, unpackaged});
  const std::string text = query::draft_policy({&shared}, "web07", "now");
  INFO(text);
  const Policy policy = parse_policy("draft.toml", text);
  REQUIRE(policy.entries.size() == 1);
  CHECK(fits(policy.entries.front(), shared));
  CHECK_FALSE(fits(policy.entries.front(), tcp("0.0.0.0 80", {nginx, owner("/tmp/y")})));
}

TEST_CASE("a draft names what is no text, and vsock sockets, by what they are") {
  Service vsock;
  vsock.endpoint = {"host", schema::Protocol::Vsock, schema::Family::Vsock, {}, {}, "2:1234"};
  vsock.owners = {owner("/opt/agent")};
  auto other_vsock = vsock;
  other_vsock.endpoint.name = "2:4321";
  auto broken = owner("/opt/\xff[1]*");
  broken.unit = "a\xfe.service";
  const auto host = tcp("0.0.0.0 99", {broken});
  const auto placed = in("container \xfd", tcp("0.0.0.0 99", {owner("/opt/agent")}));
  struct Case {
    Service drafted;
    Service other;
  };
  const auto cases = std::vector<Case>{{vsock, other_vsock},
                                       {unix_name("/run/\xff?.sock", {owner("/opt/agent")}),
                                        unix_name("/run/\xffx.sock", {owner("/opt/agent")})},
                                       {host, tcp("0.0.0.0 99", {owner("/opt/x[1]y")})},
                                       {host,
                                        tcp("0.0.0.0 99",
                                            {owner("/opt/\xff"
                                                   "1")})},
                                       {placed, tcp("0.0.0.0 99", {owner("/opt/agent")})}};
  for (const Case& each : cases) {
    const std::string text = query::draft_policy({&each.drafted}, "web07", "now");
    INFO(text);
    const Policy policy = parse_policy("draft.toml", text);
    REQUIRE(policy.entries.size() == 1);
    CHECK(fits(policy.entries.front(), each.drafted));
    CHECK_FALSE(fits(policy.entries.front(), each.other));
  }
}

TEST_CASE("any bytes make a TOML string") {
  CHECK(query::toml_string("plain") == "\"plain\"");
  CHECK(query::toml_string("a\"b\\c") == "\"a\\\"b\\\\c\"");
  CHECK(query::toml_string("\n\x1b") == "\"\\U0000000A\\U0000001B\"");
  CHECK(query::toml_string("\xff") == "\"\\uFFFD\"");
  CHECK(query::toml_string("ü") == "\"ü\"");
}

}  // namespace sockwitness
