// What a snapshot could not see. Absence is an observation: a gap is stored, shown and respected by
// every answer.
//
// In:    a failed or partial reading, classified once at its source.
// Out:   a plain value that says which place was not read, and why.
// Never: stands for "there was nothing".
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "schema/model/gap_object.h"
#include "schema/model/ids.h"

namespace sockwitness::schema {

// Which place was not read. Stored numbers, never reused.
enum class GapSource : std::uint8_t {
  SocketTable = 1,  // `object` is the protocol word; the whole table of `netns`
  Namespace = 2,    // all sockets of `netns`, or of a namespace that could not be entered
  ProcessList = 3,  // processes that the recorder cannot see at all (hidepid, pid namespace)
  Process = 4,      // a whole process: it was there and could not be read consistently
  ProcessField =
      5,  // `object` is the field: "command_line", "program", "descriptors", "mappings", …
  Descriptors = 6,    // the descriptors of `count` processes: holders may be missing
  Program = 7,        // a program's content or package could not be read
  Registrations = 8,  // rpcbind runs and did not answer
  Clock = 9,          // clock synchronisation state
  Interfaces = 10,    // interface names of `netns`
  Containers = 11,    // what an engine calls a container; `object` is its id
  NatRules = 12  // rules of `netns` that lead ports elsewhere; `object` is one of them, or part
};

// Stored numbers, never reused.
enum class GapReason : std::uint8_t {
  Permission = 1,
  Interrupted = 2,  // the kernel said that the dump was not consistent, every time
  Failed = 3,       // the kernel or the file system reported an error
  TimedOut = 4,
  Vanished = 5,      // exited while it was read, every time
  Raced = 6,         // changed its program while it was read, every time
  NotSupported = 7,  // the kernel has no such table
  Truncated = 8,     // longer than what is kept; `object` says of what
  TooMany = 9        // a limit of the recorder was reached
};

// Identity and compared: all fields.
struct Gap {
  GapSource source = GapSource::SocketTable;
  GapReason reason = GapReason::Failed;
  std::optional<NetnsIndex> netns;
  std::optional<Pid> pid;
  GapObject object;         // what exactly: see GapSource
  int error_number = 0;     // errno, 0 where there is none
  std::uint32_t count = 1;  // how many processes or things it stands for

  friend auto operator<=>(const Gap&, const Gap&) = default;
};

[[nodiscard]] std::string_view gap_source_word(GapSource source);
[[nodiscard]] std::string_view gap_reason_word(GapReason reason);

}  // namespace sockwitness::schema
