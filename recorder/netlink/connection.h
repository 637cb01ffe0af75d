// A socket for sock_diag questions, in the network namespace of the thread that opened it.
//
// In:    which table to dump.
// Out:   the table's sockets, and how the dump ended.
// Never: waits for ever, believes anyone but the kernel, or takes a cut or refused dump for a whole
//        one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "recorder/netlink/decode.h"
#include "recorder/os/result.h"
#include "recorder/os/unique_fd.h"
#include "schema/model/gap.h"
#include "schema/model/ids.h"

namespace sockwitness::recorder {

enum class DumpOutcome : std::uint8_t {
  Complete,
  Interrupted,  // the table changed, or answers were lost: worth another try
  Missing,      // the kernel has no such table, or not for sock_diag
  Denied,
  TimedOut,
  Truncated,  // a message longer than the buffer
  Failed
};

// Precondition: the dump is not complete.
[[nodiscard]] schema::GapReason gap_reason_of(DumpOutcome outcome);

struct DumpEnd {
  DumpOutcome outcome = DumpOutcome::Complete;
  int error_number = 0;
};

// What an errno of a dump, or of opening the socket for it, says about the table.
[[nodiscard]] DumpOutcome classify_dump_error(int error_number);

class DiagConnection {
 public:
  // No process holds this socket for longer than one namespace's dumps. The buffer for answers is
  // the caller's, so that one serves many connections; it must outlive the connection.
  static Result<DiagConnection> open(std::vector<std::byte>& buffer);

  // Appends to `content`. Unless the outcome is Complete, what was appended is not the whole table.
  // After any outcome but Complete, Missing and Denied answers may still be under way: open anew.
  [[nodiscard]] DumpEnd read_dump(DiagTable table, DumpContent& content);

  [[nodiscard]] schema::Inode inode() const { return inode_; }
  // For requests about interfaces: any socket of the namespace serves.
  [[nodiscard]] int descriptor() const { return socket_.get(); }

 private:
  DiagConnection(UniqueFd socket, schema::Inode inode, std::vector<std::byte>& buffer)
      : socket_(std::move(socket)), inode_(inode), buffer_(&buffer) {}

  UniqueFd socket_;
  schema::Inode inode_;
  std::vector<std::byte>* buffer_;
  std::uint32_t sequence_ = 0;
};

}  // namespace sockwitness::recorder
