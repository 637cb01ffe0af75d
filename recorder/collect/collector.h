// One pass over the host: asks every source once, joins what they say, and notes what none of them
// could see.
//
// In:    the sources, and the previous snapshot for facts that need not be read anew.
// Out:   a Snapshot without number and cost.
// Never: knows netlink or procfs, or reports an empty list where a source failed.
#pragma once

#include <memory>
#include <string>

#include "recorder/collect/walker.h"
#include "recorder/observe/source.h"

namespace sockwitness::recorder {

struct Sources {
  SocketSource& sockets;
  NetnsSource& namespaces;
  HostSource& host;
  Clock& clock;
  std::shared_ptr<const ProcessSource> processes;
  // Listing is not const: it is done by one thread.
  ProcessSource& process_list;
};

struct CollectRequest {
  const schema::Snapshot* previous = nullptr;  // null: nothing is known
  bool deep = false;                           // read the costly facts of every process anew
  schema::Pid self;                            // the recorder
  std::string note;
};

// `walker` remembers from pass to pass which processes are stuck.
[[nodiscard]] schema::Snapshot collect(Sources& sources,
                                       Walker& walker,
                                       const CollectRequest& request);

}  // namespace sockwitness::recorder
