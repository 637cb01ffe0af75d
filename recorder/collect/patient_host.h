// A HostSource that is not waited for: files of the host may lie on a file system that stopped
// answering.
//
// In:    the source; the same source without the files of the host; what is known to hang.
// Out:   what the source says in time; otherwise what is known without files, and gaps.
// Never: asks again, in one run or while somebody waits, what did not answer.
#pragma once

#include <memory>

#include "recorder/observe/hangs.h"
#include "recorder/observe/source.h"

namespace sockwitness::recorder {

class PatientHost : public HostSource {
 public:
  // Both may outlive this object, with a thread that is left behind. `local`: all its files answer
  // for certain, and are asked for as they are.
  PatientHost(std::shared_ptr<HostSource> source,
              std::shared_ptr<HostSource> without_files,
              std::shared_ptr<Hangs> hangs,
              bool local)
      : source_(std::move(source)),
        without_files_(std::move(without_files)),
        hangs_(std::move(hangs)),
        local_(local) {}

  schema::Context read_context(std::vector<schema::Gap>& gaps) override;
  std::optional<schema::ClockSync> read_clock_sync(std::vector<schema::Gap>& gaps) override;
  std::vector<schema::UserName> read_users(std::vector<schema::Gap>& gaps) override;
  std::vector<schema::GroupName> read_groups(std::vector<schema::Gap>& gaps) override;
  std::vector<schema::RpcRegistration> read_registrations(std::vector<schema::Gap>& gaps) override;
  std::vector<ContainerAnswer> read_containers(
      const std::vector<ContainerQuestion>& questions) override;

 private:
  std::shared_ptr<HostSource> source_;
  std::shared_ptr<HostSource> without_files_;
  std::shared_ptr<Hangs> hangs_;
  bool local_;
  // Users and groups are read together.
  struct Names {
    std::vector<schema::UserName> users;
    std::vector<schema::GroupName> groups;
    std::vector<schema::Gap> user_gaps;
    std::vector<schema::Gap> group_gaps;
  };
  static Names read_names(HostSource& source);
  Names& names();

  std::optional<Names> names_;
};

}  // namespace sockwitness::recorder
