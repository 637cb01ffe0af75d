// The narrow doors through which a pass looks at the host. `collect` knows only these; tests put
// fakes behind them.
//
// In:    one object per source, made by the app over the real /proc and the real netlink.
// Out:   readings: values plus the gaps that belong to them.
// Never: an empty reading where the reading failed.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "recorder/os/result.h"
#include "recorder/os/unique_fd.h"
#include "schema/model/snapshot.h"

namespace sockwitness::recorder {

// A network namespace that was found, and how to get in.
struct NetnsHandle {
  schema::Inode inode;
  std::shared_ptr<const UniqueFd> descriptor;  // of the nsfs file; null when it could not be opened
  std::optional<schema::Pid>
      member;         // a process that lives in it: /proc/<pid>/net is a way in without setns
  std::string name;   // below /run/netns, or the path of a bind mount; empty without one
  bool host = false;  // pid 1's, or the recorder's own where pid 1 cannot be looked at
};

struct SocketReading {
  std::vector<schema::Socket>
      sockets;                    // `netns` is not set: the collector knows which one it asked for
  std::vector<schema::Gap> gaps;  // likewise
  // Of its interfaces, where they were read: only who has ports that lead elsewhere needs them.
  std::vector<schema::IpAddress> addresses = {};
};

class SocketSource {
 public:
  virtual ~SocketSource() = default;
  // Every table of one namespace, and the ports that its NAT rules lead elsewhere. The source's own
  // sockets are left out.
  virtual SocketReading read_sockets(const NetnsHandle& netns) = 0;
};

// What a descriptor that leads to a socket says of it, for sockets that are in no table.
struct DescribedSocket {
  schema::Socket socket;  // without queues and, where it is listed, without addresses
  bool listed = false;    // in a table of its namespace, perhaps since after the dump
  NetnsHandle netns;
};

struct NetnsReading {
  std::vector<NetnsHandle> namespaces;  // one per inode
  std::vector<schema::Gap> gaps;
};

class NetnsSource {
 public:
  virtual ~NetnsSource() = default;
  // The one that the recorder itself lives in, by its inode; nothing where that cannot be told.
  virtual std::optional<NetnsHandle> find_own() = 0;
  // Namespaces that a process lives in, that /run/netns names, or that a mount keeps alive.
  virtual NetnsReading list_namespaces() = 0;
  // The namespace behind a process's descriptor of an nsfs file.
  virtual Result<NetnsHandle> open_descriptor(schema::Pid pid, schema::Fd fd) = 0;
  // The namespace of a thread that left the one of its process.
  virtual Result<NetnsHandle> open_thread(schema::Pid thread) = 0;
  // Duplicates a process's socket for a moment and asks it. Needs the right to trace the process.
  virtual Result<DescribedSocket> describe_socket(schema::Pid pid, schema::Fd fd) = 0;
};

// Which step of a process is being read; what a watchdog names when it does not come back.
enum class ProcessStep : std::uint8_t {
  Open,
  Stat,
  Status,
  CommandLine,
  Program,
  WorkingDirectory,
  Control,  // cgroup, login uid, namespaces
  Descriptors,
  Environment,
  Mappings,
  Script,
  Done
};
inline constexpr std::size_t kProcessSteps = static_cast<std::size_t>(ProcessStep::Done);

// "stat", "command_line", …: the `object` of a ProcessField gap.
[[nodiscard]] schema::GapPart step_part(ProcessStep step);
[[nodiscard]] inline std::string_view step_word(ProcessStep step) {
  return schema::gap_part_word(step_part(step));
}

// What an earlier snapshot knew of a process; lets a pass skip the costly facts when nothing has
// changed, and tells what the process was started with when it has written a title over that.
struct KnownProcess {
  schema::BootTime start;
  std::string name;
  std::uint32_t exec_mark = 0;
  bool costly = true;  // its costly facts are all known, too
  std::string script;
  std::string title;
  std::optional<std::string> command_line;
  bool masked = false;
  schema::Device program_device;
  schema::Inode program_inode;
  schema::Inode pid_namespace;                     // a process keeps its own for life; 0: not known
  std::optional<schema::LongText> long_line = {};  // of the command line
};

// What a watchdog sees of a reading. Set by the thread that reads.
struct Whereabouts {
  std::atomic<std::int64_t> start_ns{0};  // of the process; 0: not known yet
  std::atomic<std::uint64_t> device{0};   // whose file system is asked; 0: not known, or none
  std::atomic<bool> at_program{false};    // that of the program is
  std::atomic<std::uint32_t> pulse{0};    // grows while a long step gets on
};

// For the scope of what may wait for a file system.
class Asking {
 public:
  Asking(Whereabouts* where, schema::Device device) : where_(where) { set(device.value()); }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;
  ~Asking() { set(0); }

