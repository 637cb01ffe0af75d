#include "recorder/collect/collector.h"

#include "recorder/collect/pass.h"

namespace sockwitness::recorder {

schema::Snapshot collect(Sources& sources, Walker& walker, const CollectRequest& request) {
  Pass pass(sources, walker, request);
  pass.read_host();
  pass.read_sockets();
  pass.read_processes();
  pass.follow_descriptors();
  pass.join();
  pass.finish();
  return pass.take();
}

}  // namespace sockwitness::recorder
