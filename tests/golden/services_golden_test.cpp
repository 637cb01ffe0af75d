// `diff` with every kind of change, and `account` with every status.

#include <catch2/catch.hpp>

#include "query/analysis/diff.h"
#include "query/analysis/history/recurrence.h"
#include "query/policy/policy_reader.h"
#include "query/report/answers/account_report.h"
#include "query/report/answers/diff_report.h"
#include "query/report/records/records.h"
#include "tests/golden/golden.h"
#include "tests/golden/hostile_scene.h"
#include "tests/unit/query/owner_scene.h"
#include "tests/unit/query/scene.h"

namespace sockwitness {

using namespace query;
using schema::Service;
using test::check_document;
using test::check_page;
using test::owner;
using test::started;
using test::tcp;
using test::udp;
using test::utc_face;
using test::with_content;

namespace {

const schema::Owner kNginx = owner("/usr/sbin/nginx");
const schema::Owner kRedis = owner("/usr/bin/redis-server");
const schema::Owner kStatd = owner("/usr/sbin/rpc.statd");
const schema::Owner kSshd = owner("/usr/sbin/sshd");
const schema::Owner kEvil = test::as_user(
    test::with_script(owner("/usr/bin/python3.11"), "/tmp/\x1b[2J,<b>\xff.py"), 33, "www-data");

Service rpc(Service service) {
  service.rpc = {100024};
  return service;
}

Service in(std::string_view netns, Service service) {
  service.endpoint.netns = netns;
  return service;
}

schema::Owner relay(std::string_view target) {
  using namespace std::string_literals;
  schema::Owner made = owner("/usr/bin/socat");
  made.command_line = "socat\0TCP-LISTEN:9999,fork\0"s + std::string(target) + '\0';
  return made;
}

Service dual(Service service) {
  service.v6only = false;
  return service;
}

schema::SnapshotInfo snapshot(int seq) {
  schema::SnapshotInfo info = info_of(test::busy_host().snapshot);
  info.seq = schema::Seq(seq);
  return info;
}

// One service per kind, in the order of the contract.
std::vector<Service> before() {
  return {tcp("0.0.0.0 25", {owner("/usr/sbin/exim4")}),
          tcp("0.0.0.0 8080", {kNginx}),
          tcp("0.0.0.0 22", {with_content(kSshd, '1', true)}),
          tcp("0.0.0.0 23", {with_content(owner("/usr/sbin/telnetd"), '1', true)}),
          tcp("127.0.0.1 6379", {kRedis}),
          dual(tcp(":: 9000", {owner("/usr/bin/minio")})),
          rpc(tcp("0.0.0.0 41000", {kStatd})),
          tcp("0.0.0.0 443", {kNginx}),
          tcp("0.0.0.0 5000", {owner("/usr/bin/flapper")}),
          in("gone", tcp("0.0.0.0 7000", {owner("/usr/bin/hidden")})),
          tcp("0.0.0.0 631", {owner("/usr/sbin/cupsd")}),
          tcp("0.0.0.0 9999", {relay("TCP:db:5432")}),
          tcp("0.0.0.0 1883", {test::as_user(owner("/usr/sbin/mosquitto"), 110, "mosquitto")})};
}

std::vector<Service> after() {
  return {tcp("0.0.0.0 4444", {kEvil}),
          tcp("0.0.0.0 8080", {kEvil}),
          tcp("0.0.0.0 22", {started(with_content(kSshd, '2', true), 3)}),
          tcp("0.0.0.0 23", {with_content(owner("/usr/sbin/telnetd"), '2', false)}),
          tcp("0.0.0.0 6379", {kRedis}),
          dual(tcp("::1 9000", {owner("/usr/bin/minio")})),
          rpc(tcp("0.0.0.0 42000", {kStatd})),
          tcp("0.0.0.0 443", {started(kNginx, 3)}),
          tcp("0.0.0.0 3306", {owner("/usr/sbin/mariadbd")}),
          tcp("0.0.0.0 631", {}),
          tcp("0.0.0.0 9999", {relay("TCP:198.51.100.7:5432")}),
          tcp("0.0.0.0 1883", {test::as_user(owner("/usr/sbin/mosquitto"), 110, "broker")})};
}

schema::Gap gap_in(const schema::ServiceSet& set, std::string_view netns) {
  schema::Gap gap;
  gap.source = schema::GapSource::Namespace;
  gap.reason = schema::GapReason::Permission;
  gap.object = schema::GapObject::of_text(std::string(netns));
  for (std::uint32_t at = 0; at < set.namespaces.size(); ++at) {
    if (set.namespaces[at].label == netns) {
      gap.netns = schema::NetnsIndex(at);
    }
  }
  return gap;
}

}  // namespace

TEST_CASE("every kind of change") {
  const schema::ServiceSet old = test::set_of(before());
  schema::ServiceSet now = test::set_of(after());
  now.namespaces.push_back({schema::Inode(9), "gone"});
  now.gaps.push_back(gap_in(now, "gone"));
  now.services[0].since = test::kSceneTime;
  Service& unseen = *std::find_if(now.services.begin(), now.services.end(), [](const auto& each) {
    return each.endpoint.port == schema::Port(631);
  });
  unseen.no_holder = schema::NoHolderReason::Permission;
  Diff diff = compare_services(old, now);
  Recurrence back;
  back.endpoint = tcp("0.0.0.0 3306", {}).endpoint;
  back.earlier = {{schema::Seq(17), test::kSceneTime, {owner("/usr/sbin/mariadbd")}}};
  Recurrence swinging;
  swinging.endpoint = tcp("0.0.0.0 5000", {}).endpoint;
  swinging.came = 3;
  swinging.went = 4;
  swinging.since = test::kSceneTime;
  const std::vector<Recurrence> recurrences{back, swinging};
  tell_recurrences(diff, recurrences);
  const auto info = snapshot(43);
  schema::BaselineInfo gold;
  gold.name = "gold";
  gold.first = schema::Seq(20);
  gold.last = schema::Seq(40);
  gold.snapshots = 21;
  gold.began = gold.ended = gold.made_at = test::kSceneTime;
  gold.host_name = info.context.host_name;
  gold.author.user = "root";
  for (const ChangeKind kind : all_change_kinds()) {
    INFO(change_kind_word(kind));
    CHECK(std::any_of(diff.changes.begin(), diff.changes.end(), [&](const Change& change) {
      return change.kind == kind;
    }));
  }
  const DiffInput input{{{}, gold, {}, false, old}, {info, {}, {}, false, now}, diff, true, {}, {}};
  check_document("diff_kinds", build_diff(input));
  check_page("diff_kinds", lay_out_diff(input, utc_face()));
}

TEST_CASE("no difference") {
  const schema::ServiceSet set = test::set_of(before());
  const Diff diff = compare_services(set, set);
  const DiffInput input{
      {snapshot(42), {}, {}, false, set}, {snapshot(43), {}, {}, false, set}, diff, false, {}, {}};
  check_page("diff_none", lay_out_diff(input, utc_face()));
}

TEST_CASE("an account of everything") {
  const schema::ServiceSet set =
      test::set_of({tcp("0.0.0.0 80", {kNginx}),
                    tcp("0.0.0.0 22", {test::in_unit(kSshd, "ssh.service")}),
                    tcp("127.0.0.1 6379", {kRedis}),
                    tcp("0.0.0.0 4444", {kEvil}),
                    rpc(udp("0.0.0.0 41000", {kStatd})),
                    tcp("0.0.0.0 2049", {})});
  const Policy policy =
      parse_policy("/etc/sockwitness/policy.toml",
                   "[[service]]\nname = \"shop\"\nport = 80\nprogram = \"nginx\"\n"
                   "reason = \"the shop\"\napproved_by = \"ops\"\n"
                   "expires = 2027-01-31\n"
                   "[[service]]\nport = 22\nreason = \"access\"\n"
                   "expires = 2026-01-01\n"
                   "[[service]]\nport = 9100\nreason = \"monitoring\"\n");
  schema::Baseline baseline;
  baseline.info.name = "gold";
  baseline.set = test::set_of({tcp("127.0.0.1 6379", {kRedis})});
  const AccountBook book = account_for(set, policy, &baseline, test::kSceneTime, false);
  const PortNames names = PortNames::parse("ssh 22/tcp\nhttp 80/tcp\nnfs 2049/tcp\n");
  AccountInput input{snapshot(43), set, book, names, policy.source, baseline.info, {}, true};
  check_document("account", build_account(input));
  check_page("account", lay_out_account(input, utc_face()));
  input.all = false;
  check_page("account_open", lay_out_account(input, utc_face()));
}

}  // namespace sockwitness
