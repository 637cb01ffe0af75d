// Facts about the host as a whole.
//
// In:    the roots, and a function that asks rpcbind; they outlive the source.
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

class ProcHostSource : public HostSource {
 public:
  ProcHostSource(const HostRoots& roots, ReadRegistrations read_registrations)
      : roots_(roots), read_registrations_(std::move(read_registrations)) {}

  schema::Context read_context(std::vector<schema::Gap>& gaps) override;
  std::optional<schema::ClockSync> read_clock_sync(std::vector<schema::Gap>& gaps) override;
  std::vector<schema::UserName> read_users(std::vector<schema::Gap>& gaps) override;
  std::vector<schema::GroupName> read_groups(std::vector<schema::Gap>& gaps) override;
  std::vector<schema::RpcRegistration> read_registrations(std::vector<schema::Gap>& gaps) override;

 private:
  const HostRoots& roots_;
  ReadRegistrations read_registrations_;
};

}  // namespace sockwitness::recorder
