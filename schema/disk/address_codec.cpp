#include "schema/disk/address_codec.h"

#include "schema/base/error.h"

namespace sockwitness::schema {

IpAddress decode_address(std::string_view bytes) {
  const auto address = IpAddress::from_bytes(bytes);
  if (!address) {
    throw Error(ExitCode::Unusable,
                "reading an address of the database: it has neither 4 nor 16 bytes",
                "the file is damaged or was altered");
  }
  return *address;
}

Family family_outside_inet(Protocol protocol) {
  switch (protocol) {
    case Protocol::Unix:
      return Family::Unix;
    case Protocol::Packet:
      return Family::Packet;
    case Protocol::Netlink:
      return Family::Netlink;
    case Protocol::Vsock:
      return Family::Vsock;
    default:
      return Family::Other;
  }
}

}  // namespace sockwitness::schema
