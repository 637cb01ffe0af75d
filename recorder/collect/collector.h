// One pass over the host: asks every source once, joins what they say, and notes what none of them
// could see.
//
// In:    the sources; when the tables have been read, the processes and the previous snapshot.
// Out:   a Snapshot without number and cost.
// Never: knows netlink or procfs, or reports an empty list where a source failed.
#pragma once

#include <memory>
#include <string>

#include "recorder/collect/walker.h"
#include "recorder/observe/source.h"

namespace sockwitness::recorder {

class Pass;

struct Sources {
  SocketSource& sockets;
  NetnsSource& namespaces;
  HostSource& host;
  Clock& clock;
};

// Facts that need not be read anew.
struct Earlier {
  const schema::Snapshot* previous = nullptr;  // null: nothing is known
  bool deep = false;                           // read the costly facts of every process anew
};

// For one pass; its parts once each, in this order.
class Collector {
 public:
  // `walker` remembers from pass to pass which processes are stuck. All of them outlive the pass.
  Collector(Sources sources, Walker& walker, std::string note);
  ~Collector();
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  // Reads the sockets of the recorder's own namespace, where most are, and then looks for the
  // others.
  void begin();
  // The host, its namespaces and the sockets of all of them.
  void read_tables();
  [[nodiscard]] const schema::Context& context() const;  // after read_tables()

  // The processes and who holds which socket. Never before the tables: a descriptor that is read
  // first says nothing of a socket that is opened afterwards.
  [[nodiscard]] schema::Snapshot finish(std::shared_ptr<ProcessSource> processes,
                                        const Earlier& earlier);

 private:
  std::unique_ptr<Pass> pass_;
};

}  // namespace sockwitness::recorder
