// A process file system and a host root made of ordinary files, for one test.
//
// In:    what the test wants a process to look like.
// Out:   two folders below the system's temporary folder, and roots opened over them.
// Never: outlives the object.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "recorder/observe/source.h"
#include "recorder/proc/roots.h"

namespace sockwitness::recorder {

// Links of a fake process, by name below its folder; files likewise.
struct FakeProcess {
  std::string name = "daemon";
  char state = 'S';
  std::uint32_t flags = 0;
  std::uint32_t threads = 1;
  std::uint64_t ticks = 100;
  std::map<std::string, std::string> links;
  std::map<std::string, std::string> files;
};

class FakeHost {
 public:
  FakeHost();
  ~FakeHost();
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  // A complete, ordinary process: program /bin/daemon below the fake root, descriptors, namespaces.
  [[nodiscard]] FakeProcess ordinary() const;
  void add(int pid, const FakeProcess& process);
  void write(const std::string& path, const std::string& content);  // below the fake folder
  void link(const std::string& path, const std::string& target);

  [[nodiscard]] static std::string stat_line(int pid, const FakeProcess& process);
  [[nodiscard]] const HostRoots& roots() const { return roots_; }
  [[nodiscard]] std::string root() const { return folder_ / "root"; }
  [[nodiscard]] std::string proc() const { return folder_ / "proc"; }

 private:
  std::filesystem::path folder_;
  HostRoots roots_;
};

// Answers as a test tells it to, and remembers what it was asked.
class FakeInspector : public ProgramInspector {
 public:
  std::vector<schema::Gap> inspect(schema::Program& program,
                                   Inspection inspection,
                                   const std::function<Result<UniqueFd>()>& open_content,
                                   int root,
                                   Whereabouts* where) override;

  std::map<std::string, schema::PackageVerdict> verdicts;  // by path; Matches for all others
  std::function<void(const schema::Program&)> on_inspect;
  std::vector<std::pair<std::string, Inspection>> asked;
  std::map<std::string, std::string> contents;  // the first bytes behind each path
};

}  // namespace sockwitness::recorder
