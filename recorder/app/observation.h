// What the host looks like, seen by a helper process: what it looks at may hang, and nobody is to
// wait for the recorder then.
//
// In:    a note, what hung in earlier runs; later what was recorded before.
// Out:   a snapshot without number; what hangs now.
// Never: keeps the recorder from ending, whatever the host does. All descriptors of the host's
//        files are the helper's; the recorder never touches one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "recorder/observe/hangs.h"
#include "recorder/os/helper_process.h"
#include "recorder/proc/mask.h"
#include "recorder/programs/known_programs.h"
#include "schema/disk/load_snapshot.h"
#include "schema/model/snapshot.h"

namespace sockwitness::recorder {

class Observation {
 public:
  // Begins at once, with what needs no knowledge of earlier snapshots. `is_last`: the program ends
  // after it, and the memory of the helper is left to the exit.
  Observation(std::string note, std::vector<Hang> earlier, bool is_last = false);
  Observation(const Observation&) = delete;
  Observation& operator=(const Observation&) = delete;
  // One that was not finished is left to itself.
  ~Observation();

  struct Known {
    // Shared with whoever is left behind. Nothing in it: there is none.
    std::shared_ptr<const schema::LoadedSnapshot> previous;
    KnownPrograms programs;
    std::shared_ptr<const Mask> mask = nullptr;  // null: arguments are kept as they are
  };
  struct Seen {
    schema::Snapshot snapshot;
    std::vector<Hang> hangs;  // that began in this run
    std::int64_t cpu_us = 0;  // of the helper process
  };
  // Once. `check` is called now and then, and may throw. Throws schema::Error when nothing comes.
  [[nodiscard]] Seen finish(Known known, const std::function<void()>& check);

 private:
  struct Work;

  std::shared_ptr<Work> work_;
  HelperProcess helper_;
};

}  // namespace sockwitness::recorder
