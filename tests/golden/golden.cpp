#include "tests/golden/golden.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "query/report/writers/csv_writer.h"
#include "query/report/writers/json_writer.h"
#include "query/report/writers/text_writer.h"
#include "schema/program/zone.h"

namespace sockwitness::test {

void check_golden(const std::string& name, const std::string& answer) {
  const std::string path = std::string(SOCKWITNESS_EXPECTED) + "/" + name;
  if (std::getenv("SOCKWITNESS_ACCEPT") != nullptr) {
    std::ofstream(path, std::ios::binary) << answer;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  const std::string expected(std::istreambuf_iterator<char>(file), {});
  INFO("if the change is meant, run tests/golden/accept.sh and review the difference of " << name);
  CHECK(answer == expected);
}

void check_document(const std::string& name, const query::Document& document) {
  check_golden(name + ".json", query::write_json(document));
  check_golden(name + ".jsonl", query::write_json_lines(document));
  check_golden(name + ".csv", query::write_csv(document));
}

void check_page(const std::string& name, const query::Page& page) {
  check_golden(name + ".text", query::write_text(page, {}));
}

query::ClockFace utc_face() {
  return [](schema::WallTime time) { return schema::format_in_zone(time, schema::Zone::utc()); };
}

}  // namespace sockwitness::test
