#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/codec.h"
#include "schema/disk/container_codec.h"
#include "schema/disk/line_codec.h"
#include "schema/disk/row.h"

namespace sockwitness::schema {
namespace {

// Bits of process.flags. Stored numbers, never reused.
constexpr std::int64_t kKernelThread = 1;
constexpr std::int64_t kZombie = 2;
constexpr std::int64_t kRecorder = 4;
constexpr std::int64_t kCovered = 8;
constexpr std::int64_t kUnlisted = 16;
constexpr std::int64_t kMasked = 32;

template <class Id>
std::optional<std::int64_t> number_of(const std::optional<Id>& id) {
  return id ? std::optional<std::int64_t>(id->value()) : std::nullopt;
}

std::optional<Pid> maybe_pid(RowReader& row) {
  const auto pid = row.maybe_number<std::int32_t>();
  return pid ? std::optional(Pid(*pid)) : std::nullopt;
}

std::optional<std::string> maybe_text(RowReader& row, Texts& texts) {
  const auto id = row.maybe_integer();
  return id ? std::optional(texts.get(*id)) : std::nullopt;
}

std::optional<RowId> intern_maybe(const std::optional<std::string>& bytes, Texts& texts) {
  return bytes ? std::optional(texts.intern(*bytes)) : std::nullopt;
}

void decode_flags(std::int64_t flags, Process& process) {
  process.kernel_thread = (flags & kKernelThread) != 0;
  process.zombie = (flags & kZombie) != 0;
  process.recorder = (flags & kRecorder) != 0;
  process.covered = (flags & kCovered) != 0;
  process.unlisted = (flags & kUnlisted) != 0;
  process.masked = (flags & kMasked) != 0;
  process.unread = Parts::of_bits(flags);
  // Before there was a mark for it, the id that no user has stood for it.
  if (process.effective_uid == kNoUid) {
    process.unread.insert(Part::Ids);
  }
}

std::int64_t encode_flags(const Process& process) {
  return (process.kernel_thread ? kKernelThread : 0) | (process.zombie ? kZombie : 0) |
         (process.recorder ? kRecorder : 0) | (process.covered ? kCovered : 0) |
         (process.unlisted ? kUnlisted : 0) | (process.masked ? kMasked : 0) |
         process.unread.bits();
}

}  // namespace

ProcessRow decode_process(SQLite::Statement& statement, Texts& texts) {
  RowReader row(statement);
  ProcessRow result;
  Process& process = result.process;
  result.id = row.integer();
  result.origin = row.maybe_integer();
  process.pid = Pid(row.number<std::int32_t>());
  process.start = BootTime{row.integer()};
  process.parent = maybe_pid(row);
  process.name = texts.get(row.integer());
  result.program = row.maybe_integer();
  process.script = texts.get_or_empty(row.maybe_integer());
  result.script_file = row.maybe_integer();
  decode_command_line(row.maybe_integer(), texts, process.command_line, process.long_line);
  process.working_directory = maybe_text(row, texts);
  process.real_uid = Uid(row.number<std::uint32_t>());
  process.effective_uid = Uid(row.number<std::uint32_t>());
  process.real_gid = Gid(row.number<std::uint32_t>());
  process.effective_gid = Gid(row.number<std::uint32_t>());
  if (const auto login = row.maybe_number<std::uint32_t>()) {
    process.login_uid = Uid(*login);
  }
  process.tty = row.number<std::uint32_t>();
  process.process_group = Pid(row.number<std::int32_t>());
  process.session = Pid(row.number<std::int32_t>());
  process.cgroup = texts.get_or_empty(row.maybe_integer());
  process.unit = texts.get_or_empty(row.maybe_integer());
  process.container = texts.get_or_empty(row.maybe_integer());
  process.capabilities = row.bits();
  process.tracer = maybe_pid(row);
  process.preload = texts.get_or_empty(row.maybe_integer());
  decode_flags(row.integer(), process);
  result.netns = row.maybe_integer();
  process.mount_namespace = Inode(row.bits());
  process.pid_namespace = Inode(row.bits());
  process.user_namespace = Inode(row.bits());
  process.exec_mark = row.maybe_number<std::uint32_t>().value_or(0);
  process.title = texts.get_or_empty(row.maybe_integer());
  process.container_facts = decode_container(row, texts);
  return result;
}

void insert_process(SQLite::Statement& insert, const ProcessRow& row, Texts& texts) {
  const Process& process = row.process;
  RowBinder(insert)
      .integer(row.id)
      .maybe_integer(row.origin)
      .integer(process.pid.value())
      .integer(process.start.nanoseconds)
      .maybe_integer(number_of(process.parent))
      .integer(texts.intern(process.name))
      .maybe_integer(row.program)
      .maybe_integer(texts.intern_unless_empty(process.script))
      .maybe_integer(row.script_file)
      .maybe_integer(intern_command_line(process.command_line, process.long_line, texts))
      .maybe_integer(intern_maybe(process.working_directory, texts))
      .integer(process.real_uid.value())
      .integer(process.effective_uid.value())
      .integer(process.real_gid.value())
      .integer(process.effective_gid.value())
      .maybe_integer(number_of(process.login_uid))
      .integer(process.tty)
      .integer(process.process_group.value())
      .integer(process.session.value())
      .maybe_integer(texts.intern_unless_empty(process.cgroup))
      .maybe_integer(texts.intern_unless_empty(process.unit))
      .maybe_integer(texts.intern_unless_empty(process.container))
      .bits(process.capabilities)
      .maybe_integer(number_of(process.tracer))
      .maybe_integer(texts.intern_unless_empty(process.preload))
      .integer(encode_flags(process))
      .maybe_integer(row.netns)
      .bits(process.mount_namespace.value())
      .bits(process.pid_namespace.value())
      .bits(process.user_namespace.value())
      .maybe_integer(process.exec_mark == 0 ? std::nullopt
                                            : std::optional<std::int64_t>(process.exec_mark))
      .maybe_integer(texts.intern_unless_empty(process.title))
      .maybe_integer(row.container)
      .run();
}

Program decode_program(SQLite::Statement& statement, Texts& texts) {
  RowReader row(statement);
  Program program;
  program.path = texts.get(row.integer());
  program.device = Device(row.bits());
  program.inode = Inode(row.bits());
  program.size = row.bits();
  program.mtime_ns = row.integer();
  program.ctime_ns = row.integer();
  program.state = row.enumeration(FileState::Unknown);
  program.sha256 = row.bytes();
  program.verdict = row.enumeration(PackageVerdict::Unknown);
  program.package = texts.get_or_empty(row.maybe_integer());
  program.package_version = texts.get_or_empty(row.maybe_integer());
  return program;
}

void insert_program(SQLite::Statement& insert, const Program& program, Texts& texts) {
  RowBinder(insert)
      .integer(texts.intern(program.path))
      .bits(program.device.value())
      .bits(program.inode.value())
      .bits(program.size)
      .integer(program.mtime_ns)
      .integer(program.ctime_ns)
      .enumeration(program.state)
      .bytes(program.sha256)
      .enumeration(program.verdict)
      .maybe_integer(texts.intern_unless_empty(program.package))
      .maybe_integer(texts.intern_unless_empty(program.package_version))
      .run();
}

}  // namespace sockwitness::schema
