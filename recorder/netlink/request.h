// Builds the sock_diag requests that ask the kernel for one whole table of sockets.
//
// In:    which table, and a sequence number of the caller's.
// Out:   the bytes of one netlink datagram.
// Never: filters: every socket of the table in every state is asked for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "schema/model/socket.h"

namespace sockwitness::recorder {

// The kernel dumps one family of one protocol at a time. For unix, packet, netlink and vsock the
// family says the same as the protocol.
struct DiagTable {
  schema::Protocol protocol = schema::Protocol::Tcp;
  schema::Family family = schema::Family::Ipv4;

  friend auto operator<=>(const DiagTable&, const DiagTable&) = default;
};

class DumpRequest {
 public:
  [[nodiscard]] std::span<const std::byte> bytes() const { return {bytes_.data(), size_}; }

  // Precondition: it fits; requests are of fixed form.
  void append(const void* data, std::size_t size);

 private:
  std::array<std::byte, 128> bytes_{};
  std::size_t size_ = 0;
};

// The kernel's AF_* number.
[[nodiscard]] std::uint8_t address_family(schema::Family family);

// Nothing for tables that no kernel dumps by sock_diag: ping sockets, and families without a table.
[[nodiscard]] std::optional<DumpRequest> build_dump_request(DiagTable table,
                                                            std::uint32_t sequence);

}  // namespace sockwitness::recorder
