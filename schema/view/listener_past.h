// Earlier listeners and the snapshots that show them: evidence for the direction of a connection.
//
// In:    sockets that waited for peers, with the snapshots that show them.
// Out:   whether a listener that takes an address overlaps a range of snapshots.
// Never: a listener of another namespace: labels are the same over reboots.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "schema/model/ip.h"
#include "schema/model/snapshot_info.h"
#include "schema/model/socket_kind.h"

namespace sockwitness::schema {

struct Socket;

// What an internet socket that waits for peers is bound to.
struct ListeningEnd {
  IpAddress address;  // a mapped IPv4 address as IPv4
  bool any = false;
  bool takes_v4 = false;
  bool takes_v6 = false;
};

[[nodiscard]] ListeningEnd listening_end(const Socket& socket);
// `address` is the own end of a connection, mapped ones as IPv4.
[[nodiscard]] bool takes(const ListeningEnd& end, const IpAddress& address);

class ListenerPast {
 public:
  struct Place {
    std::string netns;  // label
    Protocol protocol = Protocol::Tcp;
    Port port;

    friend auto operator<=>(const Place&, const Place&) = default;
  };

  void add(const Place& place, const ListeningEnd& end, SeqRange seen);
  [[nodiscard]] bool lived(const Place& place, const IpAddress& address, SeqRange range) const;

 private:
  struct Entry {
    ListeningEnd end;
    SeqRange seen;
  };
  std::map<Place, std::vector<Entry>> entries_;
};

}  // namespace sockwitness::schema
