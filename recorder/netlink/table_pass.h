// Reads every socket table of one network namespace: by netlink, and by /proc/net where that fails.
//
// In:    a connection opened inside the namespace (or none), and the namespace's /proc/net
//        directory.
// Out:   one reading: sockets and gaps.
// Never: repeats a dump without end, or counts a table as empty that was refused.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "recorder/netlink/connection.h"
#include "recorder/observe/source.h"

namespace sockwitness::recorder {

// Which diag handlers this kernel turned out to lack. Each question for a missing one makes the
// kernel run modprobe, so it is asked once per run and not once per namespace.
class MissingHandlers {
 public:
  [[nodiscard]] bool contains(DiagTable table) const { return missing_[index(table)]; }
  void add(DiagTable table) { missing_[index(table)] = true; }

 private:
  // Both address families of an internet protocol share one handler.
  static std::size_t index(DiagTable table) { return static_cast<std::size_t>(table.protocol); }
  std::array<bool, 16> missing_{};
};

class TablePass {
 public:
  // `buffer` serves for netlink answers. `net_directory`: below which "tcp", "raw6" … are;
  // negative when there is none.
  TablePass(std::vector<std::byte>& buffer, int net_directory, MissingHandlers& missing)
      : buffer_(buffer), net_directory_(net_directory), missing_(missing) {}

  // By netlink in the calling thread's namespace, with /proc/net for what it does not give.
  void read_with_netlink();
  // From outside, for entering failed so: /proc/net only. The unix table is a gap, for its text can
  // be forged.
  void read_from_outside(int entering_error);

  [[nodiscard]] SocketReading take() { return std::move(reading_); }

 private:
  void read_table(DiagTable table, bool core);
  // Of this kernel and its namespace; empty where the list cannot be read.
  [[nodiscard]] const std::string& protocols();
  [[nodiscard]] bool is_unregistered(DiagTable table);
  [[nodiscard]] std::size_t expect_sockets() const;
  DumpEnd read_by_netlink(DiagTable table);
  void read_by_proc(DiagTable table, bool core, DumpEnd refused);
  // The kernel gives the table in neither way.
  void note_absent(DiagTable table, bool core, DumpEnd refused);
  void note(DiagTable table, schema::GapReason reason, int error_number, std::uint32_t count = 1);
  void name_interfaces();

  std::vector<std::byte>& buffer_;
  int net_directory_;
  MissingHandlers& missing_;
  std::optional<DiagConnection> connection_;
  std::vector<schema::Inode> own_;  // sockets of this pass
  std::string text_;
  std::optional<std::string> protocols_;  // once it was needed; empty where it cannot be read
  SocketReading reading_;
};

}  // namespace sockwitness::recorder
