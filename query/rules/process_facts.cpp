#include "query/rules/process_facts.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "query/rules/called_program.h"
#include "query/rules/path_words.h"
#include "query/rules/shell_text.h"
#include "schema/model/snapshot.h"
#include "schema/view/ancestry.h"
#include "schema/view/command_line.h"

namespace sockwitness::query {
namespace {

using schema::FileState;
using schema::PackageVerdict;
using schema::Process;
using schema::ProcessIndex;
using schema::Program;

constexpr std::size_t kLongestChain = 64;

// One text with blanks where the arguments were: "puma 5.6.5 (tcp://0.0.0.0:3000)".
bool is_title(const Arguments& arguments) {
  return !arguments.empty() && arguments[0].find(' ') != std::string_view::npos &&
         std::all_of(arguments.begin() + 1, arguments.end(), [](std::string_view argument) {
           return argument.empty();
         });
}

bool is_login_server(std::string_view base_name) {
  constexpr auto kNames = std::to_array<std::string_view>({"sshd",
                                                           "sshd-session",
                                                           "sshd-auth",
                                                           "dropbear",
                                                           "mosh-server",
                                                           "telnetd",
                                                           "in.telnetd",
                                                           "rlogind",
                                                           "in.rlogind"});
  return std::find(kNames.begin(), kNames.end(), base_name) != kNames.end();
}

// When packages changed last could not be read.
bool lacks_package_time(const schema::Snapshot& snapshot) {
  return std::any_of(snapshot.gaps.begin(), snapshot.gaps.end(), [](const schema::Gap& gap) {
    return gap.source == schema::GapSource::ProcessField && !gap.pid &&
           gap.object == schema::GapPart::PackageDatabase;
  });
}

bool started_before(schema::WallTime start, std::int64_t since_1970_ns) {
  return start.microseconds < since_1970_ns / 1000;
}

// Of a file that is where it was when it was started.
std::optional<bool> is_genuine(const Program& program) {
  switch (program.verdict) {
    case PackageVerdict::Matches:
      return true;
    case PackageVerdict::NotOwned:
    case PackageVerdict::Differs:
      return false;
    case PackageVerdict::NoChecksum:
    case PackageVerdict::NotChecked:
      return true;
    case PackageVerdict::Unknown:
      return std::nullopt;
    case PackageVerdict::NoDatabase:
      break;
  }
  return place_of(program.path) == "system" && hidden_component(program.path).empty();
}

}  // namespace

HostFacts::HostFacts(const schema::SnapshotView& view, std::span<const Program> known)
    : view_(view) {
  judge_programs(known);
  const schema::Snapshot& snapshot = view.snapshot();
  const schema::Ancestry ancestry(view);
  processes_.resize(snapshot.processes.size());
  for (std::size_t at = 0; at < processes_.size(); ++at) {
    const Process& process = snapshot.processes[at];
    judge_process(ProcessIndex(static_cast<std::uint32_t>(at)), processes_[at]);
    processes_[at].parent = ancestry.parent(process);
  }
}

void HostFacts::judge_programs(std::span<const Program> known) {
  struct Original {
    std::string_view path;
    std::optional<ProgramKind> kind;  // none: busybox, whose applets have kinds
    bool packaged = false;
  };
  std::unordered_map<std::string_view, Original> by_content;
  const auto learn = [&](const Program& program) {
    const auto kind = find_kind(base_name(program.path));
    if ((kind || is_busybox(base_name(program.path))) && !program.sha256.empty()) {
      const bool packaged = program.verdict == PackageVerdict::Matches;
      const auto [place, is_new] =
          by_content.try_emplace(program.sha256, Original{program.path, kind, packaged});
      // The same file is seen by another path from another mount namespace.
      if (!is_new && packaged && !place->second.packaged) {
        place->second = {program.path, kind, packaged};
      }
    }
  };
  const auto& programs = view_.snapshot().programs;
  for (const Program& program : programs) {
    learn(program);
  }
  for (const Program& program : known) {
    learn(program);
  }
  for (const Program& program : programs) {
    KnownProgram facts{find_kind(base_name(program.path)), {}};
    const auto original = by_content.find(program.sha256);
    if (!facts.kind && original != by_content.end() && !is_busybox(base_name(program.path))) {
      facts = {original->second.kind, original->second.path};
    }
    programs_.push_back(facts);
  }
}

// By the name that the loader was given, or by content, where the file is no package's and
// therefore among the mapped ones.
std::optional<ProgramKind> HostFacts::kind_of_loaded(ProcessIndex process,
                                                     std::string_view name) const {
  for (const schema::Mapping& mapping : view_.snapshot().mappings) {
    const auto& program = view_.snapshot().programs[mapping.file.value()];
    if (mapping.process == process && base_name(program.path) == base_name(name)) {
      return programs_[mapping.file.value()].kind;
    }
  }
  return find_kind(base_name(name));
}

void HostFacts::judge_process(ProcessIndex index, KnownProcess& facts) const {
  const Process& process = view_.process(index);
  if (process.command_line) {
    facts.arguments = schema::split_arguments(*process.command_line, process.long_line);
  }
  if (!process.program) {
    facts.login_server =
        is_login_server(process.name) && !process.zombie ? std::nullopt : std::optional(false);
    return;
  }
  const Program& program = *view_.program(process);
  const KnownProgram& known = programs_[process.program->value()];
  facts.kind = known.kind;
  CalledProgram called;
  bool applets = is_busybox(base_name(program.path)) || is_busybox(base_name(known.copy_of));
  std::size_t at = 0;
  if (is_loader(base_name(program.path))) {
    called = find_loaded(facts.arguments);
    applets = is_busybox(base_name(called.name));
    facts.kind = kind_of_loaded(index, called.name);
    at = called.first - 1;
  }
  if (applets && !facts.arguments.empty()) {
    called = find_applet(facts.arguments, at);
    facts.kind = find_kind(called.name);
  }
  facts.titled = is_title(facts.arguments);
  if (facts.kind && process.command_line && !facts.titled) {
    facts.invocation = read_invocation(facts.kind->family, facts.arguments, called.first);
    const std::string_view script = process.script;
    facts.invocation.bare = facts.invocation.bare && (script.empty() || is_standard_input(script));
    facts.invocation.obeys = facts.invocation.obeys && (script.empty() || is_descriptor(script));
  }
  const std::int64_t packages_changed = view_.snapshot().context.package_database_mtime_ns;
  switch (program.state) {
    case FileState::Present:
      facts.genuine = is_genuine(program);
      break;
    case FileState::Replaced:
      facts.outdated =
          !program.package.empty() && started_before(view_.started_at(process), packages_changed);
      // What runs on is the package's own, whatever lies there now.
      facts.genuine = facts.outdated || program.verdict == PackageVerdict::Matches;
      if (facts.genuine == false && !program.package.empty() &&
          lacks_package_time(view_.snapshot())) {
        facts.genuine = std::nullopt;
      }
      break;
    case FileState::Deleted:
    case FileState::Memfd:
      facts.genuine = false;
      break;
    case FileState::Unknown:
      break;
  }
  facts.vouched = is_vouched(process, facts);
  if (is_login_server(base_name(program.path))) {
    facts.login_server = facts.genuine;
  }
}

std::optional<bool> HostFacts::is_vouched(const Process& process, const KnownProcess& facts) const {
  if (facts.genuine != true || !facts.kind) {
    return facts.genuine;
  }
  if (facts.kind->kind == Kind::Relay) {
    return false;
  }
  if (process.unread.contains(schema::Part::Script) ||
      process.unread.contains(schema::Part::ScriptFile) || !process.command_line) {
    return std::nullopt;
  }
  if (const Program* script = view_.script_file(process)) {
    return is_genuine(*script);
  }
  // A script that is not there, code on the command line or from standard input; "-m MODULE", or a
  // class, whose file was not searched; and a title proves nothing.
  const bool told = process.script.starts_with('/') || (process.script.empty() && !facts.titled);
  return told ? std::optional(false) : std::nullopt;
}

bool has_hidden_parent(const schema::SnapshotView& view,
                       const HostFacts& facts,
                       ProcessIndex process) {
  const Process& child = view.process(process);
  if (facts.process(process).parent || !child.parent) {
    return false;
  }
  const auto& gaps = view.snapshot().gaps;
  return std::any_of(gaps.begin(), gaps.end(), [&](const schema::Gap& gap) {
    return (gap.source == schema::GapSource::Process && (!gap.pid || gap.pid == child.parent)) ||
           (gap.source == schema::GapSource::ProcessList &&
            gap.reason != schema::GapReason::NotSupported);
  });
}

std::vector<ProcessIndex> HostFacts::ancestors(ProcessIndex index) const {
  std::vector<ProcessIndex> chain;
  for (auto next = process(index).parent; next && chain.size() < kLongestChain;
       next = process(*next).parent) {
    chain.push_back(*next);
  }
  return chain;
}

}  // namespace sockwitness::query
