// Reads the NAT rules of the network namespace that the calling thread is in.
//
// In:    what is known of nf_tables here: whether the kernel has it at all.
// Out:   ports that lead elsewhere; gaps for what could not be read or understood.
// Never: loads a kernel module to ask a question, changes a rule, or takes rules that changed while
//        they were read for one state.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "recorder/observe/source.h"

namespace sockwitness::recorder {

class NatReader {
 public:
  // `proc_root`: of the list of modules. `buffer` serves for answers, and outlives the reader.
  NatReader(const std::string& proc_root, std::vector<std::byte>& buffer);

  // Adds to a reading of this namespace's sockets. `net_directory`: its /proc/net; negative when
  // there is none.
  void read(int net_directory, SocketReading& reading);
  // The same of a namespace that could not be entered.
  static void note_refused(int error_number, SocketReading& reading);

 private:
  std::vector<std::byte>& buffer_;
  bool possible_ = true;  // nf_tables may be in the kernel
};

}  // namespace sockwitness::recorder
