// What follows from the facts of one snapshot about its processes and programs, before any rule.
//
// In:    a snapshot; programs that are known from earlier ones, for their content.
// Out:   kind, genuineness, ancestry: parallel to the processes and programs of the snapshot.
// Never: an accusation; what is not known is an empty optional.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/rules/invocation.h"
#include "query/rules/program_kind.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::query {

struct KnownProgram {
  std::optional<ProgramKind> kind;
  // What a renamed copy is a copy of: the path of a program with the same content and a name that
  // has a kind. Empty when its own name says it.
  std::string_view copy_of;
};

struct KnownProcess {
  // Of the program; of the busybox applet, or of what the dynamic loader was given.
  std::optional<ProgramKind> kind;
  Arguments arguments;
  bool titled = false;  // it wrote a title over its arguments: how it was called is lost
  Invocation invocation;
  // True: a package vouches for the file that runs, or it lies where only packages install on a
  // host whose packages cannot be read. Nothing: it could not be read.
  std::optional<bool> genuine;
  // The file was replaced after this process had started and before the package database changed
  // last: an upgrade, and the process was not restarted.
  bool outdated = false;
  // True: the same holds for all the code that is known to run; an interpreter is judged by its
  // script.
  std::optional<bool> vouched;
  // It gives people a shell of their own after they logged in, as sshd does. Nothing: it is called
  // so, and whether it is genuine is not known.
  std::optional<bool> login_server = false;
  std::optional<schema::ProcessIndex> parent;
};

class HostFacts;

// Its parent was there and could not be read.
[[nodiscard]] bool has_hidden_parent(const schema::SnapshotView& view,
                                     const HostFacts& facts,
                                     schema::ProcessIndex process);

class HostFacts {
 public:
  // `known` adds programs of earlier snapshots, whose content tells copies; may be empty. The view
  // must outlive the facts.
  HostFacts(const schema::SnapshotView& view, std::span<const schema::Program> known);

  [[nodiscard]] const KnownProcess& process(schema::ProcessIndex index) const {
    return processes_[index.value()];
  }
  [[nodiscard]] const KnownProgram& program(schema::ProgramIndex index) const {
    return programs_[index.value()];
  }
  // Nearest first; of a chain that is longer than any real one only the beginning.
  [[nodiscard]] std::vector<schema::ProcessIndex> ancestors(schema::ProcessIndex index) const;

 private:
  void judge_programs(std::span<const schema::Program> known);
  void judge_process(schema::ProcessIndex index, KnownProcess& facts) const;
  [[nodiscard]] std::optional<ProgramKind> kind_of_loaded(schema::ProcessIndex process,
                                                          std::string_view name) const;
  [[nodiscard]] std::optional<bool> is_vouched(const schema::Process& process,
                                               const KnownProcess& facts) const;

  const schema::SnapshotView& view_;
  std::vector<KnownProgram> programs_;
  std::vector<KnownProcess> processes_;
};

}  // namespace sockwitness::query
