// Verifies one file after the other without a new process for each: for tests that try thousands.
//
// In:    paths on standard input, one a line.
// Out:   for each the answer of `sockwitness verify --format json` on one line, or "error CODE MESSAGE".
// Never: keeps anything from one file to the next.
#include <exception>
#include <iostream>
#include <string>

#include "query/report/answers/verify_report.h"
#include "query/report/writers/json_writer.h"
#include "query/verify/verifier.h"
#include "schema/base/error.h"

namespace {

std::string answer(const std::string& path) {
  using namespace sockwitness;
  try {
    std::string text =
        query::write_json(query::build_verify(query::verify({path, {}, {}, {}, {}})));
    std::erase(text, '\n');
    return text;
  } catch (const schema::Error& error) {
    return "error " + std::to_string(static_cast<int>(error.code())) + " " + error.message();
  } catch (const std::exception& error) {
    return std::string("error 3 ") + error.what();
  }
}

}  // namespace

int main() {
  for (std::string path; std::getline(std::cin, path);) {
    std::cout << answer(path) << std::endl;
  }
  return 0;
}
