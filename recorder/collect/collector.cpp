#include "recorder/collect/collector.h"

#include "recorder/collect/pass.h"

namespace sockwitness::recorder {

Collector::Collector(Sources sources, Walker& walker, std::string note)
    : pass_(std::make_unique<Pass>(sources, walker, std::move(note))) {
}
Collector::~Collector() = default;

void Collector::begin() {
  pass_->begin();
}

void Collector::read_tables() {
  pass_->read_host();
  pass_->read_sockets();
}

const schema::Context& Collector::context() const {
  return pass_->context();
}

schema::Snapshot Collector::finish(std::shared_ptr<ProcessSource> processes,
                                   const Earlier& earlier) {
  pass_->remember(earlier);
  pass_->read_processes(std::move(processes));
  pass_->follow_descriptors();
  pass_->join();
  pass_->finish();
  return pass_->take();
}

}  // namespace sockwitness::recorder
