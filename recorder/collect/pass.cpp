#include "recorder/collect/pass.h"

#include <malloc.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "recorder/collect/gap_summary.h"
#include "recorder/collect/inherited_exec.h"
#include "recorder/collect/line_room.h"
#include "recorder/collect/unlisted.h"
#include "schema/model/same_boot.h"

namespace sockwitness::recorder {
namespace {

using schema::Gap;
using schema::GapReason;
using schema::GapSource;
using schema::NetnsIndex;
using schema::NoHolderReason;
using schema::ProcessIndex;
using schema::ProgramIndex;
using schema::SocketIndex;

template <class T>
std::uint32_t next_index(const std::vector<T>& values) {
  return static_cast<std::uint32_t>(values.size());
}

// The list itself could not be read; that some are hidden is another matter.
bool misses_processes(const ProcessList& list) {
  return std::any_of(list.gaps.begin(), list.gaps.end(), [](const Gap& gap) {
    return gap.object == schema::GapPart::Processes;
  });
}

bool is_context_gap(const Gap& gap, schema::GapPart object) {
  return gap.source == GapSource::ProcessField && !gap.pid && gap.object == object;
}

// Which ports the kernel gives to clients was read before; a gap says that it was not read anew.
void keep_known_ports(const schema::Snapshot& previous, schema::Snapshot& snapshot) {
  for (const Gap& gap : snapshot.gaps) {
    if (is_context_gap(gap, schema::GapPart::EphemeralPorts)) {
      snapshot.context.ephemeral_first = previous.context.ephemeral_first;
      snapshot.context.ephemeral_last = previous.context.ephemeral_last;
    } else if (is_context_gap(gap, schema::GapPart::UnprivilegedPorts)) {
      snapshot.context.unprivileged_first = previous.context.unprivileged_first;
    }
  }
}

bool has_blind_spot(const std::vector<Gap>& gaps, const schema::Socket& socket) {
  return std::any_of(gaps.begin(), gaps.end(), [&](const Gap& gap) {
    return gap.source == GapSource::Namespace ||
           (gap.source == GapSource::SocketTable && gap.object == socket.protocol);
  });
}

}  // namespace

Pass::Pass(Sources sources, Walker& walker, std::string note) : sources_(sources), walker_(walker) {
  snapshot_.note = std::move(note);
  snapshot_.begin = sources_.clock.now();
}

void Pass::begin() {
  own_ = sources_.namespaces.find_own();
  if (own_) {
    tables_.own_sockets = sources_.sockets.read_sockets(*own_);
  }
  tables_.namespaces = sources_.namespaces.list_namespaces();
}

void Pass::read_host() {
  std::vector<Gap> gaps;
  snapshot_.context = sources_.host.read_context(gaps);
  snapshot_.clock_sync = sources_.host.read_clock_sync(gaps);
  snapshot_.registrations = sources_.host.read_registrations(gaps);
  add_gaps(std::move(gaps), std::nullopt);
}

void Pass::remember(const Earlier& earlier) {
  earlier_ = earlier;
  if (earlier_.previous != nullptr && schema::is_same_boot(*earlier_.previous, snapshot_)) {
    recollection_ = Recollection(*earlier_.previous);
    keep_known_ports(*earlier_.previous, snapshot_);
  }
}

void Pass::read_sockets() {
  FirstTables first = std::move(tables_);
  add_gaps(std::move(first.namespaces.gaps), std::nullopt);
  auto& found = first.namespaces.namespaces;
  const auto is_own = [this](const NetnsHandle& handle) {
    return own_ && handle.inode == own_->inode;
  };
  if (own_ && std::none_of(found.begin(), found.end(), is_own)) {
    found.push_back(*own_);
  }
  for (NetnsHandle& handle : found) {
    const NetnsIndex netns = add_namespace(std::move(handle));
    if (is_own(handles_[netns.value()])) {
      add_sockets(std::move(first.own_sockets), netns);
    } else {
      read_namespace_sockets(netns);
    }
  }
}

void Pass::read_processes(std::shared_ptr<ProcessSource> processes) {
  processes_ = std::move(processes);
  ProcessList list = processes_->list_processes();
  for (const Gap& gap : list.gaps) {
    weigh(gap);
  }
  add_gaps(std::move(list.gaps), std::nullopt);
  look_for_gone(walk(list.pids));
  look_for_unlisted();
}

// What the reasons of sockets without a holder rest on.
void Pass::weigh(const Gap& gap) {
  if (gap.source == GapSource::ProcessList && gap.reason == GapReason::NotSupported) {
    evidence_.sees_all_pid_namespaces = false;
  } else if (gap.reason == GapReason::Permission) {
    evidence_.refused = true;
  } else {
    evidence_.unread = true;
  }
}

// Who is said to be gone and is listed all the same has not been read; or is another one by now.
void Pass::look_for_gone(std::vector<schema::Pid> gone) {
  if (gone.empty()) {
    return;
  }
  const ProcessList list = processes_->list_processes();
  const bool complete = !misses_processes(list);
  std::erase_if(gone, [&](schema::Pid pid) {
    return complete && !std::binary_search(list.pids.begin(), list.pids.end(), pid);
  });
  for (const schema::Pid pid : walk(gone)) {
    Gap gap{.source = GapSource::Process,
            .reason = GapReason::Vanished,
            .netns = std::nullopt,
            .pid = pid,
            .object = schema::GapPart::Open,
            .error_number = ENOENT};
    weigh(gap);
    add_gaps({std::move(gap)}, std::nullopt);
  }
}

void Pass::look_for_unlisted() {
  std::set<schema::Pid> named = find_named(snapshot_.processes);
  const auto members = processes_->list_members(list_cgroups(snapshot_.processes));
  named.insert(members.begin(), members.end());
  std::erase_if(named, [this](schema::Pid pid) { return walked_.contains(pid); });
  if (!named.empty()) {
    const std::size_t listed = snapshot_.processes.size();
    (void)walk({named.begin(), named.end()});  // most of them are gone
    mark_unlisted(std::span(snapshot_.processes).subspan(listed), snapshot_.begin.since_boot);
  }
}

// A socket that a table without cookies shows is the one whose cookie was read before: its inode is
// no other's within a boot; one that nobody accepted has none, and is known by its ends.
void Pass::keep_cookies() {
  using Ends = std::tuple<schema::Inode,
                          schema::Protocol,
                          schema::SocketState,
                          schema::IpAddress,
                          schema::Port,
                          schema::IpAddress,
                          schema::Port>;
  const auto ends_of = [](const schema::Snapshot& snapshot, const schema::Socket& socket) {
    return Ends{snapshot.namespaces[socket.netns.value()].inode,
                socket.protocol,
                socket.state,
                socket.local_address,
                socket.local_port,
                socket.remote_address,
                socket.remote_port};
  };
  std::unordered_map<schema::Inode, schema::Socket*> without;
  std::map<Ends, schema::Socket*> by_ends;
  for (schema::Socket& socket : snapshot_.sockets) {
    if (socket.cookie != schema::SocketCookie()) {
      continue;
    }
    if (socket.inode != schema::Inode()) {
      without.emplace(socket.inode, &socket);
    } else if (socket.remote_port != schema::Port(0)) {
      by_ends.emplace(ends_of(snapshot_, socket), &socket);
    }
  }
  if ((without.empty() && by_ends.empty()) || earlier_.previous == nullptr ||
      !schema::is_same_boot(*earlier_.previous, snapshot_)) {
    return;
  }
  for (const schema::Socket& known : earlier_.previous->sockets) {
    const auto found = without.find(known.inode);
    if (found != without.end() && found->second->protocol == known.protocol &&
        found->second->family == known.family) {
      found->second->cookie = known.cookie;
    }
    const auto unaccepted = known.inode == schema::Inode() && !by_ends.empty()
                                ? by_ends.find(ends_of(*earlier_.previous, known))
                                : by_ends.end();
    if (unaccepted != by_ends.end()) {
      unaccepted->second->cookie = known.cookie;
    }
  }
}

void Pass::join() {
  keep_cookies();
  rejoin();
  if (doubtful_sockets().empty()) {
    return;
  }
  look_again_for_holders();
  if (!doubtful_sockets().empty()) {
    recheck_unheld_sockets();
  }
}

// Sockets are only ever added.
SocketsByInode& Pass::index_sockets() {
  if (!by_inode_ || by_inode_->made_of() != snapshot_.sockets.size()) {
    by_inode_.emplace(snapshot_.sockets);
  }
  return *by_inode_;
}

void Pass::rejoin() {
  snapshot_.holders = join_holders(index_sockets(), socket_descriptors_);
  explain_missing_holders(snapshot_.sockets, snapshot_.holders, evidence_);
}

// Sockets that look like the kernel's own and were not known as such before.
std::vector<SocketIndex> Pass::doubtful_sockets() const {
  std::vector<SocketIndex> doubtful;
  for (std::uint32_t at = 0; at < snapshot_.sockets.size(); ++at) {
    const schema::Socket& socket = snapshot_.sockets[at];
    const bool says_so_itself = socket.protocol == schema::Protocol::Netlink && socket.port_id == 0;
    if (socket.no_holder == NoHolderReason::Kernel && !says_so_itself &&
        !schema::is_forward(socket) && !recollection_.is_kernel_socket(socket.cookie)) {
      doubtful.emplace_back(at);
    }
  }
  return doubtful;
}

// Processes that were started after the list was read may hold what seems to be held by nobody.
void Pass::look_again_for_holders() {
  std::vector<schema::Pid> unseen;
  ProcessList list = processes_->list_processes();
  for (const schema::Pid pid : list.pids) {
    if (!walked_.contains(pid)) {
      unseen.push_back(pid);
    }
  }
  const bool failed = std::any_of(list.gaps.begin(), list.gaps.end(), [](const Gap& gap) {
    return gap.object == schema::GapPart::Processes;
  });
  if (failed) {
    evidence_.unread = true;
    std::erase_if(list.gaps,
                  [](const Gap& gap) { return !(gap.object == schema::GapPart::Processes); });
    add_gaps(std::move(list.gaps), std::nullopt);
  }
  if (!unseen.empty()) {
    (void)walk(unseen);  // who has gone again was not there when the sockets were read
  }
  if (failed || !unseen.empty()) {
    rejoin();
  }
}

// A socket that is gone by now was closed during the pass; one that is still there is the kernel's.
void Pass::recheck_unheld_sockets() {
  std::map<NetnsIndex, std::vector<SocketIndex>> by_netns;
  for (const SocketIndex index : doubtful_sockets()) {
    by_netns[snapshot_.sockets[index.value()].netns].push_back(index);
  }
  for (const auto& [netns, indices] : by_netns) {
    const SocketReading again = sources_.sockets.read_sockets(handles_[netns.value()]);
    std::unordered_set<schema::Inode> still_there;
    for (const schema::Socket& socket : again.sockets) {
      still_there.insert(socket.inode);
    }
    bool blind = false;
    for (const SocketIndex index : indices) {
      schema::Socket& socket = snapshot_.sockets[index.value()];
      if (still_there.contains(socket.inode)) {
        continue;
      }
      const bool unread = has_blind_spot(again.gaps, socket);
      socket.no_holder = unread ? NoHolderReason::Unread : NoHolderReason::Exited;
      blind = blind || unread;
    }
    if (blind) {
      const Gap& why = again.gaps.front();
      add_gaps({{GapSource::Descriptors,
                 why.reason,
                 netns,
                 {},
                 schema::GapPart::SecondLook,
                 why.error_number}},
               netns);
    }
  }
}

void Pass::finish() {
  place_processes();
  check_rpcbind();
  name_containers();
  label();
  name_targets();
  name();
  inherit_exec(snapshot_);
  fit_new_lines(snapshot_, earlier_.previous);
  add_kept_namespaces(snapshot_.gaps);
  snapshot_.gaps = summarize_gaps(std::move(snapshot_.gaps));
  snapshot_.end = sources_.clock.now();
  if (!earlier_.deep && earlier_.previous != nullptr) {
    snapshot_.deep_seq = earlier_.previous->deep_seq;
  }
  // This may outlive the pass, and what is seen is written meanwhile.
  by_inode_.reset();
  std::vector<SocketDescriptor>().swap(socket_descriptors_);
  constexpr std::size_t kMany = 16'384;
  if (snapshot_.sockets.size() > kMany) {
    ::malloc_trim(0);  // what the readers had each is in parts of the heap that nobody uses again
  }
}

NetnsIndex Pass::add_namespace(NetnsHandle handle) {
  const NetnsIndex index(next_index(handles_));
  netns_by_inode_.emplace(handle.inode, index);
  snapshot_.namespaces.push_back({handle.inode, {}});
  handles_.push_back(std::move(handle));
  return index;
}

void Pass::read_namespace_sockets(NetnsIndex netns) {
  add_sockets(sources_.sockets.read_sockets(handles_[netns.value()]), netns);
}

void Pass::add_sockets(SocketReading reading, NetnsIndex netns) {
  add_gaps(std::move(reading.gaps), netns);
  for (const schema::IpAddress& address : reading.addresses) {
    addresses_[address].insert(netns);
  }
  if (snapshot_.sockets.empty()) {
    snapshot_.sockets = std::move(reading.sockets);
    for (schema::Socket& socket : snapshot_.sockets) {
      socket.netns = netns;
    }
    return;
  }
  for (schema::Socket& socket : reading.sockets) {
    socket.netns = netns;
    snapshot_.sockets.push_back(std::move(socket));
  }
}

std::vector<schema::Pid> Pass::walk(const std::vector<schema::Pid>& pids) {
  if (pids.empty()) {
    return {};
  }
  Walker::Outcome outcome = walker_.walk(
      processes_,
      pids,
      [this](schema::Pid pid) { return recollection_.find_process(pid); },
      earlier_.deep);
  walked_.insert(pids.begin(), pids.end());
  for (const Gap& gap : outcome.gaps) {
    weigh(gap);
  }
  add_gaps(std::move(outcome.gaps), std::nullopt);
  snapshot_.processes.reserve(snapshot_.processes.size() + outcome.readings.size());
  std::size_t joints = 0;
  std::size_t held = 0;
  for (const ProcessReading& reading : outcome.readings) {
    joints += reading.descriptors.size();
    held += reading.sockets.size();
  }
  snapshot_.descriptors.reserve(snapshot_.descriptors.size() + joints);
  socket_descriptors_.reserve(socket_descriptors_.size() + held);
  for (ProcessReading& reading : outcome.readings) {
    add_process(std::move(reading));
  }
  return std::move(outcome.gone);
}

void Pass::add_process(ProcessReading reading) {
  const ProcessIndex index(next_index(snapshot_.processes));
  schema::Process& process = reading.process;
  homes_.push_back(reading.netns);
  if (reading.program) {
    process.program = add_program(std::move(*reading.program));
  }
  if (reading.deep) {
    if (reading.script_file) {
      process.script_file = add_program(std::move(*reading.script_file));
    }
    for (schema::Program& mapped : reading.foreign_mappings) {
      snapshot_.mappings.push_back({index, add_program(std::move(mapped))});
    }
    for (schema::Program& mapped : reading.owned_mappings) {
      add_program(std::move(mapped));
    }
  } else {
    add_known_facts(process, index);
  }
  for (schema::Descriptor& descriptor : reading.descriptors) {
    descriptor.process = index;
    snapshot_.descriptors.push_back(std::move(descriptor));
  }
  for (const auto& [fd, inode] : reading.sockets) {
    socket_descriptors_.push_back({index, fd, inode});
  }
  for (const auto& [fd, inode] : reading.netns_descriptors) {
    netns_leads_.push_back({process.pid, fd, inode});
  }
  for (const auto& [thread, inode] : reading.netns_threads) {
    netns_leads_.push_back({thread, std::nullopt, inode});
  }
  // It came after the namespaces were listed, or was taken for gone then.
  if (reading.netns != schema::Inode() && !find_namespace(reading.netns)) {
    netns_leads_.push_back({process.pid, std::nullopt, reading.netns});
  }
  if (!reading.descriptors_readable && !process.kernel_thread && !process.zombie) {
    weigh_descriptors(reading.gaps);
  }
  add_gaps(std::move(reading.gaps), std::nullopt);
  snapshot_.processes.push_back(std::move(process));
}

// Why the descriptors of one process could not be read, by its gaps.
void Pass::weigh_descriptors(const std::vector<Gap>& gaps) {
  const auto found = std::find_if(gaps.begin(), gaps.end(), [](const Gap& gap) {
    return gap.source == GapSource::Process || gap.object == schema::GapPart::Descriptors ||
           gap.object == schema::GapPart::Threads;
  });
  const Gap unknown;
  weigh(found == gaps.end() ? unknown : *found);
}

// The costly facts of a process that did not change come from the previous snapshot.
void Pass::add_known_facts(schema::Process& process, ProcessIndex index) {
  const CostlyFacts facts = recollection_.costly_facts(process.pid);
  process.script = facts.process->script;
  process.preload = facts.process->preload;
  if (facts.script_file != nullptr) {
    process.script_file = add_program(*facts.script_file);
  }
  for (const schema::Program* mapped : facts.mappings) {
    snapshot_.mappings.push_back({index, add_program(*mapped)});
  }
}

ProgramIndex Pass::add_program(schema::Program program) {
  const auto [found, is_new] =
      programs_.try_emplace(program, ProgramIndex(next_index(snapshot_.programs)));
  if (is_new) {
    snapshot_.programs.push_back(std::move(program));
  }
  return found->second;
}

void Pass::add_gaps(std::vector<Gap> gaps, std::optional<NetnsIndex> netns) {
  for (Gap& gap : gaps) {
    if (netns) {
      gap.netns = netns;
    }
    snapshot_.gaps.push_back(std::move(gap));
  }
}

std::optional<NetnsIndex> Pass::find_namespace(schema::Inode inode) const {
  const auto found = netns_by_inode_.find(inode);
  return found == netns_by_inode_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace sockwitness::recorder
