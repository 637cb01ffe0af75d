// Ports that NAT rules lead elsewhere, in each answer that has a form of its own for them.

#include <catch2/catch.hpp>

#include "query/analysis/diff.h"
#include "query/analysis/listing.h"
#include "query/report/answers/diff_report.h"
#include "query/report/answers/show.h"
#include "query/report/records/records.h"
#include "schema/view/services.h"
#include "tests/golden/golden.h"
#include "tests/unit/query/scene.h"

namespace sockwitness {

using namespace query;
using test::check_document;
using test::check_page;
using test::utc_face;

namespace {

schema::Socket forward(std::string_view local,
                       unsigned port,
                       std::string_view remote,
                       unsigned to) {
  schema::Socket socket;
  socket.state = schema::SocketState::Forward;
  socket.no_holder = schema::NoHolderReason::Kernel;
  socket.local_address = *schema::IpAddress::parse(local);
  socket.local_port = schema::Port(static_cast<std::uint16_t>(port));
  socket.remote_address = *schema::IpAddress::parse(remote);
  socket.remote_port = schema::Port(static_cast<std::uint16_t>(to));
  socket.family = socket.local_address.is_v6() ? schema::Family::Ipv6 : schema::Family::Ipv4;
  socket.name = "forward";
  socket.rule = "ip nat DOCKER; not from docker0";
  return socket;
}

// `web`: where the published port leads to.
test::Scene published(std::int64_t seq, std::string_view web) {
  test::Scene scene(seq);
  const auto sshd = scene.process("sshd", 100, "/usr/sbin/sshd");
  scene.hold(scene.socket(schema::Protocol::Tcp, "0.0.0.0 22"), sshd, 3);
  auto& sockets = scene.snapshot.sockets;
  sockets.push_back(forward("0.0.0.0", 8080, web, 80));
  sockets.back().target = "container web\x1b[2J";
  sockets.push_back(forward("0.0.0.0", 80, "0.0.0.0", 3128));
  sockets.back().interface_name = "eth0";
  sockets.back().rule = "inet firewalld nat_PRE_public";
  sockets.push_back(forward("::", 443, "2001:db8::5", 8443));
  sockets.push_back(forward("192.0.2.1", 10000, "10.0.0.5", 10000));
  sockets.back().protocol = schema::Protocol::Udp;
  sockets.back().type = schema::SocketType::Dgram;
  sockets.back().local_last = schema::Port(20000);
  sockets.back().remote_last = schema::Port(20000);
  sockets.back().name = "forward 10000-20000 from 198.51.100.0/24";
  return scene;
}

}  // namespace

TEST_CASE("ports that lead elsewhere") {
  const test::Scene before = published(41, "172.17.0.9");
  const test::Scene scene = published(42, "172.17.0.2");
  const schema::SnapshotView view(scene.snapshot);
  const PortNames names = PortNames::parse("http 80/tcp\nhttps 443/tcp\n");
  const std::vector<schema::Persistence> stays(scene.snapshot.sockets.size(),
                                               schema::Persistence::Lasting);
  const auto set = schema::collect_services(view, stays);
  SECTION("show") {
    const auto rows = list_sockets(view, Filter{}, {});
    const ShowInput input{view, rows, names, {}, 0, {}};
    ShowStyle style;
    style.clock = utc_face();
    style.now = {test::kSceneTime.microseconds + test::kMinuteUs};
    check_document("forwards", build_show(input));
    check_page("forwards_wide", lay_out_wide(input, style));
    check_page("forwards_netstat", lay_out_netstat(input, style));
    check_page("forwards_ss", lay_out_ss(input, style));
  }
  SECTION("diff") {
    const auto old = schema::collect_services(schema::SnapshotView(before.snapshot), stays);
    const Diff diff = compare_services(old, set);
    const DiffInput input{{info_of(before.snapshot), {}, {}, false, old},
                          {info_of(scene.snapshot), {}, {}, false, set},
                          diff,
                          false,
                          {},
                          {}};
    check_document("forwards_diff", build_diff(input));
    check_page("forwards_diff", lay_out_diff(input, utc_face()));
  }
}

}  // namespace sockwitness
