// Connections that a server accepted and handed to a child: how inetd and systemd start programs.
//
// In:    a snapshot and what is known of its processes.
// Out:   yes or no for one holder of a connection.
// Never: takes a relay that runs a shell for a super server: a genuine program that does nothing but
//        serve counts, or the script of a package.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "query/analysis/findings/host_view.h"
#include "query/rules/process_facts.h"

namespace sockwitness::query {

class ServedFinder {
 public:
  // Both must outlive it.
  ServedFinder(const HostView& host, const HostFacts& facts);

  // The connection came in, and an ancestor listens on its port that a package vouches for: the
  // parent, or further up where those between them hold the connection as well; or the parent is
  // pid 1 and the process has an instance of a unit to itself ("backup@3-10.0.0.5.service").
  // Nothing: the parent, or what it listens on, is hidden.
  [[nodiscard]] std::optional<bool> is_served(const schema::Holder& holder) const;
  // The same, and any script may listen: a web server of one's own that starts CGI.
  [[nodiscard]] bool is_handed(const schema::Holder& holder) const;

 private:
  using Place = std::tuple<schema::NetnsIndex, schema::Protocol, schema::Port>;

  [[nodiscard]] bool came_in(const schema::Holder& holder) const;
  [[nodiscard]] std::optional<schema::ProcessIndex> find_listener(
      const schema::Holder& holder) const;
  [[nodiscard]] std::optional<bool> may_serve(schema::ProcessIndex process) const;

  const HostView& host_;
  const HostFacts& facts_;
  std::map<Place, std::vector<schema::ProcessIndex>> listeners_;
};

}  // namespace sockwitness::query
