// Facts about the host as a whole.
//
// In:    the roots, and functions that ask rpcbind and read what a container is called; they outlive
//        the source.
// Out:   the context of a snapshot, clock state, names of users and groups, registrations.
// Never: changes the clock, or asks a name service.
#pragma once

#include <functional>
#include <vector>

#include "recorder/observe/source.h"
#include "recorder/proc/roots.h"

namespace sockwitness::recorder {

using ReadRegistrations =
    std::function<std::vector<schema::RpcRegistration>(std::vector<schema::Gap>& gaps)>;

using ReadContainer = std::function<ContainerAnswer(const ContainerQuestion& question)>;

class ProcHostSource : public HostSource {
 public:
  ProcHostSource(const HostRoots& roots,
                 ReadRegistrations read_registrations,
                 ReadContainer read_container = {})
      : roots_(roots),
        read_registrations_(std::move(read_registrations)),
        read_container_(std::move(read_container)) {}

  schema::Context read_context(std::vector<schema::Gap>& gaps) override;
  std::optional<schema::ClockSync> read_clock_sync(std::vector<schema::Gap>& gaps) override;
  std::vector<schema::UserName> read_users(std::vector<schema::Gap>& gaps) override;
  std::vector<schema::GroupName> read_groups(std::vector<schema::Gap>& gaps) override;
  std::vector<schema::RpcRegistration> read_registrations(std::vector<schema::Gap>& gaps) override;
  std::vector<ContainerAnswer> read_containers(
      const std::vector<ContainerQuestion>& questions) override;

 private:
  const HostRoots& roots_;
  ReadRegistrations read_registrations_;
  ReadContainer read_container_;
};

}  // namespace sockwitness::recorder
