// What engines call containers, by their own state files.
//
// In:    the root of the host; ids of containers, with the control group of a process of each.
// Out:   facts, or the error that kept them; neither where no file knows the container.
// Never: asks an engine's socket or program, follows a link that a user made, opens what is no
//        regular file, or reads one without end.
#pragma once

#include <memory>

#include "recorder/observe/source.h"

namespace sockwitness::recorder {

class StateFiles;

// Remembers what files said as long as they are the same. Called from several threads at once.
class ContainerReader {
 public:
  // `host` must outlive it.
  explicit ContainerReader(int host);

  [[nodiscard]] ContainerAnswer read(const ContainerQuestion& question) const;

 private:
  int host_;
  std::shared_ptr<StateFiles> files_;
};

}  // namespace sockwitness::recorder
