// The files whose code one process runs: its executable, its script, its executable mappings.
//
// In:    the held directory of the process, its root, and where the host's own root is.
// Out:   Program values, looked into by the inspector.
// Never: takes a link's text for the file: identity comes from the descriptor or the open link.
#pragma once

#include <sys/stat.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "recorder/observe/hangs.h"
#include "recorder/observe/source.h"
#include "recorder/proc/maps.h"
#include "schema/model/program.h"

namespace sockwitness::recorder {

// Where the paths that the kernel tells begin, and from where a script's path is meant.
struct ProcessRoots {
  int mounts = -1;   // root of the process's mount namespace as the recorder may see it
  int process = -1;  // the process's own root directory; another one after chroot
};

// File systems that are not to be asked, and who is told which one is; both may be null.
struct FileWatch {
  const Hangs* hangs = nullptr;
  Whereabouts* where = nullptr;
};

class ProgramReader {
 public:
  // All descriptors stay open as long as the reader lives; -1: not permitted, or not needed.
  // `memfd_devices`: where anonymous memory files live.
  ProgramReader(int process,
                ProcessRoots roots,
                const std::vector<schema::Device>& memfd_devices,
                ProgramInspector& inspector,
                FileWatch watch = {})
      : process_(process),
        roots_(roots),
        memfd_devices_(memfd_devices),
        inspector_(inspector),
        watch_(watch) {}

  // ETIMEDOUT, as everywhere here: it is on a file system that stopped answering.
  // In a state that could not be told it is known with a gap.
  Result<schema::Program> read_executable(std::vector<schema::Gap>& gaps);
  void inspect_executable(schema::Program& program, std::vector<schema::Gap>& gaps);

  // Nothing: there is no regular file at that path.
  Result<std::optional<schema::Program>> read_script(const std::string& path,
                                                     std::vector<schema::Gap>& gaps);
  // What is run as a whole: "node .", "python3 /srv/package".
  [[nodiscard]] bool is_folder(const std::string& path) const;

  struct Mappings {
    std::vector<schema::Program> foreign;
    std::vector<schema::Program> owned;
    int incomplete = 0;  // errno of a file that could not be looked at; 0: all could
  };
  Mappings read_mappings(const std::vector<ExecutableMapping>& mappings,
                         const std::optional<schema::Program>& executable,
                         std::vector<schema::Gap>& gaps);

 private:
  // What is at a path now, compared with a file that runs.
  enum class Occupant { Same, Other, Nothing, Unknown };
  [[nodiscard]] Occupant look_at(const std::string& path,
                                 const struct stat& identity,
                                 std::vector<schema::Gap>& gaps) const;
  [[nodiscard]] bool hangs(schema::Device device) const;
  [[nodiscard]] Result<struct stat> look_at_program() const;
  [[nodiscard]] bool is_memfd(const struct stat& status) const;
  void name_file(schema::Program& program,
                 std::string text,
                 const struct stat& status,
                 std::vector<schema::Gap>& gaps) const;
  void inspect(schema::Program& program,
               Inspection inspection,
               const std::function<Result<UniqueFd>()>& open,
               int root,
               std::vector<schema::Gap>& gaps);
  Result<schema::Program> read_mapping(const ExecutableMapping& mapping,
                                       std::vector<schema::Gap>& gaps);

  int process_;
  ProcessRoots roots_;
  const std::vector<schema::Device>& memfd_devices_;
  ProgramInspector& inspector_;
  FileWatch watch_;
};

}  // namespace sockwitness::recorder
