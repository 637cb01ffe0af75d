#include "query/read/identities.h"

#include <fmt/format.h>

#include "schema/model/snapshot.h"
#include "schema/view/services.h"

namespace sockwitness::query {

std::uint32_t boot_of(const Moments& moments, schema::Seq seq) {
  return moments[moments.at_or_after(seq)].boot;
}

Identity identity_of(std::uint32_t boot,
                     const schema::SnapshotView& view,
                     schema::SocketIndex index) {
  const schema::Socket& socket = view.socket(index);
  const schema::Netns& netns = view.snapshot().namespaces.at(socket.netns.value());
  Identity identity{boot, netns.inode.value(), socket.cookie.value(), {}, socket.inode.value()};
  if (socket.cookie == schema::SocketCookie()) {
    identity.rest = fmt::format("{} {} {} {} {} {} {} ",
                                static_cast<int>(socket.protocol),
                                socket.inode.value(),
                                socket.local_port.value(),
                                socket.remote_port.value(),
                                socket.number,
                                socket.port_id,
                                socket.interface.value());
    identity.rest += socket.local_address.bytes();
    identity.rest += socket.remote_address.bytes();
    identity.rest += socket.name;
  }
  return identity;
}

Identity identity_of(std::uint32_t boot, const schema::Process& process) {
  return {boot,
          static_cast<std::uint64_t>(process.pid.value()),
          static_cast<std::uint64_t>(process.start.nanoseconds),
          {},
          0};
}

Place place_of(const schema::SnapshotView& view, schema::SocketIndex index) {
  return {schema::endpoint_of(view.snapshot(), view.socket(index)), std::nullopt};
}

Place place_of(const schema::Process& process) {
  return {std::nullopt, process.pid};
}

}  // namespace sockwitness::query
