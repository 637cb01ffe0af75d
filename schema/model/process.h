// A process as one snapshot saw it, what its descriptors lead to, and which sockets it holds.
//
// In:    /proc/<pid>, read through one held directory descriptor.
// Out:   plain values; a field that could not be read is empty and a Gap says why.
// Never: any part of the environment but LD_PRELOAD and LD_AUDIT.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schema/base/time.h"
#include "schema/model/container.h"
#include "schema/model/ids.h"
#include "schema/model/long_text.h"
#include "schema/model/parts.h"

namespace sockwitness::schema {

// Identity: boot, pid, start. Compared: all fields. exec keeps the identity and changes the
// program. A part that is in `unread` has no value, whatever its fields hold.
struct Process {
  Pid pid;
  BootTime start;  // since boot; the kernel counts in ticks of 10 ms
  std::optional<Pid>
      parent;  // nothing for pid 1, kthreadd and processes whose parent is outside the namespace
  std::string name;                     // comm: at most 15 bytes, chosen by the process
  std::optional<ProgramIndex> program;  // nothing for kernel threads and zombies, or with a gap
  std::string script;                   // absolute path of what an interpreter runs; empty for none
  std::optional<ProgramIndex> script_file;  // the file at that path, when it was there
  std::optional<std::string>
      command_line;                   // raw bytes, arguments end in NUL; empty for kernel threads
  std::optional<LongText> long_line;  // the measure of a command line longer than kAlwaysWhole
  std::uint32_t exec_mark = 0;        // another one after every exec; 0: not known
  std::string
      title;  // what it wrote over its arguments after a snapshot had seen them; empty: nothing
  std::optional<std::string> working_directory;
  Uid real_uid;
  Uid effective_uid;
  Gid real_gid;
  Gid effective_gid;
  std::optional<Uid> login_uid;  // nothing: never logged in, or the kernel does not say
  std::uint32_t tty = 0;         // device number of the controlling terminal, 0 for none
  Pid process_group;
  Pid session;
  std::string cgroup;     // path of the unified or systemd hierarchy
  std::string unit;       // "nginx.service", empty outside units
  std::string container;  // full id or name, empty outside containers
  // What its engine calls it; nothing: not found, or a gap says why.
  std::optional<ContainerFacts> container_facts;
  std::uint64_t capabilities = 0;  // effective set, bit n is capability n
  std::optional<Pid> tracer;
  std::string preload;  // LD_PRELOAD and LD_AUDIT as "LD_PRELOAD=…", each ending in NUL
  bool kernel_thread = false;
  bool zombie = false;
  bool recorder = false;  // this is the recorder itself
  bool covered = false;   // something is mounted over its entry in /proc
  bool unlisted = false;  // /proc does not list it, although it was there all the time
  bool masked = false;    // secrets among its arguments are not there; see FORMAT.md, "Masked"
  Parts unread;           // what could not be read of it; gaps say why
  std::optional<NetnsIndex> netns;
  Inode mount_namespace;  // 0: not readable
  Inode pid_namespace;
  Inode user_namespace;

  friend bool operator==(const Process&, const Process&) = default;
};

// One process holds one socket by one descriptor. Many to many.
// Identity: socket, process, fd.
struct Holder {
  SocketIndex socket;
  ProcessIndex process;
  Fd fd;

  friend auto operator<=>(const Holder&, const Holder&) = default;
};

// Stored numbers, never reused.
enum class DescriptorKind : std::uint8_t {
  File = 1,         // a regular file or directory
  Pipe = 2,         // anonymous pipe: the other end has the same inode
  Fifo = 3,         // named pipe: the same device and inode
  Terminal = 4,     // /dev/pts/N, /dev/ttyN
  PtyMaster = 5,    // number: N of /dev/pts/N
  Null = 6,         // /dev/null
  OtherDevice = 7,  // a character or block device
  Tun = 8,          // /dev/net/tun; target is the interface name
  Anonymous = 9     // anon_inode:[…]
};

// What is not a socket and still joins processes: standard descriptors (0, 1, 2) of any kind, and
// pipes, fifos, pseudo-terminal masters and tun devices at any number. Identity: process, fd.
// Compared: all.
struct Descriptor {
  ProcessIndex process;
  Fd fd;
  DescriptorKind kind = DescriptorKind::File;
  Device device;  // 0 where the kind has none
  Inode inode;
  std::uint32_t number = 0;  // PtyMaster: its index
  std::string target;        // path or link text, bytes; empty for pipes

  friend auto operator<=>(const Descriptor&, const Descriptor&) = default;
};

// An executable mapping of a file that no package owns, that was deleted, or that differs from its
// package. Identity and compared: all.
struct Mapping {
  ProcessIndex process;
  ProgramIndex file;

  friend auto operator<=>(const Mapping&, const Mapping&) = default;
};

[[nodiscard]] std::string_view descriptor_kind_word(DescriptorKind kind);

}  // namespace sockwitness::schema
