#include <algorithm>
#include <map>
#include <set>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/rules/origins.h"
#include "query/rules/stage_parts.h"
#include "query/rules/table_writer.h"
#include "schema/model/snapshot.h"

namespace sockwitness::query {
namespace {

using schema::Gap;
using schema::GapReason;
using schema::GapSource;

struct Unread {
  std::int64_t descriptors = 0;
  std::int64_t processes = 0;
  std::int64_t programs = 0;
};

Unread count_unread(const std::vector<Gap>& gaps) {
  Unread unread;
  for (const Gap& gap : gaps) {
    switch (gap.source) {
      case GapSource::Descriptors:
        unread.descriptors += gap.count;
        break;
      case GapSource::Process:
      case GapSource::ProcessList:
        unread.processes += gap.count;
        unread.descriptors += gap.count;
        unread.programs += gap.count;
        break;
      case GapSource::Program:
        unread.programs += gap.count;
        break;
      case GapSource::ProcessField:
        unread.descriptors += gap.object == schema::GapPart::Descriptors ? gap.count : 0;
        unread.programs += gap.object == schema::GapPart::ProgramFile ? gap.count : 0;
        break;
      default:
        break;
    }
  }
  return unread;
}

bool has_packages(const schema::Snapshot& snapshot) {
  return std::any_of(snapshot.programs.begin(), snapshot.programs.end(), [](const auto& program) {
    return program.verdict != schema::PackageVerdict::NoDatabase;
  });
}

// Labels are of the recorder's making: see schema/model/netns.h.
std::string_view namespace_kind(std::string_view label) {
  if (label == "host") {
    return "host";
  }
  for (const std::string_view kind : {"container", "unit"}) {
    if (label.starts_with(kind) && label.substr(kind.size()).starts_with(' ')) {
      return kind;
    }
  }
  return label.starts_with("netns ") ? "unnamed" : "named";
}

std::optional<std::int64_t> number_of(const std::optional<schema::Seq>& seq) {
  return seq ? std::optional<std::int64_t>(seq->value()) : std::nullopt;
}

void stage_gaps(SQLite::Database& database, const schema::SnapshotView& view) {
  TableWriter row(database, "gaps");
  for (const Gap& gap : view.snapshot().gaps) {
    row.text("source", schema::gap_source_word(gap.source))
        .text("reason", schema::gap_reason_word(gap.reason))
        .text("netns", gap.netns ? view.netns_label(*gap.netns) : std::string_view())
        .number("pid", gap.pid ? std::optional<std::int64_t>(gap.pid->value()) : std::nullopt)
        .text("object", gap.object.text())
        .number("count", gap.count)
        .end_row();
  }
}

// Where not every source of names could be read, no namespace is nameless.
std::string_view may_have_name(const schema::Snapshot& snapshot, std::string_view kind) {
  const bool blind = std::any_of(snapshot.gaps.begin(), snapshot.gaps.end(), [](const Gap& gap) {
    return (gap.source == GapSource::Namespace && !gap.netns) || gap.source == GapSource::Process ||
           (gap.source == GapSource::ProcessList && gap.reason != GapReason::NotSupported);
  });
  return kind == "unnamed" && blind ? std::string_view() : kind;
}

struct Population {
  std::int64_t processes = 0;
  std::set<std::string_view> origins;
};

void stage_namespaces(SQLite::Database& database,
                      const schema::Snapshot& snapshot,
                      const Origins& origins) {
  std::map<schema::NetnsIndex, Population> populations;
  for (const schema::Process& process : snapshot.processes) {
    if (process.netns) {
      Population& population = populations[*process.netns];
      ++population.processes;
      population.origins.insert(origins.word(process));
    }
  }
  TableWriter row(database, "namespaces");
  for (std::uint32_t at = 0; at < snapshot.namespaces.size(); ++at) {
    const schema::Netns& netns = snapshot.namespaces[at];
    const Population& population = populations[schema::NetnsIndex(at)];
    // A label that its processes belie explains nothing.
    const std::string_view kind = namespace_kind(netns.label);
    const bool belied = (kind == "container" || kind == "unit") && population.processes > 0 &&
                        !population.origins.contains(kind);
    row.text("label", netns.label)
        .bits("inode", netns.inode.value())
        .text("kind", may_have_name(snapshot, belied ? "unnamed" : kind))
        .number("processes", population.processes)
        .end_row();
  }
}

}  // namespace

void stage_host(SQLite::Database& database, const StageInput& input) {
  const schema::Snapshot& snapshot = input.host.view().snapshot();
  const Origins origins(input.host.view());
  const Unread unread = count_unread(snapshot.gaps);
  const auto& began = input.history_began;
  TableWriter(database, "host")
      .text("name", snapshot.context.host_name)
      .number("seq", number_of(snapshot.seq))
      .number("deep_seq", number_of(snapshot.deep_seq))
      .number("taken_us", snapshot.begin.wall.microseconds)
      .number("history_began_us",
              began ? std::optional<std::int64_t>(began->microseconds) : std::nullopt)
      .number("ephemeral_first", snapshot.context.ephemeral_first.value())
      .number("ephemeral_last", snapshot.context.ephemeral_last.value())
      .number("unprivileged_first", snapshot.context.unprivileged_first.value())
      .flag("units", origins.has_units())
      .flag("packages", has_packages(snapshot))
      .number("packages_changed_us", snapshot.context.package_database_mtime_ns / 1000)
      .number("unread_descriptors", unread.descriptors)
      .number("unread_processes", unread.processes)
      .number("unread_programs", unread.programs)
      .end_row();
  stage_gaps(database, input.host.view());
  stage_namespaces(database, snapshot, origins);
  TableWriter library_row(database, "host_preloads");
  for (const std::string_view library : split_libraries(snapshot.context.preload_file)) {
    library_row.text("library", library).end_row();
  }
  TableWriter row(database, "port_names");
  for (const PortName& entry : input.port_names) {
    row.text("protocol", schema::protocol_name(entry.protocol))
        .number("port", entry.port.value())
        .text("name", entry.name)
        .end_row();
  }
}

}  // namespace sockwitness::query
