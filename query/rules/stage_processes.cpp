#include <algorithm>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/rules/holdings.h"
#include "query/rules/origins.h"
#include "query/rules/path_words.h"
#include "query/rules/stage_parts.h"
#include "query/rules/table_writer.h"
#include "schema/base/scan.h"
#include "schema/model/snapshot.h"
#include "schema/view/command_line.h"

namespace sockwitness::query {
namespace {

using schema::Process;
using schema::ProcessIndex;

template <class Id>
std::optional<std::int64_t> number_of(const std::optional<Id>& id) {
  return id ? std::optional<std::int64_t>(id->value()) : std::nullopt;
}

std::string joined(const Process& process, const Arguments& arguments) {
  if (process.command_line && process.long_line) {
    return schema::command_line_text(*process.command_line, process.long_line);
  }
  std::string text;
  for (const std::string_view argument : arguments) {
    text.append(text.empty() ? "" : " ").append(argument);
  }
  return text;
}

void add_program(TableWriter& row, const schema::SnapshotView& view, const Process& process) {
  const schema::Program* program = view.program(process);
  row.number("program", number_of(process.program))
      .text("path", program == nullptr ? std::string_view() : program->path)
      .text("base_name", program == nullptr ? std::string_view() : base_name(program->path));
}

void add_code(TableWriter& row, const Process& process, const KnownProcess& facts) {
  row.text("kind", facts.kind ? kind_word(facts.kind->kind) : std::string_view())
      .text("family", facts.kind ? facts.kind->family : std::string_view())
      .flag("genuine", facts.genuine)
      .flag("vouched", facts.vouched)
      .flag("outdated", facts.outdated)
      .text("script", process.script)
      .flag("script_known", !process.unread.contains(schema::Part::Script))
      .number("script_file", number_of(process.script_file))
      .text("inline_code", facts.invocation.inline_code)
      .flag("bare",
            process.command_line && !facts.titled ? std::optional(facts.invocation.bare)
                                                  : std::nullopt)
      .flag("obeys",
            process.command_line && !facts.titled ? std::optional(facts.invocation.obeys)
                                                  : std::nullopt)
      .flag("titled", facts.titled)
      .text("command_line", joined(process, facts.arguments))
      .text("working_directory", process.working_directory.value_or(std::string()));
}

void add_users(TableWriter& row, const schema::SnapshotView& view, const Process& process) {
  const bool known = !process.unread.contains(schema::Part::Ids);
  const auto number = [&](schema::Uid uid) {
    return known ? std::optional<std::int64_t>(uid.value()) : std::nullopt;
  };
  const auto name = [&](schema::Uid uid) { return known ? user_word(view, uid) : std::string(); };
  row.number("uid", number(process.effective_uid))
      .text("user", name(process.effective_uid))
      .number("real_uid", number(process.real_uid))
      .text("real_user", name(process.real_uid))
      .number("login_uid", number_of(process.login_uid))
      .text("login_user", process.login_uid ? user_word(view, *process.login_uid) : std::string());
}

void add_place(TableWriter& row,
               const schema::SnapshotView& view,
               const Origins& origins,
               const Process& process) {
  row.number("terminal", process.tty)
      .number("process_group", process.process_group.value())
      .number("session", process.session.value())
      .text("cgroup", process.cgroup)
      .text("unit", process.unit)
      .text("container", origins.container(process))
      .text("origin", origins.word(process))
      .number("capabilities",
              process.unread.contains(schema::Part::Ids)
                  ? std::nullopt
                  : std::optional(static_cast<std::int64_t>(process.capabilities)))
      .number("tracer", number_of(process.tracer))
      .flag("kernel_thread", process.kernel_thread)
      .flag("zombie", process.zombie)
      .flag("recorder", process.recorder)
      .flag("covered", process.covered)
      .flag("unlisted", process.unlisted)
      .text("netns", process.netns ? view.netns_label(*process.netns) : std::string_view())
      .bits("mount_namespace", process.mount_namespace.value())
      .bits("pid_namespace", process.pid_namespace.value())
      .bits("user_namespace", process.user_namespace.value());
}

// What was read is there; where not all was read, nothing is known to be absent.
void add_holdings(TableWriter& row, const Holdings& held, bool complete) {
  const auto count = [&](std::int64_t seen) {
    return seen > 0 || complete ? std::optional(seen) : std::nullopt;
  };
  const bool reaches_out = held.captures > 0 || held.vsocks > 0 || held.beyond > 0;
  row.number("listeners", count(held.listeners))
      .number("connections", count(held.connections))
      .number("captures", count(held.captures))
      .flag("network", held.network() || complete ? std::optional(held.network()) : std::nullopt)
      .flag("loopback_only",
            reaches_out || complete ? std::optional(held.network() && !reaches_out) : std::nullopt);
}

// "LD_PRELOAD=a.so:b.so", each variable ending in NUL.
void add_preloads(TableWriter& row, std::int64_t process, std::string_view preload) {
  while (!preload.empty()) {
    std::string_view libraries = schema::scan_until(preload, '\0');
    const std::string_view variable = schema::scan_until(libraries, '=');
    for (const std::string_view library : split_libraries(libraries)) {
      row.number("process", process).text("variable", variable).text("library", library);
      row.end_row();
    }
  }
}

}  // namespace

std::string user_word(const schema::SnapshotView& view, schema::Uid uid) {
  const auto name = view.user_name(uid);
  return name ? std::string(*name) : std::to_string(uid.value());
}

std::vector<std::string_view> split_libraries(std::string_view list) {
  std::vector<std::string_view> libraries;
  while (!list.empty()) {
    const std::string_view library = list.substr(0, list.find_first_of(" :\t\n"));
    list.remove_prefix(std::min(list.size(), library.size() + 1));
    if (!library.empty()) {
      libraries.push_back(library);
    }
  }
  return libraries;
}

void stage_processes(SQLite::Database& database, const StageInput& input, const HostFacts& facts) {
  const schema::SnapshotView& view = input.host.view();
  const schema::Snapshot& snapshot = view.snapshot();
  const Origins origins(view);
  const auto counts = count_holdings(snapshot);
  const bool sees_sockets = sees_all_sockets(snapshot);
  TableWriter row(database, "processes");
  TableWriter argument_row(database, "arguments");
  TableWriter ancestor_row(database, "ancestry");
  TableWriter preload_row(database, "preloads");
  for (std::uint32_t at = 0; at < snapshot.processes.size(); ++at) {
    const Process& process = snapshot.processes[at];
    const KnownProcess& known = facts.process(ProcessIndex(at));
    const std::int64_t age_ns = snapshot.begin.since_boot.nanoseconds - process.start.nanoseconds;
    row.number("id", at)
        .number("pid", process.pid.value())
        .number("parent", number_of(known.parent))
        .number("parent_pid", number_of(process.parent))
        .text("name", process.name);
    add_program(row, view, process);
    add_code(row, process, known);
    add_users(row, view, process);
    add_place(row, view, origins, process);
    row.number("started_us", view.started_at(process).microseconds)
        .number("age_seconds", std::max<std::int64_t>(age_ns, 0) / 1'000'000'000);
    add_holdings(
        row, counts[at], sees_sockets && !process.unread.contains(schema::Part::Descriptors));
    row.flag("login_server", known.login_server).end_row();
    for (std::size_t position = 0; position < known.arguments.size(); ++position) {
      argument_row.number("process", at)
          .number("position", static_cast<std::int64_t>(position))
          .text("value", known.arguments[position])
          .end_row();
    }
    std::int64_t distance = 0;
    for (const ProcessIndex ancestor : facts.ancestors(ProcessIndex(at))) {
      ancestor_row.number("process", at)
          .number("ancestor", ancestor.value())
          .number("distance", ++distance)
          .end_row();
    }
    add_preloads(preload_row, at, process.preload);
  }
}

}  // namespace sockwitness::query
