// One process, read once from one held directory.
//
// In:    the directory /proc/<pid>, what is asked, and what the recorder knows of the host.
// Out:   a reading with its gaps; or ESRCH when the process went away.
// Never: mixes two processes, or two programs of one process, without saying so.
#pragma once

#include <atomic>
#include <optional>
#include <set>
#include <string>

#include "recorder/observe/source.h"
#include "recorder/proc/descriptors.h"
#include "recorder/proc/mask.h"
#include "recorder/proc/program_reader.h"
#include "recorder/proc/stat.h"

namespace sockwitness::recorder {

// What the recorder knows of the host, once, and every reading relies on.
struct HostView {
  int root = -1;
  schema::Inode mount_namespace;              // the recorder's
  std::vector<schema::Device> memfd_devices;  // where anonymous memory files live
  // Whether this kernel has them at all: a process that lacks one could not be read.
  bool has_cgroups = false;
  bool has_login_users = false;
  std::set<std::string> namespaces;  // kinds: "net", "mnt", …
  DescriptorOrder descriptor_order = DescriptorOrder::Listed;
  // Every kernel thread shares the ids, capabilities and namespaces of kthreadd, by construction.
  std::optional<ProcessReading> kernel;
  const Hangs* hangs = nullptr;  // file systems that are not to be asked; null: none
  const Mask* mask = nullptr;    // null: arguments are kept as they are
};

class ProcessReader {
 public:
  ProcessReader(int directory,
                const ProcessRequest& request,
                const HostView& view,
                ProgramInspector& inspector,
                std::atomic<ProcessStep>& step);

  struct Outcome {
    ProcessReading reading;
    bool raced = false;  // it ended or changed while it was read
    bool mixed = false;  // and its parts may be of two programs
  };
  Result<Outcome> read();

 private:
  bool begin(ProcessStep step);
  [[nodiscard]] FileWatch watch() const { return {view_.hangs, request_.where}; }
  // The part has no value; a gap says why.
  void fail(schema::Part part, int error_number);
  void fail(schema::Part part, schema::GapPart field, int error_number);
  Result<StatLine> read_stat();
  Result<UniqueFd> open_living_thread();

  void read_status();
  void read_command_line();
  [[nodiscard]] bool same_exec() const;
  [[nodiscard]] const KnownProcess* known_line(std::string_view line) const;
  void read_program();
  void read_working_directory();
  void read_control();
  void read_namespaces();
  void read_descriptors();
  void read_threads();
  void read_costly();
  void read_environment();
  void read_mappings();
  [[nodiscard]] bool is_known_otherwise(std::string_view line, std::string_view masked) const;
  void read_script();
  ProcessRoots open_roots(bool for_script);
  void adopt_kernel_facts();
  [[nodiscard]] bool differs_from_known() const;
  [[nodiscard]] bool same_program() const;
  [[nodiscard]] bool has_executed(const StatLine& before, const StatLine& after) const;

  int directory_;       // of the process
  int view_directory_;  // of the thread that stands for it: the same, but for one case
  const ProcessRequest& request_;
  const HostView& view_;
  ProgramInspector& inspector_;
  std::atomic<ProcessStep>& step_;

  UniqueFd stat_file_;
  std::string stat_text_;         // as read last
  std::optional<StatLine> stat_;  // what it says
  UniqueFd thread_;
  UniqueFd root_;
  std::string content_;  // reused by every file
  ProcessReading reading_;
  bool vanished_ = false;  // some part was gone: is the whole?
};

}  // namespace sockwitness::recorder
