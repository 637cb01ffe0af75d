// The processes of the host, from a process file system.
//
// In:    the roots, and the inspector of running files; both outlive the source.
// Out:   the list of pids; everything about one process.
// Never: keeps anything about a process from one call to the next, but for what all kernel threads
//        have in common. read_process may run in several threads at once.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "recorder/observe/source.h"
#include "recorder/proc/process_reader.h"
#include "recorder/proc/roots.h"

namespace sockwitness::recorder {

class ProcSource : public ProcessSource {
 public:
  ProcSource(const HostRoots& roots, ProgramInspector& inspector);

  ProcessList list_processes() override;
  std::vector<schema::Pid> list_members(const std::vector<std::string>& cgroups) const override;
  Result<ProcessReading> read_process(const ProcessRequest& request,
                                      std::atomic<ProcessStep>& step) const override;

 private:
  [[nodiscard]] bool sees_own_namespace() const;
  void read_mounts();
  void read_kernel_facts();
  void note_hiding(std::vector<schema::Gap>& gaps) const;
  void note_namespace(std::vector<schema::Gap>& gaps) const;

  const HostRoots& roots_;
  ProgramInspector& inspector_;
  HostView view_;
  std::optional<std::string> mounts_;  // the recorder's mountinfo
  std::set<schema::Pid> covered_;
  std::optional<schema::Pid> self_;  // the recorder, as this process file system numbers it
};

}  // namespace sockwitness::recorder
