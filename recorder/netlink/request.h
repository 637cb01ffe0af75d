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

#include "schema/model/socket_kind.h"

namespace sockwitness::recorder {

// The kernel dumps one family of one protocol at a time. For unix, packet, netlink and vsock the
// family says the same as the protocol.
struct DiagTable {
  schema::Protocol protocol = schema::Protocol::Tcp;
  schema::Family family = schema::Family::Ipv4;
  // IPv4 and IPv6 in one walk, whatever `family` says. Only TCP can be asked so: by the question
  // that is older than sock_diag and has no room for a family. Both are in one hash table, which is
  // as large as the machine's memory allows, so that a walk costs more than the sockets in it.
  // Source: net/ipv4/inet_diag.c, inet_diag_dump_compat().
  bool both_families = false;

  friend auto operator<=>(const DiagTable&, const DiagTable&) = default;
};

inline constexpr DiagTable kAllTcp{schema::Protocol::Tcp, schema::Family::Ipv4, true};

// The type of the question and of each answer: NLMSG_*.
[[nodiscard]] std::uint16_t message_type(DiagTable table);

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
