#include "query/app/report_call.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "schema/base/escape.h"
#include "schema/chain/sha256.h"

namespace sockwitness::query {
namespace {

// One word for a shell, of characters that every form of the report shows as they are: no
// backslash, nothing that cannot be printed.
std::string report_word(const std::string& value) {
  if (schema::escape_terminal(value) != value) {
    return fmt::format("\"$(echo {} | base64 -d)\"", schema::base64(value));
  }
  std::string word = "'";
  for (const char character : value) {
    word += character == '\'' ? std::string("'\"'\"'") : std::string(1, character);
  }
  return word + "'";
}

}  // namespace

std::vector<std::string> policy_words(const ReportOptions& options, const DatedPolicy& dated) {
  const bool matters = std::any_of(dated.policy.entries.begin(),
                                   dated.policy.entries.end(),
                                   [](const PolicyEntry& entry) { return entry.dated_by_file; });
  if (!matters || dated.versions.size() != 1 || !dated.versions.front().is_written) {
    return options.policy;
  }
  const PolicyVersion& only = dated.versions.front();
  return {schema::format_utc(only.from) + "=" + only.path};
}

std::string arguments_text(const ReportCall& call, const std::vector<std::string>& policy) {
  const ReportOptions& options = call.options;
  std::string text = "report";
  const auto add = [&](const char* option, const std::string& value) {
    if (!value.empty()) {
      text += fmt::format(" {} {}", option, report_word(value));
    }
  };
  const auto end = [](const std::optional<schema::WallTime>& time, schema::Seq seq) {
    return time ? schema::format_utc_micros(*time) : fmt::format("#{}", seq.value());
  };
  add("--db", call.database);
  add("--since", end(call.period.since, call.period.snapshots.first));
  add("--until", end(call.period.until, call.period.snapshots.last));
  for (const std::string& word : policy) {
    add("--policy", word);
  }
  // The newest one may be another by then.
  add("--baseline", call.material.baseline ? call.material.baseline->info.name : std::string());
  add("--rules", options.rules);
  add("--expect-every", options.expect_every.value_or(""));
  for (const auto& [option, word] : call.form.words()) {
    add(option, std::string(word));
  }
  add("--by", call.user);
  for (const auto& [option, files] : {std::pair("--key", &options.kept.keys),
                                      std::pair("--anchors", &options.kept.anchors),
                                      std::pair("--tsr", &options.kept.stamps.replies)}) {
    for (const std::string& file : *files) {
      add(option, file);
    }
  }
  add("--tsa-ca", options.kept.stamps.authorities);
  return text + (options.no_verify ? " --no-verify" : "");
}

std::string hash_of_file(const std::string& path) {
  const auto hash = path.empty() ? std::nullopt : schema::sha256_of_file(path);
  return hash ? schema::hex(*hash) : std::string();
}

std::string config_hash(const ReportOptions& options,
                        const DatedPolicy& dated,
                        const std::string& rules_version,
                        const ReportMaterial& material) {
  const auto* baseline = material.baseline ? &material.baseline->info : nullptr;
  std::string policies;
  for (const PolicyVersion& version : dated.versions) {
    policies +=
        fmt::format("policy {} {}\n", schema::format_utc(version.from), hash_of_file(version.path));
  }
  const std::string text =
      fmt::format("{}rules {}\nbaseline {} {}\nexpect-every {}\n",
                  policies,
                  rules_version,
                  baseline == nullptr ? std::string() : schema::hex(schema::sha256(baseline->name)),
                  baseline == nullptr ? std::int64_t{0} : baseline->record,
                  options.expect_every.value_or(""));
  return schema::hex(schema::sha256(text));
}

}  // namespace sockwitness::query
