// The report in each of its forms, of a small period with everything in it.

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "query/report/compliance/compliance.h"
#include "query/report/compliance/compliance_csv.h"
#include "query/report/html/page.h"
#include "query/report/writers/csv_writer.h"
#include "query/report/writers/json_writer.h"
#include "schema/view/services.h"
#include "tests/golden/golden.h"
#include "tests/golden/hostile_scene.h"

namespace sockwitness {
namespace {

using namespace query;
using schema::Seq;
using schema::WallTime;

// Eleven snapshots, a minute apart but for a gap of nine minutes before the eighth. The first five
// show the host before, the others the host of the other goldens.
struct SmallPeriod {
  SmallPeriod() {
    const test::Scene scenes[] = {test::busy_host_before(), test::busy_host()};
    RegisterBuilder builder;
    for (std::size_t at = 0; at < 2; ++at) {
      const schema::Snapshot& snapshot = scenes[at].snapshot;
      const std::vector<schema::Persistence> stays(snapshot.sockets.size(),
                                                   schema::Persistence::Lasting);
      auto set = schema::collect_services(schema::SnapshotView(snapshot), stays);
      std::erase_if(set.services, [](const schema::Service& service) {
        return service.endpoint.family == schema::Family::Unix;
      });
      builder.add(at == 0 ? schema::SeqRange{Seq(1), Seq(5)} : schema::SeqRange{Seq(6), Seq(11)},
                  std::move(set));
    }
    services = builder.finish();
    std::vector<Moment> all;
    schema::Context context = scenes[1].snapshot.context;
    context.every_us = test::kMinuteUs;
    for (std::int64_t seq = 1; seq <= 11; ++seq) {
      const std::int64_t minute = seq < 8 ? seq : seq + 8;
      const std::int64_t boot_ns = minute * test::kMinuteUs * 1000;
      all.push_back(
          {Seq(seq),
           {{test::kSceneTime.microseconds + minute * test::kMinuteUs}, {boot_ns}, boot_ns},
           0});
    }
    moments = Moments(std::move(all), {context});
    missed = {{{test::kSceneTime.microseconds + 9 * test::kMinuteUs},
               schema::MissedKind::Failed,
               8,
               "No space left on device",
               Seq(7)}};
    events = build_chronicle(moments, missed, {});
    coverage = measure_coverage(
        moments, {Seq(1), Seq(11)}, events, missed, moments.wall(Seq(1)), moments.wall(Seq(11)));
    schema::Gap gap;
    gap.source = schema::GapSource::SocketTable;
    gap.reason = schema::GapReason::Interrupted;
    gap.object = schema::Protocol::Tcp;
    partial = {{{Seq(3), Seq(4)}, gap, "host"}};
    baseline.name = "gold";
    baseline.record = 7;
    baseline.first = baseline.last = Seq(2);
    baseline.made_at = moments.wall(Seq(2));
    baseline.author = {schema::Uid(0), "root", "alice"};
    Approval approved{AccountStatus::Approved,
                      "the shop",
                      "ops",
                      "OPS-1412",
                      moments.wall(Seq(1)),
                      std::nullopt,
                      {}};
    entry_approvals.assign(services.entries.size(), Approval{});
    entry_approvals.front() = approved;
    approvals.assign(services.changes.size(), Approval{});
    approvals.front() = approved;
    approvals.back().since = moments.wall(Seq(11));
    approvals.back().obstacle = "not approved at that time; approved later";
    shop.name = "web *shop*";
    shop.reason = "the shop";
    shop.approved_by = "ops";
    shop.line = 3;
    shop.holds_from = moments.wall(Seq(1));
    uses = {{&shop, {0}}, {&shop, {}}};
  }

  [[nodiscard]] ComplianceInput input() const {
    return {.moments = moments,
            .snapshots = {Seq(1), Seq(11)},
            .asked_since = "the first snapshot",
            .asked_until = "#11",
            .next = std::nullopt,
            .ends_later = false,
            .coverage = coverage,
            .totals = {11, 2, 8, 3},
            .services = services,
            .entry_approvals = entry_approvals,
            .approvals_then = approvals,
            .approvals_now = approvals,
            .partial = partial,
            .findings = {.rows = {},
                         .judged = 2,
                         .all_states = true,
                         .rules_version = "0123456789abcdef",
                         .failures = {}},
            .events = events,
            .missed = missed,
            .unsynchronized = unsynchronized,
            .baselines = {&baseline, 1},
            .baseline = baseline,
            .policy = "/etc/sockwitness/policy.toml",
            .policy_uses = uses,
            .names = names,
            .addresses = addresses,
            .expect_every_us = std::nullopt,
            .run = {.at = moments.wall(Seq(11)),
                    .user = "auditor",
                    .arguments = "report --since '#1' --until '#11'",
                    .database = "/var/lib/sockwitness/witness.db",
                    .program_hash = std::string(64, 'a'),
                    .policy_hash = std::string(64, 'b'),
                    .config_hash = std::string(64, 'c'),
                    .sqlite = "3.40.1"}};
  }

  Register services;
  Moments moments;
  TimeCoverage coverage;
  std::vector<schema::MissedRun> missed;
  std::vector<ChronicleEvent> events;
  std::vector<schema::SeqRange> unsynchronized{{Seq(2), Seq(2)}, {Seq(9), Seq(10)}};
  std::vector<schema::IpAddress> addresses{schema::IpAddress::parse("192.0.2.7").value(),
                                           schema::IpAddress::parse("2001:db8::7").value()};
  std::vector<CoverageGap> partial;
  schema::BaselineInfo baseline;
  std::vector<Approval> entry_approvals;
  std::vector<Approval> approvals;
  PortNames names;
  PolicyEntry shop;
  std::vector<PolicyUse> uses;
};

}  // namespace

TEST_CASE("report") {
  const SmallPeriod period;
  const ComplianceInput input = period.input();
  REQUIRE_FALSE(input.services.changes.empty());
  test::check_golden("report.json", write_json(build_compliance(input)));
  for (const CsvTable& table : kCsvTables) {
    test::check_golden(fmt::format("report_{}.csv", table.name),
                       write_compliance_csv(input, table, CsvStatements::Leave));
  }
  test::check_golden("report.csv", write_compliance_csv(input));
  test::check_golden("report.md", write_compliance_markdown(input));
  test::check_golden("report.html", html::write_page(input));
}

}  // namespace sockwitness
