#include "schema/view/replaced_ports.h"

#include <catch2/catch.hpp>

#include "tests/unit/query/owner_scene.h"

namespace sockwitness {

using schema::promote_replaced_ports;
using schema::Service;
using schema::Standing;
using test::owner;
using test::set_of;
using test::udp;

namespace {

const schema::Owner kStatsd = owner("/opt/statsd");

Service port(const char* end, Standing standing, schema::Owner by = kStatsd) {
  auto service = udp(end, {std::move(by)});
  service.standing = standing;
  return service;
}

std::size_t listeners(std::vector<Service> services, std::vector<Service> before) {
  auto set = set_of(std::move(services));
  promote_replaced_ports(set, set_of(std::move(before)));
  return static_cast<std::size_t>(
      std::count_if(set.services.begin(), set.services.end(), [](const Service& service) {
        return service.standing == Standing::Listener;
      }));
}

}  // namespace

TEST_CASE("a port stands for the one that its owner has lost") {
  const auto lost = port("0.0.0.0 40001", Standing::Listener);
  for (const Standing word : {Standing::Unknown, Standing::Passing, Standing::Client}) {
    CHECK(listeners({port("0.0.0.0 50001", word)}, {lost}) == 1);
  }
  const auto fresh = port("0.0.0.0 50001", Standing::Passing);
  // As many as were lost, and no more.
  CHECK(listeners({fresh, port("0.0.0.0 50002", Standing::Passing)}, {lost}) == 1);
  CHECK(listeners({fresh, lost}, {lost}) == 1);
  // Not one that was there before already, one of somebody else, or one that reaches further.
  CHECK(listeners({fresh}, {lost, fresh}) == 0);
  CHECK(listeners({port("0.0.0.0 50001", Standing::Passing, owner("/opt/other"))}, {lost}) == 0);
  CHECK(listeners({fresh}, {port("127.0.0.1 40001", Standing::Listener)}) == 0);
  // What never stayed has no heirs, nor has a fixed port; a fixed port is no heir.
  CHECK(listeners({fresh}, {port("0.0.0.0 40001", Standing::Passing)}) == 0);
  CHECK(listeners({fresh}, {port("0.0.0.0 53", Standing::Listener)}) == 0);
  CHECK(listeners({port("0.0.0.0 5300", Standing::Client)}, {lost}) == 0);
}

TEST_CASE("a port that was there, or may have been") {
  // Started anew at its own place; not somebody else's, nor one that never stayed.
  const auto fresh = port("0.0.0.0 50001", Standing::Passing);
  CHECK(listeners({fresh}, {port("0.0.0.0 50001", Standing::Listener)}) == 1);
  CHECK(listeners({fresh}, {port("0.0.0.0 50001", Standing::Listener, owner("/opt/other"))}) == 0);
  CHECK(listeners({fresh}, {fresh}) == 0);
  // Where the place was hidden before, nobody knows.
  auto before = set_of({});
  schema::Gap gap;
  gap.source = schema::GapSource::SocketTable;
  gap.object = schema::Protocol::Udp;
  before.gaps = {gap};
  auto set = set_of({fresh});
  promote_replaced_ports(set, before);
  CHECK(set.services.front().standing == Standing::Unknown);
  before.gaps.front().object = schema::Protocol::Tcp;
  set = set_of({fresh});
  promote_replaced_ports(set, before);
  CHECK(set.services.front().standing == Standing::Passing);
  // A blind spot that has no name, and is there still.
  gap = schema::Gap();
  gap.source = schema::GapSource::ProcessList;
  before.gaps = {gap};
  set = set_of({fresh});
  set.gaps = before.gaps;
  promote_replaced_ports(set, before);
  CHECK(set.services.front().standing == Standing::Passing);
}

TEST_CASE("the range of the host decides what is a port that the kernel chose") {
  auto set = set_of({});
  CHECK(schema::has_chosen_port(port("0.0.0.0 32768", Standing::Listener), set));
  CHECK(schema::has_chosen_port(port("0.0.0.0 60999", Standing::Listener), set));
  CHECK_FALSE(schema::has_chosen_port(port("0.0.0.0 61000", Standing::Listener), set));
  set.ephemeral_last = schema::Port(61000);
  CHECK(schema::has_chosen_port(port("0.0.0.0 61000", Standing::Listener), set));
  auto registered = port("0.0.0.0 40000", Standing::Listener);
  registered.rpc = {100024};
  CHECK_FALSE(schema::has_chosen_port(registered, set));
  CHECK_FALSE(schema::has_chosen_port(test::tcp("0.0.0.0 40000", {kStatsd}), set));
}

}  // namespace sockwitness
