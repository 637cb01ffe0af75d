#include "recorder/proc/proc_source.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "recorder/observe/errands.h"
#include "recorder/os/dir.h"
#include "recorder/proc/bare_proc.h"
#include "recorder/proc/capabilities.h"
#include "recorder/proc/cgroup_members.h"
#include "recorder/proc/gap_reason.h"
#include "recorder/proc/hidden_processes.h"
#include "recorder/proc/link_text.h"
#include "recorder/proc/mountinfo.h"
#include "recorder/proc/stat.h"

namespace sockwitness::recorder {
namespace {

using schema::Gap;
using schema::GapReason;
using schema::GapSource;

// Source: include/linux/proc_ns.h, PROC_PID_INIT_INO.
constexpr std::uint64_t kInitialPidNamespace = 0xEFFFFFFC;

// Anonymous memory files live on file systems that the kernel mounts for itself; one file of our
// own on each tells their device numbers.
std::vector<schema::Device> read_memfd_devices() {
  std::vector<schema::Device> devices;
  for (const unsigned flags : {MFD_CLOEXEC, MFD_CLOEXEC | MFD_HUGETLB}) {
    const UniqueFd file(::memfd_create("sockwitness", flags));
    struct stat status {};
    if (file.valid() && ::fstat(file.get(), &status) == 0) {
      devices.emplace_back(status.st_dev);
    }
  }
  return devices;
}

// Fails with EXDEV where something is mounted over the entry: what is there is not the process.
Result<UniqueFd> open_process(int proc, schema::Pid pid) {
  const std::string name = std::to_string(pid.value());
  struct open_how how {};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_NO_XDEV;
  const long opened = ::syscall(SYS_openat2, proc, name.c_str(), &how, sizeof how);
  if (opened >= 0) {
    return UniqueFd(static_cast<int>(opened));
  }
  if (errno == ENOSYS) {
    return open_at(proc, name.c_str(), O_PATH | O_DIRECTORY);
  }
  return last_error("opening", name);
}

Gap list_gap(GapReason reason, schema::GapPart object) {
  Gap gap;
  gap.source = GapSource::ProcessList;
  gap.reason = reason;
  gap.object = object;
  return gap;
}

// What would be said of two programs as if they were one.
void forget_program(ProcessReading& reading) {
  reading.program.reset();
  reading.script_file.reset();
  reading.foreign_mappings.clear();
  reading.process.command_line.reset();
  reading.process.masked = false;
  reading.process.long_line.reset();
  reading.process.script.clear();
  for (const schema::Part part : {schema::Part::Program,
                                  schema::Part::CommandLine,
                                  schema::Part::Script,
                                  schema::Part::ScriptFile,
                                  schema::Part::Mappings}) {
    reading.process.unread.insert(part);
  }
  reading.deep = true;
}

bool is_member(schema::Gid group) {
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
  const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  groups.resize(static_cast<std::size_t>(std::max(0, count)));
  groups.push_back(::getegid());
  return std::find(groups.begin(), groups.end(), group.value()) != groups.end();
}

}  // namespace

ProcSource::ProcSource(const HostRoots& roots, ProgramInspector& inspector, ProcView view)
    : roots_(roots),
      inspector_(inspector),
      hangs_(std::move(view.hangs)),
      mount_table_(std::move(view.mounts)),
      helper_(view.helper),
      mask_(std::move(view.mask)) {
  view_.hangs = hangs_.get();
  view_.mask = mask_.get();
  view_.root = roots.host.get();
  view_.memfd_devices = read_memfd_devices();
  if (const auto link = read_link_at(roots.proc.get(), "self/ns/mnt")) {
    view_.mount_namespace = schema::Inode(parse_object_link(link.value(), "mnt").value_or(0));
  }
  read_self();
  look_at_kernel();
  read_mounts();
  read_kernel_facts();
}

void ProcSource::read_self() {
  for (const char* name : {"self", "thread-self"}) {
    const auto link =
        self_ ? Result<std::string>(std::string()) : read_link_at(roots_.proc.get(), name);
    if (link && !self_) {
      const auto pid = schema::parse_number<std::int32_t>(
          std::string_view(link.value()).substr(0, link.value().find('/')));
      self_ = pid ? std::optional(schema::Pid(*pid)) : std::nullopt;
    }
  }
  recorder_ = self_;
  if (helper_) {
    std::string text;
    const auto line =
        read_file_at(roots_.proc.get(), "self/stat", text) ? parse_stat(text) : std::nullopt;
    const bool own_numbers = self_ == schema::Pid(::getpid());
    recorder_ = line          ? std::optional(schema::Pid(line->parent))
                : own_numbers ? std::optional(schema::Pid(::getppid()))
                              : std::nullopt;
  }
}

bool ProcSource::is_left_out(schema::Pid pid) const {
  return helper_ && self_ == pid;
}

// Its own entry has everything that this kernel has.
void ProcSource::look_at_kernel() {
  std::string text;
  const auto cgroups = read_file_at(roots_.proc.get(), "self/cgroup", text);
  view_.has_cgroups = cgroups ? !text.empty() : cgroups.error().number != ENOENT;
  view_.descriptor_order = find_descriptor_order(roots_.proc.get());
  view_.has_login_users = stat_at(roots_.proc.get(), "self/loginuid").ok();
  for (const char* kind : {"net", "mnt", "pid", "user"}) {
    if (read_link_at(roots_.proc.get(), (std::string("self/ns/") + kind).c_str())) {
      view_.namespaces.insert(kind);
    }
  }
}

void ProcSource::read_mounts() {
  std::string text;
  if (read_file_at(roots_.proc.get(), "self/mountinfo", text)) {
    covered_ = find_covered(text);
    mounts_ = std::move(text);
  }
}

void ProcSource::read_kernel_facts() {
  constexpr schema::Pid kKernelThreadDaemon{2};
  std::string text;
  const auto line = read_file_at(roots_.proc.get(), "2/stat", text) ? parse_stat(text)
                                                                    : std::optional<StatLine>();
  if (!line || !line->kernel_thread()) {
    return;  // somebody else in a container, who is read with the others
  }
  ProcessRequest request;
  request.pid = kKernelThreadDaemon;
  std::atomic<ProcessStep> step{};
  auto reading = read_process(request, step);
  if (reading && reading.value().process.kernel_thread && reading.value().gaps.empty()) {
    view_.kernel = std::move(reading.value());
  }
}

void ProcSource::note_hiding(ProcessList& list, std::vector<std::int32_t> listed) const {
  struct stat status {};
  if (::fstat(roots_.proc.get(), &status) != 0 || !mounts_) {
    list.gaps.push_back(list_gap(GapReason::Failed, schema::GapPart::HiddenProcesses));
    return;
  }
  for (const auto& mount : parse_mountinfo(*mounts_, "proc")) {
    const auto hiding = parse_proc_hiding(mount.super_options);
    const bool ours = mount.device == schema::Device(status.st_dev);
    if (!ours || !hiding.hides || (hiding.exempt_group && is_member(*hiding.exempt_group)) ||
        has_capability(kCapSysPtrace)) {
      continue;
    }
    Gap gap = list_gap(GapReason::Permission, schema::GapPart::HiddenProcesses);
    if (sees_own_namespace()) {
      std::sort(listed.begin(), listed.end());
      gap.count = std::max(gap.count, count_hidden(roots_.proc.get(), listed));
    }
    list.gaps.push_back(std::move(gap));
    return;
  }
}

// The first process of the namespace that this process file system shows tells which one it is; a
// recorder in a container may well look at the host's.
void ProcSource::note_namespace(std::vector<Gap>& gaps) const {
  for (const char* link : {"1/ns/pid", "self/ns/pid"}) {
    const auto text = read_link_at(roots_.proc.get(), link);
    const auto inode = text ? parse_object_link(text.value(), "pid") : std::nullopt;
    if (!inode) {
      continue;
    }
    if (*inode != kInitialPidNamespace) {
      gaps.push_back(list_gap(GapReason::NotSupported, schema::GapPart::PidNamespace));
    }
    return;
  }
  gaps.push_back(list_gap(GapReason::Failed, schema::GapPart::PidNamespace));
}

ProcessList ProcSource::list_processes() {
  ProcessList list;
  const auto directory = open_at(roots_.proc.get(), ".", O_RDONLY | O_DIRECTORY);
  const auto numbers = directory ? list_numbers(directory.value().get())
                                 : Result<std::vector<std::int32_t>>(directory.error());
  if (!numbers) {
    Gap gap = list_gap(gap_reason(numbers.error().number), schema::GapPart::Processes);
    gap.error_number = numbers.error().number;
    list.gaps.push_back(std::move(gap));
    return list;
  }
  bool lists_self = !self_;
  for (const auto number : numbers.value()) {
    lists_self = lists_self || self_ == schema::Pid(number);
    if (number > 0 && !is_left_out(schema::Pid(number))) {
      list.pids.emplace_back(number);
    }
  }
  std::sort(list.pids.begin(), list.pids.end());
  // A process that lists the others is there itself, and is shown to itself whatever is hidden.
  if (!lists_self) {
    list.gaps.push_back(list_gap(GapReason::Failed, schema::GapPart::Processes));
  }
  // Then its own process is told like any other.
  if (!recorder_) {
    list.gaps.push_back(list_gap(GapReason::Failed, schema::GapPart::Recorder));
  }
  note_hiding(list, std::move(numbers.value()));
  note_namespace(list.gaps);
  return list;
}

// Other lists than this process file system name processes by the numbers of the recorder's own
// pid namespace.
bool ProcSource::sees_own_namespace() const {
  return self_ == schema::Pid(::getpid());
}

std::vector<schema::Pid> ProcSource::list_members(const std::vector<std::string>& cgroups) const {
  if (!sees_own_namespace() || !mounts_ || hangs_->has(kMembersHang)) {
    return {};
  }
  std::vector<schema::Pid> members;
  if (mount_table_->is_local("/sys/fs/cgroup")) {
    members = read_members(*mounts_, roots_.host.get(), cgroups);
  } else {
    const auto read = [mounts = *mounts_, host = roots_.host.get(), cgroups](std::size_t) {
      return read_members(mounts, host, cgroups);
    };
    const auto describe = [](std::size_t) {
      Hang hang;
      hang.what = kMembersHang;
      return hang;
    };
    auto found = Errands<std::vector<schema::Pid>>::run(*hangs_, 1, read, describe);
    members = found[0] ? std::move(*found[0]) : members;
  }
  std::erase_if(members, [this](schema::Pid pid) { return is_left_out(pid); });
  return members;
}

schema::Device ProcSource::find_program_device(schema::Pid pid) const {
  const std::string path = std::to_string(pid.value()) + "/exe";
  const auto identity = read_identity_at(roots_.proc.get(), path.c_str());
  return schema::Device(identity ? identity.value().device : 0);
}

// What the snapshot before has stays as it is, so that nothing seems to have changed.
void ProcSource::bound_line(const ProcessRequest& request, ProcessReading& reading) const {
  schema::Process& process = reading.process;
  if (!process.long_line || process.long_line->shortened()) {
    return;
  }
  const bool has_room = line_memory_.take(process.command_line->size());
  const bool is_known = request.known != nullptr && request.known->long_line == process.long_line;
  if (!has_room && !is_known) {
    schema::keep_ends(*process.command_line, *process.long_line);
    reading.gaps.push_back(shortened_line_gap(process.pid));
  }
}

Result<ProcessReading> ProcSource::read_process(const ProcessRequest& request,
                                                std::atomic<ProcessStep>& step) const {
  step.store(ProcessStep::Open, std::memory_order_relaxed);
  auto directory = open_process(roots_.proc.get(), request.pid);
  const bool replaced = !directory && directory.error().number == EXDEV;
  const bool covered = replaced || covered_.contains(request.pid);
  Result<UniqueFd> bare = SysError{EXDEV, "reading", "what is covered"};
  if (covered && sees_own_namespace()) {
    bare = open_bare_proc();
    if (bare) {
      directory = open_process(bare.value().get(), request.pid);
    }
  }
  if (!directory) {
    return directory.error();
  }
  const auto read_once = [&] {
    return ProcessReader(directory.value().get(), request, view_, inspector_, step).read();
  };
  constexpr int kAttempts = 5;
  auto outcome = read_once();
  for (int attempt = 1; attempt < kAttempts && outcome && outcome.value().raced; ++attempt) {
    outcome = read_once();
  }
  if (!outcome) {
    return outcome.error();
  }
  ProcessReading& reading = outcome.value().reading;
  if (outcome.value().mixed) {
    forget_program(reading);
  }
  bound_line(request, reading);
  if (outcome.value().raced) {
    Gap gap;
    gap.source = GapSource::Process;
    gap.reason = GapReason::Raced;
    gap.pid = request.pid;
    reading.gaps.push_back(std::move(gap));
    reading.process.unread.insert(schema::Part::Descriptors);
    reading.descriptors_readable = false;
  }
  reading.process.recorder =
      recorder_ == reading.process.pid || hangs_->is_ours(reading.process.pid);
  reading.process.covered = covered;
  if (covered && !bare) {  // whoever mounted something there chose what was read
    reading.descriptors_readable = false;
    reading.process.unread.insert(schema::Part::Descriptors);
    Gap gap;
    gap.source = GapSource::ProcessField;
    gap.reason = gap_reason(bare.error().number);
    gap.pid = request.pid;
    gap.object = schema::GapPart::Descriptors;
    gap.error_number = bare.error().number;
    reading.gaps.push_back(std::move(gap));
  }
  return std::move(reading);
}

}  // namespace sockwitness::recorder
