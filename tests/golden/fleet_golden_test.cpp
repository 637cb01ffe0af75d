// What a fleet's engine answered, laid out: hostile texts, brackets, severities, columns that say
// nothing.
#include <catch2/catch.hpp>

#include "query/report/answers/fleet_report.h"
#include "tests/golden/golden.h"

namespace sockwitness {

using namespace query;

TEST_CASE("golden: rows of a fleet") {
  const auto ports = parse_engine_rows(
      "{\"host\":\"web\\u001b[2J07\",\"local_port\":4444,\"program\":\"/tmp/"
      "\\u202e<b>\",\"script\":null,"
      "\"not_before\":\"2026-11-23 03:31:00\",\"first_seen\":\"2026-11-23 "
      "03:36:00\",\"last_seen\":null,"
      "\"not_after\":null}\n"
      "{\"host\":\"db1\",\"local_port\":4444,\"program\":\"/usr/bin/"
      "nc\",\"script\":null,\"not_before\":null,"
      "\"first_seen\":\"2026-11-22 23:59:00.000000\",\"last_seen\":\"2026-11-22 23:59:00\","
      "\"not_after\":\"2026-11-23 00:04:00\"}\n");
  const auto findings = parse_engine_rows(
      "{\"severity\":\"critical\",\"rule\":\"shell-on-network\",\"findings\":\"12\",\"which\":["
      "\"web07\",\"\\nx\"],"
      "\"since\":\"2026-11-23 03:31:00\"}\n"
      "{\"severity\":\"medium\",\"rule\":\"x\",\"findings\":\"1\",\"which\":[],\"since\":\"2026-11-"
      "23 00:00:00\"}\n"
      "{\"severity\":\"grave\\u0007\",\"rule\":\"y\",\"findings\":null,\"which\":[\"a\"],\"since\":"
      "null}\n");
  test::check_page("fleet_port", lay_out_fleet(ports));
  test::check_page("fleet_findings", lay_out_fleet(findings));
  const Page page = lay_out_fleet(findings);
  const auto& table = std::get<Table>(page.blocks.at(0));
  CHECK(table.rows.at(0).at(0).style == Style::Alarm);
  CHECK(table.rows.at(1).at(0).style == Style::Warning);
  CHECK(table.rows.at(2).at(0).style == Style::Plain);
  test::check_page("fleet_nothing", lay_out_fleet({}));
  test::check_page("fleet_questions", lay_out_questions(fleet_questions()));
}

}  // namespace sockwitness
