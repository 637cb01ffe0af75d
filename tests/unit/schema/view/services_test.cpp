#include "schema/view/services.h"

#include <catch2/catch.hpp>

#include "schema/view/local_addresses.h"
#include "tests/unit/query/scene.h"

namespace sockwitness {

using schema::collect_services;
using schema::Persistence;
using schema::Protocol;
using schema::Service;
using schema::SnapshotView;
using schema::Standing;
using test::Scene;

namespace {

std::vector<Service> services_of(const Scene& scene, const std::vector<Persistence>& stays = {}) {
  return collect_services(SnapshotView(scene.snapshot), stays).services;
}

}  // namespace

TEST_CASE("listeners, open datagram sockets and named unix listeners are services") {
  Scene scene;
  scene.socket(Protocol::Tcp, "0.0.0.0 80");
  scene.socket(Protocol::Tcp, "10.0.0.1 40000", "192.0.2.1 443");
  scene.socket(Protocol::Udp, "0.0.0.0 53");
  scene.socket(Protocol::Udp, "0.0.0.0 0");
  scene.socket(Protocol::Udp, "10.0.0.1 40001", "192.0.2.1 53");
  scene.unix_socket(schema::SocketState::Listen, "/run/x.sock");
  scene.unix_socket(schema::SocketState::Listen, "");
  scene.unix_socket(schema::SocketState::Established, "/run/x.sock");
  const auto services = services_of(scene);
  REQUIRE(services.size() == 3);
  CHECK(services[0].endpoint.port == schema::Port(80));
  CHECK(services[1].endpoint.port == schema::Port(53));
  CHECK(services[2].endpoint.name == "/run/x.sock");
}

TEST_CASE("an SCTP socket is a service at each of its addresses") {
  Scene scene;
  const auto index = scene.socket(Protocol::Sctp, "10.0.0.9 5000");
  scene.at(index).name = schema::address_list({*schema::IpAddress::parse("fd00::1"),
                                               *schema::IpAddress::parse("10.0.0.9"),
                                               *schema::IpAddress::parse("::ffff:10.0.0.2")});
  scene.socket(Protocol::Sctp, "0.0.0.0 6000");
  const auto services = services_of(scene);
  REQUIRE(services.size() == 4);
  const auto shown = [&](std::size_t at) {
    return services[at].endpoint.address.text() + " " +
           std::to_string(services[at].endpoint.port.value());
  };
  CHECK(shown(0) == "0.0.0.0 6000");
  CHECK(shown(1) == "10.0.0.2 5000");
  CHECK(shown(2) == "10.0.0.9 5000");
  CHECK(shown(3) == "fd00::1 5000");
  CHECK(services[3].endpoint.family == schema::Family::Ipv6);
  for (const Service& service : services) {
    CHECK(service.endpoint.name.empty());
    CHECK(service.sockets.size() == 1);
  }
}

TEST_CASE("raw, packet and named datagram sockets are services, what only sends is none") {
  using namespace std::string_literals;
  Scene scene;
  const auto datagram = [&](const std::string& name) {
    const auto index = scene.unix_socket(schema::SocketState::Unconnected, name);
    scene.at(index).type = schema::SocketType::Dgram;
    return index;
  };
  scene.socket(Protocol::Raw, "0.0.0.0 1");
  scene.socket(Protocol::Raw, "0.0.0.0 255");
  datagram("/run/log");
  datagram(
      "\0"
      "0a1f3"s);
  scene.at(datagram("/run/client")).peer = schema::Inode(7);
  schema::Socket& packet = scene.at(datagram(""));
  packet.protocol = Protocol::Packet;
  packet.family = schema::Family::Packet;
  packet.number = 0x0800;
  packet.interface = schema::InterfaceIndex(2);
  packet.interface_name = "eth0";
  const auto services = services_of(scene);
  REQUIRE(services.size() == 3);
  CHECK(services[0].endpoint.protocol == Protocol::Raw);
  CHECK(services[0].endpoint.port == schema::Port(1));
  CHECK(services[1].endpoint.name == "/run/log");
  CHECK(services[2].endpoint.name == "0x0800");
  CHECK(services[2].endpoint.device == "eth0");
  // A name that could not be read is not known: it is no interface, and not none either.
  packet.interface_name.clear();
  CHECK(services_of(scene)[2].device_unknown);
  // Where the table could not be read, nobody knows what its sockets take.
  schema::Gap gap;
  gap.source = schema::GapSource::SocketTable;
  gap.object = Protocol::Packet;
  scene.snapshot.gaps = {gap};
  CHECK(services_of(scene).size() == 2);
}

TEST_CASE("an IPv4-mapped address is the IPv4 one") {
  Scene scene;
  scene.socket(Protocol::Tcp, "127.0.0.1 80");
  scene.socket(Protocol::Tcp, "::ffff:127.0.0.1 80");
  const auto services = services_of(scene);
  REQUIRE(services.size() == 1);
  CHECK(services[0].sockets.size() == 2);
}

TEST_CASE("all sockets of an endpoint are one service with all their owners, oldest first") {
  Scene scene;
  const auto worker = scene.process("nginx", 904, "/usr/sbin/nginx");
  const auto master = scene.process("nginx", 903, "/usr/sbin/nginx");
  scene.at(worker).effective_uid = schema::Uid(33);
  scene.at(worker).parent = schema::Pid(903);
  const auto first = scene.socket(Protocol::Tcp, "0.0.0.0 80");
  const auto second = scene.socket(Protocol::Tcp, "0.0.0.0 80");
  scene.hold(first, worker, 6);
  scene.hold(first, master, 6);
  scene.hold(second, master, 7);
  const auto services = services_of(scene);
  REQUIRE(services.size() == 1);
  const Service& service = services[0];
  CHECK(service.sockets.size() == 2);
  REQUIRE(service.owners.size() == 2);
  CHECK(service.owners[0].pid == schema::Pid(903));
  CHECK(service.owners[0].fds == std::vector<schema::Fd>{schema::Fd(6), schema::Fd(7)});
  CHECK(service.owners[1].user == "www-data");
  REQUIRE(service.owners[1].ancestors.size() == 1);
  CHECK(service.owners[1].ancestors[0].pid == schema::Pid(903));
}

TEST_CASE("systemd and inetd hold for others, a program that only has their name does not") {
  struct Case {
    const char* name;
    int pid;
    const char* path;
    bool manager;
  };
  for (const Case& each : {Case{"systemd", 1, "/usr/lib/systemd/systemd", true},
                           Case{"systemd", 1, "", true},
                           Case{"systemd", 77, "", false},
                           Case{"inetd", 77, "/usr/sbin/inetutils-inetd", true},
                           Case{"inetd", 77, "/tmp/inetd", false}}) {
    Scene scene;
    const auto process = scene.process(each.name, each.pid, each.path);
    scene.hold(scene.socket(Protocol::Tcp, "0.0.0.0 22"), process, 3);
    INFO(each.name << " " << each.path);
    CHECK(services_of(scene)[0].owners[0].manager == each.manager);
  }
  Scene scene;
  const auto altered = scene.process("systemd", 1, "/usr/lib/systemd/systemd");
  scene.snapshot.programs[0].verdict = schema::PackageVerdict::Differs;
  scene.hold(scene.socket(Protocol::Tcp, "0.0.0.0 22"), altered, 3);
  CHECK_FALSE(services_of(scene)[0].owners[0].manager);
}

TEST_CASE("a UDP port that the kernel chose is judged by whether it stays") {
  Scene scene;
  const auto owner = scene.process("app", 10, "/opt/app");
  scene.hold(scene.socket(Protocol::Udp, "0.0.0.0 40123"), owner, 3);
  const auto standing = [&](std::vector<Persistence> stays) {
    return services_of(scene, stays)[0].standing;
  };
  CHECK(standing({Persistence::Lasting}) == Standing::Listener);
  CHECK(standing({Persistence::Passing}) == Standing::Passing);
  CHECK(standing({Persistence::Unknown}) == Standing::Unknown);
  CHECK(standing({}) == Standing::Unknown);
  SECTION("its owner talks as a client") {
    scene.hold(scene.socket(Protocol::Tcp, "10.0.0.1 40000", "192.0.2.1 443"), owner, 4);
    CHECK(standing({Persistence::Passing, Persistence::Passing}) == Standing::Client);
    CHECK(standing({Persistence::Lasting, Persistence::Passing}) == Standing::Listener);
  }
  SECTION("its owner has an accepted connection only") {
    scene.socket(Protocol::Tcp, "0.0.0.0 443");
    scene.hold(scene.socket(Protocol::Tcp, "10.0.0.1 443", "192.0.2.1 40000"), owner, 4);
    CHECK(services_of(scene, std::vector(3, Persistence::Passing)).back().standing ==
          Standing::Passing);
  }
  SECTION("it is registered at rpcbind") {
    scene.snapshot.registrations = {{100024, 1, "udp", "0.0.0.0.156.187", "statd"}};
    CHECK(standing({Persistence::Passing}) == Standing::Listener);
    CHECK(services_of(scene)[0].rpc == std::vector<std::uint32_t>{100024});
  }
}

TEST_CASE("a forwarder of names asks from random ports, outside the kernel's range as well") {
  Scene scene;
  const auto owner = scene.process("dnsmasq", 10, "/usr/sbin/dnsmasq");
  scene.hold(scene.socket(Protocol::Udp, "0.0.0.0 53"), owner, 3);
  scene.hold(scene.socket(Protocol::Udp, "0.0.0.0 5123"), owner, 4);
  const auto standings = [&](Persistence second) {
    return services_of(scene, {Persistence::Lasting, second}).back().standing;
  };
  CHECK(standings(Persistence::Passing) == Standing::Client);
  CHECK(standings(Persistence::Lasting) == Standing::Listener);
  // A port of its own choice without another service is a service at once.
  Scene alone;
  alone.hold(alone.socket(Protocol::Udp, "0.0.0.0 5123"), alone.process("app", 10, "/opt/app"), 3);
  CHECK(services_of(alone, {Persistence::Passing})[0].standing == Standing::Listener);
}

TEST_CASE("a service without holders says why") {
  Scene scene;
  scene.at(scene.socket(Protocol::Tcp, "0.0.0.0 2049")).no_holder = schema::NoHolderReason::Kernel;
  CHECK(services_of(scene)[0].no_holder == schema::NoHolderReason::Kernel);
  CHECK(services_of(scene)[0].owners.empty());
}

}  // namespace sockwitness
