#include "recorder/proc/process_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "recorder/observe/line_limits.h"
#include "recorder/os/dir.h"
#include "recorder/os/time_offsets.h"
#include "recorder/proc/apart_threads.h"
#include "recorder/proc/cgroup.h"
#include "recorder/proc/gap_reason.h"
#include "recorder/proc/link_text.h"
#include "recorder/proc/process_parts.h"
#include "recorder/proc/status.h"
#include "schema/chain/measure.h"
#include "schema/view/command_line.h"

namespace sockwitness::recorder {
namespace {

using schema::Gap;
using schema::GapReason;
using schema::GapSource;

using schema::Part;

std::uint32_t bit(ProcessStep step) {
  return 1U << static_cast<unsigned>(step);
}

// The kernel puts the stack at a random place, a multiple of 16 (fs/binfmt_elf.c).
std::uint32_t exec_mark_of(std::uint64_t stack) {
  constexpr std::uint64_t kKept = 0x7FFFFFFF;
  return static_cast<std::uint32_t>((stack >> 4U) & kKept);
}

// Of its command line only the ends are known.
bool is_shortened(const KnownProcess& known) {
  return known.long_line && known.long_line->shortened();
}

}  // namespace

ProcessReader::ProcessReader(int directory,
                             const ProcessRequest& request,
                             const HostView& view,
                             ProgramInspector& inspector,
                             std::atomic<ProcessStep>& step)
    : directory_(directory),
      view_directory_(directory),
      request_(request),
      view_(view),
      inspector_(inspector),
      step_(step) {
}

bool ProcessReader::begin(ProcessStep step) {
  step_.store(step, std::memory_order_relaxed);
  const bool known_to_hang = (request_.skipped_steps & bit(step)) != 0 &&
                             (request_.skipped_start == schema::BootTime() ||
                              request_.skipped_start == reading_.process.start);
  if (!known_to_hang) {
    return true;
  }
  Gap gap;
  gap.source = GapSource::ProcessField;
  gap.reason = GapReason::TimedOut;
  gap.pid = request_.pid;
  gap.object = step_part(step);
  reading_.gaps.push_back(std::move(gap));
  for (const Part part : parts_of(step)) {
    reading_.process.unread.insert(part);
  }
  return false;
}

void ProcessReader::fail(Part part, int error_number) {
  fail(part, field_of(part), error_number);
}

void ProcessReader::fail(Part part, schema::GapPart field, int error_number) {
  reading_.process.unread.insert(part);
  vanished_ = vanished_ || means_vanished(error_number);
  Gap gap;
  gap.source = GapSource::ProcessField;
  gap.reason = gap_reason(error_number);
  gap.pid = request_.pid;
  gap.object = field;
  gap.error_number = error_number;
  reading_.gaps.push_back(std::move(gap));
}

// The file is opened once and read at the begin and at the end.
Result<StatLine> ProcessReader::read_stat() {
  if (!stat_file_.valid()) {
    auto opened = open_at(directory_, "stat", O_RDONLY);
    if (!opened) {
      return opened.error();
    }
    stat_file_ = std::move(opened.value());
  }
  std::array<char, 1024> text;
  ssize_t got = -1;
  do {
    got = ::pread(stat_file_.get(), text.data(), text.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    return last_error("reading", "stat");
  }
  const std::string_view line(text.data(), static_cast<std::size_t>(got));
  if (!stat_ || line != stat_text_) {  // of a process that sleeps it is the same
    stat_ = parse_stat(line);
    stat_text_ = line;
  }
  return stat_ ? Result<StatLine>(*stat_) : SysError{EBADMSG, "parsing", "stat"};
}

// The first thread may have ended while others run on; its entry then shows neither program nor
// descriptors, though the process has them.
Result<UniqueFd> ProcessReader::open_living_thread() {
  const auto tasks = open_at(directory_, "task", O_RDONLY | O_DIRECTORY);
  if (!tasks) {
    return tasks.error();
  }
  const auto numbers = list_numbers(tasks.value().get());
  if (!numbers) {
    return numbers.error();
  }
  for (const auto number : numbers.value()) {
    auto thread =
        open_at(tasks.value().get(), std::to_string(number).c_str(), O_PATH | O_DIRECTORY);
    if (!thread || !read_file_at(thread.value().get(), "stat", content_)) {
      continue;
    }
    const auto line = parse_stat(content_);
    if (line && !line->exiting()) {
      return std::move(thread.value());
    }
  }
  return SysError{ESRCH, "looking for", "a living thread"};
}

void ProcessReader::read_status() {
  schema::Process& process = reading_.process;
  process.real_uid = process.effective_uid = schema::kNoUid;
  process.real_gid = process.effective_gid = schema::kNoGid;
  if (!begin(ProcessStep::Status)) {
    return;
  }
  const auto text = read_record_at(view_directory_, "status", content_);
  if (!text) {
    return fail(Part::Ids, text.error().number);
  }
  const auto status = parse_status(text.value());
  if (!status) {
    return fail(Part::Ids, EBADMSG);
  }
  process.real_uid = schema::Uid(status->real_uid);
  process.effective_uid = schema::Uid(status->effective_uid);
  process.real_gid = schema::Gid(status->real_gid);
  process.effective_gid = schema::Gid(status->effective_gid);
  process.capabilities = status->effective_capabilities;
  if (status->tracer > 0) {
    process.tracer = schema::Pid(status->tracer);
  }
}

void ProcessReader::read_command_line() {
  if (!begin(ProcessStep::CommandLine)) {
    return;
  }
  const auto text = read_record_at(view_directory_, "cmdline", content_, kLongestLine);
  if (!text) {
    return fail(Part::CommandLine, text.error().number);
  }
  // Every program is started with a name at least.
  if (text.value().empty()) {
    return fail(Part::CommandLine, EBADMSG);
  }
  // Whatever masks would make of it now, it is what it was.
  const bool as_it_was =
      same_exec() && !is_shortened(*request_.known) && request_.known->command_line == text.value();
  const auto masked =
      view_.mask == nullptr || as_it_was ? std::nullopt : view_.mask->apply(text.value());
  const std::string_view line = masked ? std::string_view(*masked) : text.value();
  schema::Process& process = reading_.process;
  const KnownProcess* known = as_it_was ? request_.known : known_line(line);
  if (known == nullptr && masked && is_known_otherwise(text.value(), line)) {
    known = request_.known;
  }
  if (known == nullptr && same_exec() && request_.known->command_line) {
    known = request_.known;
    process.title = schema::title_of(line);
  }
  process.command_line = known != nullptr ? known->command_line : std::optional<std::string>(line);
  process.masked = known != nullptr ? known->masked : masked.has_value();
  process.long_line = known != nullptr ? known->long_line : schema::measure_if_long(line);
  if (process.long_line && process.long_line->shortened()) {
    reading_.gaps.push_back(shortened_line_gap(request_.pid));
  }
}

// It was recorded before anything was masked, or by another key: it is what it was.
bool ProcessReader::is_known_otherwise(std::string_view line, std::string_view masked) const {
  return same_exec() && request_.known->command_line &&
         (*request_.known->command_line == line ||
          without_hashes(*request_.known->command_line) == without_hashes(masked));
}

// The process that the snapshot before knew, and no exec since.
bool ProcessReader::same_exec() const {
  const KnownProcess* known = request_.known;
  return known != nullptr && known->start == reading_.process.start && known->exec_mark != 0 &&
         known->exec_mark == reading_.process.exec_mark;
}

// Who had the same line before, as it was kept then. Most lines are short, and most long ones are
// whole; only those of which the ends were kept are hashed.
const KnownProcess* ProcessReader::known_line(std::string_view line) const {
  const KnownProcess* known = request_.known;
  if (known == nullptr || known->start != reading_.process.start || !known->command_line) {
    return nullptr;
  }
  const auto& measure = known->long_line;
  const bool same = is_shortened(*known)
                        ? measure->length == line.size() &&
                              schema::measure_if_long(line)->sha256 == measure->sha256
                        : *known->command_line == line;
  return same ? known : nullptr;
}

// The kernel tells paths from the root of the mount namespace, not from the process's root after a
// chroot. In the recorder's own namespace that is the root of the host.
ProcessRoots ProcessReader::open_roots(bool for_script) {
  const bool shared = reading_.process.mount_namespace != schema::Inode() &&
                      reading_.process.mount_namespace == view_.mount_namespace;
  if (!root_.valid() && (!shared || for_script)) {
    if (auto opened = open_at(view_directory_, "root", O_PATH | O_DIRECTORY)) {
      root_ = std::move(opened.value());
    }
  }
  return {shared ? view_.root : root_.get(), root_.get()};
}

void ProcessReader::read_program() {
  if (!begin(ProcessStep::Program)) {
    return;
  }
  const auto link = read_link_at(view_directory_, "ns/mnt");
  reading_.process.mount_namespace =
      schema::Inode(link ? parse_object_link(link.value(), "mnt").value_or(0) : 0);
  ProgramReader programs(
      view_directory_, open_roots(false), view_.memfd_devices, inspector_, watch());
  auto program = programs.read_executable(reading_.gaps);
  if (!program) {
    return fail(Part::Program, program.error().number);
  }
  programs.inspect_executable(program.value(), reading_.gaps);
  reading_.program = std::move(program.value());
}

void ProcessReader::read_working_directory() {
  if (!begin(ProcessStep::WorkingDirectory)) {
    return;
  }
  auto link = read_link_at(view_directory_, "cwd");
  if (!link || !link.value().starts_with('/')) {
    return fail(Part::WorkingDirectory, link ? EBADMSG : link.error().number);
  }
  reading_.process.working_directory = std::move(link.value());
}

void ProcessReader::read_control() {
  if (!begin(ProcessStep::Control)) {
    return;
  }
  schema::Process& process = reading_.process;
  if (const auto text = read_record_at(view_directory_, "cgroup", content_); text) {
    auto place = parse_cgroup(text.value());
    // Without a hierarchy that is mounted the file of every process is empty.
    if (!place || (text.value().empty() && view_.has_cgroups)) {
      fail(Part::ControlGroup, EBADMSG);
    } else {
      process.cgroup = std::move(place->path);
      process.unit = std::move(place->unit);
      process.container = std::move(place->container);
    }
  } else if (text.error().number != ENOENT || view_.has_cgroups) {
    fail(Part::ControlGroup, text.error().number);
  }

  if (const auto text = read_record_at(view_directory_, "loginuid", content_); text) {
    const auto uid = schema::parse_number<std::uint32_t>(text.value());
    if (!uid) {
      fail(Part::LoginUser, EBADMSG);
    } else if (schema::Uid(*uid) != schema::kNoUid) {
      process.login_uid = schema::Uid(*uid);
    }
  } else if (text.error().number != ENOENT || view_.has_login_users) {
    fail(Part::LoginUser, text.error().number);
  }

  read_namespaces();
}

void ProcessReader::read_namespaces() {
  schema::Process& process = reading_.process;
  struct Target {
    const char* link;
    const char* kind;
    schema::Inode& inode;
  };
  const std::array<Target, 4> targets = {{{"ns/net", "net", reading_.netns},
                                          {"ns/mnt", "mnt", process.mount_namespace},
                                          {"ns/pid", "pid", process.pid_namespace},
                                          {"ns/user", "user", process.user_namespace}}};
  if (request_.known != nullptr && request_.known->start == process.start) {
    process.pid_namespace = request_.known->pid_namespace;
  }
  for (const auto& target : targets) {
    if (target.inode != schema::Inode()) {
      continue;
    }
    const auto link = read_link_at(view_directory_, target.link);
    const auto inode = link ? parse_object_link(link.value(), target.kind) : std::nullopt;
    if (!inode) {
      // A kernel may lack one kind of namespace; it refuses all that it has, or none.
      if (!link && link.error().number == ENOENT && !view_.namespaces.contains(target.kind)) {
        continue;
      }
      return fail(Part::Namespaces, link ? EBADMSG : link.error().number);
    }
    target.inode = schema::Inode(*inode);
  }
}

void ProcessReader::read_descriptors() {
  if (!begin(ProcessStep::Descriptors)) {
    return;
  }
  auto found = recorder::read_descriptors(view_directory_, view_.descriptor_order);
  if (!found) {
    return fail(Part::Descriptors, found.error().number);
  }
  DescriptorReading& descriptors = found.value();
  reading_.sockets = std::move(descriptors.sockets);
  reading_.netns_descriptors = std::move(descriptors.namespaces);
  reading_.descriptors = std::move(descriptors.joints);
  reading_.descriptors_readable = descriptors.incomplete == 0;
  if (descriptors.incomplete != 0) {
    fail(Part::Descriptors, descriptors.incomplete);
  }
}

void ProcessReader::read_threads() {
  if (stat_->threads < 2 || !reading_.descriptors_readable) {
    return;
  }
  if (const auto failure = add_apart_threads(directory_, reading_)) {
    reading_.descriptors_readable = false;
    fail(Part::Descriptors, schema::GapPart::Threads, failure->number);
  }
}

void ProcessReader::adopt_kernel_facts() {
  const ProcessReading& kernel = *view_.kernel;
  schema::Process& process = reading_.process;
  process.real_uid = kernel.process.real_uid;
  process.effective_uid = kernel.process.effective_uid;
  process.real_gid = kernel.process.real_gid;
  process.effective_gid = kernel.process.effective_gid;
  process.capabilities = kernel.process.capabilities;
  process.mount_namespace = kernel.process.mount_namespace;
  process.pid_namespace = kernel.process.pid_namespace;
  process.user_namespace = kernel.process.user_namespace;
  reading_.netns = kernel.netns;
}

bool ProcessReader::same_program() const {
  if (!reading_.program) {
    return true;
  }
  const auto now = read_identity_at(view_directory_, "exe");
  return now && schema::Device(now.value().device) == reading_.program->device &&
         schema::Inode(now.value().inode) == reading_.program->inode;
}

// Every exec puts the stack elsewhere, and may keep name and program; a process that only renames
// itself stays what it was. Where the stack is not shown, a new name is taken for a sign.
bool ProcessReader::has_executed(const StatLine& before, const StatLine& after) const {
  const bool shown = before.stack != 0 && after.stack != 0;
  return (shown ? before.stack != after.stack : before.name != after.name) || !same_program();
}

Result<ProcessReader::Outcome> ProcessReader::read() {
  step_.store(ProcessStep::Stat, std::memory_order_relaxed);
  if ((request_.skipped_steps & bit(ProcessStep::Stat)) != 0) {
    return SysError{ETIMEDOUT, "reading", "stat"};
  }
  const auto first = read_stat();
  if (!first) {
    return first.error();
  }
  const StatLine& line = first.value();
  schema::Process& process = reading_.process;
  process.pid = schema::Pid(line.pid);
  process.start = {line.start.nanoseconds - own_time_offsets().boottime_ns};
  if (request_.where != nullptr) {
    request_.where->start_ns = line.start.nanoseconds;
  }
  process.name = line.name;
  process.exec_mark = exec_mark_of(line.stack);
  if (line.parent > 0) {
    process.parent = schema::Pid(line.parent);
  }
  process.process_group = schema::Pid(line.process_group);
  process.session = schema::Pid(line.session);
  process.tty = line.tty;
  process.kernel_thread = line.kernel_thread();
  process.zombie = line.dead();
  if (line.exiting() && !line.kernel_thread() && line.threads > 1) {
    if (auto thread = open_living_thread()) {
      thread_ = std::move(thread.value());
      view_directory_ = thread_.get();
      process.zombie = false;
    }
  }

  if (process.kernel_thread || process.zombie) {
    reading_.descriptors_readable = true;  // there are none
    reading_.deep = true;
  }
  if (process.kernel_thread && view_.kernel) {
    adopt_kernel_facts();
    step_.store(ProcessStep::Done, std::memory_order_relaxed);
    return Outcome{std::move(reading_), false};
  }
  read_status();
  if (process.kernel_thread) {
    read_namespaces();
  } else if (!process.zombie) {
    read_command_line();
    read_program();
    read_working_directory();
    read_control();
    read_descriptors();
    read_threads();
    if (differs_from_known()) {
      read_costly();
    }
  }

  step_.store(ProcessStep::Stat, std::memory_order_relaxed);
  const auto last = read_stat();
  if (!last) {
    return last.error();
  }
  if (last.value().start != line.start || last.value().pid != line.pid) {
    return SysError{ESRCH, "reading", "stat"};
  }
  Outcome outcome;
  const bool ended =
      last.value().dead() != line.dead() || (vanished_ && last.value().exiting() != line.exiting());
  outcome.mixed = has_executed(line, last.value());
  outcome.raced = ended || outcome.mixed;
  reading_.process.name = last.value().name;
  outcome.reading = std::move(reading_);
  step_.store(ProcessStep::Done, std::memory_order_relaxed);
  return outcome;
}

}  // namespace sockwitness::recorder