 private:
  void set(std::uint64_t device) {
    if (where_ != nullptr) {
      where_->device = device;
    }
  }
  Whereabouts* where_;
};

struct ProcessRequest {
  schema::Pid pid;
  const KnownProcess* known = nullptr;  // null: read everything
  bool deep = false;                    // read the costly facts although nothing has changed
  std::uint32_t skipped_steps = 0;      // bit per ProcessStep: a step that got stuck before
  schema::BootTime skipped_start{};     // only of the process that began then; 0: whichever it is
  Whereabouts* where = nullptr;
};

struct ProcessReading {
  schema::Process process;  // program, script_file and netns are not set
  schema::Inode netns;      // 0: not readable
  std::optional<schema::Program> program;
  std::optional<schema::Program> script_file;
  std::vector<schema::Program> foreign_mappings;
  // Kept only so that the next pass need not ask the package database about them again.
  std::vector<schema::Program> owned_mappings;
  std::vector<std::pair<schema::Fd, schema::Inode>> sockets;  // descriptors that lead to sockets
  std::vector<std::pair<schema::Fd, schema::Inode>>
      netns_descriptors;  // that lead to network namespaces
  // Threads that live in another network namespace than their process.
  std::vector<std::pair<schema::Pid, schema::Inode>> netns_threads;
  std::vector<schema::Descriptor> descriptors;  // `process` is not set
  std::vector<schema::Gap> gaps;
  bool descriptors_readable = false;
  // False: unchanged since `known`; script, script_file, preload and foreign_mappings were not read
  // anew.
  bool deep = false;
};

struct ProcessList {
  std::vector<schema::Pid> pids;  // ascending
  std::vector<schema::Gap> gaps;
};

class ProcessSource {
 public:
  virtual ~ProcessSource() = default;
  virtual ProcessList list_processes() = 0;
  // The processes that control groups of these paths have by the kernel's other list, in any order;
  // empty where it cannot be asked. For who is not in the first one.
  virtual std::vector<schema::Pid> list_members(const std::vector<std::string>& cgroups) const = 0;
  // Everything about one process, from one held directory. Called from several threads at once.
  // Nothing (an ESRCH or ENOENT error): it exited before anything could be read.
  // `step` is set before each part is read, so that a watchdog can say what got stuck.
  virtual Result<ProcessReading> read_process(const ProcessRequest& request,
                                              std::atomic<ProcessStep>& step) const = 0;
  // The file system of the program that a process runs, without asking that; 0: not known.
  [[nodiscard]] virtual schema::Device find_program_device(schema::Pid) const { return {}; }
};

// How deep a running file is looked into.
enum class Inspection : std::uint8_t {
  Content,     // hash it, and compare with its package
  OwnedOrNot,  // hash it only if no package owns it
};

// Content hash and package ownership of files that run. Remembers what it saw, by device, inode,
// size and times.
class ProgramInspector {
 public:
  virtual ~ProgramInspector() = default;
  // Fills sha256, verdict, package, package_version of a program whose other fields are set.
  // `open_content` opens the running file itself (through /proc/<pid>/exe); it is not called when
  // the content is known. `root` is the process's root directory, for its own package database.
  // `where`, if there is one, is told on which file system it waits. Called from several threads
  // at once.
  virtual std::vector<schema::Gap> inspect(schema::Program& program,
                                           Inspection inspection,
                                           const std::function<Result<UniqueFd>()>& open_content,
                                           int root,
                                           Whereabouts* where) = 0;
};

// A container, and the control group of a process in it.
struct ContainerQuestion {
  std::string id;
  std::string cgroup;
  // What it was called in the previous snapshot, and when: that holds while its file is older.
  std::optional<schema::ContainerFacts> known = {};
  schema::WallTime known_at = {};
};

// What its engine calls it; nothing: no state file knows it, or a gap says why none could be read.
struct ContainerAnswer {
  std::optional<schema::ContainerFacts> facts;
  std::optional<schema::Gap> gap;
};

// Host-wide facts. `gaps` receives what could not be read.
class HostSource {
 public:
  virtual ~HostSource() = default;
  virtual schema::Context read_context(std::vector<schema::Gap>& gaps) = 0;
  virtual std::optional<schema::ClockSync> read_clock_sync(std::vector<schema::Gap>& gaps) = 0;
  virtual std::vector<schema::UserName> read_users(std::vector<schema::Gap>& gaps) = 0;
  virtual std::vector<schema::GroupName> read_groups(std::vector<schema::Gap>& gaps) = 0;
  // rpcbind's registrations over its local socket; empty when it does not run.
  virtual std::vector<schema::RpcRegistration> read_registrations(
      std::vector<schema::Gap>& gaps) = 0;
  // Parallel to the questions.
  virtual std::vector<ContainerAnswer> read_containers(
      const std::vector<ContainerQuestion>& questions) {
    return std::vector<ContainerAnswer>(questions.size());
  }
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual schema::ClockReading now() = 0;
};

}  // namespace sockwitness::recorder
