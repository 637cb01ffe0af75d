#include "schema/view/listener_past.h"

#include <algorithm>

#include "schema/model/socket.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::schema {

ListeningEnd listening_end(const Socket& socket) {
  ListeningEnd end;
  end.address = plain_address(socket.local_address);
  end.any = socket.local_address.ip_class() == IpClass::Any;
  end.takes_v6 = socket.family == Family::Ipv6;
  const bool dual = end.takes_v6 && end.any && !socket.v6only.value_or(false);
  end.takes_v4 = !end.address.is_v6() || dual;
  return end;
}

bool takes(const ListeningEnd& end, const IpAddress& address) {
  const bool family_fits = address.is_v6() ? end.takes_v6 : end.takes_v4;
  return family_fits && (end.any || end.address == address);
}

void ListenerPast::add(const Place& place, const ListeningEnd& end, SeqRange seen) {
  entries_[place].push_back({end, seen});
}

bool ListenerPast::lived(const Place& place, const IpAddress& address, SeqRange range) const {
  const auto found = entries_.find(place);
  return found != entries_.end() &&
         std::any_of(found->second.begin(), found->second.end(), [&](const Entry& entry) {
           return entry.seen.overlaps(range) && takes(entry.end, address);
         });
}

}  // namespace sockwitness::schema
