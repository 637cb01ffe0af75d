// The processes of the host, from a process file system.
//
// In:    the roots, and the inspector of running files; both outlive the source.
// Out:   the list of pids; everything about one process.
// Never: keeps anything about a process from one call to the next, but for what all kernel threads
//        have in common. read_process may run in several threads at once.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "recorder/observe/hangs.h"
#include "recorder/observe/line_limits.h"
#include "recorder/observe/source.h"
#include "recorder/proc/line_memory.h"
#include "recorder/proc/mount_table.h"
#include "recorder/proc/process_reader.h"
#include "recorder/proc/roots.h"

namespace sockwitness::recorder {

// Who looks, and what is not to be touched.
struct ProcView {
  std::shared_ptr<Hangs> hangs = std::make_shared<Hangs>();
  std::shared_ptr<const MountTable> mounts =
      std::make_shared<const MountTable>();  // the recorder's
  // A helper process looks: its parent is the recorder. It is left out, as a part of that.
  bool helper = false;
  std::shared_ptr<const Mask> mask = nullptr;  // of arguments; null: they are kept as they are
};

class ProcSource : public ProcessSource {
 public:
  ProcSource(const HostRoots& roots, ProgramInspector& inspector, ProcView view = {});

  ProcessList list_processes() override;
  std::vector<schema::Pid> list_members(const std::vector<std::string>& cgroups) const override;
  Result<ProcessReading> read_process(const ProcessRequest& request,
                                      std::atomic<ProcessStep>& step) const override;
  [[nodiscard]] schema::Device find_program_device(schema::Pid pid) const override;

 private:
  [[nodiscard]] bool sees_own_namespace() const;
  [[nodiscard]] bool is_left_out(schema::Pid pid) const;
  void read_self();
  void look_at_kernel();
  void read_mounts();
  void read_kernel_facts();
  void note_hiding(ProcessList& list, std::vector<std::int32_t> listed) const;
  void note_namespace(std::vector<schema::Gap>& gaps) const;
  void bound_line(const ProcessRequest& request, ProcessReading& reading) const;

  const HostRoots& roots_;
  ProgramInspector& inspector_;
  HostView view_;
  mutable LineMemory line_memory_{kLinesInMemory};
  std::optional<std::string> mounts_;  // the recorder's mountinfo
  std::set<schema::Pid> covered_;
  std::shared_ptr<Hangs> hangs_;
  std::shared_ptr<const MountTable> mount_table_;
  bool helper_;
  std::shared_ptr<const Mask> mask_;
  // As this process file system numbers them.
  std::optional<schema::Pid> self_;      // whoever looks
  std::optional<schema::Pid> recorder_;  // the same, or its parent
};

}  // namespace sockwitness::recorder
