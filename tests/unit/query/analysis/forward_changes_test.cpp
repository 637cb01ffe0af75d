// Ports that NAT rules lead elsewhere, compared.
#include "query/analysis/account.h"
#include "query/analysis/filter.h"
#include "schema/model/socket.h"
#include "schema/view/forwards.h"
#include "tests/unit/query/analysis/diff_scene.h"

namespace sockwitness {

using query::ChangeKind;
using query::compare_services;
using query::Diff;
using query::Severity;
using schema::Service;
using test::check;
using test::compare;
using test::kNginx;
using test::only;
using test::set_of;
using test::tcp;

namespace {

Service forward(std::string_view end, std::string leads_to, std::string name = "forward") {
  Service service = tcp(end, {});
  service.no_holder = schema::NoHolderReason::Kernel;
  service.endpoint.name = std::move(name);
  service.leads_to = std::move(leads_to);
  return service;
}

schema::Gap rules_gap(schema::GapObject object) {
  schema::Gap gap;
  gap.source = schema::GapSource::NatRules;
  gap.object = std::move(object);
  gap.netns = schema::NetnsIndex(0);
  return gap;
}

}  // namespace

TEST_CASE("where a port leads") {
  struct Row {
    const char* end;
    const char* before;
    const char* after;
    std::optional<Severity> severity;
  };
  const Row rows[] = {
      {"0.0.0.0 8080", "172.17.0.2:80", "172.17.0.2:80", {}},
      {"0.0.0.0 8080",
       "172.17.0.2:80 in container web",
       "172.17.0.3:80 in container web",
       Severity::Low},
      {"0.0.0.0 8080",
       "172.17.0.2:80 in container web",
       "172.17.0.3:80 in container other",
       Severity::High},
      {"0.0.0.0 8080",
       "172.17.0.2:80 in container web",
       "172.17.0.2:22 in container web",
       Severity::High},
      {"0.0.0.0 8080", "172.17.0.2:80 in container web", "172.17.0.2:80", {}},
      {"0.0.0.0 8080", "172.17.0.2:80 in container web", "172.17.9.2:80", Severity::Medium},
      {"0.0.0.0 8080", "172.17.0.2:80 in container web", "198.51.100.7:80", Severity::High},
      {"0.0.0.0 8080",
       "172.17.0.2:80 in container web",
       "172.17.0.2:80, 172.17.0.9:80",
       Severity::High},
      {"0.0.0.0 8080", "this host:80", "this host:81", Severity::High},
      {"127.0.0.11 53", "127.0.0.11:40001", "127.0.0.11:40002", Severity::Low},
      {"127.0.0.11 53", "127.0.0.11:40001", "10.0.0.5:53", Severity::High},
  };
  for (const Row& row : rows) {
    INFO(row.before << " and " << row.after);
    const Diff diff = compare({forward(row.end, row.before)}, {forward(row.end, row.after)});
    if (row.severity) {
      check(only(diff), ChangeKind::ForwardingChanged, *row.severity);
      CHECK(diff.changes[0].why.find(row.after) != std::string::npos);
    } else {
      CHECK(diff.changes.empty());
    }
  }
}

TEST_CASE("a port that leads elsewhere and one that does not any more") {
  check(only(compare({}, {forward("0.0.0.0 8080", "172.17.0.2:80")})),
        ChangeKind::NewListener,
        Severity::High);
  check(only(compare({forward("0.0.0.0 8080", "172.17.0.2:80")}, {})),
        ChangeKind::VanishedService,
        Severity::Medium);
  check(only(compare({}, {forward("127.0.0.11 53", "127.0.0.11:40001")})),
        ChangeKind::NewListener,
        Severity::Low);
  check(only(compare({}, {forward("0.0.0.0 80", "10.0.0.5:80", "forward of this host")})),
        ChangeKind::NewListener,
        Severity::Low);
}

TEST_CASE("a listener and a rule at one port are two") {
  const Service proxy = tcp("0.0.0.0 8080", {kNginx});
  const Service rule = forward("0.0.0.0 8080", "172.17.0.2:80");
  CHECK(compare({proxy, rule}, {proxy, rule}).changes.empty());
  check(only(compare({proxy, rule}, {proxy})), ChangeKind::VanishedService, Severity::Medium);
  check(only(compare({proxy}, {proxy, rule})), ChangeKind::NewListener, Severity::High);
  // A listener of the kernel's has no owner either.
  Service kernel = tcp("0.0.0.0 8080", {});
  kernel.no_holder = schema::NoHolderReason::Kernel;
  CHECK(compare({kernel}, {rule}).changes.size() == 2);
}

TEST_CASE("at more addresses, from everywhere") {
  check(only(compare({forward("192.0.2.1 80", "10.0.0.5:80")},
                     {forward("0.0.0.0 80", "10.0.0.5:80")})),
        ChangeKind::ExposureWidened,
        Severity::High);
  Service bound = forward("0.0.0.0 80", "10.0.0.5:80");
  bound.endpoint.device = "eth1";
  check(only(compare({bound}, {forward("0.0.0.0 80", "10.0.0.5:80")})),
        ChangeKind::ExposureWidened,
        Severity::High);
}

TEST_CASE("rules that could not be read accuse nobody") {
  const auto full = set_of({forward("0.0.0.0 8080", "172.17.0.2:80")});
  for (const schema::GapObject& object : {schema::GapObject(schema::GapPart::NatTables),
                                          schema::GapObject::of_text("ip nat DOCKER")}) {
    auto blind = set_of({});
    blind.gaps = {rules_gap(object)};
    const Diff gone = compare_services(full, blind);
    CHECK(gone.changes.empty());
    CHECK(gone.not_compared.size() == 1);
    CHECK(compare_services(blind, full).changes.empty());
    // A listener is seen all the same, and the table of sockets says nothing of rules.
    CHECK(compare_services(set_of({tcp("0.0.0.0 80", {kNginx})}), blind).changes.size() == 1);
  }
  auto tables = set_of({});
  tables.gaps = {rules_gap(schema::GapPart::NatTables)};
  tables.gaps[0].source = schema::GapSource::SocketTable;
  tables.gaps[0].object = schema::Protocol::Tcp;
  CHECK(compare_services(full, tables).changes.size() == 1);
  // What was never read hides nothing of what was.
  auto legacy = set_of({});
  legacy.gaps = {rules_gap(schema::GapPart::LegacyNat)};
  CHECK(compare_services(full, legacy).changes.size() == 1);
}

TEST_CASE("a baseline approves a port with its target") {
  schema::Baseline baseline;
  baseline.set = set_of({forward("0.0.0.0 8080", "172.17.0.2:80 in container web")});
  const auto status = [&](const char* leads_to) {
    const auto set = set_of({forward("0.0.0.0 8080", leads_to)});
    const auto book = query::account_for(set, {}, &baseline, schema::WallTime{1}, false);
    REQUIRE(book.accounts.size() == 1);
    return query::account_status_word(book.accounts[0].status);
  };
  CHECK(status("172.17.0.2:80 in container web") == "baseline");
  CHECK(status("172.17.0.4:80 in container web") == "baseline");
  CHECK(status("198.51.100.7:80") == "unexplained");
}

TEST_CASE("a range is found by each of its ports") {
  schema::Socket socket;
  socket.protocol = schema::Protocol::Udp;
  socket.state = schema::SocketState::Forward;
  socket.local_port = schema::Port(10000);
  socket.local_last = schema::Port(20000);
  socket.remote_address = *schema::IpAddress::parse("10.0.0.5");
  struct Row {
    unsigned first;
    unsigned last;
    bool found;
  };
  for (const Row& row : {Row{9999, 9999, false},
                         Row{10000, 10000, true},
                         Row{15000, 15000, true},
                         Row{20000, 20000, true},
                         Row{20001, 20001, false},
                         Row{1, 10000, true}}) {
    const schema::PortRange range{schema::Port(static_cast<std::uint16_t>(row.first)),
                                  schema::Port(static_cast<std::uint16_t>(row.last))};
    query::Filter ports;
    ports.ports = {range};
    query::Filter endpoints;
    endpoints.endpoints = {schema::InetPattern{schema::Protocol::Udp, {}, {range}}};
    query::Filter local;
    local.local = {schema::AddressPattern{{}, range}};
    for (const query::Filter& filter : {ports, endpoints, local}) {
      CHECK(query::socket_fits(filter, socket) == row.found);
    }
  }
  query::Filter remote;
  remote.remote = {schema::AddressPattern{schema::IpPrefix::parse("10.0.0.0/8"), {}}};
  CHECK(query::socket_fits(remote, socket));
}

TEST_CASE("a rule without ports is found by every port") {
  schema::Socket socket;
  socket.protocol = schema::Protocol::Tcp;
  socket.state = schema::SocketState::Forward;
  socket.remote_address = *schema::IpAddress::parse("10.0.0.5");
  const schema::PortRange range{schema::Port(8443), schema::Port(8443)};
  query::Filter ports;
  ports.ports = {range};
  query::Filter endpoints;
  endpoints.endpoints = {schema::InetPattern{schema::Protocol::Tcp, {}, {range}}};
  query::Filter local;
  local.local = {schema::AddressPattern{{}, range}};
  for (const query::Filter& filter : {ports, endpoints, local}) {
    CHECK(query::socket_fits(filter, socket));
    schema::Socket bound = socket;  // to no port yet, and leading nowhere
    bound.state = schema::SocketState::Close;
    CHECK_FALSE(query::socket_fits(filter, bound));
  }
  endpoints.endpoints = {schema::InetPattern{schema::Protocol::Udp, {}, {range}}};
  CHECK_FALSE(query::socket_fits(endpoints, socket));
}

}  // namespace sockwitness
