#include "query/report/neutral/document.h"

#include "schema/base/scan.h"

namespace sockwitness::query {

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> all;
  while (!text.empty()) {
    all.push_back(schema::scan_until(text, ' '));
  }
  return all;
}

}  // namespace sockwitness::query
