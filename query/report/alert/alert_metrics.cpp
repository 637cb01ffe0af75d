#include "query/report/alert/alert_metrics.h"

#include <fmt/format.h>

namespace sockwitness::query {
namespace {

std::string head(std::string_view name, std::string_view help) {
  return fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n", name, help);
}

std::string figure(std::string_view name, std::string_view help, std::size_t value) {
  return head(name, help) + fmt::format("{} {}\n", name, value);
}

}  // namespace

std::string write_alert_metrics(const AlertMetrics& metrics) {
  constexpr std::int64_t kSecond = 1'000'000;
  const std::int64_t last = metrics.last_snapshot.microseconds;
  std::string text = figure(
      "sockwitness_listeners", "Services that listen, in the latest snapshot.", metrics.listeners);
  if (metrics.unexplained) {
    text += figure("sockwitness_unexplained",
                   "Services that neither the policy nor a baseline accounts for.",
                   *metrics.unexplained);
  }
  text += head("sockwitness_findings", "Findings of the latest snapshot that nobody accepted.");
  for (const Severity severity : kSeverities) {
    const auto found = metrics.findings.find(severity);
    text += fmt::format("sockwitness_findings{{severity=\"{}\"}} {}\n",
                        severity_word(severity),
                        found == metrics.findings.end() ? 0 : found->second);
  }
  text +=
      head("sockwitness_last_snapshot_timestamp_seconds", "When the latest snapshot was taken.");
  text += fmt::format(
      "sockwitness_last_snapshot_timestamp_seconds {}.{:06}\n", last / kSecond, last % kSecond);
  return text + figure("sockwitness_gaps", "What the latest snapshot could not see.", metrics.gaps);
}

}  // namespace sockwitness::query
