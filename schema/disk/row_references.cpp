#include "schema/disk/row_references.h"

#include <array>

namespace sockwitness::schema {
namespace {

// By table, in the order of its columns.
constexpr auto kReferences = [] {
  using enum Numbering;
  return std::array{
      RowReference{"author", "record", 0, Record},
      RowReference{"author", "user", 2, Text},
      RowReference{"author", "login_user", 3, Text},
      RowReference{"baseline", "record", 0, Record},
      RowReference{"baseline", "name", 1, Text},
      RowReference{"baseline", "note", 10, Text},
      RowReference{"baseline_acceptance", "record", 0, Record},
      RowReference{"baseline_acceptance", "baseline", 1, Record},
      RowReference{"baseline_acceptance", "thing", 3, Text},
      RowReference{"baseline_acceptance", "reason", 4, Text},
      RowReference{"baseline_drop", "record", 0, Record},
      RowReference{"baseline_drop", "baseline", 1, Record},
      RowReference{"baseline_drop", "note", 2, Text},
      RowReference{"baseline_gap", "record", 1, Record},
      RowReference{"baseline_gap", "netns", 4, Text},
      RowReference{"baseline_gap", "object", 6, Text},
      RowReference{"baseline_netns", "record", 0, Record},
      RowReference{"baseline_netns", "netns", 1, Text},
      RowReference{"baseline_owner", "service", 1, BaselineService},
      RowReference{"baseline_owner", "name", 2, Text},
      RowReference{"baseline_owner", "program", 3, Program},
      RowReference{"baseline_owner", "script", 4, Text},
      RowReference{"baseline_owner", "script_file", 5, Program},
      RowReference{"baseline_owner", "command_line", 6, Text},
      RowReference{"baseline_owner", "user", 8, Text},
      RowReference{"baseline_owner", "unit", 9, Text},
      RowReference{"baseline_owner", "container", 10, Text},
      RowReference{"baseline_owner", "container_facts", 12, Container},
      RowReference{"baseline_rpc", "service", 0, BaselineService},
      RowReference{"baseline_service", "record", 1, Record},
      RowReference{"baseline_service", "netns", 2, Text},
      RowReference{"baseline_service", "name", 6, Text},
      RowReference{"baseline_service", "device", 13, Text},
      RowReference{"baseline_service", "leads_to", 14, Text},
      RowReference{"container", "name", 2, Text},
      RowReference{"container", "image", 3, Text},
      RowReference{"container", "project", 4, Text},
      RowReference{"container", "service", 5, Text},
      RowReference{"container", "pod", 6, Text},
      RowReference{"container", "pod_namespace", 7, Text},
      RowReference{"container", "pod_container", 8, Text},
      RowReference{"deferred", "seq", 0, Snapshot},
      RowReference{"deferred", "reason", 1, Text},
      RowReference{"descriptor", "process", 1, Process},
      RowReference{"descriptor", "target", 7, Text},
      RowReference{"environment", "record", 0, Record},
      RowReference{"forward", "socket", 0, Socket},
      RowReference{"forward", "rule", 3, Text},
      RowReference{"forward", "target", 4, Text},
      RowReference{"gap", "netns", 3, Netns},
      RowReference{"gap", "object", 5, Text},
      RowReference{"group_name", "name", 2, Text},
      RowReference{"hold", "record", 0, Record},
      RowReference{"hold", "name", 1, Text},
      RowReference{"hold", "reason", 4, Text},
      RowReference{"hold_end", "record", 0, Record},
      RowReference{"hold_end", "hold", 1, Record},
      RowReference{"hold_end", "reason", 2, Text},
      RowReference{"holder", "socket", 1, Socket},
      RowReference{"holder", "process", 2, Process},
      RowReference{"key_segment", "record", 0, Record},
      RowReference{"long_text", "text", 0, Text},
      RowReference{"mapping", "process", 1, Process},
      RowReference{"mapping", "program", 2, Program},
      RowReference{"missed", "record", 0, Record},
      RowReference{"missed", "reason", 4, Text},
      RowReference{"netns", "origin", 1, Netns},
      RowReference{"netns", "label", 3, Text},
      RowReference{"process", "origin", 1, Process},
      RowReference{"process", "name", 5, Text},
      RowReference{"process", "program", 6, Program},
      RowReference{"process", "script", 7, Text},
      RowReference{"process", "script_file", 8, Program},
      RowReference{"process", "command_line", 9, Text},
      RowReference{"process", "working_directory", 10, Text},
      RowReference{"process", "cgroup", 19, Text},
      RowReference{"process", "unit", 20, Text},
      RowReference{"process", "container", 21, Text},
      RowReference{"process", "preload", 24, Text},
      RowReference{"process", "netns", 26, Netns},
      RowReference{"process", "title", 31, Text},
      RowReference{"process", "container_facts", 32, Container},
      RowReference{"program", "path", 1, Text},
      RowReference{"program", "package", 10, Text},
      RowReference{"program", "package_version", 11, Text},
      RowReference{"prune", "record", 0, Record},
      RowReference{"prune", "until_record", 6, Record},
      RowReference{"prune", "policy", 10, Text},
      RowReference{"registration", "transport", 3, Text},
      RowReference{"registration", "address", 4, Text},
      RowReference{"registration", "owner", 5, Text},
      RowReference{"sample", "socket", 1, Socket},
      RowReference{"setting", "record", 0, Record},
      RowReference{"snapshot", "record", 1, Record},
      RowReference{"snapshot", "context", 2, Context},
      RowReference{"snapshot", "note", 20, Text},
      RowReference{"socket", "origin", 1, Socket},
      RowReference{"socket", "netns", 2, Netns},
      RowReference{"socket", "local_address", 5, Text},
      RowReference{"socket_detail", "socket", 0, Socket},
      RowReference{"socket_detail", "name", 3, Text},
      RowReference{"socket_detail", "remote_name", 4, Text},
      RowReference{"socket_detail", "interface_name", 9, Text},
      RowReference{"text_run", "text", 0, Text},
      RowReference{"text_run", "first", 2, Text},
      RowReference{"text_run", "last", 3, Text},
      RowReference{"thin", "record", 0, Record},
      RowReference{"thin", "policy", 8, Text},
      RowReference{"thin_span", "record", 0, Record},
      RowReference{"thin_span", "first_record", 3, Record},
      RowReference{"thin_span", "last_record", 4, Record},
      RowReference{"user_name", "name", 2, Text},
  };
}();

constexpr std::string_view kRuns = "text_run";
constexpr std::uint8_t kFirstOfRun = 2;
constexpr std::uint8_t kLastOfRun = 3;
// Longer than any text that a recorder keeps in pieces.
constexpr std::int64_t kMostPieces = 1 << 20;

}  // namespace

std::span<const RowReference> row_references() {
  return kReferences;
}

void visit_references(const StoredRow& row,
                      const std::function<void(Numbering, std::int64_t number)>& visit) {
  for (const RowReference& reference : kReferences) {
    if (reference.table != row.table) {
      continue;
    }
    if (const auto number = row.integer(reference.place)) {
      visit(reference.numbering, *number);
    }
  }
  if (row.table != kRuns) {
    return;
  }
  const auto first = row.integer(kFirstOfRun);
  const auto last = row.integer(kLastOfRun);
  if (first && last && *first <= *last && *last - *first < kMostPieces) {
    for (std::int64_t piece = *first + 1; piece < *last; ++piece) {
      visit(Numbering::Text, piece);
    }
  }
}

}  // namespace sockwitness::schema
