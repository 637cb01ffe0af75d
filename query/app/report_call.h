// How a report can be made again: its command, and a hash over what it was made from.
//
// In:    the options as typed, what was read by them.
// Out:   words of a shell that every form of the report shows as they are; hexadecimal digests.
// Never: a time as it was typed: as it was understood.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/app/policy_file.h"
#include "query/app/report_form.h"
#include "query/app/report_material.h"
#include "query/app/time_range.h"
#include "query/app/verify_options.h"

namespace sockwitness::query {

struct ReportOptions {
  ReportFormOptions form;
  TimeRangeOptions period;
  std::string output;
  std::vector<std::string> policy;
  std::string baseline;
  std::string rules;
  std::optional<std::string> expect_every;
  std::optional<std::string> as_of;
  std::string by;
  KeptElsewhere kept;
  bool no_verify = false;
  bool force = false;
};

struct ReportCall {
  const ReportOptions& options;
  const ReportForm& form;
  const TimeRange& period;
  const ReportMaterial& material;
  const std::string& database;
  const std::string& user;
};

// `policy`: the words of --policy.
[[nodiscard]] std::string arguments_text(const ReportCall& call,
                                         const std::vector<std::string>& policy);

// "old.toml", "2026-07-01T00:00:00Z=old.toml": with its time where that decides something and none
// was given, since a copy of the file has another one.
[[nodiscard]] std::vector<std::string> policy_words(const ReportOptions& options,
                                                    const DatedPolicy& dated);

// SHA-256; empty where there is no such file.
[[nodiscard]] std::string hash_of_file(const std::string& path);

// Over all that decides what a report says besides the database and the period.
[[nodiscard]] std::string config_hash(const ReportOptions& options,
                                      const DatedPolicy& dated,
                                      const std::string& rules_version,
                                      const ReportMaterial& material);

}  // namespace sockwitness::query
