// What occurs in a block of rows: sets of numbers, and one byte a row to find an address by.
//
// In:    numbers and addresses of rows; or the bytes of a digest.
// Out:   bytes; whether a number is among them; the rows that may have an address.
// Never: evidence: an index that follows from the rows. It may say "perhaps" where nothing is,
//        never "no" where something is.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schema/disk/id_list.h"
#include "schema/model/ip.h"

namespace sockwitness::schema {

// Stored numbers, never reused. Each belongs to one table, whose ids make the blocks.
enum class Facet : std::uint8_t {
  SocketPorts = 1,            // set: ports of either end
  SocketLocalAddresses = 2,   // set: text ids
  SocketRemoteNetworks = 3,   // bytes: fingerprint of the /24 or /48 around the remote address
  SocketRemoteAddresses = 4,  // bytes: fingerprint of the remote address
  SocketUsers = 5,            // set: uids
  SocketNamespaces = 6,       // set: origin ids of namespaces
  SocketKinds = 7,            // set: protocol * 16 + state
  HolderProcesses = 8,        // set: origin ids of processes
  LateHolders = 9,            // set: holder ids that began in a later snapshot than their socket
  ProcessPids = 10,           // set: pids
  ProcessTexts = 11,          // set: text ids of names and scripts
  ProcessPrograms = 12,       // set: program ids of executables and scripts
  ProcessUsers = 13,          // set: effective uids
  ProcessPlaces = 14,         // set: text ids of units and containers
  SocketVersions = 15,        // rows and numbers: those with an origin, and how far it lies back
  SocketListeners = 16,       // rows and numbers: those that wait for peers on ports, and the port
  ProcessContainers = 17      // set: container ids (its dictionary's)
};

inline constexpr RowId kDigestRows = 16'384;  // in a block

// The block that a row belongs to.
[[nodiscard]] constexpr std::int64_t digest_block(RowId id) {
  return (id - 1) / kDigestRows;
}

// A set as it is stored. The bytes must outlive it.
class NumberSet {
 public:
  // Throws Error when the bytes are no set: damage.
  explicit NumberSet(std::string_view content);

  [[nodiscard]] bool contains_any(std::int64_t first, std::int64_t last) const;
  [[nodiscard]] bool contains(std::int64_t number) const { return contains_any(number, number); }
  // Ascending.
  [[nodiscard]] std::vector<std::int64_t> numbers() const;

 private:
  std::string_view bitmap_;            // bit n % 8 of byte n / 8
  std::vector<std::int64_t> numbers_;  // ascending, when it is no bitmap
};

// Numbers are not negative.
[[nodiscard]] std::string encode_numbers(const std::set<std::int64_t>& numbers);

// From 1 to 255, equal for an IPv4 address and its mapped form.
[[nodiscard]] std::uint8_t address_fingerprint(const IpAddress& address);
// Of the first 24 bits of an IPv4 address, the first 48 of an IPv6 address.
[[nodiscard]] std::uint8_t network_fingerprint(const IpAddress& address);
// The shortest prefix that lies within one such network.
[[nodiscard]] constexpr unsigned network_length(bool v6) {
  return v6 ? 48 : 24;
}

}  // namespace sockwitness::schema
