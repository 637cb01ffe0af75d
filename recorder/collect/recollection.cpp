#include "recorder/collect/recollection.h"

#include <utility>

namespace sockwitness::recorder {
namespace {

using schema::Gap;

// The second is true when a gap stands for several processes.
std::pair<std::unordered_set<schema::Pid>, bool> processes_with_costly_gaps(
    const schema::Snapshot& previous) {
  std::unordered_set<schema::Pid> pids;
  bool all = false;
  for (const Gap& gap : previous.gaps) {
    const bool costly = gap.object == schema::GapPart::Environment ||
                        gap.object == schema::GapPart::Mappings ||
                        gap.object == schema::GapPart::Script;
    if (gap.source == schema::GapSource::ProcessField && costly) {
      if (gap.pid) {
        pids.insert(*gap.pid);
      } else {
        all = true;
      }
    }
  }
  return {std::move(pids), all};
}

bool has_unread_costly_part(const schema::Process& process) {
  using schema::Part;
  return process.unread.contains(Part::Environment) || process.unread.contains(Part::Mappings) ||
         process.unread.contains(Part::Script) || process.unread.contains(Part::ScriptFile);
}

std::shared_ptr<KnownProcess> make_known(const schema::Snapshot& previous,
                                         const schema::Process& process) {
  auto known = std::make_shared<KnownProcess>();
  known->start = process.start;
  known->name = process.name;
  known->exec_mark = process.exec_mark;
  known->script = process.script;
  known->title = process.title;
  known->command_line = process.command_line;
  known->masked = process.masked;
  known->long_line = process.long_line;
  known->pid_namespace = process.pid_namespace;
  if (process.program) {
    const schema::Program& program = previous.programs[process.program->value()];
    known->program_device = program.device;
    known->program_inode = program.inode;
  }
  return known;
}

}  // namespace

Recollection::Recollection(const schema::Snapshot& previous) : previous_(&previous) {
  for (const schema::Socket& socket : previous.sockets) {
    // Without a cookie it cannot be told from others.
    if (socket.no_holder == schema::NoHolderReason::Kernel &&
        socket.cookie != schema::SocketCookie()) {
      kernel_sockets_.insert(socket.cookie);
    }
  }
  const auto [some, all] = processes_with_costly_gaps(previous);
  for (const schema::Mapping& mapping : previous.mappings) {
    mappings_[mapping.process.value()].push_back(&previous.programs[mapping.file.value()]);
  }
  for (std::size_t at = 0; at < previous.processes.size(); ++at) {
    const schema::Process& process = previous.processes[at];
    auto known = make_known(previous, process);
    known->costly = !all && !some.contains(process.pid) && !has_unread_costly_part(process);
    processes_.emplace(process.pid, Entry{at, std::move(known)});
  }
}

std::shared_ptr<const KnownProcess> Recollection::find_process(schema::Pid pid) const {
  const auto found = processes_.find(pid);
  return found == processes_.end() ? nullptr : found->second.known;
}

CostlyFacts Recollection::costly_facts(schema::Pid pid) const {
  const std::size_t at = processes_.at(pid).position;
  CostlyFacts facts;
  facts.process = &previous_->processes[at];
  if (facts.process->script_file) {
    facts.script_file = &previous_->programs[facts.process->script_file->value()];
  }
  if (const auto mapped = mappings_.find(at); mapped != mappings_.end()) {
    facts.mappings = mapped->second;
  }
  return facts;
}

}  // namespace sockwitness::recorder
