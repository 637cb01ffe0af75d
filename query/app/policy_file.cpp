#include "query/app/policy_file.h"

#include <sys/stat.h>

#include <algorithm>

#include <fmt/format.h>

#include "query/policy/policy_reader.h"
#include "query/policy/text_file.h"
#include "query/read/user_numbers.h"
#include "schema/base/error.h"
#include "schema/base/time.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;
using schema::WallTime;

// "2026-07-01" or an RFC 3339 time in UTC; nothing for any other text.
std::optional<WallTime> parse_begin(const std::string& text) {
  constexpr std::size_t kDay = 10;
  return schema::parse_rfc3339(text.size() == kDay ? text + "T00:00:00Z" : text);
}

std::optional<WallTime> written_at(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return std::nullopt;
  }
  return WallTime{status.st_mtim.tv_sec * 1'000'000 + status.st_mtim.tv_nsec / 1000};
}

struct PolicyWord {
  std::string path;
  std::optional<WallTime> from;
};

PolicyWord split_word(const std::string& word) {
  const auto equals = word.find('=');
  if (equals != std::string::npos) {
    if (const auto from = parse_begin(word.substr(0, equals))) {
      return {word.substr(equals + 1), from};
    }
  }
  return {word, std::nullopt};
}

// As the report repeats it; what was written within that second is later than no change in it.
WallTime whole_second(WallTime time) {
  return {time.microseconds - time.microseconds % 1'000'000};
}

void limit(PolicyEntry& entry, const PolicyVersion& version, bool is_first) {
  const bool stated_later = entry.holds_from && version.from < *entry.holds_from;
  if (stated_later || (is_first && entry.holds_from)) {
    return;
  }
  entry.holds_from = version.from;
  entry.dated_by_file = true;
}

}  // namespace

Policy read_policy(const std::string& named) {
  const std::string path = named.empty() ? kPolicyFile : named;
  const auto text = read_text_file(path);
  if (text) {
    return parse_policy(path, *text);
  }
  if (!named.empty()) {
    throw Error(ExitCode::Usage,
                "reading policy '" + path + "': no such file",
                "draft one with: sockwitness account --write-policy > '" + path + "'");
  }
  return {};
}

DatedPolicy read_dated_policy(const std::vector<std::string>& words) {
  struct Read {
    Policy policy;
    PolicyVersion version;
  };
  std::vector<Read> all;
  for (const std::string& text : words.empty() ? std::vector<std::string>{""} : words) {
    const PolicyWord word = split_word(text);
    if (!word.from && words.size() > 1) {
      throw Error(ExitCode::Usage,
                  fmt::format("reading --policy '{}': of several files each needs the day from "
                              "which on it held",
                              text),
                  "for example: --policy 2026-07-01=old.toml --policy 2026-10-01=new.toml");
    }
    Policy policy = read_policy(word.path);
    if (policy.source.empty()) {
      continue;
    }
    const auto written = written_at(policy.source);
    if (!word.from && !written) {
      throw Error(ExitCode::Usage, "reading policy '" + policy.source + "': it went away");
    }
    const PolicyVersion version{
        policy.source, word.from.value_or(whole_second(written.value_or(WallTime{}))), !word.from};
    all.push_back({std::move(policy), version});
  }
  std::stable_sort(all.begin(), all.end(), [](const Read& left, const Read& right) {
    return left.version.from < right.version.from;
  });
  DatedPolicy dated;
  for (std::size_t at = 0; at < all.size(); ++at) {
    for (PolicyEntry& entry : all[at].policy.entries) {
      limit(entry, all[at].version, at == 0);
      if (at + 1 < all.size()) {
        entry.holds_until = WallTime{all[at + 1].version.from.microseconds - 1};
      }
      dated.policy.entries.push_back(std::move(entry));
    }
    dated.policy.source = all[at].policy.source;
    dated.policy.acceptances = std::move(all[at].policy.acceptances);
    dated.versions.push_back(all[at].version);
  }
  return dated;
}

void add_user_numbers(History& history, Policy& policy) {
  for (PolicyEntry& entry : policy.entries) {
    add_user_numbers(history, entry.users);
  }
}

}  // namespace sockwitness::query
