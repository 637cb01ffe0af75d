#include "recorder/collect/inherited_exec.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "schema/view/app.h"
#include "schema/view/command_line.h"

namespace sockwitness::recorder {
namespace {

using schema::App;
using schema::Process;

App app_of(const schema::Snapshot& snapshot, const Process& process) {
  const std::string& path = snapshot.programs[process.program->value()].path;
  return schema::find_app(path, schema::ends_of(*process.command_line, process.long_line).head);
}

bool names_app(const App& app) {
  return app.kind == App::Kind::File || app.kind == App::Kind::Name || app.kind == App::Kind::Code;
}

bool is_fork_of(const Process& child, const Process& parent) {
  return child.exec_mark != 0 && child.exec_mark == parent.exec_mark &&
         child.program == parent.program && parent.start <= child.start;
}

// `unread` but for what is told of the script.
schema::Parts without_script(const schema::Parts& unread) {
  schema::Parts script;
  script.insert(schema::Part::Script);
  script.insert(schema::Part::ScriptFile);
  return schema::Parts::of_bits(unread.bits() & ~script.bits());
}

void take_over(const Process& parent, Process& child) {
  child.title = schema::title_of(*child.command_line);
  child.command_line = parent.command_line;
  child.masked = parent.masked;
  child.long_line = parent.long_line;
  child.script = parent.script;
  child.script_file = parent.script_file;
  child.unread = without_script(child.unread);
}

}  // namespace

void inherit_exec(schema::Snapshot& snapshot) {
  std::unordered_map<schema::Pid, std::size_t> by_pid;
  std::vector<std::size_t> runtimes;
  for (std::size_t at = 0; at < snapshot.processes.size(); ++at) {
    const Process& process = snapshot.processes[at];
    const bool told = process.program && process.command_line && process.exec_mark != 0;
    if (told && schema::is_runtime(snapshot.programs[process.program->value()].path)) {
      by_pid.emplace(process.pid, at);
      runtimes.push_back(at);
    }
  }
  // Parents before their children: a fork of a fork takes over what its parent did.
  std::sort(runtimes.begin(), runtimes.end(), [&](std::size_t left, std::size_t right) {
    const auto key = [&](std::size_t at) {
      return std::pair(snapshot.processes[at].start, snapshot.processes[at].pid);
    };
    return key(left) < key(right);
  });
  for (const std::size_t at : runtimes) {
    Process& child = snapshot.processes[at];
    const auto found = child.parent ? by_pid.find(*child.parent) : by_pid.end();
    if (found == by_pid.end()) {
      continue;
    }
    const Process& parent = snapshot.processes[found->second];
    if (is_fork_of(child, parent) && without_script(parent.unread) == parent.unread &&
        child.command_line != parent.command_line && names_app(app_of(snapshot, parent)) &&
        !names_app(app_of(snapshot, child))) {
      take_over(parent, child);
    }
  }
}

}  // namespace sockwitness::recorder
