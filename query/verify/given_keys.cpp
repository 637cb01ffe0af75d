#include "query/verify/given_keys.h"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "schema/base/error.h"

namespace sockwitness::query {
namespace {

using schema::EnrolledKey;
using schema::Error;
using schema::ExitCode;

void add(Verdict& verdict, std::int64_t record, std::string what) {
  ++verdict.problem_count;
  verdict.problems.push_back({record, std::nullopt, std::move(what)});
}

}  // namespace

std::vector<EnrolledKey> read_keys(const std::vector<std::string>& files) {
  std::vector<EnrolledKey> keys;
  for (const std::string& path : files) {
    std::ifstream file(path, std::ios::binary);
    const std::size_t before = keys.size();
    for (std::string line; std::getline(file, line);) {
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) {
        line.pop_back();
      }
      const auto at = line.find("sockwitness-key ");
      if (at == std::string::npos) {
        continue;
      }
      if (const auto key = schema::parse_enrolled_key(std::string_view(line).substr(at))) {
        keys.push_back(*key);
      }
    }
    if (keys.size() == before) {
      throw Error(ExitCode::Usage,
                  fmt::format("reading key '{}': {}",
                              path,
                              file.is_open() ? "no line of it is a key" : "it cannot be read"),
                  "it is what this wrote: sockwitness-recorder keys");
    }
  }
  return keys;
}

void judge_keys(const std::vector<EnrolledKey>& keys,
                const std::function<std::optional<schema::PublicKey>(std::int64_t record)>& key_of,
                Verdict& verdict) {
  for (const EnrolledKey& key : keys) {
    if (key.archive != verdict.archive) {
      add(verdict,
          verdict.first_linked,
          fmt::format("the key that was given is of archive {}, this is {}: another file, or one "
                      "that was put in its place",
                      key.archive,
                      verdict.archive));
      continue;
    }
    const auto signs = key_of(key.record);
    if (!signs || *signs != key.public_key) {
      add(verdict,
          key.record,
          fmt::format("record {} is not signed by the key that was given: the key is wrong, or the "
                      "chain was made anew",
                      key.record));
      continue;
    }
    for (KeySegment& segment : verdict.segments) {
      if (segment.first <= key.record && key.record <= segment.last) {
        segment.given = true;
        verdict.authenticated_to = std::max(verdict.authenticated_to.value_or(0), segment.last);
      }
    }
  }
}

}  // namespace sockwitness::query
