// What exactly a gap is about: a part of a process, a fact of the host, a protocol, or a path.
//
// In:    a GapPart or a protocol; where the object is a path, its bytes; the text of a file.
// Out:   the text that the file and the machine formats have; comparisons by meaning.
// Never: compared with a string: which words there are is known here alone.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "schema/model/socket_kind.h"

namespace sockwitness::schema {

// Not stored as numbers, but as words; a word is never reused.
enum class GapPart : std::uint8_t {
  // Of a process.
  Open,
  Stat,
  Status,
  CommandLine,
  ProgramFile,
  Script,
  WorkingDirectory,
  Control,
  ControlGroup,
  LoginUser,
  Namespaces,  // and, for the source Namespace, processes whose namespaces are not known
  Descriptors,
  Threads,
  Environment,
  Mappings,
  Done,
  // Of the host.
  Boot,
  MachineId,
  EphemeralPorts,
  UnprivilegedPorts,
  PackageDatabase,
  PreloadFile,
  UserNames,
  GroupNames,
  // Of a list of processes.
  HiddenProcesses,
  PidNamespace,
  Recorder,  // which of them it is itself
  Processes,
  // Of namespaces: where they were searched, or what they are called.
  ByDescriptor,
  ByThread,
  Mounts,
  Host,
  Label,
  InterfaceNames,
  // Of sockets that are in no table, and of those whose holders were searched twice.
  UnlistedSocket,
  SecondLook,
  Rpcbind,
  // Of rules that lead ports elsewhere.
  NatTables,  // of nf_tables
  LegacyNat   // of the iptables of old
};

[[nodiscard]] std::string_view gap_part_word(GapPart part);

class GapObject {
 public:
  GapObject() = default;
  GapObject(GapPart part)  // NOLINT(google-explicit-constructor): a part is an object
      : text_(gap_part_word(part)) {}
  GapObject(Protocol protocol)  // NOLINT(google-explicit-constructor): the same
      : text_(protocol_name(protocol)) {}
  // A path, or what a file says, whichever version of the recorder wrote it.
  [[nodiscard]] static GapObject of_text(std::string text) { return GapObject(std::move(text)); }

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

  friend auto operator<=>(const GapObject&, const GapObject&) = default;
  friend bool operator==(const GapObject&, const GapObject&) = default;
  friend bool operator==(const GapObject& object, GapPart part) {
    return object.text_ == gap_part_word(part);
  }
  friend bool operator==(const GapObject& object, Protocol protocol) {
    return object.text_ == protocol_name(protocol);
  }

 private:
  explicit GapObject(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

}  // namespace sockwitness::schema
