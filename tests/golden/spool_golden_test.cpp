// The lines of spool: hostile names, rows that begin and end, what is not there.
#include <catch2/catch.hpp>

#include "query/report/export/spool_lines.h"
#include "tests/golden/golden.h"
#include "tests/golden/hostile_scene.h"
#include "tests/unit/query/owner_scene.h"
#include "tests/unit/query/scene.h"

namespace sockwitness {

using namespace query;
using schema::Seq;
using schema::WallTime;
using test::kMinuteUs;
using test::kSceneTime;

namespace {

constexpr const char* kArchive = "00112233445566778899aabbccddeeff";
const std::string kHead(64, 'a');

Stamp stamp(std::int64_t seq) {
  return {Seq(seq), WallTime{kSceneTime.microseconds + seq * kMinuteUs}};
}

LineHead head_of(std::int64_t seq, const std::string& hash = kHead) {
  return {"web\x1b[2J07", kArchive, Seq(seq), hash};
}

std::string snapshots() {
  schema::SnapshotInfo info = test::info_at(7, 7);
  std::string lines = spool_snapshot(head_of(7), {info, 9, nullptr, "0123456789abcdef"});
  info.totals.gaps = 2;
  schema::Visibility seen;
  seen.gaps.resize(2);
  lines += spool_snapshot(head_of(8, {}), {info, 10, &seen, {}});
  OtherRecord missed{11, kHead, test::missed_runs().front(), {}};
  OtherRecord pruned{12, {}, {}, schema::SeqRange{Seq(1), Seq(5)}};
  return lines + spool_record(head_of(8), missed) + spool_record(head_of(5, {}), pruned) +
         spool_notice(head_of(5, {}), {"pruned", schema::SeqRange{Seq(2), Seq(5)}, {}, 0}) +
         spool_notice(head_of(8, {}), {"removed", {}, "peers.000001.jsonl", 4711});
}

std::string services() {
  const schema::Owner evil = test::as_user(
      test::with_script(test::owner("/usr/bin/python3.11"), "/tmp/\x1b[2J,<b>\xff.py"),
      33,
      "www-data");
  schema::Service service = test::tcp("0.0.0.0 4444", {evil, test::owner("/usr/sbin/nginx")});
  Account account;
  account.service = &service;
  account.status = AccountStatus::Approved;
  account.approved_by = "ops";
  account.expires = kSceneTime;
  const schema::Service kernel = test::udp(":: 111", {});
  OpenService row{service.endpoint, "0011223344556677", stamp(3), stamp(2), stamp(5), {}};
  row.content = service_content(service, &account);
  std::string lines = spool_service(head_of(3), {row, stamp(3), std::nullopt});
  lines += spool_service(head_of(6), {row, stamp(6), stamp(6)});
  row.not_before.reset();
  row.content = service_content(kernel, nullptr);
  return lines + spool_service(head_of(1, {}), {row, stamp(1), std::nullopt});
}

std::string others() {
  schema::Program program = *test::owner("/usr/bin/ls\n").program;
  std::string lines = spool_program(head_of(4), {17, Seq(4), true, program}, stamp(4).at);
  HourPeer peer;
  peer.key.way = PeerWay::Outbound;
  peer.key.port = schema::Port(443);
  peer.key.remote = *schema::IpAddress::parse("198.51.100.7");
  peer.key.netns = "host";
  peer.key.program = "/usr/bin/curl";
  peer.connections = 12;
  const PeerTimes times{
      WallTime{kSceneTime.microseconds - 30 * kMinuteUs}, stamp(4).at, stamp(5).at, Seq(4)};
  lines += spool_peer(head_of(9), times, peer);
  lines += spool_more_peers(head_of(9), times, 3, 40);
  OpenFinding finding{
      "key", "8899aabbccddeeff", "shell-on-network", stamp(4), {}, stamp(5), {}, {}};
  finding.content =
      R"({"rule":"shell-on-network","severity":"high","title":"shell on the network","attack":["T1059.004"],)"
      R"("accepted":false,"protocol":null,"local_address":null,"local_port":null,"remote_address":null,)"
      R"("remote_port":null,"program":null,"script":null,"sha256":null,"package":null,"package_state":null,)"
      R"("file_state":null,"user":null,"uid":null,"unit":null,"container":null,"container_name":null,)"
      R"("container_image":null})";
  return lines + spool_finding(head_of(6), {finding, stamp(6), stamp(6)});
}

}  // namespace

TEST_CASE("golden: lines of spool") {
  test::check_golden("spool_snapshots.lines", snapshots());
  test::check_golden("spool_services.lines", services());
  test::check_golden("spool_others.lines", others());
}

}  // namespace sockwitness
