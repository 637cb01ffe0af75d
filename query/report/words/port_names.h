// The names of well-known ports, as the reading machine's services database has them.
//
// In:    the text of /etc/services.
// Out:   names of ports, ports of names.
// Never: reads the file, or asks the network.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "schema/model/ids.h"
#include "schema/model/socket_kind.h"

namespace sockwitness::query {

class PortNames {
 public:
  PortNames() = default;
  // Lines that are no entries are passed over.
  [[nodiscard]] static PortNames parse(std::string_view services);

  // Empty when the port has no name.
  [[nodiscard]] std::string_view find(schema::Protocol protocol, schema::Port port) const;
  // By name or alias, of any protocol.
  [[nodiscard]] std::set<schema::Port> ports_of(std::string_view name) const;
  using Names = std::map<std::pair<schema::Protocol, schema::Port>, std::string>;
  [[nodiscard]] const Names& all() const { return names_; }
  [[nodiscard]] bool empty() const { return names_.empty(); }

 private:
  Names names_;
  std::map<std::string, std::set<schema::Port>, std::less<>> ports_;
};

}  // namespace sockwitness::query
