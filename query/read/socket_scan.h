// Reads what a filter can tell of a socket by itself, of millions of rows.
//
// In:    an open database, ranges of rows or single ones.
// Out:   a Socket for each, with its addresses, ports, state and user only.
// Never: names, holders, versions: what passes is read again by VersionReader.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "query/read/block_sieve.h"
#include "schema/model/socket.h"
#include "schema/view/address_pattern.h"

namespace sockwitness::query {

struct ScannedSocket {
  schema::RowId id = 0;
  schema::RowId origin = 0;
  schema::RowId netns = 0;  // origin
  schema::Socket socket;    // its netns is not set
};

class SocketScan {
 public:
  using Visit = std::function<void(const ScannedSocket&)>;

  explicit SocketScan(schema::Database& database);
  SocketScan(const SocketScan&) = delete;
  SocketScan& operator=(const SocketScan&) = delete;
  ~SocketScan();

  // Only rows with a port of this range at either end, or an IPv4 address of this prefix at the
  // other end (or an IPv6 address there), are visited.
  void limit_ports(schema::PortRange ports);
  void limit_remote(const schema::IpPrefix& v4);

  void visit(RowRange rows, const Visit& visit);
  // Ascending.
  void visit(const std::vector<schema::RowId>& rows, const Visit& visit);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sockwitness::query
