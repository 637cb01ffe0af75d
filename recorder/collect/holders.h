// Who holds which socket, and why some are held by nobody.
//
// In:    sockets, the descriptors that every process was seen to have, what could not be read.
// Out:   holder relations; for each socket without one a reason.
// Never: keeps one holder only, or leaves a socket without holder and without reason.
#pragma once

#include <span>
#include <vector>

#include "schema/model/snapshot.h"

namespace sockwitness::recorder {

// One process's descriptor that leads to a socket.
struct SocketDescriptor {
  schema::ProcessIndex process;
  schema::Fd fd;
  schema::Inode inode;
};

// Inodes are unique among all namespaces of a host: sockfs is one file system. Two rows share one
// where a socket is listed twice: MPTCP, and the TCP subflow that came first.
class SocketsByInode {
 public:
  struct Entry {
    schema::Inode inode;
    schema::SocketIndex socket;
  };
  explicit SocketsByInode(const std::vector<schema::Socket>& sockets);

  // How many sockets it was made of; those that were added since are not in it.
  [[nodiscard]] std::size_t made_of() const { return made_of_; }

  // Those with this inode, in the order of the table. It remembers where it found the last one:
  // most descriptors of a process follow each other here as well.
  [[nodiscard]] std::span<const Entry> find(schema::Inode inode);

 private:
  std::vector<Entry> entries_;  // by inode
  std::size_t made_of_;
  std::size_t near_ = 0;
};

// Descriptors whose socket is in no table are left out.
[[nodiscard]] std::vector<schema::Holder> join_holders(
    SocketsByInode& sockets, const std::vector<SocketDescriptor>& descriptors);

// What the reasons rest on.
struct HolderEvidence {
  bool refused = false;  // some process's descriptors may not be read
  bool unread = false;   // some process, or its descriptors, could not be
  bool sees_all_pid_namespaces = true;
};

// Sets `no_holder` of every socket without a holder; Kernel where everything could be read (the
// caller checks whether such a socket is still there). Sources may have set Kernel already: netlink
// sockets of the kernel say so themselves.
void explain_missing_holders(std::vector<schema::Socket>& sockets,
                             const std::vector<schema::Holder>& holders,
                             const HolderEvidence& evidence);

}  // namespace sockwitness::recorder
