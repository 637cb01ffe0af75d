#include "recorder/collect/labels.h"

#include <catch2/catch.hpp>

#include "recorder/collect/gap_summary.h"

namespace sockwitness::recorder {
namespace {

using schema::Gap;
using schema::GapReason;
using schema::GapSource;
using schema::Pid;

NetnsHandle handle(std::uint64_t inode, std::string name = {}, bool host = false) {
  NetnsHandle made;
  made.inode = schema::Inode(inode);
  made.name = std::move(name);
  made.host = host;
  return made;
}

schema::Process inhabitant(std::uint32_t netns, std::string container, std::string unit) {
  schema::Process process;
  process.netns = schema::NetnsIndex(netns);
  process.container = std::move(container);
  process.unit = std::move(unit);
  return process;
}

using Labels = std::vector<std::string>;

}  // namespace

TEST_CASE("the name that survives a reboot comes first") {
  CHECK(label_namespaces({handle(1, "blue", true)}, {}) == Labels{"host"});
  CHECK(label_namespaces({handle(1, "blue")}, {inhabitant(0, "c1", "a.service")}) ==
        Labels{"blue"});
  CHECK(label_namespaces({handle(1, "/run/docker/netns/x")}, {inhabitant(0, "c1", "a.service")}) ==
        Labels{"container c1"});
  CHECK(label_namespaces({handle(1)}, {inhabitant(0, "", "a.service")}) ==
        Labels{"unit a.service"});
  CHECK(label_namespaces({handle(1)}, {inhabitant(0, "", "session-1.scope")}) == Labels{"netns 1"});
  CHECK(label_namespaces({handle(1, "/mnt/ns")}, {}) == Labels{"/mnt/ns"});
  CHECK(label_namespaces({handle(7)}, {}) == Labels{"netns 7"});
}

TEST_CASE("a container's namespace is called what its engine calls the container") {
  const auto called = [](std::uint32_t netns, char digit, const char* name) {
    auto process = inhabitant(netns, std::string(64, digit), "");
    process.container_facts.emplace().name = name;
    return process;
  };
  CHECK(label_namespaces({handle(1)}, {called(0, 'a', "web")}) == Labels{"container web"});
  CHECK(label_namespaces({handle(1), handle(2)}, {called(0, 'a', "web"), called(1, 'b', "web")}) ==
        Labels{"container web aaaaaaaaaaaa", "container web bbbbbbbbbbbb"});
  // A pod: all of its containers share the namespace.
  const auto in_pod = [](char digit, const char* pod, const char* name) {
    auto process = inhabitant(0, std::string(64, digit), "");
    auto& facts = process.container_facts.emplace();
    facts.pod_namespace = "shop";
    facts.pod = pod;
    facts.pod_container = name;
    return process;
  };
  CHECK(label_namespaces({handle(1)},
                         {in_pod('a', "web-7d9f6b5c4-x2x9k", ""),
                          in_pod('b', "web-7d9f6b5c4-x2x9k", "nginx")}) ==
        Labels{"container shop/web"});
}

TEST_CASE("only what all processes of a namespace share names it") {
  CHECK(label_namespaces({handle(1)},
                         {inhabitant(0, "c1", "u.service"), inhabitant(0, "c2", "u.service")}) ==
        Labels{"unit u.service"});
  CHECK(label_namespaces({handle(1)},
                         {inhabitant(0, "", "a.service"), inhabitant(0, "", "b.service")}) ==
        Labels{"netns 1"});
}

TEST_CASE("two namespaces never share a label") {
  const auto labels = label_namespaces(
      {handle(1, "", true), handle(2, "host"), handle(3, "x"), handle(4, "x")}, {});
  CHECK(labels == Labels{"host", "host (netns 2)", "x (netns 3)", "x (netns 4)"});
}

TEST_CASE("gaps that differ only in the process are one that counts them") {
  const Gap of_one{
      GapSource::ProcessField, GapReason::Permission, {}, Pid(1), schema::GapPart::ProgramFile, 13};
  Gap of_two = of_one;
  of_two.pid = Pid(2);
  Gap other_reason = of_one;
  other_reason.reason = GapReason::TimedOut;
  Gap other_field = of_one;
  other_field.object = schema::GapPart::Descriptors;
  Gap elsewhere = of_one;
  elsewhere.netns = schema::NetnsIndex(1);
  const auto summary = summarize_gaps({of_two, other_field, elsewhere, of_one, other_reason});
  REQUIRE(summary.size() == 4);
  std::uint32_t total = 0;
  for (const Gap& gap : summary) {
    total += gap.count;
    CHECK(gap.pid.has_value() == (gap.count == 1));
  }
  CHECK(total == 5);
  CHECK(summarize_gaps({}).empty());
}

}  // namespace sockwitness::recorder
